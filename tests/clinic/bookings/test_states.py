"""The state machine: the whole table, any walk through it, and what each change leaves behind."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic.accounts.models import User
from clinic.bookings import desk
from clinic.bookings.models import BookingChange, BookingRequest
from clinic.bookings.states import ALLOWED, OPEN, State, may_follow
from tests.clinic.bookings.conftest import Requested, Talk, start_talk, wish

# Which state may follow which, written down a second time by hand: rows from, columns to.
TABLE = """
            submitted contacted offered booked declined expired withdrawn
submitted   -         yes       yes     yes    yes      yes     yes
contacted   -         -         yes     yes    yes      yes     yes
offered     -         -         yes     yes    yes      yes     yes
booked      -         -         -       yes    yes      -       yes
declined    -         -         -       -      -        -       -
expired     -         yes       yes     yes    yes      -       yes
withdrawn   -         -         -       -      -        -       -
"""
HEAD, *ROWS = [line.split() for line in TABLE.strip().splitlines()]
CELLS = [(row[0], to, cell == "yes") for row in ROWS for to, cell in zip(HEAD, row[1:], strict=True)]


@pytest.mark.parametrize(("before", "after", "allowed"), CELLS)
def test_only_what_the_table_allows_happens(requested: Requested, before: str, after: str, allowed: bool) -> None:
    request = requested()
    BookingRequest.objects.filter(pk=request.pk).update(state=before)
    request.refresh_from_db()
    changes = BookingChange.objects.filter(request=request).count()
    if allowed:
        desk.move(request, State(after), desk.CLOCK, timezone.now(), "why")
    else:
        with pytest.raises(desk.NotAllowed):
            desk.move(request, State(after), desk.CLOCK, timezone.now(), "why")
    stored = BookingRequest.objects.get(pk=request.pk)
    assert stored.state == (after if allowed else before)
    assert BookingChange.objects.filter(request=request).count() == changes + allowed


def test_the_table_is_whole() -> None:
    assert len(CELLS) == len(State) ** 2
    assert set(ALLOWED) == set(State)
    assert {state for state in State if not ALLOWED[state]} == {State.DECLINED, State.WITHDRAWN}
    assert all(state in may_follow(State.WITHDRAWN) for state in OPEN)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(walk=st.lists(st.sampled_from(State), max_size=12))
def test_any_walk_keeps_a_whole_history(talk: Talk, walk: list[State]) -> None:
    talk.says(wish())
    request = BookingRequest.objects.latest("id")
    path = [request.state]
    for to in walk:
        at = timezone.now()
        try:
            desk.move(request, to, desk.CLOCK, at)
        except desk.NotAllowed:
            assert to not in ALLOWED[State(path[-1])]
        else:
            path.append(to)
    history = list(request.changes.order_by("id").values_list("from_state", "to_state"))
    assert history == [("", "submitted"), *pairwise(path)]
    assert request.version == len(path) - 1
    assert BookingRequest.objects.get(pk=request.pk).state == path[-1]


def test_who_has_read_an_older_version_changes_nothing(requested: Requested, member: User) -> None:
    request = requested()
    desk.contacted(request.reference, 0, member, "left a message")
    with pytest.raises(desk.Conflict):
        desk.decline(request.reference, 0, member)
    stale = BookingRequest.objects.get(pk=request.pk)
    stale.version = 0
    with pytest.raises(desk.Conflict):
        desk.move(stale, State.DECLINED, desk.CLOCK, timezone.now())
    request.refresh_from_db()
    assert request.state == State.CONTACTED
    last = request.changes.latest("id")
    assert (last.actor, last.user, last.note) == ("staff", member, "left a message")


def test_a_visitor_hears_of_an_appointment_only_when_it_is_confirmed(
    talk: Talk, requested: Requested, member: User
) -> None:
    request = requested()
    start = timezone.now() + timedelta(days=3)
    desk.contacted(request.reference, 0, member)
    desk.offer(request.reference, 1, member, [start, start + timedelta(hours=1)])
    assert not any("confirmed" in response for response in talk.responses())
    desk.confirm(request.reference, 2, member, start, 30)
    desk.confirm(request.reference, 3, member, start + timedelta(days=1), 45)
    desk.decline(request.reference, 4, member)
    assert talk.responses() == [
        "utter_booking_received",
        "utter_booking_offered",
        "utter_booking_confirmed",
        "utter_booking_moved",
        "utter_booking_cancelled",
    ]
    offered, confirmed, moved = talk.heard()[1:4]
    assert " or " in offered
    assert "for 30" in confirmed
    assert "for 45" in moved


def test_references_are_short_readable_and_without_order(db: None) -> None:
    found = []
    for _ in range(30):
        start_talk().says(wish())
    found = list(BookingRequest.objects.order_by("id").values_list("reference", flat=True))
    assert len(set(found)) == 30
    assert found != sorted(found)
    assert all(len(one) == 6 and not set(one) & set("AEIOUY0134BISZ8LV") for one in found)
