"""The visitor ends a conversation: over for them at once, and what waits for staff is neither settled nor hidden."""

from __future__ import annotations

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from clinic.accounts.models import User
from clinic.accounts.roles import Role
from clinic.bookings import said
from clinic.bookings.models import BookingRequest
from clinic.conversations import book, ending, takeover, turn
from clinic.conversations.book import ConversationGone
from clinic.conversations.models import Conversation, Message
from clinic.handoffs import desk, waiting
from clinic.handoffs.models import HandOff
from clinic.outbox.models import Delivery
from tests.clinic.conftest import FakeBrain, Visitor, answer, wait_for

CONTESTED = 100
FORM = {"slots": {"contact_name": "Wanda"}, "active_form": "contact_form", "requested_slot": "contact_reach"}


@pytest.fixture
def ann(transactional_db: None) -> User:
    return User.objects.create_user("ann", role=Role.FRONT_DESK, first_name="Ann")


def row(visitor: Visitor) -> Conversation:
    return Conversation.objects.get(pk=visitor.id)


def last(visitor: Visitor) -> tuple[str, str]:
    newest = visitor.get()["messages"][-1]
    return newest["sender"], newest["text"]


def hand_off(kind: str) -> list[dict[str, Any]]:
    return [{"type": "hand_off", "kind": kind, "reason": "intent:x"}]


def handed_over(visitor: Visitor, brain: FakeBrain, kind: str) -> HandOff:
    """Let the visitor write something that is a matter for staff."""
    brain.reply = lambda _: answer(kind if kind != "booking" else "booking", "utter_safety", effects=hand_off(kind))
    visitor.say()
    return HandOff.objects.get(conversation=visitor.id)


class Held:
    """A turn that goes on until it is let go."""

    def __init__(self, brain: FakeBrain, **reply: Any) -> None:
        self.asked, self.go = threading.Event(), threading.Event()
        self.reply = reply
        brain.reply = self

    def __call__(self, _: dict[str, Any]) -> Any:
        self.asked.set()
        self.go.wait(10)
        return answer(**self.reply)

    def during(self, visitor: Visitor, deed: Any) -> None:
        """Do something in the middle of the turn of a new message, and wait for the end of the turn."""
        visitor.post()
        assert self.asked.wait(5)
        deed()
        self.go.set()
        wait_for(lambda: not Message.objects.filter(conversation=visitor.id, turn__in=turn.OPEN_TURNS).exists())


# --------------------------------------------------------------------------- with nothing open


def test_with_nothing_open_it_is_closed(visitor: Visitor) -> None:
    visitor.say()
    ended = ending.end(visitor.id)
    assert (ended.owner, row(visitor).owner) == ("closed", "closed")
    assert row(visitor).closed_at == row(visitor).ended_at == ended.ended_at
    assert last(visitor) == ("system", "You have ended the chat.")
    with pytest.raises(ConversationGone):
        book.store_visitor_message(visitor.id, uuid.uuid4(), "hello?", None)


def test_ending_again_changes_nothing(visitor: Visitor) -> None:
    ending.end(visitor.id)
    before = Conversation.objects.values().get(pk=visitor.id)
    ending.end(visitor.id)
    assert Conversation.objects.values().get(pk=visitor.id) == before
    assert Message.objects.filter(response=ending.ENDED).count() == 1


def test_what_staff_have_closed_stays_theirs(visitor: Visitor, ann: User) -> None:
    takeover.close(visitor.id, ann)
    before = Conversation.objects.values().get(pk=visitor.id)
    ending.end(visitor.id)
    assert Conversation.objects.values().get(pk=visitor.id) == before


def test_there_is_no_ending_or_rating_of_what_is_not_there(transactional_db: None) -> None:
    with pytest.raises(ConversationGone):
        ending.end(uuid.uuid4())
    with pytest.raises(ConversationGone):
        ending.rate(uuid.uuid4(), Conversation.Rating.GOOD)


def test_what_a_form_has_asked_for_is_forgotten(visitor: Visitor, fake_brain: FakeBrain) -> None:
    fake_brain.reply = lambda _: answer(state=FORM)
    visitor.say("Wanda")
    ending.end(visitor.id)
    assert row(visitor).state == {"slots": {}, "active_form": None, "requested_slot": None}


def test_two_tabs_that_end_at_once_end_it_once(transactional_db: None) -> None:
    def click(conversation: uuid.UUID) -> str:
        barrier.wait(30)
        return ending.end(conversation).owner

    barrier = threading.Barrier(2)
    with ThreadPoolExecutor(2) as pool:
        try:
            for _ in range(CONTESTED):
                conversation, _greeting = book.begin()
                clicks = [pool.submit(click, conversation.pk) for _ in range(2)]
                assert [one.result(60) for one in clicks] == ["closed", "closed"]
        finally:
            for _ in range(2):
                pool.submit(lambda: (barrier.wait(30), connection.close()))
    assert Message.objects.filter(response=ending.ENDED).count() == CONTESTED
    assert set(Conversation.objects.values_list("epoch", flat=True)) == {2}


def test_an_end_and_a_take_over_at_once_leave_no_owner_of_what_is_closed(ann: User) -> None:
    def click(deed: Any, *of: Any) -> None:
        barrier.wait(30)
        try:
            deed(*of)
        except ConversationGone:
            pass  # Ended first.

    barrier = threading.Barrier(2)
    with ThreadPoolExecutor(2) as pool:
        try:
            for _ in range(CONTESTED):
                conversation, _greeting = book.begin()
                clicks = [
                    pool.submit(click, ending.end, conversation.pk),
                    pool.submit(click, takeover.take_over, conversation.pk, ann),
                ]
                for one in clicks:
                    one.result(60)
        finally:
            for _ in range(2):
                pool.submit(lambda: (barrier.wait(30), connection.close()))
    # Nobody waited and no matter was open, so it is closed whoever came first.
    assert set(Conversation.objects.values_list("owner", flat=True)) == {"closed"}
    assert not Conversation.objects.filter(ended_at=None).exists()


# --------------------------------------------------------------------------- with a matter for staff


@pytest.mark.parametrize(
    ("kind", "owner", "heard"),
    [
        ("emergency", "waiting", "You have ended the chat. Call 911 now."),
        ("staff_medical", "waiting", "You have ended the chat. Staff still have your message."),
        ("booking", "bot", "You have ended the chat. Staff still have your message."),
    ],
)
def test_a_matter_stays_open_and_in_the_queue(
    visitor: Visitor, fake_brain: FakeBrain, kind: str, owner: str, heard: str
) -> None:
    matter = handed_over(visitor, fake_brain, kind)
    before = row(visitor)
    ended = ending.end(visitor.id)
    assert (ended.owner, ended.epoch) == (owner, before.epoch + 1)
    after = row(visitor)
    assert (after.urgency, after.waiting_since, after.closed_at) == (before.urgency, before.waiting_since, None)
    matter.refresh_from_db()
    assert matter.state == "open"
    assert last(visitor) == ("system", heard)


def test_with_its_last_matter_it_is_closed(visitor: Visitor, fake_brain: FakeBrain, ann: User) -> None:
    first = handed_over(visitor, fake_brain, "staff_medical")
    fake_brain.reply = lambda _: answer("booking", effects=hand_off("booking"))
    visitor.say()
    ending.end(visitor.id)
    desk.resolve(first.pk, ann)
    assert row(visitor).owner == "bot"
    desk.resolve(HandOff.objects.get(kind="booking").pk, ann)
    closed = row(visitor)
    assert (closed.owner, closed.urgency, closed.waiting_since) == ("closed", None, None)
    assert closed.closed_at is not None
    assert closed.ended_at is not None
    assert closed.closed_at > closed.ended_at


def test_whoever_has_ended_it_is_not_told_that_nobody_came(
    visitor: Visitor, fake_brain: FakeBrain, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed_over(visitor, fake_brain, "staff_other")
    late = timezone.now() + timedelta(hours=3)
    monkeypatch.setattr("clinic.practice.hours.Hours.is_open", lambda *_: True)
    monkeypatch.setattr("clinic.practice.hours.Hours.next_opening", lambda *_: None)
    assert list(waiting._unheard(late)) == [row(visitor)]
    ending.end(visitor.id)
    assert waiting.tell(late) == 0
    assert last(visitor)[1] == "You have ended the chat. Staff still have your message."


def test_what_becomes_of_a_booking_is_not_said_to_who_has_left(visitor: Visitor, fake_brain: FakeBrain) -> None:
    handed_over(visitor, fake_brain, "staff_other")
    ending.end(visitor.id)
    conversation, message = row(visitor), Message.objects.get(conversation=visitor.id, sender="visitor")
    assert conversation.owner == "waiting"
    request = BookingRequest(conversation=conversation, message=message, reference="ABCD23", created_at=timezone.now())
    said.say(request, "utter_safety", timezone.now())
    said.answer(conversation, message, "utter_safety", timezone.now())
    assert list(Message.objects.filter(conversation=visitor.id, seq__gt=4).values_list("suppressed", flat=True)) == [
        True,
        True,
    ]


# --------------------------------------------------------------------------- in the middle of a turn


def test_an_answer_under_way_is_not_shown(visitor: Visitor, fake_brain: FakeBrain) -> None:
    ending_turn = Held(fake_brain, state=FORM)
    owners = []
    ending_turn.during(visitor, lambda: owners.append(ending.end(visitor.id).owner))
    assert owners == ["bot"]
    assert last(visitor) == ("system", "You have ended the chat.")
    assert Message.objects.get(conversation=visitor.id, in_reply_to=2).suppressed
    assert row(visitor).state is None
    assert row(visitor).owner == "closed"


def test_a_matter_that_comes_to_light_afterwards_waits_for_staff(visitor: Visitor, fake_brain: FakeBrain) -> None:
    medical = Held(fake_brain, route="staff_medical", response="utter_staff_medical", effects=hand_off("staff_medical"))
    medical.during(visitor, lambda: ending.end(visitor.id))
    assert last(visitor) == ("system", "You have ended the chat.")
    assert (row(visitor).owner, row(visitor).urgency) == ("waiting", 1)
    assert HandOff.objects.get().state == "open"
    assert Delivery.objects.exists()


def test_an_emergency_afterwards_is_told_how_to_get_help(visitor: Visitor, fake_brain: FakeBrain) -> None:
    names = ("utter_emergency", "utter_emergency_staff_closed", "utter_safety")
    replies = [{"response": name, "values": {}, "buttons": [{"intent": "safety"}]} for name in names]
    emergency = Held(fake_brain, route="emergency", replies=replies, effects=hand_off("emergency"))
    emergency.during(visitor, lambda: ending.end(visitor.id))
    # Nothing of staff, no more of the dialogue.
    assert last(visitor) == ("bot", "Call 911 now.")
    assert visitor.get()["messages"][-1]["buttons"] == []
    assert [one["text"] for one in visitor.get(2)["messages"]] == ["You have ended the chat.", "Call 911 now."]
    assert (row(visitor).owner, row(visitor).urgency) == ("waiting", 0)


def test_a_turn_that_dies_after_the_end_is_still_read(visitor: Visitor, fake_brain: FakeBrain) -> None:
    fake_brain.reply = lambda _: answer("staff_medical", effects=hand_off("staff_medical"))
    book.store_visitor_message(visitor.id, uuid.uuid4(), "my eye", None)
    ending.end(visitor.id)
    past = timezone.now() - timedelta(seconds=60)
    Message.objects.filter(sender="visitor").update(created_at=past)
    Conversation.objects.update(lease_until=past)
    turn.run_pending_turns(visitor.id)
    assert row(visitor).owner == "waiting"
    assert last(visitor) == ("system", "You have ended the chat.")


# --------------------------------------------------------------------------- under staff


def test_under_staff_with_nothing_open_it_is_closed(visitor: Visitor, ann: User) -> None:
    takeover.take_over(visitor.id, ann)
    takeover.reply(visitor.id, ann, "Hello.", uuid.uuid4())
    assert ending.end(visitor.id).owner == "closed"
    with pytest.raises(takeover.NotYours):
        takeover.reply(visitor.id, ann, "Anything else?", uuid.uuid4())


def test_under_staff_with_a_matter_it_stays_theirs_and_nothing_is_said(
    visitor: Visitor, fake_brain: FakeBrain, ann: User
) -> None:
    handed_over(visitor, fake_brain, "staff_medical")
    takeover.take_over(visitor.id, ann)
    client_id = uuid.uuid4()
    said_before = takeover.reply(visitor.id, ann, "Hello.", client_id)
    ended = ending.end(visitor.id)
    assert ended.owner == takeover.owner_of(ann)
    with pytest.raises(takeover.VisitorGone):
        takeover.reply(visitor.id, ann, "One more thing.", uuid.uuid4())
    # A retry whose answer was lost on the way is told that it has been sent.
    assert takeover.reply(visitor.id, ann, "Hello.", client_id) == said_before
    assert takeover.give_back(visitor.id, ann, keep_open=True).owner == "waiting"
    takeover.take_over(visitor.id, ann)
    given = takeover.give_back(visitor.id, ann)
    assert (given.owner, row(visitor).owner) == ("closed", "closed")
    assert row(visitor).closed_at is not None
    # Nobody tells a visitor who has left that somebody comes or goes.
    assert last(visitor) == ("system", "You have ended the chat. Staff still have your message.")


def test_a_question_to_staff_without_an_answer_stays_with_them(
    visitor: Visitor, fake_brain: FakeBrain, ann: User
) -> None:
    takeover.take_over(visitor.id, ann)
    visitor.post("when do you open?")
    wait_for(lambda: Message.objects.filter(conversation=visitor.id, turn="answered").exists())
    assert ending.end(visitor.id).owner == takeover.owner_of(ann)
    takeover.close(visitor.id, ann)
    assert last(visitor) == ("system", "You have ended the chat. Staff still have your message.")


# --------------------------------------------------------------------------- what they made of it


def test_what_was_said_last_of_it_counts(visitor: Visitor) -> None:
    ending.rate(visitor.id, Conversation.Rating.BAD)
    first = row(visitor)
    ending.end(visitor.id)
    ending.rate(visitor.id, Conversation.Rating.GOOD)
    second = row(visitor)
    assert (first.rating, second.rating) == ("bad", "good")
    assert first.rated_at is not None
    assert second.rated_at is not None
    assert second.rated_at > first.rated_at
