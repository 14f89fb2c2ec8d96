"""Hand-offs: one for each matter, an alert with each, and nothing of the visitor in the alert."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from pytest_django import Settings

from clinic.accounts.models import User
from clinic.accounts.roles import Role
from clinic.conversations import takeover
from clinic.conversations.models import Conversation, Message
from clinic.handoffs import desk
from clinic.handoffs.models import HandOff, HandOffMessage
from clinic.outbox import post
from clinic.outbox.channels import EMAIL
from clinic.outbox.models import Delivery
from tests.clinic.staff.conftest import make_user

START = datetime(2026, 11, 21, 11, 4, 30, tzinfo=UTC)
SECRET = "my name is Wanda and my eyelid droops, call 555-0123"

Bring = Callable[..., Message]


@pytest.fixture
def conversation(db: None) -> Conversation:
    """Return a conversation that the bot owns."""
    return Conversation.objects.create(created_at=START, last_message_at=START)


@pytest.fixture
def bring(conversation: Conversation) -> Bring:
    """Let the visitor say something that becomes a hand-off of a kind, so many minutes after the start."""

    def do(kind: str = "staff_medical", minutes: float = 0, **effect: Any) -> Message:
        now = START + timedelta(minutes=minutes)
        conversation.last_seq += 1
        message = Message.objects.create(
            conversation=conversation, seq=conversation.last_seq, sender="visitor", text=SECRET, created_at=now
        )
        with patch("django.utils.timezone.now", return_value=now), transaction.atomic():
            desk.hand_off(conversation, message, {"type": "hand_off", "kind": kind, "reason": "rules:a/b", **effect})
        return message

    return do


def test_later_messages_join_the_matter(bring: Bring) -> None:
    first, second = bring(reason="rules:a/b"), bring(minutes=1, reason="classifier:c 0.91")
    matter = HandOff.objects.get()
    assert [(entry.message, entry.reason) for entry in matter.entries.order_by("pk")] == [
        (first, "rules:a/b"),
        (second, "classifier:c 0.91"),
    ]
    assert matter.created_at == START
    assert desk.kinds([first.pk, second.pk]) == {first.pk: "staff_medical", second.pk: "staff_medical"}


def test_each_kind_is_a_matter_of_its_own(bring: Bring) -> None:
    message = bring("staff_other")
    bring("emergency")
    assert HandOff.objects.count() == 2
    HandOffMessage.objects.create(handoff=HandOff.objects.get(kind="emergency"), message=message)
    assert desk.kinds([message.pk]) == {message.pk: "emergency"}


def test_a_message_that_is_handed_off_twice_is_one_entry(bring: Bring, conversation: Conversation) -> None:
    message = bring()
    desk.hand_off(conversation, message, {"kind": "staff_medical", "reason": "again"})
    assert HandOffMessage.objects.get().reason == "rules:a/b"


def test_a_claimed_matter_stays_claimed(bring: Bring) -> None:
    bring()
    HandOff.objects.update(state="claimed", claimed_at=START)
    bring(minutes=1)
    matter = HandOff.objects.get()
    assert (matter.state, matter.claimed_at, matter.entries.count()) == ("claimed", START, 2)


def test_a_resolved_matter_is_never_opened_again(bring: Bring) -> None:
    bring()
    HandOff.objects.update(state="resolved", resolved_at=START)
    bring(minutes=1)
    assert sorted(HandOff.objects.values_list("state", flat=True)) == ["open", "resolved"]
    assert Delivery.objects.count() == 2


def test_the_database_itself_refuses_a_second_unresolved_one(bring: Bring, conversation: Conversation) -> None:
    bring()
    with pytest.raises(IntegrityError):
        HandOff.objects.create(conversation=conversation, kind="staff_medical", state="claimed", created_at=START)


def test_what_else_an_effect_says_is_kept(bring: Bring) -> None:
    bring("booking", booking="B-1")
    assert HandOffMessage.objects.get().details == {"booking": "B-1"}


def test_an_alert_says_when_and_where_and_nothing_else(bring: Bring, settings: Settings) -> None:
    settings.PUBLIC_URL = "https://chat.willow-street.example"
    message = bring("emergency")
    delivery = Delivery.objects.get()
    page = f"https://chat.willow-street.example/staff/conversations/{message.conversation_id}/#m1"
    assert delivery.payload == {
        "title": "Urgent: Emergency",
        "kind": "emergency",
        "urgent": True,
        "again": False,
        "at": "2026-11-21T03:04:30-08:00",
        "time": "Saturday, November 21 at 3:04 am PST",
        "link": page,
    }
    assert delivery.urgent
    assert (delivery.channel, delivery.target) == ("file", "")


def test_alerts_go_to_everybody_by_mail_without_a_word_of_the_visitor(bring: Bring, settings: Settings) -> None:
    settings.ALERT_EMAILS = ["ann@willow-street.example", "ben@willow-street.example"]
    settings.DEFAULT_FROM_EMAIL = "chat@willow-street.example"
    bring(reason=f"intent:{SECRET}", name="Wanda")
    assert post.deliver_due(EMAIL) == 2
    assert [one.to for one in mail.outbox] == [["ann@willow-street.example"], ["ben@willow-street.example"]]
    everything = json.dumps([one.payload for one in Delivery.objects.all()]) + "".join(
        one.message().as_string() for one in mail.outbox
    )
    assert mail.outbox[0].subject == "Medical question (clinic chat)"
    for word in ("Wanda", "eyelid", "555-0123", "intent:"):
        assert word not in everything


def test_a_page_is_linked_that_exists(bring: Bring, client: Any) -> None:
    bring()
    client.force_login(make_user("morgan", Role.FRONT_DESK))
    link = Delivery.objects.get().payload["link"]
    assert client.get(link.removeprefix("http://127.0.0.1:8000").partition("#")[0]).status_code == 200


def test_a_matter_that_goes_on_is_alerted_once(bring: Bring) -> None:
    for minutes in (0, 4, 30):
        bring("staff_medical", minutes)
    assert Delivery.objects.count() == 1


def test_an_emergency_that_goes_on_is_alerted_every_five_minutes_at_most(bring: Bring) -> None:
    told = []
    for minutes in (0, 1, 4.9, 5, 9.9, 10.5, 15.4, 15.6):
        bring("emergency", minutes)
        told.append(Delivery.objects.count())
    assert told == [1, 1, 1, 2, 2, 3, 3, 4]
    again = Delivery.objects.order_by("created_at").last()
    assert again is not None
    assert again.payload["title"] == "Urgent: Emergency, still waiting"


def test_a_matter_that_becomes_urgent_is_alerted_again(bring: Bring) -> None:
    bring("staff_other")
    bring("staff_other", 1, urgent=True)
    bring("staff_other", 2, urgent=True)
    assert list(Delivery.objects.order_by("created_at").values_list("urgent", flat=True)) == [False, True]


@pytest.mark.parametrize(
    ("kind", "alerts"),
    [("emergency", 1), ("failed_turn", 1), ("staff_medical", 0), ("staff_other", 0), ("booking", 0)],
)
def test_what_staff_already_hold_is_alerted_only_in_danger(
    bring: Bring, conversation: Conversation, kind: str, alerts: int
) -> None:
    conversation.owner = "staff:7"
    bring(kind)
    assert Delivery.objects.count() == alerts
    assert HandOff.objects.count() == 1
    assert conversation.owner == "staff:7"


def test_what_was_not_alerted_under_staff_is_when_they_have_left(bring: Bring, conversation: Conversation) -> None:
    conversation.owner = "staff:7"
    bring()
    conversation.owner = "bot"
    bring(minutes=1)
    assert Delivery.objects.count() == 1


def test_a_hand_off_that_is_rolled_back_alerts_nobody(bring: Bring) -> None:
    with transaction.atomic():
        bring()
        transaction.set_rollback(True)
    assert not Delivery.objects.exists()


# --------------------------------------------------------------------------- what staff do with matters


@pytest.fixture
def ann(db: None) -> User:
    return make_user("ann", Role.FRONT_DESK, first_name="Ann")


@pytest.fixture
def ben(db: None) -> User:
    return make_user("ben", Role.FRONT_DESK, first_name="Ben")


def keep(conversation: Conversation) -> None:
    """Save what hand-offs have changed, as a turn does."""
    Conversation.objects.filter(pk=conversation.pk).update(
        **{name: getattr(conversation, name) for name in (*desk.WRITTEN, "last_seq")}
    )


def test_a_matter_makes_its_conversation_as_urgent_as_it_is(bring: Bring, conversation: Conversation) -> None:
    found = []
    for minutes, kind in enumerate(("booking", "staff_other", "failed_turn", "booking", "emergency", "staff_medical")):
        bring(kind, minutes)
        found.append(conversation.urgency)
    assert found == [4, 3, 2, 2, 0, 0]
    assert conversation.waiting_since == START


def test_what_becomes_urgent_counts_like_an_emergency(bring: Bring, conversation: Conversation) -> None:
    bring("staff_other", urgent=True)
    assert conversation.urgency == 0


def test_of_two_who_claim_a_matter_the_second_is_told(
    bring: Bring, conversation: Conversation, ann: User, ben: User
) -> None:
    bring()
    keep(conversation)
    pk = HandOff.objects.get().pk
    assert desk.claim(pk, ann).claimed_by == ann
    assert desk.claim(pk, ann).state == "claimed"
    with pytest.raises(desk.AlreadyClaimed) as refused:
        desk.claim(pk, ben)
    assert refused.value.owner_name == "Ann"
    conversation.refresh_from_db()
    assert (conversation.owner, conversation.urgency) == ("waiting", 1)
    desk.resolve(pk, ben)
    with pytest.raises(desk.AlreadyClaimed) as refused:
        desk.claim(pk, ann)
    assert refused.value.owner_name == ""


def test_with_the_last_matter_nobody_waits_any_more(bring: Bring, conversation: Conversation, ann: User) -> None:
    for kind in ("staff_medical", "staff_other", "booking"):
        bring(kind)
    keep(conversation)
    found = []
    for kind in ("staff_medical", "staff_other", "booking"):
        matter = desk.resolve(HandOff.objects.get(kind=kind).pk, ann)
        conversation.refresh_from_db()
        found.append((conversation.owner, conversation.urgency, conversation.waiting_since is not None))
        assert (matter.state, matter.claimed_by) == ("resolved", ann)
        assert matter.resolved_at is not None
    assert found == [("waiting", 3, True), ("bot", 4, True), ("bot", None, False)]
    assert conversation.epoch == 2


def test_resolving_again_changes_nothing(bring: Bring, conversation: Conversation, ann: User, ben: User) -> None:
    bring()
    keep(conversation)
    pk = HandOff.objects.get().pk
    first = desk.resolve(pk, ann)
    again = desk.resolve(pk, ben)
    assert (again.resolved_at, again.claimed_by) == (first.resolved_at, ann)


def test_taking_over_claims_what_is_open_and_what_a_colleague_has(
    bring: Bring, conversation: Conversation, ann: User, ben: User
) -> None:
    bring("staff_medical")
    bring("staff_other")
    keep(conversation)
    desk.claim(HandOff.objects.get(kind="staff_other").pk, ben)
    takeover.take_over(conversation.pk, ann)
    assert set(HandOff.objects.values_list("state", "claimed_by")) == {("claimed", ann.pk)}


def test_giving_back_settles_what_was_claimed(bring: Bring, conversation: Conversation, ann: User) -> None:
    bring("staff_medical")
    keep(conversation)
    takeover.take_over(conversation.pk, ann)
    given = takeover.give_back(conversation.pk, ann)
    assert HandOff.objects.get().state == "resolved"
    assert (given.owner, given.urgency, given.waiting_since) == ("bot", None, None)


def test_given_back_to_wait_its_matters_are_open_again(bring: Bring, conversation: Conversation, ann: User) -> None:
    bring("staff_medical")
    bring("booking")
    keep(conversation)
    takeover.take_over(conversation.pk, ann)
    given = takeover.give_back(conversation.pk, ann, keep_open=True)
    assert set(HandOff.objects.values_list("state", "claimed_by")) == {("open", None)}
    assert (given.owner, given.urgency) == ("waiting", 1)
    assert given.waiting_since is not None
    assert Delivery.objects.count() == 2


def test_what_came_up_since_the_last_answer_waits_and_is_told_when_it_is_given_back(
    bring: Bring, conversation: Conversation, ann: User
) -> None:
    bring("staff_other")
    keep(conversation)
    taken = takeover.take_over(conversation.pk, ann)
    conversation.owner, conversation.last_seq = taken.owner, taken.last_seq
    bring("failed_turn")
    keep(conversation)
    takeover.reply(conversation.pk, ann, "I am here.", uuid.uuid4())
    conversation.refresh_from_db()
    assert HandOff.objects.get(kind="failed_turn").claimed_by == ann
    told = Delivery.objects.count()
    bring("staff_medical", 1)
    keep(conversation)
    assert Delivery.objects.count() == told
    given = takeover.give_back(conversation.pk, ann)
    states = dict(HandOff.objects.values_list("kind", "state"))
    assert states == {"staff_other": "resolved", "failed_turn": "resolved", "staff_medical": "open"}
    assert (given.owner, given.urgency) == ("waiting", 1)
    assert Delivery.objects.count() == told + 1


def test_closing_settles_everything(bring: Bring, conversation: Conversation, ann: User) -> None:
    bring("emergency")
    bring("booking")
    keep(conversation)
    closed = takeover.close(conversation.pk, ann)
    assert set(HandOff.objects.values_list("state", flat=True)) == {"resolved"}
    assert (closed.urgency, closed.waiting_since) == (None, None)
