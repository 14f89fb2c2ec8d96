"""What staff see of booking requests, and what they do with them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clinic.accounts.models import User
from clinic.accounts.roles import RIGHTS, Right, Role
from clinic.bookings.models import BookingRequest
from clinic.bookings.states import State
from clinic.conversations import responses
from clinic.conversations.models import Conversation, Message
from clinic.outbox.models import Delivery
from clinic.staff import bookings
from tests.clinic.bookings.conftest import booking_domain, start_talk, wish
from tests.clinic.staff.test_conversations import ESCAPED, NASTY

ZONE = ZoneInfo("America/Los_Angeles")
# In UTC it lies before the first year.
FIRST_MOMENT = "?after=0001-01-01T00:00:00%2B14:00_1"
Made = Callable[..., BookingRequest]


@pytest.fixture(autouse=True)
def _booking_responses(_own_domain: None, monkeypatch: pytest.MonkeyPatch) -> None:
    renderer = responses.Renderer(booking_domain())
    for module in ("book", "responses"):
        monkeypatch.setattr(f"clinic.conversations.{module}.renderer", lambda: renderer)


@pytest.fixture
def desk_clerk(client: Client, member: User) -> Client:
    """The browser of a member of staff who may change requests."""
    client.force_login(member)
    return client


@pytest.fixture
def made(db: None) -> Made:
    """Make a request of a new visitor, in any state."""

    def make(state: State = State.SUBMITTED, **fields: Any) -> BookingRequest:
        start_talk().says(wish(**fields))
        request = BookingRequest.objects.latest("id")
        appointment = {"starts_at": timezone.now(), "minutes": 30} if state == State.BOOKED else {}
        BookingRequest.objects.filter(pk=request.pk).update(state=state, **appointment)
        request.refresh_from_db()
        return request

    return make


def address(request: BookingRequest) -> str:
    return f"/staff/bookings/{request.reference}/"


def act(client: Client, request: BookingRequest, do: str, **fields: Any) -> Any:
    data = {"do": do, "version": request.version} | {f"{do}-{name}": value for name, value in fields.items()}
    return client.post(f"{address(request)}change/", data, follow=True)


def at(days: int) -> str:
    return f"{datetime.now(ZONE) + timedelta(days=days):%Y-%m-%dT}10:30"


@pytest.mark.parametrize("path", ["/staff/bookings/", "/staff/bookings/K7M9QX/"])
def test_strangers_are_sent_to_the_login(client: Client, db: None, path: str) -> None:
    assert client.get(path).headers["Location"] == f"/staff/login/?next={path}"


@pytest.mark.parametrize(
    "path", ["K7M9QX/", "?show=nonsense", "?after=x", "?after=2026-01-01_1", FIRST_MOMENT, "?after=_"]
)
def test_what_is_not_there(staff: Client, path: str) -> None:
    assert staff.get(f"/staff/bookings/{path}").status_code == 404


def test_reading_and_changing_are_two_rights(staff: Client, made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(RIGHTS, Role.FRONT_DESK, frozenset({Right.READ}))
    request = made()
    page = staff.get(address(request)).content.decode()
    assert "Changing it takes an account with that permission" in page
    assert 'name="do"' not in page
    assert act(staff, request, "decline").status_code == 403
    request.refresh_from_db()
    assert request.state == "submitted"


@pytest.mark.parametrize(("show", "shown"), [("open", "1"), ("all", "123"), ("booked", "2"), ("declined", "3")])
def test_the_filter_lives_in_the_address(staff: Client, made: Made, show: str, shown: str) -> None:
    states = {"1": State.SUBMITTED, "2": State.BOOKED, "3": State.DECLINED}
    found = {number: made(state) for number, state in states.items()}
    page = staff.get(f"/staff/bookings/?show={show}").content.decode()
    assert {number for number, one in found.items() if address(one) in page} == set(shown)
    assert f'href="?show={show}" aria-current="true"' in page


def test_the_longest_wait_comes_first_and_every_request_once(staff: Client, made: Made) -> None:
    first = made()
    BookingRequest.objects.filter(pk=first.pk).update(touched_at=timezone.now() - timedelta(hours=5))
    moment = timezone.now()
    others = [made() for _ in range(bookings.ON_A_PAGE + 2)]
    BookingRequest.objects.exclude(pk=first.pk).update(touched_at=moment)
    for show in ("open", "all"):
        seen: list[str] = []
        path: str | None = f"/staff/bookings/?show={show}"
        while path:
            page = staff.get(path).content.decode()
            seen += re.findall(r'<a href="/staff/bookings/(\w{6})/">', page)
            following = re.search(r'href="(\?show=\w+&amp;after=[^"]+)"', page)
            path = f"/staff/bookings/{following[1].replace('&amp;', '&')}" if following else None
        assert len(seen) == len(set(seen)) == len(others) + 1
        assert (seen[0] if show == "open" else seen[-1]) == first.reference


def test_a_full_page_takes_as_many_queries_as_a_short_one(staff: Client, made: Made) -> None:
    counts = []
    for number in (1, bookings.ON_A_PAGE):
        for _ in range(number):
            made()
        staff.get("/staff/bookings/")
        with CaptureQueriesContext(connection) as queries:
            staff.get("/staff/bookings/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_what_a_visitor_typed_is_escaped(staff: Client, made: Made) -> None:
    request = made(name=NASTY, preferred=NASTY, phone=NASTY)
    for path in ("/staff/bookings/", address(request)):
        page = staff.get(path).content
        assert ESCAPED in page
        assert b"<script>" not in page
        assert b"<img" not in page


def test_a_request_is_shown_whole(staff: Client, made: Made) -> None:
    request = made()
    page = staff.get(address(request)).content.decode()
    for shown in ("Ana Ortiz", "+19165550100", "ana@example.com", "Thursday afternoon", "2026-11", "Consultation"):
        assert shown in page
    assert request.spoken_reference in page
    assert reverse("staff:conversation", args=[request.conversation_id]) in page
    assert "style=" not in page
    assert "<script>" not in page


def test_from_contact_to_a_moved_appointment(desk_clerk: Client, made: Made, member: User) -> None:
    request = made()
    steps: list[tuple[str, dict[str, Any], str]] = [
        ("contacted", {"note": "left a message"}, "contacted"),
        ("offer", {"first": at(2), "second": at(3)}, "offered"),
        ("confirm", {"start": at(3), "minutes": 45}, "booked"),
        ("confirm", {"start": at(4), "minutes": 30}, "booked"),
        ("decline", {}, "declined"),
    ]
    for do, fields, state in steps:
        page = act(desk_clerk, request, do, **fields)
        assert "Done." in page.content.decode()
        request.refresh_from_db()
        assert request.state == state
    assert (request.minutes, request.starts_at and request.starts_at.astimezone(ZONE).hour) == (30, 10)
    page = desk_clerk.get(address(request)).content.decode()
    assert "left a message" in page
    assert page.count("morgan") > len(steps)
    said = Message.objects.filter(conversation=request.conversation_id, sender="bot")
    assert list(said.order_by("seq").values_list("response", flat=True))[1:] == [
        "utter_booking_offered",
        "utter_booking_confirmed",
        "utter_booking_moved",
        "utter_booking_cancelled",
    ]
    conversation = Conversation.objects.get(pk=request.conversation_id)
    assert conversation.last_seq == Message.objects.filter(conversation=conversation).count()


def test_the_second_of_two_is_told_and_sees_how_it_stands(desk_clerk: Client, made: Made) -> None:
    stale = made()
    act(desk_clerk, stale, "decline")
    page = act(desk_clerk, stale, "confirm", start=at(2), minutes=30).content.decode()
    assert "Somebody else changed this request before you." in page
    stale.refresh_from_db()
    assert (stale.state, stale.starts_at) == ("declined", None)
    page = act(desk_clerk, stale, "confirm", start=at(2), minutes=30).content.decode()
    assert "This is not possible any more." in page


@pytest.mark.parametrize("state", State)
def test_only_allowed_actions_have_a_button(desk_clerk: Client, made: Made, state: State) -> None:
    page = desk_clerk.get(address(made(state))).content.decode()
    shown = set(re.findall(r'name="do" value="(\w+)"', page))
    expected = {
        "submitted": {"contacted", "offer", "confirm", "decline"},
        "contacted": {"offer", "confirm", "decline"},
        "offered": {"offer", "confirm", "decline"},
        "booked": {"confirm", "decline"},
        "expired": {"contacted", "offer", "confirm", "decline"},
    }
    assert shown == expected.get(state, set())
    assert ("Cancel the appointment" in page) == (state == State.BOOKED)


@pytest.mark.parametrize(
    ("do", "fields"),
    [
        ("confirm", {"start": "", "minutes": 30}),
        ("confirm", {"start": "yesterday", "minutes": 30}),
        ("confirm", {"start": "2020-01-01T10:00", "minutes": 30}),
        ("confirm", {"start": "2099-01-01T10:00", "minutes": 30}),
        ("confirm", {"start": "2027-03-14T02:30", "minutes": 30}),  # The hour that spring skips.
        ("confirm", {"start": at(2), "minutes": 0}),
        ("offer", {"first": ""}),
        ("offer", {"first": at(2), "third": "2020-01-01T10:00"}),
        ("contacted", {"note": "x" * 1001}),
    ],
)
def test_a_form_filled_in_wrongly_changes_nothing(
    desk_clerk: Client, made: Made, do: str, fields: dict[str, Any]
) -> None:
    request = made()
    page = act(desk_clerk, request, do, **fields).content.decode()
    assert 'class="field-errors"' in page
    assert '<details class="act" open>' in page
    request.refresh_from_db()
    assert (request.state, request.version) == ("submitted", 0)


@pytest.mark.parametrize(
    "data", [{}, {"do": "book", "version": "0"}, {"do": "decline", "version": "x"}, {"do": "decline"}]
)
def test_a_form_that_is_none_of_ours(desk_clerk: Client, made: Made, data: dict[str, str]) -> None:
    assert desk_clerk.post(f"{address(made())}change/", data).status_code == 404


def test_a_forged_form_is_refused(made: Made, member: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(member)
    assert act(client, made(), "decline").status_code == 403


def test_webhook_deliveries_are_marked(staff: Client, made: Made) -> None:
    request, fine = made(), made()
    for one, state in ((request, "waiting"), (fine, "delivered")):
        now = timezone.now()
        Delivery.objects.create(
            type="booking.submitted",
            channel="webhook",
            payload={"reference": one.reference},
            conversation=one.conversation,
            state=state,
            created_at=now,
            due_at=now,
        )
    for path in ("/staff/bookings/", address(request)):
        assert "Webhook delivery pending" in staff.get(path).content.decode()
    assert "Webhook" not in staff.get(address(fine)).content.decode()
    Delivery.objects.filter(state="waiting").update(state="undelivered")
    page = staff.get("/staff/bookings/?show=undelivered").content.decode()
    assert "Webhook not delivered" in page
    assert address(request) in page
    assert address(fine) not in page


def test_a_broken_promise_shows(staff: Client, made: Made) -> None:
    made()
    assert "Answer overdue" not in staff.get("/staff/bookings/").content.decode()
    BookingRequest.objects.update(confirm_by=timezone.now() - timedelta(minutes=1))
    assert "Answer overdue" in staff.get("/staff/bookings/").content.decode()
