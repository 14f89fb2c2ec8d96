"""The chain of the audit log: every kind of damage is found at the entry where it begins."""

from __future__ import annotations

import logging
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from clinic.audit import alarms, chain
from clinic.audit.actions import Action
from clinic.audit.log import CLOCK, NOTHING, hash_of, record
from clinic.audit.models import Entry, Head

pytestmark = pytest.mark.django_db


def fill(count: int = 5) -> None:
    """Write some entries."""
    for number in range(count):
        record(Action.CONVERSATION_SEEN, CLOCK, ("conversation", number), found=number, filters=("a", "b"))


def swap(first: int, second: int) -> None:
    """Exchange two entries' numbers."""
    for old, new in ((first, 1000), (second, first), (1000, second)):
        Entry.objects.filter(number=old).update(number=new)


def forge() -> None:
    """Change an entry and give it the hash that fits."""
    entry = Entry.objects.get(number=3)
    entry.actor = "somebody else"
    Entry.objects.filter(number=3).update(actor=entry.actor, hash=hash_of(entry))


def add() -> None:
    """Slip in an entry behind the end."""
    last = Entry.objects.order_by("number").last()
    assert last is not None
    Entry.objects.create(number=6, at=last.at, actor="x", action="x", previous=last.hash, hash=NOTHING)


DAMAGES = {
    "actor": (lambda: Entry.objects.filter(number=3).update(actor="somebody else"), 3),
    "time": (lambda: Entry.objects.filter(number=2).update(at=timezone.now() - timedelta(days=1)), 2),
    "details": (lambda: Entry.objects.filter(number=5).update(details={"found": 7}), 5),
    "hash": (lambda: Entry.objects.filter(number=1).update(hash=NOTHING), 1),
    "forged": (forge, 4),
    "removed": (lambda: Entry.objects.filter(number=2).delete(), 2),
    "first removed": (lambda: Entry.objects.filter(number=1).delete(), 1),
    "end removed": (lambda: Entry.objects.filter(number__gte=4).delete(), 4),
    "all removed": (lambda: Entry.objects.all().delete(), 1),
    "swapped": (lambda: swap(2, 3), 2),
    "slipped in": (add, 6),
    "head removed": (lambda: Head.objects.all().delete(), 1),
    "head changed": (lambda: Head.objects.update(hash=NOTHING), 5),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_found_where_it_begins(damage: str) -> None:
    fill()
    harm, number = DAMAGES[damage]
    harm()
    found = chain.check()
    assert (found.is_whole, found.broken) == (False, number)
    with pytest.raises(SystemExit) as stopped:
        call_command("verify_audit", stderr=(said := StringIO()))
    assert stopped.value.code == 1
    assert f"entry {number}:" in said.getvalue()


def test_a_whole_log_is_whole_in_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain, "CHUNK", 2)
    assert chain.check() == chain.Verdict(0, NOTHING)
    fill()
    found = chain.check()
    assert (found.is_whole, found.checked, found.hash) == (True, 5, Head.objects.get().hash)
    call_command("verify_audit", stdout=(said := StringIO()))
    assert f"5:{found.hash}" in said.getvalue()


def test_a_log_that_was_written_anew_differs_from_the_copy() -> None:
    fill()
    noted = chain.check()
    Entry.objects.all().delete()
    Head.objects.all().delete()
    fill(6)
    assert chain.check().is_whole
    found = chain.check((noted.checked, noted.hash))
    assert (found.broken, found.why) == (5, "it differs from the copy")
    assert chain.check((9, NOTHING)).broken == 7
    with pytest.raises(SystemExit):
        call_command("verify_audit", "--copy", f"{noted.checked}:{noted.hash}", stderr=StringIO())


def test_the_worker_checks_once_a_day_and_logs_the_head(caplog: pytest.LogCaptureFixture) -> None:
    fill()
    head = Head.objects.get()
    with caplog.at_level(logging.INFO):
        chain.verify_daily()
        chain.verify_daily()
    assert Entry.objects.filter(action=Action.AUDIT_VERIFIED).count() == 1
    assert f"entry 5 with the hash {head.hash}" in caplog.text
    Entry.objects.filter(action=Action.AUDIT_VERIFIED).update(at=timezone.now() - timedelta(days=1))
    chain.verify_daily()
    assert Entry.objects.filter(action=Action.AUDIT_VERIFIED).count() == 2


def test_damage_raises_an_alarm(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[alarms.Alarm] = []
    monkeypatch.setattr(alarms, "_handlers", [lambda alarm, entry: heard.append(alarm)])
    fill()
    Entry.objects.filter(number=2).update(actor="x")
    assert chain.verify().broken == 2
    assert heard == [alarms.Alarm.AUDIT_DAMAGED]
    told = Entry.objects.get(action=Action.AUDIT_VERIFIED)
    assert (told.result, told.details["broken"]) == ("failed", 2)


def test_an_entry_costs_the_same_however_long_the_log_is(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    fill(50)
    with django_assert_num_queries(5):  # A savepoint and its release, the head, the entry, the head again.
        record(Action.CONVERSATION_SEEN, CLOCK)
