"""Nobody comes: the visitor is told so honestly, and staff are reminded. Jobs of the worker.

Several workers may look at once: what is due is looked at again under the conversation's lock before anything is said.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from clinic.conversations import book, dialogue, responses, wake
from clinic.conversations.models import STAFF_PREFIX, WAITING, Conversation, Message
from clinic.conversations.responses import Rendered
from clinic.handoffs import alerts
from clinic.handoffs.desk import LEAVES_OWNER
from clinic.handoffs.models import HandOff
from clinic.practice import facts
from clinic.threads import writing

LOOK_SECONDS = 15.0
BATCH = 100
# Reminders come within hours; what is older than this has had all of them.
LOOK_BACK = timedelta(days=1)
STILL_WAITING = "utter_still_waiting"
KNOWN, ASK = "utter_still_waiting_known", "utter_still_waiting_ask"
IN_EMERGENCY = "utter_still_waiting_emergency"
# The button under `ASK`: its title, and the wish for a person, which the contact form follows.
LEAVE_CONTACT, WISH = "utter_leave_contact", "human_request"
RESPONSES = (STILL_WAITING, KNOWN, ASK, IN_EMERGENCY, LEAVE_CONTACT)


def tell_due() -> int:
    """Tell every visitor who waits in vain now; return how many those were."""
    return tell(timezone.now())


def tell(now: datetime) -> int:
    """Tell each visitor whose matter nobody has claimed that nobody has come yet: once, and while the clinic is open.

    It is due when the clinic has been open for `unclaimed_minutes` of the practice on end and they have waited as long.
    """
    hours, minutes = facts.snapshot().hours, facts.snapshot().practice.unclaimed_minutes
    since = now - timedelta(minutes=minutes)
    opening = hours.next_opening(since)
    if not hours.is_open(now) or (opening is not None and opening <= now):
        return 0
    due = _unheard(since).order_by("waiting_since").values_list("pk", flat=True)
    return sum(_tell(pk, since, now) for pk in list(due[:BATCH]))


def _unheard(since: datetime) -> QuerySet[Conversation]:
    """Return the conversations that have waited since then with a matter that nobody has claimed.

    Whoever has ended the conversation does not wait there any more.
    """
    waiting = Conversation.objects.filter(Exists(_open()), owner=WAITING, ended_at=None, waiting_since__lte=since)
    return waiting.filter(Q(told_waiting_at=None) | Q(told_waiting_at__lt=F("waiting_since")))


def _open() -> QuerySet[HandOff]:
    """Return the unclaimed matters of an outer query's conversation that keep it waiting."""
    found = HandOff.objects.filter(conversation=OuterRef("pk"), state=HandOff.State.OPEN)
    return found.exclude(kind__in=LEAVES_OWNER)


def _tell(pk: UUID, since: datetime, now: datetime) -> bool:
    with writing():
        # The lock first: what the look below finds stays so.
        Conversation.objects.select_for_update().filter(pk=pk).first()
        conversation = _unheard(since).filter(pk=pk).first()
        if conversation is None:
            return False
        book.append_answers(conversation, [_notice(conversation, now)], now, sender=Message.Sender.SYSTEM)
        Conversation.objects.filter(pk=pk).update(
            last_seq=conversation.last_seq, last_message_at=now, told_waiting_at=now
        )
        wake.announce(pk)
    return True


def _notice(conversation: Conversation, now: datetime) -> Rendered:
    """Return what is said: who has not been asked yet how to be reached is asked now."""
    if conversation.urgency == 0:
        return responses.renderer().render(IN_EMERGENCY, now)
    if dialogue.has_given_contact(conversation.state):
        return responses.renderer().render(KNOWN, now)
    if dialogue.was_asked_for_contact(conversation.state):
        return responses.renderer().render(STILL_WAITING, now)
    button = {"title": responses.renderer().title(LEAVE_CONTACT.removeprefix("utter_")), "intent": WISH}
    return responses.renderer().render(ASK, now, titled=[button])


def remind_due() -> int:
    """Remind staff of everything that waits now; return how many reminders that were."""
    return remind(timezone.now())


def remind(now: datetime) -> int:
    """Remind staff of pressing matters that nobody has claimed, and of visitors whom whoever came has forgotten.

    `alerts` decides which reminder is due, and counts it.
    """
    return sum(alerts.escalate(matter, now) for matter in _pressing(now)) + sum(
        alerts.forgotten(conversation, now) for conversation in _forgotten(now)
    )


def _pressing(now: datetime) -> list[HandOff]:
    since = now - timedelta(minutes=facts.snapshot().practice.unclaimed_minutes)
    found = HandOff.objects.filter(state=HandOff.State.OPEN, created_at__lte=since, created_at__gt=now - LOOK_BACK)
    pressing = found.filter(Q(urgent=True) | Q(kind__in=alerts.PRESSING))
    return list(pressing.select_related("conversation").order_by("created_at")[:BATCH])


def _forgotten(now: datetime) -> list[Conversation]:
    since = now - timedelta(minutes=facts.snapshot().practice.forgotten_minutes)
    waiting = Conversation.objects.filter(waiting_since__lte=since, waiting_since__gt=now - LOOK_BACK)
    claimed = HandOff.objects.filter(conversation=OuterRef("pk"), state=HandOff.State.CLAIMED)
    held = Q(owner__startswith=STAFF_PREFIX) | (Q(owner=WAITING) & Exists(claimed) & ~Exists(_open()))
    return list(waiting.filter(held).order_by("waiting_since")[:BATCH])
