"""Deleting what has been kept long enough: whole idle conversations, and deliveries with their files."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from clinic.audit.actions import Action
from clinic.audit.log import CLOCK, record
from clinic.bookings.models import BookingRequest
from clinic.bookings.states import OPEN, State
from clinic.contacts.models import Contact
from clinic.conversations.models import STAFF_PREFIX, WAITING, Conversation, Message
from clinic.handoffs.models import HandOff
from clinic.outbox.channels import FILE
from clinic.outbox.models import Delivery
from clinic.privacy import rules
from clinic.privacy.erase import erase, event_of, forget_files, leave_no_trace
from clinic.privacy.models import LegalHold, Rule, Run
from clinic.threads import writing

logger = logging.getLogger(__name__)

# So many conversations go in one transaction; between two, others get their turn at the database.
BATCH = 20
PAUSE_SECONDS = 0.02
LOOK_SECONDS = 600.0
DUE_AFTER = timedelta(hours=24)
# A run that has not finished by then has died.
TAKES_AT_MOST = timedelta(hours=1)
# Also a message whose delivery is under way gets its file within this time.
ORPHAN_AFTER = timedelta(hours=1)
MEDICAL = (HandOff.Kind.EMERGENCY, HandOff.Kind.STAFF_MEDICAL)
SETTLED = (Delivery.State.DELIVERED, Delivery.State.DISMISSED)
HELD, STILL_OPEN = "held", "open"
# What `Run.counts` has, in the order of the page.
COUNTED = (*Rule.Kind.values, HELD, STILL_OPEN)


def run_daily() -> None:
    """Run the retention if it has not run for a day; for the worker."""
    now = timezone.now()
    is_done = Run.objects.filter(started_at__gt=now - DUE_AFTER, finished_at__isnull=False).exists()
    is_going_on = Run.objects.filter(started_at__gt=now - TAKES_AT_MOST, finished_at=None).exists()
    if not is_done and not is_going_on:
        run(now)


def run(now: datetime) -> Run:
    """Delete what is due, and report it; what is open, or under a legal hold, stays."""
    this = Run.objects.create(started_at=now)
    kept = preview(now)
    counts = {kind: _delete_conversations(kind, now) for kind in CONVERSATIONS}
    counts[Rule.Kind.DELIVERY] = _delete_deliveries(now)
    _remove_orphans(now)
    leave_no_trace()
    this.counts = counts | {name: kept[name] for name in (HELD, STILL_OPEN)}
    this.finished_at = timezone.now()
    with writing():
        this.save()
        record(Action.RETENTION_RUN, CLOCK, ("retention", this.pk), **this.counts)
    logger.info("The retention has run: %s.", ", ".join(f"{name} {count}" for name, count in this.counts.items()))
    return this


def preview(now: datetime) -> dict[str, int]:
    """Return how many of each kind a run would delete now, and how many it would leave, held or open."""
    counts = {kind: due(kind, now).count() for kind in CONVERSATIONS}
    counts[Rule.Kind.DELIVERY] = _due_deliveries(now).count()
    old = [_old(kind, now) for kind in CONVERSATIONS]
    counts[HELD] = sum(found.filter(hold__isnull=False).count() for found in old)
    counts[STILL_OPEN] = sum(found.filter(_is_open(now), hold__isnull=True).count() for found in old)
    return counts


def due(kind: str, now: datetime) -> QuerySet[Conversation]:
    """Return the conversations of a kind that are to go."""
    return _old(kind, now).filter(~_is_open(now), hold__isnull=True)


def _old(kind: str, now: datetime) -> QuerySet[Conversation]:
    """Return the conversations of a kind in which nothing has happened for as long as that kind is kept."""
    before = now - timedelta(days=rules.days()[kind])
    # A visit that took place later than the last message counts as something that happened.
    visits = BookingRequest.objects.filter(conversation=OuterRef("pk")).filter(
        Q(touched_at__gte=before) | Q(starts_at__gte=before)
    )
    return Conversation.objects.filter(CONVERSATIONS[kind](), ~Exists(visits), last_message_at__lt=before)


def _has(found: QuerySet[HandOff] | QuerySet[Contact] | QuerySet[BookingRequest] | QuerySet[Message]) -> Exists:
    return Exists(found.filter(conversation=OuterRef("pk")))


def _is_medical() -> Q:
    return Q(_has(HandOff.objects.filter(kind__in=MEDICAL)))


def _has_contact() -> Q:
    return Q(_has(Contact.objects.filter(declined=False))) | Q(_has(BookingRequest.objects.all()))


# The first kind that fits counts: what is medical is kept as such, whether there is a contact or not.
CONVERSATIONS: dict[str, Callable[[], Q]] = {
    Rule.Kind.NO_CONTACT: lambda: ~_is_medical() & ~_has_contact(),
    Rule.Kind.CONTACT: lambda: ~_is_medical() & _has_contact(),
    Rule.Kind.MEDICAL: _is_medical,
}


def _is_open(now: datetime) -> Q:
    """Tell whether somebody still has to do something: staff, the bot, or the clinic with a booking."""
    bookings = BookingRequest.objects.filter(Q(state__in=OPEN) | Q(state=State.BOOKED, starts_at__gte=now))
    turns = Message.objects.filter(turn__in=(Message.Turn.PENDING, Message.Turn.RUNNING))
    return (
        Q(owner=WAITING)
        | Q(owner__startswith=STAFF_PREFIX)
        | Q(_has(HandOff.objects.exclude(state=HandOff.State.RESOLVED)))
        | Q(_has(bookings))
        | Q(_has(turns))
    )


def _delete_conversations(kind: str, now: datetime) -> int:
    """Delete a kind in small batches, each looked at again with its conversations locked; return how many."""
    deleted = 0
    while batch := list(due(kind, now).values_list("pk", flat=True)[:BATCH]):
        with writing():
            list(Conversation.objects.select_for_update().filter(pk__in=batch).order_by("pk").values_list("pk"))
            going = list(due(kind, now).filter(pk__in=batch).values_list("pk", flat=True))
            erase(Conversation.objects.filter(pk__in=going))
            _report_batch(kind, going)
        deleted += len(going)
        time.sleep(PAUSE_SECONDS)
    return deleted


def _report_batch(kind: str, conversations: list[UUID]) -> None:
    if conversations:
        record(
            Action.CONVERSATION_ERASED,
            CLOCK,
            ("retention", kind),
            reason="retention",
            conversations=[str(one) for one in conversations],
        )


def _due_deliveries(now: datetime) -> QuerySet[Delivery]:
    before = now - timedelta(days=rules.days()[Rule.Kind.DELIVERY])
    held = LegalHold.objects.values("conversation")
    ended = Q(delivered_at__lt=before) | Q(delivered_at=None, due_at__lt=before)
    return Delivery.objects.filter(ended, state__in=SETTLED).exclude(conversation__in=held)


def _delete_deliveries(now: datetime) -> int:
    deleted = 0
    while batch := list(_due_deliveries(now).values_list("pk", "event", "channel")[: 10 * BATCH]):
        with writing():
            Delivery.objects.filter(pk__in=[pk for pk, _, _ in batch]).delete()
            forget_files([event for _, event, channel in batch if channel == FILE])
        deleted += len(batch)
        time.sleep(PAUSE_SECONDS)
    return deleted


def _remove_orphans(now: datetime) -> None:
    """Remove files of the outbox whose delivery is gone, as when a process died right after an erasure."""
    before = (now - ORPHAN_AFTER).timestamp()
    files = {event: file for file in settings.OUTBOX_DIR.glob("*.json") if (event := event_of(file))}
    old = {event: file for event, file in files.items() if file.stat().st_mtime < before}
    known = set(Delivery.objects.filter(channel=FILE).values_list("event", flat=True)) if old else set()
    for event, file in old.items():
        if event not in known:
            file.unlink(missing_ok=True)
