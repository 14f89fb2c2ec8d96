"""When a visitor ended a conversation, what they made of it, and that they agreed to its being stored."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("conversations", "0004_hands")]

    operations = [
        migrations.AddField("conversation", "ended_at", models.DateTimeField(null=True)),
        migrations.AddField(
            "conversation",
            "rating",
            models.CharField(blank=True, choices=[("good", "Good"), ("bad", "Bad")], max_length=4),
        ),
        migrations.AddField("conversation", "rated_at", models.DateTimeField(null=True)),
        migrations.AddField("conversation", "consent_text_id", models.CharField(blank=True, max_length=100)),
        migrations.AddField("conversation", "consent_language", models.CharField(blank=True, max_length=20)),
        migrations.AddField("conversation", "consent_text_version", models.CharField(blank=True, max_length=64)),
        migrations.AddField("conversation", "consent_at", models.DateTimeField(null=True)),
    ]
