"""The visitor ends a conversation and says what it was like: what the API shows from then on."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from django.utils import timezone

from clinic.accounts.models import User
from clinic.accounts.roles import Role
from clinic.conversations import takeover
from clinic.conversations.models import Conversation, Message
from clinic.handoffs.models import HandOff
from clinic.practice.hours import Hours
from clinic.visitors import limits
from tests.clinic.conftest import FakeBrain, Visitor, answer, closed
from tests.clinic.visitors.test_api import problem

HOURS = "mon-fri 09:00-17:00"
ZONE = ZoneInfo("America/Denver")


def ended(visitor: Visitor, minutes: int) -> None:
    """Let the visitor have ended the conversation so many minutes ago."""
    assert visitor.end().status_code == 204
    Conversation.objects.filter(pk=visitor.id).update(ended_at=timezone.now() - timedelta(minutes=minutes))


@pytest.fixture
def waiting(visitor: Visitor, fake_brain: FakeBrain) -> Visitor:
    """A visitor with a matter for staff."""
    effects = [{"type": "hand_off", "kind": "staff_medical", "reason": "intent:x"}]
    fake_brain.reply = lambda _: answer("staff_medical", "utter_staff_medical", effects=effects)
    visitor.say("my eye")
    return visitor


def test_it_is_over_for_the_visitor_though_it_waits_for_staff(waiting: Visitor) -> None:
    known = str(uuid.uuid4())
    waiting.post("before", id=known)
    answered = waiting.end()
    assert (answered.status_code, answered.content) == (204, b"")
    found = waiting.get()
    assert (found["owner"], found["owner_name"]) == ("closed", None)
    assert problem(waiting.post("hello?")) == (410, "conversation_closed")
    assert problem(waiting.post(choice={"seq": 1, "button": 0})) == (410, "conversation_closed")
    assert problem(waiting.type(True)) == (410, "conversation_closed")
    # A message whose answer was lost on the way is told that it was stored.
    assert waiting.post("before", id=known).status_code == 200
    assert HandOff.objects.get().state == "open"


def test_who_has_it_is_not_told_after_the_end(waiting: Visitor) -> None:
    ann = User.objects.create_user("ann", role=Role.FRONT_DESK, first_name="Ann")
    takeover.take_over(waiting.id, ann)
    assert waiting.get()["owner_name"] == "Ann"
    waiting.end()
    found = waiting.get()
    assert (found["owner"], found["owner_name"]) == ("closed", None)


@pytest.mark.parametrize("owner", ["bot", "waiting"])
def test_it_can_be_read_and_rated_for_a_while_and_then_not(visitor: Visitor, waiting: Visitor, owner: str) -> None:
    one = waiting if owner == "waiting" else Visitor(visitor.http)
    ended(one, minutes=14)
    assert one.get()["owner"] == "closed"
    assert one.rate("good").status_code == 204
    ended(one, minutes=15)
    for gone in (
        one.http.get("/messages", headers=one.headers),
        one.http.get("/stream", headers=one.headers),
        one.post("hello?"),
        one.type(True),
        one.rate("bad"),
        one.end(),
    ):
        assert problem(gone) == (410, "conversation_gone")
    assert Conversation.objects.get(pk=one.id).rating == "good"


def test_what_staff_close_later_is_not_longer_readable(waiting: Visitor) -> None:
    ended(waiting, minutes=15)
    ann = User.objects.create_user("ann", role=Role.FRONT_DESK, first_name="Ann")
    takeover.close(waiting.id, ann)
    assert problem(waiting.http.get("/messages", headers=waiting.headers)) == (410, "conversation_gone")


def test_the_same_end_again_is_the_same_end(visitor: Visitor) -> None:
    assert [visitor.end().status_code for _ in range(3)] == [204, 204, 204]
    assert visitor.get()["last_seq"] == 2


def test_tabs_that_end_at_once_end_it_once(visitor: Visitor) -> None:
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda _: visitor.end().status_code, range(8))) == [204] * 8
    assert Message.objects.filter(conversation=visitor.id, sender="system").count() == 1


def test_what_staff_have_closed_can_be_ended_too_and_rated(visitor: Visitor) -> None:
    closed(visitor, minutes=1)
    assert visitor.end().status_code == 204
    assert visitor.rate("bad").status_code == 204
    kept = Conversation.objects.get(pk=visitor.id)
    assert (kept.ended_at, kept.rating) == (None, "bad")


def test_an_erased_conversation_cannot_be_ended_or_rated(visitor: Visitor) -> None:
    Conversation.objects.all().delete()
    assert problem(visitor.end()) == (410, "conversation_gone")
    assert problem(visitor.rate("good")) == (410, "conversation_gone")


def test_a_rating_may_come_before_the_end_and_change(visitor: Visitor) -> None:
    assert [visitor.rate(value).status_code for value in ("bad", "good")] == [204, 204]
    assert Conversation.objects.get(pk=visitor.id).rating == "good"
    assert visitor.get()["owner"] == "bot"


@pytest.mark.parametrize(
    "body", [{}, {"value": ""}, {"value": "Good"}, {"value": 1}, {"value": ["good"]}, {"value": "good", "more": 1}]
)
def test_a_rating_is_good_or_bad_and_nothing_else(visitor: Visitor, body: Any) -> None:
    refused = visitor.http.post("/rating", json=body, headers=visitor.headers)
    assert problem(refused) == (422, "invalid_request")
    assert Conversation.objects.get(pk=visitor.id).rating == ""


def test_an_end_says_nothing_else(visitor: Visitor) -> None:
    refused = visitor.http.post("/end", json={"value": 1}, headers=visitor.headers)
    assert problem(refused) == (422, "invalid_request")
    assert visitor.get()["owner"] == "bot"


@pytest.mark.parametrize("path", ["/end", "/rating"])
@pytest.mark.parametrize("token", ["", "Bearer x", "swapped"])
def test_a_forged_token_ends_and_rates_nothing(visitor: Visitor, clinic: httpx.Client, path: str, token: str) -> None:
    other = Visitor(clinic)
    signature = visitor.begun["token"].partition(":")[2]
    header = f"Bearer {other.id.hex}:{signature}" if token == "swapped" else token
    body = {"value": "bad"} if path == "/rating" else {}
    assert problem(clinic.post(path, json=body, headers={"Authorization": header})) == (401, "token_invalid")
    kept = Conversation.objects.get(pk=other.id)
    assert (kept.ended_at, kept.rating) == (None, "")


def test_ends_and_ratings_are_limited(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "DEEDS_PER_MINUTE", 2)
    del visitor.http.headers["Measuring-Key"]
    statuses = [deed().status_code for _ in range(3) for deed in (visitor.end, lambda: visitor.rate("good"))]
    assert statuses[:2] == [204, 204]
    assert 429 in statuses


@pytest.mark.parametrize(
    ("now", "is_open", "changes_at"),
    [
        ("2026-11-20T12:00:00-07:00", True, "2026-11-20T17:00:00-07:00"),
        ("2026-11-20T17:00:00-07:00", False, "2026-11-23T09:00:00-07:00"),
    ],
)
def test_the_practice_is_open_or_says_when(
    clinic: httpx.Client, monkeypatch: pytest.MonkeyPatch, now: str, is_open: bool, changes_at: str
) -> None:
    class Facts:
        hours = Hours.parse(HOURS, ZONE.key)

    monkeypatch.setattr("clinic.visitors.desk.facts.snapshot", Facts)
    monkeypatch.setattr("clinic.visitors.desk.timezone.now", lambda: datetime.fromisoformat(now))
    assert clinic.get("/practice").json() == {
        "now": now,
        "open": is_open,
        "changes_at": changes_at,
        "time_zone": "America/Denver",
    }
