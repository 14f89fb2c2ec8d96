"""Alerts: staff learn outside the staff pages that a matter waits. Nothing in them says who wrote, or what."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse

from clinic.accounts.models import User
from clinic.alerting import reminders
from clinic.alerting.models import Kind
from clinic.alerting.rules import Target
from clinic.alerting.tell import tell, when_and_where
from clinic.conversations.models import STAFF_PREFIX, Conversation, Message
from clinic.handoffs.models import HandOff
from clinic.outbox import post
from clinic.outbox.channels import EMAIL, FILE
from clinic.practice import facts
from clinic.threads import writing

EVENT, ESCALATED, FORGOTTEN = "hand_off", "escalation", "forgotten"
# Matters that somebody has to take soon.
PRESSING = (HandOff.Kind.EMERGENCY, HandOff.Kind.STAFF_MEDICAL)
MOST_ESCALATIONS = 3
# The one who holds the conversation hears first, the others next.
MOST_FORGOTTEN = 2


def send(matter: HandOff, message: Message, now: datetime) -> None:
    """Put the alert of a hand-off, which `message` has made or joined, into the outbox; inside its transaction."""
    payload = _payload(matter.conversation, now, anchor=f"#m{message.seq}") | {
        "title": _title(matter),
        "kind": matter.kind,
        "urgent": matter.urgent,
        "again": matter.alerted_at is not None,
    }
    tell(EVENT, matter.kind, payload, now, conversation=matter.conversation, urgent=matter.urgent)


def escalate(matter: HandOff, now: datetime) -> bool:
    """Tell the second group that nobody has taken a pressing matter; return whether that was due.

    Due after `unclaimed_minutes` of the practice, after twice and four times that, and never again. Whatever else
    calls, an urgent or medical matter that is open and unclaimed is told no more often.
    """
    if matter.state != HandOff.State.OPEN or not (matter.urgent or matter.kind in PRESSING):
        return False
    after = timedelta(minutes=facts.snapshot().practice.unclaimed_minutes)
    subject = f"hand_off:{matter.pk}"
    with writing():
        if not reminders.is_due(subject, matter.created_at, after, MOST_ESCALATIONS, now):
            return False
        times = reminders.done(subject, matter.conversation, now)
        minutes = int((now - matter.created_at).total_seconds() // 60)
        payload = _payload(matter.conversation, now) | {
            "title": f"Nobody has taken it for {minutes} minutes: {HandOff.Kind(matter.kind).label}",
            "kind": matter.kind,
            "urgent": matter.urgent,
            "again": times > 1,
        }
        tell(ESCALATED, Kind.ESCALATION, payload, now, conversation=matter.conversation, urgent=matter.urgent)
    return True


def forgotten(conversation: Conversation, now: datetime) -> bool:
    """Remind staff of a visitor who waits for somebody who has taken the matter; return whether that was due.

    Due `forgotten_minutes` of the practice after `waiting_since`, to whoever has taken it, and after twice that to
    everybody whom the rules name; then not again until the visitor has got an answer and waits anew.
    """
    since = conversation.waiting_since
    if since is None:
        return False
    after = timedelta(minutes=facts.snapshot().practice.forgotten_minutes)
    subject = f"waiting:{conversation.pk}:{int(since.timestamp())}"
    with writing():
        if not reminders.is_due(subject, since, after, MOST_FORGOTTEN, now):
            return False
        times = reminders.done(subject, conversation, now)
        minutes = int((now - since).total_seconds() // 60)
        payload = _payload(conversation, now) | {
            "title": f"A visitor has waited {minutes} minutes for an answer",
            "kind": str(Kind.FORGOTTEN),
            "urgent": False,
            "again": times > 1,
        }
        holders = _mail_of_holders(conversation)
        if holders and times == 1:
            post.put(FORGOTTEN, payload, [(FILE, ""), *holders], conversation=conversation)
        else:
            tell(FORGOTTEN, Kind.FORGOTTEN, payload, now, conversation=conversation, also=holders)
    return True


def _mail_of_holders(conversation: Conversation) -> list[Target]:
    """Return where whoever has taken the conversation over, or claimed a matter of it, reads mail."""
    if conversation.is_with_staff:
        numbers = {int(conversation.owner.removeprefix(STAFF_PREFIX))}
    else:
        claimed = HandOff.objects.filter(conversation=conversation, state=HandOff.State.CLAIMED)
        numbers = set(claimed.exclude(claimed_by=None).values_list("claimed_by_id", flat=True))
    people = User.objects.filter(pk__in=numbers, is_active=True).exclude(email="").order_by("pk")
    return [(EMAIL, address) for address in people.values_list("email", flat=True)]


def _payload(conversation: Conversation, now: datetime, anchor: str = "") -> dict[str, Any]:
    """Return what every alert about a conversation holds: when, and where to read it."""
    return dict(when_and_where(now, reverse("staff:conversation", args=[conversation.pk]) + anchor))


def _title(matter: HandOff) -> str:
    urgent = "Urgent: " if matter.urgent else ""
    again = ", still waiting" if matter.alerted_at else ""
    return f"{urgent}{HandOff.Kind(matter.kind).label}{again}"
