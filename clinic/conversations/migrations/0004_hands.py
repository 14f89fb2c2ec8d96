"""What the bot must not answer any more, and when a visitor was told that nobody has come yet."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("conversations", "0003_staff")]

    operations = [
        migrations.AddField("conversation", "heard_by_staff", models.PositiveIntegerField(default=0)),
        migrations.AddField("conversation", "told_waiting_at", models.DateTimeField(null=True)),
    ]
