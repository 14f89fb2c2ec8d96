"""A few canned replies to begin with; staff edit them."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

REPLIES = (
    ("Hello", "Hello, thank you for your message. I am reading your conversation now and will answer in a moment."),
    (
        "Easier by phone",
        "This is easier to talk about. Could you tell me a phone number and a good time to call you, or give us a call"
        " during our opening hours?",
    ),
    (
        "For a clinician",
        "Thank you for telling us. One of our clinicians has to look at this, so I am passing it on. Please tell me how"
        " they can reach you if you cannot stay in this chat.",
    ),
    (
        "In an emergency",
        "If this may be an emergency, please call the emergency services now. Do not wait for an answer in this chat.",
    ),
    (
        "It takes a little longer",
        "I am still looking into this for you. You can leave this page open, or come back to it later on this device.",
    ),
    ("Anything else", "Is there anything else that I can help you with today?"),
    ("Goodbye", "Thank you for writing to us. Have a good day."),
)


def add(apps: StateApps, _: BaseDatabaseSchemaEditor) -> None:
    """Add them unless staff have some already."""
    canned = apps.get_model("practice", "CannedReply")
    if not canned.objects.exists():
        canned.objects.bulk_create(
            canned(title=title, text=text, position=number) for number, (title, text) in enumerate(REPLIES, start=1)
        )


class Migration(migrations.Migration):
    dependencies = [("practice", "0003_settings_in_the_console")]

    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
