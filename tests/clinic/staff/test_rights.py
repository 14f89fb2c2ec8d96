"""Every staff page asks for a right, and gives nothing to who lacks it. New pages are found by themselves."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from clinic.accounts.models import User
from clinic.accounts.roles import RIGHTS, Right, Role, rights_of
from tests.clinic.staff.conftest import PASSWORD, Talk, make_user

# What is open to everybody, and what only asks that somebody is logged in: pages about one's own account.
OPEN = {"login", "logout", "code", "start_again", "join", "joining"}
OWN = {
    "account",
    "confirm",
    "new_recovery_codes",
    "password",
    "recovery_codes",
    "second_factor",
    "second_factor_picture",
    "second_factor_setup",
    "sessions",
}
# What stands before everything else does not stand before itself.
FIRST_STEPS = {"password", "second_factor_setup", "second_factor_picture"}
ALIASES = {"account_login", "mfa_authenticate"}


def patterns(found: list[URLPattern | URLResolver], before: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Yield every address pattern with its whole text."""
    for one in found:
        text = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from patterns(one.url_patterns, text)
        else:
            yield text, one


STAFF = [one for text, one in patterns(get_resolver().url_patterns) if text.startswith("staff/")]
NAMED = {str(one.name): one for one in STAFF if one.name not in ALIASES}
GUARDED = sorted(NAMED.keys() - OPEN - OWN)


def right_of(name: str) -> Right:
    right = NAMED[name].callback.right
    assert isinstance(right, Right)
    return right


def address_of(name: str, samples: dict[str, Any] | None = None) -> str:
    """Return an address of a page, made of sample arguments by the kind of each."""
    kinds: dict[str, Any] = {"UUIDConverter": uuid.UUID(int=1), "IntConverter": 1}
    kinds |= {"SlugConverter": "x", "StringConverter": "x"} | (samples or {})
    converters = NAMED[name].pattern.converters
    return reverse(f"staff:{name}", kwargs={key: kinds[type(kind).__name__] for key, kind in converters.items()})


@pytest.mark.parametrize("one", STAFF, ids=str)
def test_every_staff_page_asks_for_a_right_or_is_on_the_short_list(one: URLPattern) -> None:
    has_right = isinstance(getattr(one.callback, "right", None), Right)
    assert has_right != (one.name in OPEN | OWN | ALIASES)


def answers(client: Client, names: set[str]) -> dict[str, set[str]]:
    """Return where each page sends somebody who gets or posts it, or the status if it does not."""
    found = {}
    for name in names:
        both = client.get(address_of(name)), client.post(address_of(name))
        found[name] = {one.get("Location", str(one.status_code)) for one in both}
    return found


@pytest.mark.django_db
def test_a_stranger_is_sent_to_the_login(client: Client) -> None:
    names = NAMED.keys() - OPEN
    assert answers(client, names) == {name: {f"/staff/login/?next={address_of(name)}"} for name in names}
    assert "no-store" in client.get("/staff/")["Cache-Control"]


def test_a_one_time_password_opens_only_its_own_change(client: Client, administrator: User) -> None:
    administrator.must_change_password = True
    administrator.save()
    client.force_login(administrator)
    names = NAMED.keys() - OPEN - {"password", "second_factor_picture"}
    assert answers(client, names) == {name: {"/staff/password/"} for name in names}


@pytest.mark.django_db
def test_without_a_second_factor_only_its_set_up_opens(client: Client) -> None:
    client.force_login(User.objects.create_user("pat", password=PASSWORD, role=Role.ADMINISTRATOR))
    names = NAMED.keys() - OPEN - FIRST_STEPS
    assert answers(client, names) == {name: {"/staff/second-factor/set-up/"} for name in names}


@pytest.mark.parametrize("role", ["", *Role.values])
def test_each_page_opens_to_the_roles_that_have_its_right(client: Client, talk: Talk, role: str) -> None:
    client.raise_request_exception = False
    user = make_user("pat", role)
    samples = {"UUIDConverter": talk("is it safe").pk}
    wrong = {}
    for name in GUARDED:
        client.force_login(user)
        address = address_of(name, samples)
        got, posted = client.get(address).status_code, client.post(address).status_code
        if right_of(name) in rights_of(role):
            # A post may need a further right; the page itself is open.
            is_right = got not in (401, 403) and got < 500 and posted < 500
        else:
            is_right = (got, posted) == (403, 403)
        if not is_right:
            wrong[name] = (got, posted)
    assert not wrong


@pytest.mark.parametrize("name", sorted(OWN))
def test_pages_about_ones_own_account_open_to_everybody(client: Client, name: str, db: None) -> None:
    client.raise_request_exception = False
    client.force_login(make_user("pat", Role.FRONT_DESK))
    assert client.get(address_of(name)).status_code in (200, 302, 404, 405)


def test_an_account_without_a_role_may_do_nothing() -> None:
    assert not any(User(role="").may(right) for right in Right)
    assert not any(User(role="", is_clinician=True).may(right) for right in Right)
    assert not any(User(role="somebody").may(right) for right in Right)


def test_a_leaver_may_do_nothing() -> None:
    assert not any(User(role=Role.ADMINISTRATOR, is_clinician=True, is_active=False).may(right) for right in Right)


@pytest.mark.parametrize("role", Role.values)
def test_a_clinician_of_any_role_may_sign_off_and_nothing_more(role: str) -> None:
    may = {right for right in Right if User(role=role, is_clinician=True).may(right)}
    assert may == RIGHTS[role] | {Right.SIGN_OFF}


@pytest.mark.parametrize("right", Right)
def test_django_permissions_and_superusers_mean_nothing(right: Right) -> None:
    assert not User(role="", is_superuser=True, is_staff=True).may(right)
