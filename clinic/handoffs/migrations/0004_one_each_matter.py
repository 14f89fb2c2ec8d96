"""One unresolved hand-off of a kind for a conversation, and nothing left of the one message."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("handoffs", "0003_join")]

    operations = [
        migrations.RemoveConstraint("handoff", "one_hand_off_each_kind"),
        migrations.RemoveField("handoff", "message"),
        migrations.RemoveField("handoff", "reason"),
        migrations.RemoveField("handoff", "details"),
        migrations.AddField(
            "handoff",
            "messages",
            models.ManyToManyField(
                related_name="handoffs", through="handoffs.HandOffMessage", to="conversations.message"
            ),
        ),
        migrations.AddConstraint(
            "handoff",
            models.UniqueConstraint(
                condition=models.Q(("state", "resolved"), _negated=True),
                fields=("conversation", "kind"),
                name="one_unresolved_hand_off_each_kind",
            ),
        ),
    ]
