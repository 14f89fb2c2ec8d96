"""The texts that staff have ready for their answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import F, Max

from clinic.audit.actions import Action
from clinic.audit.log import Actor, record
from clinic.practice.models import CannedReply
from clinic.threads import writing

FIELDS = ("title", "text", "topic", "is_active")


class Stale(Exception):
    """Somebody else has edited or removed the reply since it was read."""


def replies() -> list[CannedReply]:
    """Return the canned replies that are offered, in the order that staff gave them."""
    return list(CannedReply.objects.filter(is_active=True))


def add(values: Mapping[str, Any], by: Actor) -> CannedReply:
    """Put a new reply of checked values behind the others."""
    with writing():
        last = CannedReply.objects.aggregate(last=Max("position"))["last"] or 0
        reply = CannedReply.objects.create(position=last + 1, **values)
        _note(reply.pk, reply.title, {name: [None, values[name]] for name in FIELDS}, by)
    return reply


def save(pk: int, values: Mapping[str, Any], version: int, by: Actor) -> None:
    """Write checked values over the reply that stands at `version`; raises `Stale`."""
    with writing():
        reply = CannedReply.objects.filter(pk=pk, version=version).first()
        if reply is None:
            raise Stale
        pairs = {name: [getattr(reply, name), values[name]] for name in FIELDS}
        changes = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
        if not changes:
            return
        if not CannedReply.objects.filter(pk=pk, version=version).update(version=F("version") + 1, **values):
            raise Stale
        _note(pk, reply.title, changes, by)


def move(pk: int, up: bool, by: Actor) -> None:
    """Let a reply change places with the one before it, or after it; nothing happens at the end of the list."""
    with writing():
        order = list(CannedReply.objects.select_for_update())
        here = next((place for place, reply in enumerate(order) if reply.pk == pk), None)
        if here is None or not 0 <= (there := here + (-1 if up else 1)) < len(order):
            return
        order[here], order[there] = order[there], order[here]
        for position, reply in enumerate(order, start=1):
            reply.position = position
        CannedReply.objects.bulk_update(order, ["position"])
        _note(pk, order[there].title, {"position": [here + 1, there + 1]}, by)


def remove(pk: int, by: Actor) -> bool:
    """Remove a reply for good; return whether it was there."""
    with writing():
        reply = CannedReply.objects.filter(pk=pk).first()
        if reply is None:
            return False
        _note(pk, reply.title, {"text": [reply.text, None]}, by)
        reply.delete()
    return True


def _note(pk: int, title: str, changes: Mapping[str, Any], by: Actor) -> None:
    record(Action.CANNED_REPLY_EDITED, by, ("canned_reply", pk), name=title, changes=dict(changes))
