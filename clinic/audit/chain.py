"""Checking the audit log's chain: numbers without gaps, each hash over its entry and the hash before, and the head."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from clinic.audit.actions import Action
from clinic.audit.alarms import Alarm, sound
from clinic.audit.log import CLOCK, NOTHING, Actor, hash_of, record
from clinic.audit.models import Entry, Head
from clinic.threads import writing

logger = logging.getLogger(__name__)

CHUNK = 1000
# The worker looks this often whether a check is due, so that a restart neither repeats nor forgets one.
LOOK_SECONDS = 600.0
DUE_AFTER = timedelta(hours=24)


@dataclass(frozen=True)
class Verdict:
    """What a check found: how many entries are whole, and the number of the first that is not, with what is wrong.

    `hash` is that of the last whole entry; together with `checked` it pins the log down to there.
    """

    checked: int
    hash: str
    broken: int | None = None
    why: str = ""

    @property
    def is_whole(self) -> bool:
        """Tell whether nothing is wrong."""
        return self.broken is None


def check(copy: tuple[int, str] | None = None) -> Verdict:
    """Check the whole chain while others go on writing; `copy` is a number and hash that were noted elsewhere."""
    head = Head.objects.filter(pk=1).first() or Head(number=0, hash=NOTHING)
    expected, previous = 1, NOTHING
    for entry in _entries(head.number):
        why = _fault(entry, expected, previous)
        if not why and copy and entry.number == copy[0] and entry.hash != copy[1]:
            why = "it differs from the copy"
        if why:
            return Verdict(expected - 1, previous, min(expected, entry.number), why)
        expected, previous = expected + 1, entry.hash
    return _end(head, expected, previous, copy)


def _entries(last: int) -> Iterator[Entry]:
    """Give the entries up to a number in order, a chunk at a time; no transaction holds writers up."""
    done = -1
    while chunk := list(Entry.objects.filter(number__gt=done, number__lte=last).order_by("number")[:CHUNK]):
        yield from chunk
        done = chunk[-1].number


def _fault(entry: Entry, expected: int, previous: str) -> str:
    if entry.number != expected:
        return "it is missing" if entry.number > expected else "no entry has this number"
    if entry.previous != previous:
        return "it does not follow the entry before"
    return "" if hash_of(entry) == entry.hash else "its content was changed"


def _end(head: Head, expected: int, previous: str, copy: tuple[int, str] | None) -> Verdict:
    """Compare where the entries end with the head, and with the copy."""
    checked = expected - 1
    if head.number != checked:
        return Verdict(checked, previous, expected, "it is missing")
    if head.hash != previous:
        return Verdict(checked, previous, max(checked, 1), "the end of the chain has another hash")
    if copy and copy[0] > checked:
        return Verdict(checked, previous, expected, "it is missing; the copy knows it")
    # Entries that came meanwhile raised the head in their own transactions.
    last = Entry.objects.order_by("-number").values_list("number", flat=True).first() or 0
    now = Head.objects.filter(pk=1).values_list("number", flat=True).first() or 0
    return (
        Verdict(checked, previous, checked + 1, "the end of the chain does not know it")
        if last > now
        else Verdict(checked, previous)
    )


def verify(by: Actor = CLOCK) -> Verdict:
    """Check the chain, record the outcome, log the head so that a copy leaves the database, and alarm on damage."""
    found = check()
    with writing():
        entry = record(
            Action.AUDIT_VERIFIED,
            by,
            result=Entry.Result.DONE if found.is_whole else Entry.Result.FAILED,
            checked=found.checked,
            head=found.hash,
            broken=found.broken,
            why=found.why,
        )
        if not found.is_whole:
            sound(Alarm.AUDIT_DAMAGED, entry)
    if found.is_whole:
        logger.info("The audit log is whole up to entry %d with the hash %s.", found.checked, found.hash)
    else:
        logger.error("The audit log is damaged from entry %d on: %s.", found.broken, found.why)
    return found


def verify_daily() -> None:
    """Verify the chain if the worker has not done so for a day."""
    last = (
        Entry.objects.filter(action=Action.AUDIT_VERIFIED, actor=CLOCK.name, actor_id=None).order_by("-number").first()
    )
    if last is None or timezone.now() - last.at >= DUE_AFTER:
        verify()
