"""Editing the look: what differs, and saving it once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from clinic.audit.actions import Action
from clinic.audit.log import Actor, record
from clinic.threads import writing
from clinic.widget import avatar, look, models

COLOURS = ("accent", "accent_text", "accent_dark", "accent_dark_text")
EDITABLE = (*COLOURS, "position", "avatar_digest", "greeting", "privacy_url")
OBJECT = ("look", 1)

Changes = dict[str, tuple[Any, Any]]


class Stale(Exception):
    """Somebody else has edited the look since it was read."""


def differences(row: models.Look, values: Mapping[str, Any]) -> Changes:
    """Return field → (old, new) of everything that `values` would change."""
    found = {name: (getattr(row, name), values[name]) for name in EDITABLE if name in values}
    return {name: pair for name, pair in found.items() if pair[0] != pair[1]}


def save(values: Mapping[str, Any], picture: bytes | None, version: int, by: Actor) -> Changes:
    """Write checked values over the look that stands at `version`; return what changed, which the audit log keeps.

    `picture` is a new avatar, b"" for none, or None to keep the one there is; the log knows it by its digest alone.
    Raises `Stale` when the look does not stand at that version any more.
    """
    with writing():
        row, _ = models.Look.objects.select_for_update().get_or_create(pk=1)
        if row.version != version:
            raise Stale
        if picture is not None:
            values = {**values, "avatar_digest": avatar.digest_of(picture)}
        changes = differences(row, values)
        if changes:
            for name, (_, new) in changes.items():
                setattr(row, name, new)
            if "avatar_digest" in changes and picture is not None:
                row.avatar = picture
            row.version, row.edited_at = version + 1, timezone.now()
            row.save()
            record(Action.LOOK_EDITED, by, OBJECT, changes={name: list(pair) for name, pair in changes.items()})
    look.forget()
    return changes
