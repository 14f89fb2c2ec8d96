"""A hand-off gets messages, each with its reason: first the places for them."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("handoffs", "0001_initial"), ("conversations", "0001_initial")]

    operations = [
        migrations.AddField("handoff", "alerted_at", models.DateTimeField(blank=True, null=True)),
        migrations.AlterField(
            "handoff",
            "kind",
            models.CharField(
                choices=[
                    ("emergency", "Emergency"),
                    ("staff_medical", "Medical question"),
                    ("failed_turn", "Not answered"),
                    ("staff_other", "Asked for staff"),
                    ("booking", "Appointment"),
                ],
                max_length=20,
            ),
        ),
        # Until the old column is gone, the new way back from a message needs the name.
        migrations.AlterField(
            "handoff",
            "message",
            models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="conversations.message",
            ),
        ),
        migrations.CreateModel(
            name="HandOffMessage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("details", models.JSONField(default=dict)),
                (
                    "handoff",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="entries",
                        to="handoffs.handoff",
                    ),
                ),
                (
                    "message",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="handoff_entries",
                        to="conversations.message",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("handoff", "message"), name="one_entry_each_message")],
            },
        ),
    ]
