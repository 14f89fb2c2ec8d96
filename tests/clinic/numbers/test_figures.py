"""What a month came to."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from clinic.casework.models import Verdict
from clinic.conversations.models import Conversation, Message, Understanding
from clinic.handoffs.models import HandOff
from clinic.numbers import figures
from clinic.numbers.period import Period
from tests.clinic.staff.conftest import START, Talk, talk  # noqa: F401 - a fixture

ZONE = ZoneInfo("UTC")
PERIOD = Period(date(2026, 11, 19), date(2026, 11, 20), ZONE)


def test_conversations_belong_to_the_day_they_began_on(talk: Talk) -> None:  # noqa: F811
    talk("on the day")
    late = talk("late that day", minute=14 * 60)
    talk("the day after", minute=16 * 60)
    talk("the day before", minute=-24 * 60)
    Conversation.objects.filter(pk=late.pk).update(is_after_hours=True)
    found = figures.of(PERIOD)
    assert [(one.day.day, one.in_hours, one.after_hours) for one in found.days] == [(19, 1, 0), (20, 1, 1)]
    assert (found.all, found.after_hours) == (3, 1)


def test_who_has_only_been_greeted_is_no_conversation(db: None) -> None:
    Conversation.objects.create(created_at=START, last_message_at=START, last_seq=1)
    assert figures.of(PERIOD).all == 0


def test_a_conversation_that_needed_nobody_but_for_an_appointment_was_answered(talk: Talk) -> None:  # noqa: F811
    talk("only a question")
    for kind in ("booking", "staff_medical"):
        HandOff.objects.create(conversation=talk(kind), kind=kind, created_at=START)
    found = figures.of(PERIOD)
    assert found.answered == 2
    assert dict(found.kinds)["staff_medical"] == dict(found.kinds)["booking"] == 1
    assert dict(found.kinds)["emergency"] == 0


def test_waits_run_from_the_hand_off_until_it_was_taken(talk: Talk) -> None:  # noqa: F811
    for minutes in (10, 20, 90):
        taken = START + timedelta(minutes=minutes)
        HandOff.objects.create(
            conversation=talk("x"), kind="staff_other", state="resolved", created_at=START, claimed_at=taken
        )
    HandOff.objects.create(conversation=talk("x"), kind="staff_other", created_at=START)
    waits = dict(figures.of(PERIOD).waits)["staff_other"]
    assert (waits.taken, waits.still_waiting, waits.median) == (3, 1, 20)
    assert waits.ninth_tenth == pytest.approx(76)
    assert dict(figures.of(PERIOD).waits)["emergency"] == figures.Waits(0, 0, None, None)


def test_topics_are_counted_where_they_were_answered(talk: Talk) -> None:  # noqa: F811
    talk("one", "two")
    lost = Message.objects.filter(conversation=talk("three"), sender="visitor")
    Understanding.objects.filter(message__in=lost).update(route="out_of_scope", intent="out_of_scope")
    found = figures.of(PERIOD)
    assert found.topics == [("pain_anesthesia", 2)]
    assert found.not_answered == [("out_of_scope", 1)]


def test_verdicts_are_counted_and_what_is_to_be_looked_at_is_none(talk: Talk) -> None:  # noqa: F811
    for value, should_be in (("right", ""), ("right", ""), ("wrong", "safety"), ("flag", "")):
        message = Message.objects.get(conversation=talk("x"), sender="visitor")
        Verdict.objects.create(message=message, value=value, should_be=should_be, by_name="Ann", at=START)
    found = figures.of(PERIOD)
    assert (found.right, found.judged) == (2, 3)


def test_ratings_are_counted_and_how_many_of_those_that_are_over_have_one(talk: Talk) -> None:  # noqa: F811
    for owner, ended_at, rating in (
        ("closed", START, "good"),
        ("closed", None, "bad"),
        ("waiting", START, ""),
        ("bot", None, "good"),
        ("bot", None, ""),
    ):
        Conversation.objects.filter(pk=talk("x").pk).update(owner=owner, ended_at=ended_at, rating=rating)
    Conversation.objects.filter(pk=talk("two days before", minute=-48 * 60).pk).update(rating="bad", ended_at=START)
    found = figures.of(PERIOD)
    assert (found.good, found.bad, found.over, found.over_rated) == (2, 1, 3, 2)
