"""The outbox: putting deliveries in, and trying them until they are taken or given up."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from django.db.models import QuerySet
from django.utils import timezone

from clinic import jobs
from clinic.conversations.models import Conversation
from clinic.outbox.channels import Channel, NotTaken
from clinic.outbox.models import Delivery
from clinic.threads import writing

logger = logging.getLogger(__name__)

# A new delivery is noticed within this time.
LOOK_SECONDS = 0.5
# The first attempt is made at once, the last one after about 40 minutes.
ATTEMPTS = 8
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=15)
# Longer than an attempt takes with the time limits of the channels.
LEASE = timedelta(seconds=100)
# So many are delivered before the worker looks whether it has to stop.
BATCH = 20

_channels: dict[str, Channel] = {}
_hearers: list[Callable[[Delivery], None]] = []


def register(name: str, channel: Channel) -> None:
    """Let the worker deliver by this channel, beside the others so that a slow one holds nobody up."""
    _channels[name] = channel
    jobs.register(jobs.Job(f"outbox {name}", LOOK_SECONDS, partial(deliver_due, name)))


def when_given_up(hearer: Callable[[Delivery], None]) -> None:
    """Let `hearer` know of each delivery that is given up, after that was written."""
    _hearers.append(hearer)


def put(
    kind: str,
    payload: Mapping[str, Any],
    targets: Iterable[tuple[str, str]],
    *,
    conversation: Conversation | None = None,
    urgent: bool = False,
) -> UUID:
    """Write an event of the type `kind` for each (channel, target) and return its id.

    Call it inside the transaction of what causes the event: then both are there, or neither. The payload is plain JSON.
    """
    event, now = uuid4(), timezone.now()
    Delivery.objects.bulk_create(
        Delivery(
            event=event,
            type=kind,
            channel=channel,
            target=target,
            payload=dict(payload),
            conversation=conversation,
            urgent=urgent,
            created_at=now,
            due_at=now,
        )
        for channel, target in targets
    )
    return event


def deliver_due(channel: str) -> int:
    """Try what is due on a channel, urgent ones first; return how many were tried."""
    tried = 0
    while tried < BATCH and (delivery := _claim(channel, timezone.now())) is not None:
        _try(delivery)
        tried += 1
    return tried


def undelivered() -> QuerySet[Delivery]:
    """Return what has been given up, newest first."""
    return Delivery.objects.filter(state=Delivery.State.UNDELIVERED).order_by("-created_at")


def try_again(delivery: int) -> bool:
    """Start anew with what was given up; return whether it (by primary key) was given up."""
    return _leave_undelivered(
        delivery, state=Delivery.State.WAITING, attempts=0, due_at=timezone.now(), lease=None, last_error=""
    )


def dismiss(delivery: int) -> bool:
    """Take what was given up from the list of staff; return whether it (by primary key) was given up."""
    return _leave_undelivered(delivery, state=Delivery.State.DISMISSED)


def _leave_undelivered(delivery: int, **changes: Any) -> bool:
    return bool(undelivered().filter(pk=delivery).order_by().update(**changes))


def _claim(channel: str, now: datetime) -> Delivery | None:
    """Take the lease of the first due delivery that no other worker is faster to take."""
    due = Delivery.objects.filter(channel=channel, state=Delivery.State.WAITING, due_at__lte=now)
    for delivery in due.order_by("-urgent", "due_at")[:BATCH]:
        seen = delivery.due_at
        delivery.due_at, delivery.lease, delivery.attempts = now + LEASE, uuid4(), delivery.attempts + 1
        with writing():
            # Every claim moves `due_at`, so whoever still finds it where it was is the first.
            taken = Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.WAITING, due_at=seen).update(
                due_at=delivery.due_at, lease=delivery.lease, attempts=delivery.attempts
            )
        if taken:
            return delivery
    return None


def _try(delivery: Delivery) -> None:
    """Make one attempt and write down what became of it."""
    if delivery.attempts > ATTEMPTS:  # The process died in the last attempt.
        _give_up(delivery)
        return
    try:
        _channels[delivery.channel](delivery)
    except Exception as error:
        # The text of any other error may quote the other side.
        kind = str(error) if isinstance(error, NotTaken) else type(error).__name__
        is_final = isinstance(error, NotTaken) and error.is_final
        logger.warning("Delivery %s by %s failed: %s.", delivery.event, delivery.channel, kind)
        if is_final or delivery.attempts >= ATTEMPTS:
            _give_up(delivery, last_error=kind[:100])
        else:
            _settle(delivery, due_at=timezone.now() + pause_after(delivery.attempts), last_error=kind[:100])
    else:
        _settle(delivery, state=Delivery.State.DELIVERED, delivered_at=timezone.now(), last_error="")


def _give_up(delivery: Delivery, **changes: Any) -> None:
    """Write that nobody will try it again, and let the others know."""
    if _settle(delivery, state=Delivery.State.UNDELIVERED, **changes):
        for hearer in _hearers:
            hearer(delivery)


def _settle(delivery: Delivery, **changes: Any) -> bool:
    """Write the outcome unless the lease has passed to somebody else; return whether it was written."""
    with writing():
        held = Delivery.objects.filter(pk=delivery.pk, lease=delivery.lease)
        return bool(held.update(lease=None, **changes))


def pause_after(attempts: int) -> timedelta:
    """Return how long to wait after this many failed attempts: longer each time, and never the same for two."""
    longest = min(LONGEST_PAUSE, FIRST_PAUSE * 3 ** (attempts - 1))
    return longest * random.uniform(0.75, 1.25)  # noqa: S311 - no secret
