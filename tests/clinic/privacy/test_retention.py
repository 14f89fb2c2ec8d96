"""The retention deletes whole idle conversations of each kind in time, and nothing else."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db.models import ProtectedError
from django.utils import timezone

from clinic.audit.actions import Action
from clinic.audit.models import Entry
from clinic.bookings.states import State
from clinic.conversations.models import Conversation
from clinic.handoffs.models import HandOff
from clinic.outbox.models import Delivery
from clinic.privacy import retention, rules
from clinic.privacy.models import LegalHold, Rule, Run

from .conftest import book, deliver, everything, reach, say

pytestmark = pytest.mark.django_db


def matter(conversation: Conversation, kind: str, state: str = "resolved") -> None:
    HandOff.objects.create(conversation=conversation, kind=kind, state=state, created_at=conversation.created_at)


def left() -> set[Conversation]:
    """Run the retention and return what it leaves."""
    retention.run(timezone.now())
    return set(Conversation.objects.all())


Change = Callable[[Conversation], object]
NOTHING: Change = lambda one: None  # noqa: E731
KINDS: dict[str, tuple[Change, int]] = {
    "nothing": (NOTHING, 60),
    "refused contact": (lambda one: reach(one, phone="", consent_at=None, declined=True), 60),
    "contact": (reach, 365),
    "booking": (book, 365),
    "medical": (lambda one: matter(one, "staff_medical"), 365),
    "emergency": (lambda one: matter(one, "emergency"), 365),
    "other matter": (lambda one: matter(one, "staff_other"), 60),
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_goes_in_its_time(kind: str) -> None:
    change, days = KINDS[kind]
    old, young = say(days + 0.1), say(days - 0.1)
    for one in (old, young):
        change(one)
    assert left() == {young}


def test_what_is_medical_has_a_time_of_its_own() -> None:
    rules.choose(Rule.Kind.MEDICAL, 40)
    rules.choose(Rule.Kind.CONTACT, 30)
    medical, contact = say(35), say(35)
    matter(medical, "staff_medical")
    for one in (medical, contact):
        reach(one)
    assert left() == {medical}


OPEN: dict[str, Change] = {
    "waiting": lambda one: Conversation.objects.filter(pk=one.pk).update(owner="waiting"),
    "with staff": lambda one: Conversation.objects.filter(pk=one.pk).update(owner="staff:1"),
    "unresolved matter": lambda one: matter(one, "booking", "open"),
    "claimed matter": lambda one: matter(one, "staff_medical", "claimed"),
    "open booking": lambda one: book(one, State.OFFERED),
    "coming visit": lambda one: book(one, State.BOOKED, starts_at=timezone.now() + timedelta(days=3)),
    "unanswered": lambda one: one.messages.update(turn="pending"),
    "recent change": lambda one: book(one, touched_at=timezone.now() - timedelta(days=1)),
    "recent visit": lambda one: book(one, State.BOOKED, starts_at=timezone.now() - timedelta(days=9)),
    "hold": lambda one: LegalHold.objects.create(conversation=one, reason="claim", set_at=timezone.now()),
}


@pytest.mark.parametrize("why", OPEN)
def test_what_is_open_or_held_stays(why: str) -> None:
    one = say(4000)
    OPEN[why](one)
    assert left() == {one}


def test_a_closed_conversation_goes_too() -> None:
    say(61, owner="closed")
    assert left() == set()


def test_what_becomes_open_while_the_run_looks_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    one = say(61)
    due, asked = retention.due, []

    def answer_late(kind: str, now: object) -> object:
        found = due(kind, now)  # type: ignore[arg-type]
        if kind == Rule.Kind.NO_CONTACT:
            asked.append(kind)
            if len(asked) == 2:  # The batch has been listed; now somebody writes.
                Conversation.objects.filter(pk=one.pk).update(last_message_at=timezone.now())
        return found

    monkeypatch.setattr(retention, "due", answer_late)
    monkeypatch.setattr(retention, "preview", lambda now: dict.fromkeys(retention.COUNTED, 0))
    assert left() == {one}


def test_many_go_in_small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    monkeypatch.setattr(retention, "PAUSE_SECONDS", 0)
    for _ in range(5):
        say(61)
    assert left() == set()
    batches = (
        Entry.objects.filter(action=Action.CONVERSATION_ERASED).order_by("number").values_list("details", flat=True)
    )
    assert [len(one["conversations"]) for one in batches] == [2, 2, 1]


@pytest.mark.django_db(transaction=True)
def test_deliveries_and_their_files_go_90_days_after_delivery(outbox: Path) -> None:
    now = timezone.now()
    old = now - timedelta(days=91)
    one = say()
    held = say(1)
    LegalHold.objects.create(conversation=held, reason="claim", set_at=now)
    young = deliver(one, now - timedelta(days=89))
    kept = [
        young,
        deliver(held, old),
        deliver(one, old, channel="email", state="undelivered", delivered_at=None),
        deliver(one, old, channel="email", state="waiting", delivered_at=None),
    ]
    deliver(one, old)
    deliver(None, old, channel="email")
    deliver(one, old, channel="email", state="dismissed", delivered_at=None)
    retention.run(now)
    assert set(Delivery.objects.all()) == set(kept)
    assert {file.stem[-36:] for file in outbox.iterdir()} == {str(young.event), str(kept[1].event)}


@pytest.mark.django_db(transaction=True)
def test_files_without_a_delivery_go(outbox: Path) -> None:
    lost, new = deliver(say(), timezone.now()), deliver(say(), timezone.now())
    (outbox / "notes.json").write_text("{}")
    files = {event: next(outbox.glob(f"*{event}.json")) for event in (lost.event, new.event)}
    Delivery.objects.all().delete()
    two_hours_ago = time.time() - 7200
    os.utime(files[lost.event], (two_hours_ago, two_hours_ago))
    retention.run(timezone.now())
    assert sorted(outbox.iterdir()) == sorted([files[new.event], outbox / "notes.json"])


def test_a_run_is_reported_and_recorded() -> None:
    say(61), say(61), reach(say(366)), say(4000, owner="waiting")
    held = say(4000)
    LegalHold.objects.create(conversation=held, reason="claim", set_at=timezone.now())
    expected = {"no_contact": 2, "contact": 1, "medical": 0, "delivery": 0, "held": 1, "open": 1}
    assert retention.preview(timezone.now()) == expected
    run = retention.run(timezone.now())
    assert Run.objects.get() == run
    assert run.counts == expected
    assert run.finished_at is not None
    entry = Entry.objects.get(action=Action.RETENTION_RUN)
    assert (entry.actor, entry.details) == ("clock", expected)


def test_a_dry_run_counts_and_changes_nothing() -> None:
    everything("canary", 366), say(61)
    call_command("run_retention", "--dry-run", stdout=(said := StringIO()))
    assert "no_contact 1" in said.getvalue()
    assert "contact 1" in said.getvalue()
    assert Conversation.objects.count() == 2
    assert (Run.objects.count(), Entry.objects.count()) == (0, 0)
    call_command("run_retention", stdout=StringIO())
    assert Conversation.objects.count() == 0


def test_the_worker_runs_it_once_a_day() -> None:
    retention.run_daily()
    retention.run_daily()
    assert Run.objects.count() == 1
    Run.objects.update(started_at=timezone.now() - timedelta(hours=25))
    retention.run_daily()
    assert Run.objects.count() == 2


def test_a_run_that_died_is_done_again_later() -> None:
    Run.objects.create(started_at=timezone.now() - timedelta(minutes=30))
    retention.run_daily()
    assert Run.objects.count() == 1
    Run.objects.update(started_at=timezone.now() - timedelta(minutes=61))
    retention.run_daily()
    assert Run.objects.filter(finished_at__isnull=False).count() == 1


def test_the_audit_log_is_never_deleted() -> None:
    say(61)
    retention.run(timezone.now())
    Entry.objects.update(at=timezone.now() - timedelta(days=20 * 365))
    before = Entry.objects.count()
    retention.run(timezone.now())
    assert Entry.objects.count() == before + 1


def test_the_database_refuses_to_let_a_held_conversation_go() -> None:
    one = say()
    LegalHold.objects.create(conversation=one, reason="claim", set_at=timezone.now())
    with pytest.raises(ProtectedError):
        one.delete()


@pytest.mark.parametrize("days", [-1, 0, 29, 366])
def test_days_out_of_bounds_are_refused(days: int) -> None:
    with pytest.raises(rules.OutOfBounds):
        rules.choose(Rule.Kind.NO_CONTACT, days)
    assert rules.days()[Rule.Kind.NO_CONTACT] == 60
