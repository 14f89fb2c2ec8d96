"""Hand-offs that were made for each message become one for each matter."""

from __future__ import annotations

from typing import Any

from django.db import migrations

OPEN, CLAIMED, RESOLVED = "open", "claimed", "resolved"


def join(apps: Any, _schema: Any) -> None:
    """Give each hand-off its message as an entry; the unresolved ones of a kind in a conversation become the oldest."""
    hand_offs = apps.get_model("handoffs", "HandOff")
    entries = apps.get_model("handoffs", "HandOffMessage")
    kept: dict[tuple[Any, str], Any] = {}
    for one in list(hand_offs.objects.order_by("created_at", "pk")):
        matter = one if one.state == RESOLVED else kept.setdefault((one.conversation_id, one.kind), one)
        entries.objects.create(handoff_id=matter.pk, message_id=one.message_id, reason=one.reason, details=one.details)
        if matter.pk == one.pk:
            continue
        matter.urgent = matter.urgent or one.urgent
        if matter.state == OPEN and one.state == CLAIMED:
            matter.state, matter.claimed_by_id, matter.claimed_at = CLAIMED, one.claimed_by_id, one.claimed_at
        matter.save()
        one.delete()


class Migration(migrations.Migration):
    dependencies = [("handoffs", "0002_messages")]

    operations = [migrations.RunPython(join)]
