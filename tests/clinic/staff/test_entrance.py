"""Nobody gets in without a login and a password of their own."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client
from django.urls import reverse

from clinic.accounts.models import User
from clinic.staff import attempts
from clinic.staff.urls import urlpatterns
from tests.clinic.staff.conftest import PASSWORD

NEW = "a calm orchard 71"
OPEN_TO_ALL = ("login", "logout")
SAMPLES = {"UUIDConverter": uuid.uuid4(), "IntConverter": 1, "SlugConverter": "x"}


def walled() -> list[str]:
    """Return an address of every staff page that needs a login."""
    return [
        reverse(
            f"staff:{one.name}",
            kwargs={name: SAMPLES[type(kind).__name__] for name, kind in one.pattern.converters.items()},
        )
        for one in urlpatterns
        if one.name not in OPEN_TO_ALL
    ]


def log_in(client: Client, name: str, password: str) -> int:
    return client.post(reverse("staff:login"), {"username": name, "password": password}).status_code


@pytest.mark.parametrize("address", walled())
@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.django_db
def test_a_stranger_is_sent_to_the_login(client: Client, address: str, method: str) -> None:
    response = getattr(client, method)(address)
    assert response.status_code == 302
    assert response.url == f"/staff/login/?next={address}"
    assert "no-store" in response["Cache-Control"]


def test_login_and_logout(client: Client, member: User) -> None:
    assert log_in(client, "morgan", PASSWORD) == 302
    assert client.get("/staff/").status_code == 200
    assert client.get("/staff/logout/").status_code == 405
    assert client.post("/staff/logout/").status_code == 302
    assert client.get("/staff/").status_code == 302


def test_an_account_that_is_switched_off_does_not_get_in(client: Client, member: User) -> None:
    member.is_active = False
    member.save()
    assert log_in(client, "morgan", PASSWORD) == 200
    assert client.get("/staff/").status_code == 302


def test_the_login_leads_to_no_other_site(client: Client, member: User) -> None:
    response = client.post(
        "/staff/login/", {"username": "morgan", "password": PASSWORD, "next": "https://example.com/"}
    )
    assert response.url == "/staff/"


@pytest.mark.parametrize("address", [address for address in walled() if "password" not in address])
def test_a_one_time_password_opens_only_its_own_change(client: Client, member: User, address: str) -> None:
    member.must_change_password = True
    member.save()
    client.force_login(member)
    for response in (client.get(address), client.post(address)):
        assert response.status_code == 302
        assert response.url == "/staff/password/"


def test_a_new_password_opens_the_rest(client: Client, member: User) -> None:
    member.must_change_password = True
    member.save()
    assert log_in(client, "morgan", PASSWORD) == 302
    form = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    assert client.post("/staff/password/", form).url == "/staff/"
    assert client.get("/staff/").status_code == 200
    member.refresh_from_db()
    assert not member.must_change_password
    assert member.check_password(NEW)


@pytest.mark.parametrize(
    ("old", "new", "again"),
    [
        (PASSWORD, PASSWORD, PASSWORD),
        ("wrong", NEW, NEW),
        (PASSWORD, NEW, NEW + "x"),
        (PASSWORD, "short", "short"),
    ],
)
def test_a_password_change_that_is_refused_changes_nothing(
    client: Client, member: User, old: str, new: str, again: str
) -> None:
    member.must_change_password = True
    member.save()
    client.force_login(member)
    form = {"old_password": old, "new_password1": new, "new_password2": again}
    assert client.post("/staff/password/", form).status_code == 200
    member.refresh_from_db()
    assert member.must_change_password
    assert member.check_password(PASSWORD)


def test_too_many_failures_close_the_account_for_a_while(client: Client, member: User) -> None:
    for _ in range(attempts.MOST_FOR_ACCOUNT):
        assert log_in(client, "Morgan", "wrong") == 200
    response = client.post("/staff/login/", {"username": "morgan", "password": PASSWORD})
    assert response.status_code == 429
    assert int(response["Retry-After"]) > 0
    assert b"Too many tries" in response.content


def test_too_many_failures_close_the_address_for_a_while(client: Client, member: User) -> None:
    for number in range(attempts.MOST_FOR_ADDRESS):
        assert log_in(client, f"nobody{number}", "wrong") == 200
    assert log_in(client, "morgan", PASSWORD) == 429


def test_the_forms_refuse_a_request_that_another_site_made(member: User) -> None:
    client = Client(enforce_csrf_checks=True)
    assert log_in(client, "morgan", PASSWORD) == 403
