"""Since when visitors wait, and how pressing their matters are, for the conversations that there are."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import migrations
from django.utils import timezone

URGENCY = ("emergency", "staff_medical", "failed_turn", "staff_other", "booking")


def fill(apps: Any, _: Any) -> None:
    """Read both from the hand-offs that nobody has resolved."""
    found: dict[Any, tuple[int, datetime]] = {}
    now = timezone.now()
    unresolved = apps.get_model("handoffs", "HandOff").objects.exclude(state="resolved")
    rows = unresolved.values_list("conversation_id", "kind", "urgent", "created_at")
    for conversation, kind, urgent, created_at in rows.iterator():
        pressing = 0 if urgent else URGENCY.index(kind)
        known = found.get(conversation, (pressing, created_at))
        found[conversation] = (min(known[0], pressing), min(known[1], created_at))
    conversations = apps.get_model("conversations", "Conversation").objects
    for conversation, (urgency, since) in found.items():
        # Nobody shall hear today that nobody came last week.
        conversations.filter(pk=conversation).update(urgency=urgency, waiting_since=since, told_waiting_at=now)


class Migration(migrations.Migration):
    dependencies = [("handoffs", "0004_one_each_matter"), ("conversations", "0004_hands")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
