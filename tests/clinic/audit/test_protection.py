"""The database itself refuses to change the audit log."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection

from clinic.audit.actions import Action
from clinic.audit.log import CLOCK, record
from clinic.audit.models import Entry
from clinic.threads import writing

CHANGES = {
    "update": "UPDATE audit_entry SET actor = 'somebody else'",
    "delete": "DELETE FROM audit_entry",
    "delete of the last": "DELETE FROM audit_entry WHERE number = 2",
    "replace": "INSERT OR REPLACE INTO audit_entry SELECT number, at, actor_id, 'x', address, action, object_kind,"
    " object_id, result, details, previous, hash FROM audit_entry",
    "truncate": "TRUNCATE audit_entry",
}
ONLY_ON = {"replace": "sqlite", "truncate": "postgresql"}


@pytest.mark.parametrize(
    "change",
    [pytest.param(name, marks=[pytest.mark.only_on(ONLY_ON[name])] if name in ONLY_ON else []) for name in CHANGES],
)
def test_an_entry_cannot_be_changed(protected_log: None, change: str) -> None:
    record(Action.SEARCHED, CLOCK)
    record(Action.SEARCHED, CLOCK)
    before = list(Entry.objects.order_by("number").values())
    with pytest.raises(DatabaseError, match="append-only"), writing(), connection.cursor() as cursor:
        cursor.execute(CHANGES[change])
    assert list(Entry.objects.order_by("number").values()) == before


def test_an_entry_can_be_added(protected_log: None) -> None:
    assert record(Action.SEARCHED, CLOCK).number == 1
    assert record(Action.SEARCHED, CLOCK).number == 2
