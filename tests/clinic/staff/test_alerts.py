"""What could not be delivered, as staff see it."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client

from clinic.outbox.models import Delivery
from clinic.staff import alerts
from tests.clinic.staff.conftest import START, Talk

NASTY = "<script>alert('x')</script>"


def fail(**fields: Any) -> Delivery:
    """Make a delivery that was given up."""
    usual = {
        "type": "hand_off",
        "channel": "email",
        "target": "ann@willow-street.example",
        "payload": {"title": "Urgent: Emergency"},
        "state": "undelivered",
        "attempts": 8,
        "last_error": "SMTPDataError 554",
        "created_at": START,
        "due_at": START,
    }
    return Delivery.objects.create(**usual | fields)


def test_the_list_says_when_something_could_not_be_delivered(staff: Client) -> None:
    assert b"could not be delivered" not in staff.get("/staff/").content
    fail(state="waiting")
    assert b"could not be delivered" not in staff.get("/staff/").content
    fail()
    fail(event=uuid.uuid4())
    assert b"2 messages could not be delivered" in staff.get("/staff/").content


def test_the_page_tells_what_failed_and_leads_to_the_conversation(staff: Client, talk: Talk) -> None:
    conversation = talk("my eyelid droops")
    fail(conversation=conversation)
    page = staff.get("/staff/alerts/").content.decode()
    for shown in (
        "Urgent: Emergency",
        "SMTPDataError 554",
        "<dd>8</dd>",
        "ann@willow-street.example",
        f"/staff/conversations/{conversation.pk}/",
    ):
        assert shown in page
    assert "eyelid" not in page


def test_a_page_without_failures_says_so(staff: Client) -> None:
    assert b"Everything has been delivered" in staff.get("/staff/alerts/").content


def test_what_was_given_up_is_tried_again(staff: Client) -> None:
    failed = fail()
    page = staff.post(f"/staff/alerts/{failed.pk}/", {"do": "retry"}, follow=True).content
    failed.refresh_from_db()
    assert (failed.state, failed.attempts, failed.last_error) == ("waiting", 0, "")
    assert failed.due_at > START
    assert b"being tried again" in page
    assert b"SMTPDataError" not in page


def test_what_was_given_up_is_taken_off_the_list(staff: Client) -> None:
    failed = fail()
    staff.post(f"/staff/alerts/{failed.pk}/", {"do": "dismiss"})
    failed.refresh_from_db()
    assert failed.state == "dismissed"
    assert b"could not be delivered" not in staff.get("/staff/").content


def test_of_two_people_one_settles_it(staff: Client) -> None:
    failed = fail(state="dismissed")
    page = staff.post(f"/staff/alerts/{failed.pk}/", {"do": "retry"}, follow=True).content
    failed.refresh_from_db()
    assert failed.state == "dismissed"
    assert b"already taken care of" in page


def test_a_name_in_a_payload_is_escaped(staff: Client) -> None:
    fail(payload={"title": NASTY}, last_error=NASTY, target=NASTY)
    assert b"<script>" not in staff.get("/staff/alerts/").content


def test_a_page_holds_the_newest_of_many(staff: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerts, "ON_A_PAGE", 2)
    for _ in range(3):
        fail(event=uuid.uuid4())
    page = staff.get("/staff/alerts/").content.decode()
    assert page.count("Try again") == 2
    assert "The 2 newest of 3." in page


def test_only_logged_in_staff_come_here(client: Client, db: None) -> None:
    failed = fail()
    assert client.get("/staff/alerts/").status_code == 302
    assert client.post(f"/staff/alerts/{failed.pk}/", {"do": "dismiss"}).status_code == 302
    failed.refresh_from_db()
    assert failed.state == "undelivered"


@pytest.mark.parametrize(
    ("method", "data", "status"), [("get", {}, 405), ("post", {}, 404), ("post", {"do": "x"}, 404)]
)
def test_a_wrong_request_changes_nothing(staff: Client, method: str, data: dict[str, str], status: int) -> None:
    failed = fail()
    assert getattr(staff, method)(f"/staff/alerts/{failed.pk}/", data).status_code == status
    failed.refresh_from_db()
    assert failed.state == "undelivered"


def test_the_buttons_need_a_token_of_ours(member: Any, db: None) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(member)
    assert browser.post(f"/staff/alerts/{fail().pk}/", {"do": "dismiss"}).status_code == 403
