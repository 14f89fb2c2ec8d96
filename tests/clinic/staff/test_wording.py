"""Label wording waits for a clinician, and only a clinician ticks it."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from clinic.accounts.models import User
from clinic.conversations.responses import renderer
from clinic.practice.models import SignOff
from clinic.staff import wording

TICK = "/staff/wording/tick/"


@pytest.fixture
def form() -> dict[str, str]:
    """The form of the first label wording."""
    response, variant = renderer().labels()[0]
    return {"response": response, "wording_hash": variant.wording_hash, "read": "on", "do": "sign"}


def test_the_start_page_tells_how_many_wordings_wait(staff: Client) -> None:
    assert f"{len(renderer().labels())} label wordings wait" in staff.get("/staff/").content.decode()


def test_a_clinician_signs_off_and_withdraws(client: Client, clinician: User, form: dict[str, str]) -> None:
    client.force_login(clinician)
    waiting = wording.unsigned_count()
    assert renderer().render(form["response"], timezone.now()).label_pending
    assert client.post(TICK, form).status_code == 302
    assert wording.unsigned_count() == waiting - 1
    assert not renderer().render(form["response"], timezone.now()).label_pending
    assert SignOff.objects.get().who == clinician
    page = client.get("/staff/wording/").content.decode()
    assert "Signed off. Visitors see the wording without the mark from now on." in page
    assert "by robin" in page
    client.post(TICK, form | {"do": "withdraw"})
    assert wording.unsigned_count() == waiting
    assert renderer().render(form["response"], timezone.now()).label_pending


def test_signing_twice_is_signing_once(client: Client, clinician: User, form: dict[str, str]) -> None:
    client.force_login(clinician)
    client.post(TICK, form)
    client.post(TICK, form)
    assert SignOff.objects.count() == 1


@pytest.mark.parametrize("do", ["sign", "withdraw"])
def test_without_the_permission_nothing_is_signed(staff: Client, form: dict[str, str], do: str) -> None:
    assert staff.post(TICK, form | {"do": do}).status_code == 403
    assert not SignOff.objects.exists()
    page = staff.get("/staff/wording/").content.decode()
    assert "Signing off takes an account with that permission." in page
    assert TICK not in page


def test_a_wording_that_has_changed_meanwhile_is_not_signed(
    client: Client, clinician: User, form: dict[str, str]
) -> None:
    client.force_login(clinician)
    client.post(TICK, form | {"wording_hash": "0" * 64})
    assert not SignOff.objects.exists()
    assert b"has changed since you opened the page" in client.get("/staff/wording/").content


def test_a_response_that_does_not_exist_is_not_found(client: Client, clinician: User, form: dict[str, str]) -> None:
    client.force_login(clinician)
    assert client.post(TICK, form | {"response": "utter_nothing"}).status_code == 404


def test_ticking_takes_a_form(client: Client, clinician: User) -> None:
    client.force_login(clinician)
    assert client.get(TICK).status_code == 405
