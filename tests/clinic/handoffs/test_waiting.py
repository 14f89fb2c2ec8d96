"""Nobody comes: what the visitor is told, when, and whom it reminds."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from clinic import jobs
from clinic.accounts.roles import Role
from clinic.conversations import responses, takeover
from clinic.conversations.models import Conversation, Message
from clinic.handoffs import alerts, desk, waiting
from clinic.handoffs.models import HandOff
from clinic.practice import facts
from clinic.practice.models import Practice
from clinic.threads import writing
from tests.clinic.staff.conftest import make_user

# Monday, 10 in the morning in Los Angeles; the clinic opens at 9.
NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
GIVEN = {"slots": {"contact_status": "given"}, "active_form": None, "requested_slot": None}
DECLINED = {"slots": {"contact_status": "declined"}, "active_form": None, "requested_slot": None}
ASKED = {"slots": {}, "active_form": "contact_form", "requested_slot": "contact_name"}

Wait = Callable[..., Conversation]


@pytest.fixture(autouse=True)
def _practice(db: None) -> None:
    Practice.seeded()
    Practice.objects.update(
        time_zone="America/Los_Angeles",
        hours="Mon-Fri 9:00-17:00",
        edited_at=NOW,
        unclaimed_minutes=10,
        forgotten_minutes=15,
    )
    facts.forget()


@pytest.fixture
def wait(db: None) -> Wait:
    """Make a conversation whose visitor has waited for so many minutes with a matter of a kind."""

    def make(minutes: float, kind: str = "staff_other", state: Any = None, now: datetime = NOW) -> Conversation:
        since = now - timedelta(minutes=minutes)
        conversation = Conversation.objects.create(created_at=since, last_message_at=since, state=state, last_seq=1)
        message = Message.objects.create(
            conversation=conversation, seq=1, sender="visitor", text="hello?", created_at=since
        )
        with writing():
            desk.hand_off(conversation, message, {"kind": kind, "reason": "intent:x"})
        conversation.waiting_since = since
        conversation.save()
        HandOff.objects.filter(conversation=conversation).update(created_at=since)
        return conversation

    return make


def notices() -> list[str]:
    return list(Message.objects.filter(sender="system").order_by("pk").values_list("response", flat=True))


@pytest.mark.parametrize(
    ("minutes", "told"), [(0, False), (9.5, False), (10, True), (11, True), (60 * 24 * 3, True)], ids=str
)
def test_who_waits_in_vain_is_told_once(wait: Wait, minutes: float, told: bool) -> None:
    conversation = wait(minutes)
    assert waiting.tell(NOW) == told
    assert waiting.tell(NOW + timedelta(seconds=15)) == 0
    assert notices() == ["utter_still_waiting_ask"] * told
    conversation.refresh_from_db()
    assert conversation.last_seq == 1 + told
    assert (conversation.owner, conversation.epoch) == ("waiting", 1)


def test_the_text_says_until_when_somebody_is_there(wait: Wait) -> None:
    wait(10, state=DECLINED)
    waiting.tell(NOW)
    assert Message.objects.get(sender="system").text == "Nobody has come yet. The clinic is open until 5:00 pm today."


@pytest.mark.parametrize(
    ("at", "told"),
    [
        (datetime(2026, 11, 23, 16, 59, tzinfo=UTC), False),  # 8:59
        (datetime(2026, 11, 23, 17, 0, tzinfo=UTC), False),  # 9:00: nobody can have come yet
        (datetime(2026, 11, 23, 17, 9, tzinfo=UTC), False),
        (datetime(2026, 11, 23, 17, 10, tzinfo=UTC), True),
        (datetime(2026, 11, 24, 0, 59, tzinfo=UTC), True),  # 16:59
        (datetime(2026, 11, 24, 1, 0, tzinfo=UTC), False),  # closed
        (datetime(2026, 11, 22, 18, 0, tzinfo=UTC), False),  # Sunday
    ],
    ids=str,
)
def test_after_hours_nothing_is_said_and_in_the_morning_staff_have_their_minutes(
    wait: Wait, at: datetime, told: bool
) -> None:
    wait(14 * 60, now=at)
    assert waiting.tell(at) == told


def test_after_a_break_at_noon_staff_have_their_minutes_too(wait: Wait) -> None:
    Practice.objects.update(hours="Mon-Fri 9:00-12:00,13:00-17:00")
    facts.forget()
    noon = datetime(2026, 11, 23, 21, 0, tzinfo=UTC)
    wait(70, now=noon)
    assert [waiting.tell(noon + timedelta(minutes=after)) for after in (-1, 0, 9, 10)] == [0, 0, 0, 1]


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (None, "utter_still_waiting_ask"),
        ({"slots": {}, "active_form": None, "requested_slot": None}, "utter_still_waiting_ask"),
        ({"slots": {}, "active_form": "booking_form", "requested_slot": "booking_when"}, "utter_still_waiting_ask"),
        (ASKED, "utter_still_waiting"),
        (DECLINED, "utter_still_waiting"),
        (GIVEN, "utter_still_waiting_known"),
    ],
)
def test_a_way_to_be_reached_is_asked_for_once(wait: Wait, state: Any, said: str) -> None:
    wait(10, state=state)
    waiting.tell(NOW)
    notice = Message.objects.get(sender="system")
    assert notice.response == said
    asks = [{"title": "Leave a way", "intent": "human_request"}]
    assert notice.buttons == (asks if said.endswith("_ask") else [])


def test_in_an_emergency_the_number_is_what_is_told(wait: Wait) -> None:
    wait(10, "emergency", state=GIVEN)
    waiting.tell(NOW)
    assert notices() == ["utter_still_waiting_emergency"]


def test_a_wish_for_an_appointment_is_not_waited_for_in_the_chat(wait: Wait) -> None:
    wait(60, "booking")
    assert waiting.tell(NOW) == 0


def test_what_is_claimed_never_expires(wait: Wait) -> None:
    ann = make_user("ann", Role.FRONT_DESK)
    claimed, taken, closed = wait(60), wait(60), wait(60)
    desk.claim(HandOff.objects.get(conversation=claimed).pk, ann)
    takeover.take_over(taken.pk, ann)
    takeover.close(closed.pk, ann)
    assert waiting.tell(NOW) == 0


def test_who_waits_anew_is_told_anew(wait: Wait) -> None:
    ann = make_user("ann", Role.FRONT_DESK)
    conversation = wait(10)
    waiting.tell(NOW)
    takeover.take_over(conversation.pk, ann)
    takeover.reply(conversation.pk, ann, "Here I am.", uuid.uuid4())
    takeover.give_back(conversation.pk, ann, keep_open=True)
    since = Conversation.objects.get().waiting_since
    assert since is not None
    Conversation.objects.update(waiting_since=NOW + timedelta(minutes=5))
    found = [waiting.tell(NOW + timedelta(minutes=after)) for after in (14, 15, 16)]
    assert found == [0, 1, 0]


@pytest.mark.django_db(transaction=True)
def test_two_workers_tell_it_once(wait: Wait) -> None:
    for _ in range(20):
        wait(10)
    barrier = threading.Barrier(2)

    def work(_: int) -> int:
        try:
            barrier.wait(10)
            return waiting.tell(NOW)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(work, range(2))) == 20
    assert len(notices()) == 20


class Heard(list[str]):
    """What the alerts were asked for."""


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Heard:
    found = Heard()

    def escalate(matter: HandOff, now: datetime) -> bool:
        found.append(f"escalate {matter.kind}")
        return True

    def forgotten(conversation: Conversation, now: datetime) -> bool:
        found.append(f"forgotten {conversation.owner}")
        return True

    monkeypatch.setattr(alerts, "escalate", escalate)
    monkeypatch.setattr(alerts, "forgotten", forgotten)
    return found


@pytest.mark.parametrize(
    ("kind", "minutes", "reminded"),
    [
        ("emergency", 9, False),
        ("emergency", 10, True),
        ("staff_medical", 10, True),
        ("staff_other", 60, False),
        ("booking", 60, False),
        ("emergency", 60 * 25, False),
    ],
)
def test_pressing_matters_that_nobody_has_claimed_are_escalated(
    wait: Wait, heard: Heard, kind: str, minutes: float, reminded: bool
) -> None:
    conversation = wait(minutes, kind)
    assert waiting.remind(NOW) == reminded
    assert heard == [f"escalate {kind}"] * reminded
    desk.claim(HandOff.objects.get().pk, make_user("ann", Role.FRONT_DESK))
    Conversation.objects.filter(pk=conversation.pk).update(waiting_since=None)
    heard.clear()
    assert waiting.remind(NOW) == 0


@pytest.mark.parametrize(("minutes", "reminded"), [(14, 0), (15, 1)])
def test_whom_staff_forget_they_are_reminded_of(wait: Wait, heard: Heard, minutes: float, reminded: int) -> None:
    ann = make_user("ann", Role.FRONT_DESK)
    taken, claimed = wait(minutes), wait(minutes)
    takeover.take_over(taken.pk, ann)
    desk.claim(HandOff.objects.get(conversation=claimed).pk, ann)
    wait(minutes)
    assert waiting.remind(NOW) == 2 * reminded
    assert sorted(heard) == [f"forgotten staff:{ann.pk}", "forgotten waiting"] * reminded
    takeover.reply(taken.pk, ann, "Here I am.", uuid.uuid4())
    desk.resolve(HandOff.objects.get(conversation=claimed).pk, ann)
    assert waiting.remind(NOW) == 0


def test_the_real_alerts_take_what_the_jobs_find(wait: Wait) -> None:
    ann = make_user("ann", Role.FRONT_DESK)
    takeover.take_over(wait(20).pk, ann)
    wait(20, "emergency")
    assert waiting.remind(NOW) == 2
    assert waiting.remind(NOW + timedelta(seconds=1)) < 2


def test_the_worker_does_both_and_the_domain_has_their_texts() -> None:
    names = {job.name for job in jobs.all_jobs()}
    assert {"visitors who wait", "reminders"} <= names
    assert set(waiting.RESPONSES) <= responses._required
    assert set(takeover.RESPONSES) <= responses._required
