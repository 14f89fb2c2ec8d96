"""Booking by two visitors at once, and by one who comes back after a long silence: each ends in the right record."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.conftest import Running
from tests.scenarios import conversation
from tests.scenarios.conversation import Turn, Visitor
from tests.scenarios.test_conversations import PATTERNS, Records, http, records, tokens  # noqa: F401 - fixtures

pytestmark = pytest.mark.stack

# Lets a conversation and all that stands in it have happened so many days ago.
AGE = """
from datetime import timedelta
from django.db.models import F
from clinic.conversations.models import Conversation, Message
ago = timedelta(days={days})
Conversation.objects.filter(pk="{conversation}").update(
    created_at=F("created_at") - ago, last_message_at=F("last_message_at") - ago
)
Message.objects.filter(conversation="{conversation}").update(created_at=F("created_at") - ago)
"""
FIRST = [
    "may I come by for a treatment some day",
    "monday at 10",
    "im new here",
    "Ana Lopez",
    "916 555 0142",
    "ok then",
]
OTHER = [
    "would you book a consultation for me",
    "friday at 3",
    "i am returning",
    "Bo Chen",
    "bo@example.com",
    "ok then",
]
ANA = {"name": "Ana Lopez", "phone": "+19165550142", "email": "", "wish": "treatment", "visitor": "new"}
BO = {"name": "Bo Chen", "phone": "", "email": "bo@example.com", "wish": "consultation", "visitor": "returning"}


def says(visitor: Visitor, text: str) -> list[str]:
    """Say something and return the names of the replies."""
    replies: list[str] = conversation.seen_of(visitor.take(Turn("visitor", text)), PATTERNS)["bot"]
    return replies


def of(record: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    return {name: record[name] for name in names}


def test_two_visitors_who_book_at_once_get_a_request_each(http: httpx.Client, records: Records) -> None:  # noqa: F811
    ana, bo = Visitor(http, {}), Visitor(http, {})
    for one, other in zip(FIRST, OTHER, strict=True):
        first, second = says(ana, one), says(bo, other)
    assert first == second == ["utter_ask_booking_confirm"]
    assert says(ana, "go ahead please") == ["utter_booking_received"]
    assert says(bo, "no, Bob Chen") == ["utter_ask_booking_confirm"]
    assert says(bo, "go ahead please") == ["utter_booking_received"]
    [hers], [his] = records(ana.conversation), records(bo.conversation)
    assert of(hers, ANA) == ANA
    assert of(his, BO) == {**BO, "name": "Bob Chen"}
    assert ("Monday" in hers["preferred"], "Friday" in his["preferred"]) == (True, True)


@pytest.mark.parametrize("left", range(1, len(FIRST)))
def test_who_comes_back_after_weeks_of_silence_goes_on_where_it_stopped(
    http: httpx.Client,  # noqa: F811
    records: Records,  # noqa: F811
    stack: Running,
    left: int,
) -> None:
    visitor = Visitor(http, {})
    asked = [says(visitor, text) for text in FIRST[:left]][-1]
    stack.manage("shell", "--no-imports", "--command", AGE.format(days=20, conversation=visitor.conversation))
    assert says(visitor, "are you still there?")[-1].removeprefix("utter_resume_") in asked[-1]
    for text in [*FIRST[left:], "go ahead please"]:
        last = says(visitor, text)
    assert last == ["utter_booking_received"]
    [record] = records(visitor.conversation)
    assert of(record, ANA) == ANA
