"""Nobody gets in without a password and a second factor of their own, and nobody stays in for ever."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from clinic.accounts import sessions
from clinic.accounts.models import User
from clinic.accounts.roles import Role
from clinic.audit.models import Entry
from tests.clinic.staff.conftest import PASSWORD, TOTP_SECRET

NEW = "a calm orchard 71"
LOGIN, CODE, CONFIRM, SETUP = (
    "/staff/login/",
    "/staff/login/code/",
    "/staff/confirm/",
    "/staff/second-factor/set-up/",
)
FOR_ACCOUNT, FOR_ADDRESS = 8, 30


@pytest.fixture(autouse=True)
def _one_period(monkeypatch: pytest.MonkeyPatch) -> None:
    """The period of the codes does not change in the middle of a test."""
    counters = tuple(auth.yield_hotp_counters_from_time())
    monkeypatch.setattr(auth, "yield_hotp_counters_from_time", lambda: iter(counters))


def log_in(client: Client, name: str = "morgan", password: str = PASSWORD, **extra: Any) -> Any:
    return client.post(LOGIN, {"login": name, "password": password}, **extra)


def code(shift: int = 0, secret: str = TOTP_SECRET) -> str:
    """Return the code of an authenticator app, `shift` periods from now."""
    _, counter, _ = auth.yield_hotp_counters_from_time()
    return auth.format_hotp_value(auth.hotp_value(secret, counter + shift))


def come_in(client: Client, shift: int = 0) -> None:
    assert log_in(client).url == CODE
    assert client.post(CODE, {"code": code(shift)}).url == "/staff/"


def put_back(client: Client, key: str, seconds: float) -> None:
    """Let a moment of the session lie further back."""
    session = client.session
    session[key] -= seconds
    session.save()


def actions() -> list[str]:
    return list(Entry.objects.order_by("number").values_list("action", flat=True))


# --- Login ---


def test_login_and_logout(client: Client, member: User) -> None:
    come_in(client)
    assert client.get("/staff/account/").status_code == 200
    key = client.session.session_key
    assert client.get("/staff/logout/").status_code == 405
    assert client.post("/staff/logout/").status_code == 302
    assert client.get("/staff/account/").status_code == 302
    assert not Session.objects.filter(session_key=key).exists()
    assert actions() == ["login.done", "login.ended"]


def test_the_password_alone_opens_nothing(client: Client, member: User) -> None:
    log_in(client)
    assert client.get("/staff/").url == f"{LOGIN}?next=/staff/"
    assert client.get("/staff/account/").status_code == 302
    assert not Entry.objects.exists()


def test_a_wrong_code_opens_nothing(client: Client, member: User) -> None:
    log_in(client)
    response = client.post(CODE, {"code": code(5)})
    assert response.status_code == 200
    assert b"This code is wrong" in response.content
    assert client.get("/staff/account/").status_code == 302
    assert Entry.objects.get().details == {"step": "code"}


@pytest.mark.parametrize("text", ["", "x" * 500, "１２３４５６", "\0", "12 34 5", "' or 1=1"])
def test_what_is_no_code_is_refused(client: Client, member: User, text: str) -> None:
    log_in(client)
    assert client.post(CODE, {"code": text}).status_code == 200
    assert client.get("/staff/account/").status_code == 302


def test_a_code_works_once(client: Client, member: User) -> None:
    come_in(client)
    other = Client()
    log_in(other)
    cache.clear()
    assert other.post(CODE, {"code": code()}).status_code == 200
    assert other.post(CODE, {"code": code(-1)}).status_code == 200
    assert other.post(CODE, {"code": code(1)}).status_code == 302


def test_a_recovery_code_works_once(client: Client, member: User) -> None:
    one = RecoveryCodes.activate(member).get_unused_codes()[0]
    log_in(client)
    assert client.post(CODE, {"code": one}).url == "/staff/"
    other = Client()
    log_in(other)
    assert other.post(CODE, {"code": one}).status_code == 200


def test_the_first_step_can_be_taken_back(client: Client, member: User) -> None:
    log_in(client)
    assert client.get(LOGIN).url == CODE
    client.post("/staff/login/again/")
    assert client.get(LOGIN).status_code == 200


def test_secrets_are_not_stored_as_they_are(member: User) -> None:
    assert TOTP_SECRET not in str(Authenticator.objects.get().data)


def test_with_another_key_of_the_installation_no_code_fits(client: Client, member: User) -> None:
    RecoveryCodes.activate(member)
    log_in(client)
    other = Authenticator.objects.get(type="totp")
    other.data["secret"] = "x" * 100
    other.save()
    assert client.post(CODE, {"code": code()}).status_code == 200
    assert client.post(CODE, {"code": code(secret="")}).status_code == 200


def test_an_account_that_is_switched_off_does_not_get_in(client: Client, member: User) -> None:
    member.is_active = False
    member.save()
    refused = log_in(client)
    assert refused.status_code == 200
    assert "The username or the password is wrong." in refused.content.decode()


def test_an_account_that_ends_between_the_steps_does_not_get_in(client: Client, member: User) -> None:
    log_in(client)
    User.objects.update(is_active=False)
    client.post(CODE, {"code": code()})
    assert client.get("/staff/account/").status_code == 302


def test_unknown_and_known_names_get_the_same_answer(client: Client, member: User) -> None:
    def page(name: str) -> str:
        body = log_in(client, name, "wrong").content.decode().replace(name, "NAME")
        return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", body)

    assert page("morgan") == page("nobody")


def test_the_login_leads_to_no_other_site(client: Client, member: User) -> None:
    client.post(LOGIN, {"login": "morgan", "password": PASSWORD, "next": "https://example.com/"})
    assert client.post(CODE, {"code": code()}).url == "/staff/"


def test_the_login_leads_back(client: Client, member: User) -> None:
    client.post(LOGIN, {"login": "morgan", "password": PASSWORD, "next": "/staff/bookings/"})
    assert client.post(CODE, {"code": code()}).url == "/staff/bookings/"


def test_the_forms_refuse_a_request_that_another_site_made(member: User) -> None:
    assert log_in(Client(enforce_csrf_checks=True)).status_code == 403


# --- Limits ---


def test_too_many_failures_close_the_account_for_a_while(client: Client, member: User) -> None:
    for number in range(FOR_ACCOUNT):
        # Neither the case of the name nor the host that is asked makes it another account.
        assert log_in(client, "Morgan", "wrong", headers={"Host": f"localhost:{number + 1}"}).status_code == 200
    response = log_in(client)
    assert response.status_code == 429
    assert int(response["Retry-After"]) > 0
    assert b"Too many tries" in response.content


def test_too_many_failures_close_the_address_for_a_while(client: Client, member: User) -> None:
    for number in range(FOR_ADDRESS):
        assert log_in(client, f"nobody{number}", "wrong").status_code == 200
    assert log_in(client).status_code == 429


def test_too_many_wrong_codes_close_the_second_step_for_a_while(client: Client, member: User) -> None:
    log_in(client)
    for _ in range(FOR_ACCOUNT):
        assert client.post(CODE, {"code": "000000"}).status_code == 200
    response = client.post(CODE, {"code": code()})
    assert response.status_code == 429
    assert "Retry-After" in response


def test_failures_are_on_record_without_what_was_typed(client: Client, member: User) -> None:
    log_in(client, "morgan", "my secret words")
    log_in(client, "my secret words", "morgan")
    first, second = Entry.objects.order_by("number")
    assert (first.action, first.object_id, first.result) == ("login.failed", str(member.pk), "failed")
    assert (second.object_id, second.actor) == ("", "nobody")
    assert "secret" not in str(list(Entry.objects.values()))


# --- Password ---


def test_a_new_password_opens_the_rest(client: Client, member: User) -> None:
    member.must_change_password = True
    member.save()
    come_in(client)
    assert client.get("/staff/account/").url == "/staff/password/"
    form = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    assert client.post("/staff/password/", form).url == "/staff/"
    assert client.get("/staff/account/").status_code == 200
    member.refresh_from_db()
    assert not member.must_change_password
    assert member.check_password(NEW)
    assert "login.password_changed" in actions()


@pytest.mark.parametrize(
    ("old", "new", "again"),
    [
        (PASSWORD, PASSWORD, PASSWORD),
        ("wrong", NEW, NEW),
        (PASSWORD, NEW, NEW + "x"),
        (PASSWORD, "short words", "short words"),
        (PASSWORD, "password1234", "password1234"),
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


def test_the_old_password_cannot_be_guessed_for_ever(staff: Client) -> None:
    form = {"old_password": "wrong", "new_password1": NEW, "new_password2": NEW}
    answers = [staff.post("/staff/password/", form).status_code for _ in range(7)]
    assert answers[0] == 200
    assert answers[-1] == 429


def test_a_new_password_ends_the_other_sessions(client: Client, member: User) -> None:
    come_in(client)
    other = Client()
    other.force_login(member)
    form = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    client.post("/staff/password/", form)
    assert other.get("/staff/account/").status_code == 302
    assert b"This session" in client.get("/staff/sessions/").content


# --- Second factor ---


@pytest.fixture
def newcomer(db: None) -> User:
    """Somebody with a one-time password and no second factor."""
    return User.objects.create_user("pat", password=PASSWORD, role=Role.FRONT_DESK, must_change_password=True)


def test_the_first_login_leads_through_password_and_factor(
    client: Client, newcomer: User, django_capture_on_commit_callbacks: Any
) -> None:
    assert log_in(client, "pat").url == "/staff/"
    assert client.get("/staff/").url == "/staff/password/"
    assert client.get(SETUP).url == "/staff/password/"
    client.post("/staff/password/", {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW})
    assert client.get("/staff/").url == SETUP
    page = client.get(SETUP).content.decode()
    secret = "".join(re.findall(r'class="secret">([A-Z2-7 ]+)<', page)).replace(" ", "")
    picture = client.get("/staff/second-factor/picture.svg")
    assert picture["Content-Type"] == "image/svg+xml"
    assert "no-store" in picture["Cache-Control"]
    assert client.post(SETUP, {"code": "000000"}).status_code == 200
    assert client.get("/staff/account/").url == SETUP
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(SETUP, {"code": code(secret=secret)}).url == "/staff/second-factor/recovery-codes/"
    shown = re.findall(r"<li><code>(\d+)</code>", client.get("/staff/second-factor/recovery-codes/").content.decode())
    assert len(set(shown)) == 10
    assert shown[0] not in client.get("/staff/second-factor/recovery-codes/").content.decode()
    assert client.get("/staff/account/").status_code == 200
    assert actions().count("login.factor_changed") == 2


def test_another_phone_takes_the_place_of_the_first(client: Client, member: User) -> None:
    come_in(client)
    page = client.get(SETUP).content.decode()
    secret = "".join(re.findall(r'class="secret">([A-Z2-7 ]+)<', page)).replace(" ", "")
    assert client.post(SETUP, {"code": code(secret=secret)}).status_code == 302
    assert Authenticator.objects.filter(type="totp").count() == 1
    other = Client()
    log_in(other)
    assert other.post(CODE, {"code": code(1)}).status_code == 200
    assert other.post(CODE, {"code": code(1, secret)}).status_code == 302


def test_another_phone_asks_for_a_code_of_the_first(client: Client, member: User) -> None:
    come_in(client)
    put_back(client, sessions.CONFIRMED, 400)
    assert client.get(SETUP).url == f"{CONFIRM}?next={SETUP.replace('/', '%2F')}"
    answer = client.post(CONFIRM, {"code": code(1), "next": SETUP})
    assert answer.url == SETUP
    assert client.get(SETUP).status_code == 200


def test_nobody_takes_their_factor_away(staff: Client, member: User) -> None:
    for address in ("/staff/second-factor/", SETUP):
        assert staff.post(address).status_code in (200, 405)
    assert member.has_factor


def test_new_recovery_codes_end_the_old_ones(client: Client, member: User) -> None:
    come_in(client)
    address = "/staff/second-factor/recovery-codes/"
    client.post(f"{address}new/")
    old = re.findall(r"<li><code>(\d+)</code>", client.get(address).content.decode())
    client.post(f"{address}new/")
    new = re.findall(r"<li><code>(\d+)</code>", client.get(address).content.decode())
    assert len(old) == len(new) == 10
    assert not set(old) & set(new)


# --- Sessions ---


def test_a_session_without_activity_ends(client: Client, member: User) -> None:
    come_in(client)
    put_back(client, sessions.ACTIVE, 14 * 60)
    assert client.get("/staff/account/").status_code == 200
    put_back(client, sessions.ACTIVE, 15 * 60)
    assert client.get("/staff/account/").status_code == 302
    assert b"15 minutes without activity" in client.get(LOGIN).content
    assert Entry.objects.order_by("number").last().details == {"reason": "idle"}  # type: ignore[union-attr]


def test_activity_keeps_a_session_and_what_a_page_does_by_itself_does_not(staff: Client) -> None:
    put_back(staff, sessions.ACTIVE, 600)
    before = staff.session[sessions.ACTIVE]
    staff.get("/staff/account/", headers={"Background": "1"})
    assert staff.session[sessions.ACTIVE] == before
    staff.get("/staff/account/")
    assert staff.session[sessions.ACTIVE] > before + 500


def test_a_session_ends_in_any_case(staff: Client) -> None:
    put_back(staff, sessions.BEGAN, 12 * 3600)
    assert staff.get("/staff/account/").status_code == 302
    assert b"a login lasts 12 hours" in staff.get(LOGIN).content


def test_a_session_without_clocks_is_over(staff: Client) -> None:
    session = staff.session
    del session[sessions.BEGAN]
    session.save()
    assert staff.get("/staff/account/").status_code == 302


@pytest.mark.parametrize(
    "change", [{"is_active": False}, {"role": Role.MANAGER}, {"is_clinician": True}, {"session_salt": "x"}]
)
def test_a_change_of_the_account_ends_its_sessions_at_once(staff: Client, change: dict[str, Any]) -> None:
    assert staff.get("/staff/account/").status_code == 200
    User.objects.update(**change)
    assert staff.get("/staff/account/").status_code == 302


def test_the_others_of_ones_own_sessions_can_be_ended(client: Client, member: User) -> None:
    come_in(client)
    other = Client()
    come_in(other, 1)
    assert client.get("/staff/sessions/").content.count(b'class="line"') == 2
    assert client.post("/staff/sessions/").status_code == 302
    assert other.get("/staff/account/").status_code == 302
    assert client.get("/staff/account/").status_code == 200
    assert actions()[-1] == "people.sessions_ended"


def test_without_a_login_a_part_of_a_page_sends_the_whole_page_to_the_login(client: Client) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/staff/?kind=failed"}
    response = client.get("/staff/", headers=headers)
    assert response.status_code == 401
    assert response["HX-Redirect"] == f"{LOGIN}?next=%2Fstaff%2F"


def test_only_pages_of_staff_look_at_the_session(client: Client, member: User) -> None:
    client.force_login(member)
    put_back(client, sessions.ACTIVE, 3600)
    assert "Cookie" not in client.get("/").get("Vary", "")


def test_own_names_can_be_changed_and_nothing_else(staff: Client, member: User) -> None:
    form = {"first_name": "Morgan", "spoken_name": "Mo", "role": "administrator", "is_active": ""}
    assert staff.post("/staff/account/", form).status_code == 302
    member.refresh_from_db()
    assert (member.visitor_name, member.role, member.is_active) == ("Mo", Role.FRONT_DESK, True)


def test_a_login_is_fresh_for_five_minutes(staff: Client) -> None:
    assert sessions.is_confirmed(staff.session)
    put_back(staff, sessions.CONFIRMED, timedelta(minutes=5).total_seconds())
    assert not sessions.is_confirmed(staff.session)
    assert timezone.now().timestamp() > staff.session[sessions.CONFIRMED]
