"""Requests that nobody touches: marked, told, alerted; never dropped."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings

from clinic import jobs
from clinic.accounts.models import User
from clinic.bookings import desk, expiry
from clinic.bookings.models import BookingRequest
from clinic.bookings.states import OPEN, State
from clinic.handoffs.models import HandOff
from clinic.outbox.models import Delivery
from tests.clinic.bookings.conftest import Requested, Talk

HOUR = timedelta(hours=1)


@pytest.mark.parametrize("state", State)
def test_only_open_requests_expire(talk: Talk, requested: Requested, state: State) -> None:
    request = requested()
    BookingRequest.objects.update(state=state)
    assert expiry.expire(request.touched_at + 73 * HOUR) == (state in OPEN)
    request.refresh_from_db()
    assert request.state == (State.EXPIRED if state in OPEN else state)


def test_staff_and_the_visitor_hear_of_it_once(talk: Talk, requested: Requested) -> None:
    request = requested()
    later = request.touched_at + 72 * HOUR
    assert expiry.expire(later) == 0
    later += timedelta(seconds=1)
    assert [expiry.expire(later), expiry.expire(later)] == [1, 0]
    assert talk.responses() == ["utter_booking_received", "utter_booking_expired"]
    alerts = Delivery.objects.filter(type="hand_off", channel="file")
    assert [alert.payload["again"] for alert in alerts.order_by("id")] == [False, True]
    assert request.changes.latest("id").actor == "clock"


def test_a_resolved_matter_is_up_again(requested: Requested) -> None:
    request = requested()
    HandOff.objects.update(state="resolved")
    expiry.expire(request.touched_at + 80 * HOUR)
    assert HandOff.objects.exclude(state="resolved").count() == 1
    assert Delivery.objects.filter(type="hand_off", channel="file").count() == 2


def test_a_touch_starts_the_time_anew(requested: Requested, member: User) -> None:
    request = requested()
    BookingRequest.objects.update(touched_at=request.touched_at - 71 * HOUR)
    desk.contacted(request.reference, 0, member)
    assert expiry.expire(request.touched_at + 2 * HOUR) == 0


def test_hours_are_elapsed_time_when_clocks_change(requested: Requested, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(settings.ENV, "BOOKING_EXPIRY_HOURS", 24)
    zone = ZoneInfo("America/Los_Angeles")
    requested()
    BookingRequest.objects.update(touched_at=datetime(2026, 10, 31, 12, tzinfo=zone))
    assert expiry.expire(datetime(2026, 11, 1, 11, 0, tzinfo=zone)) == 0  # 24 hours by then, not more.
    assert expiry.expire(datetime(2026, 11, 1, 11, 1, tzinfo=zone)) == 1


def test_what_expired_can_still_be_taken_up(talk: Talk, requested: Requested, member: User) -> None:
    request = requested()
    expiry.expire(request.touched_at + 80 * HOUR)
    desk.confirm(request.reference, 1, member, request.touched_at + 100 * HOUR, 30)
    assert talk.responses()[-1] == "utter_booking_confirmed"


def test_the_worker_does_it() -> None:
    assert expiry.expire_due in [job.run for job in jobs.all_jobs()]
