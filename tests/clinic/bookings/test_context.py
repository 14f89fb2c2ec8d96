"""What the brain is told about bookings with each message."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from clinic.bookings import context
from clinic.bookings.models import BookingRequest
from clinic.conversations.brain import BrainFailed, checked
from clinic.conversations.models import Conversation
from tests.clinic.bookings.conftest import start_talk, wish
from tests.clinic.conftest import answer

SATURDAY = datetime(2026, 11, 21, 9, tzinfo=ZoneInfo("America/Los_Angeles"))
pytestmark = pytest.mark.django_db


def test_days_in_a_message_are_read_and_half_days_offered() -> None:
    conversation = Conversation.objects.create(created_at=SATURDAY, last_message_at=SATURDAY)
    found = context.of(conversation, "can I come yesterday", SATURDAY)
    assert found["when"]["status"] == "past"
    assert (found["booking"], found["references"], found["booking_page"]) == (None, [], False)
    assert all(set(half) == {"title", "begins", "ends"} for half in found["half_days"])


def test_the_conversations_own_references_are_told_newest_first() -> None:
    talk = start_talk()
    talk.says(wish(run="one"))
    talk.says(wish(run="two", name="Bo"))
    Conversation.objects.update(state={"slots": {}})
    assert context.of(Conversation.objects.get(pk=talk.pk), "hi", SATURDAY)["references"] == [
        request.spoken_reference for request in BookingRequest.objects.order_by("-id")
    ]


def test_before_the_first_answer_nobody_looks_for_requests(django_assert_num_queries: Any) -> None:
    conversation = Conversation.objects.create(created_at=SATURDAY, last_message_at=SATURDAY)
    context.of(conversation, "hi", SATURDAY)  # reads the clinic's hours
    with django_assert_num_queries(0):
        assert context.of(conversation, "hi", SATURDAY)["references"] == []
    conversation.state = {}
    with django_assert_num_queries(1):
        context.of(conversation, "hi", SATURDAY)


@pytest.mark.parametrize("title", ["", "x" * 121, "two\nlines", 7])
def test_a_button_with_a_title_that_is_no_short_text_fails_the_turn(title: object) -> None:
    reply = {"response": "utter_safety", "values": {}, "buttons": [{"intent": "pick", "title": title, "value": "a"}]}
    with pytest.raises(BrainFailed):
        checked(answer() | {"replies": [reply]})


def test_a_button_may_bring_its_title_and_value() -> None:
    reply = {"response": "utter_safety", "values": {}, "buttons": [{"intent": "pick", "title": "Mon", "value": "a/b"}]}
    [read] = checked(answer() | {"replies": [reply]}).replies
    assert read.titled == ({"title": "Mon", "intent": "pick", "value": "a/b"},)
