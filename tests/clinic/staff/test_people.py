"""Inviting people, changing roles, ending access: by administrators, with a fresh code, on record."""

from __future__ import annotations

import re
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.template.loader import render_to_string
from django.test import Client, override_settings
from django.utils import timezone

from clinic.accounts import sessions
from clinic.accounts.models import Invitation, User
from clinic.accounts.roles import Role
from clinic.audit.models import Entry
from clinic.outbox.models import Delivery
from tests.clinic.staff.conftest import PASSWORD, make_user
from tests.clinic.staff.test_entrance import code, log_in, put_back

NEW = "a calm orchard 71"
INVITED = {"name": "Pat Moss", "email": "pat@example.com", "role": "front_desk"}
JOINED = {
    "username": "pat",
    "first_name": "Pat",
    "last_name": "",
    "spoken_name": "Patty",
    "password1": NEW,
    "password2": NEW,
}


@pytest.fixture
def admin(client: Client, administrator: User) -> Client:
    """The browser of an administrator who is logged in."""
    client.force_login(administrator)
    return client


def token_on(page: Any) -> str:
    """Return the token of the link that a page shows."""
    assert page.status_code == 200
    return re.findall(r"/staff/join/([\w-]+)/", page.content.decode())[0]


def invite(admin: Client, **fields: str) -> str:
    return token_on(admin.post("/staff/people/invite/", INVITED | fields))


def deed(admin: Client, user: User, name: str) -> Any:
    return admin.post(f"/staff/people/{user.pk}/access/", {"deed": name}, follow=True)


def last() -> Entry:
    entry = Entry.objects.order_by("number").last()
    assert entry is not None
    return entry


# --- Invitations ---


def test_an_invited_person_makes_an_account_and_lands_at_the_second_factor(admin: Client) -> None:
    token = invite(admin)
    newcomer = Client()
    assert newcomer.get(f"/staff/join/{token}/").url == "/staff/join/"
    assert b"Welcome, Pat Moss" in newcomer.get("/staff/join/").content
    assert newcomer.post("/staff/join/", JOINED).url == "/staff/"
    assert newcomer.get("/staff/").url == "/staff/second-factor/set-up/"
    user = User.objects.get(username="pat")
    assert (user.role, user.email, user.visitor_name) == (Role.FRONT_DESK, "pat@example.com", "Patty")
    assert user.check_password(NEW)
    assert {"people.invited", "people.joined", "login.done"} <= set(Entry.objects.values_list("action", flat=True))
    assert "pat@example.com" not in str(list(Entry.objects.values()))


def test_a_link_works_once(admin: Client) -> None:
    token = invite(admin)
    newcomer = Client()
    newcomer.get(f"/staff/join/{token}/")
    newcomer.post("/staff/join/", JOINED)
    other = Client()
    other.get(f"/staff/join/{token}/")
    assert other.get("/staff/join/").status_code == 404
    assert other.post("/staff/join/", JOINED | {"username": "pat2"}).status_code == 404
    assert User.objects.filter(username__startswith="pat").count() == 1


def test_a_link_is_over_after_three_days(admin: Client) -> None:
    token = invite(admin)
    assert Invitation.find(token, timezone.now() + timedelta(days=2, hours=23))
    assert Invitation.find(token, timezone.now() + timedelta(days=3)) is None


def test_only_the_hash_of_a_link_is_kept(admin: Client) -> None:
    token = invite(admin)
    assert token not in str(list(Invitation.objects.values()))
    assert token not in admin.get("/staff/people/").content.decode()


def test_a_withdrawn_link_opens_nothing(admin: Client) -> None:
    token = invite(admin)
    admin.post(f"/staff/people/links/{Invitation.objects.get().pk}/withdraw/")
    newcomer = Client()
    newcomer.get(f"/staff/join/{token}/")
    assert newcomer.post("/staff/join/", JOINED).status_code == 404
    assert Entry.objects.filter(action="people.invitation_withdrawn").exists()


@pytest.mark.parametrize("token", ["x", "x" * 400, "%00", "..%2F"])
@pytest.mark.django_db
def test_a_made_up_link_opens_nothing(client: Client, token: str) -> None:
    client.get(f"/staff/join/{token}/")
    assert client.get("/staff/join/").status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"username": "Jordan"},
        {"username": "a b"},
        {"first_name": ""},
        {"password1": "short one", "password2": "short one"},
        {"password2": "something else 1"},
        {"username": "x" * 200},
    ],
)
def test_an_account_that_cannot_be_is_refused_and_the_link_stays_good(admin: Client, wrong: dict[str, str]) -> None:
    token = invite(admin)
    newcomer = Client()
    newcomer.get(f"/staff/join/{token}/")
    assert newcomer.post("/staff/join/", JOINED | wrong).status_code == 200
    assert User.objects.count() == 1
    assert Invitation.objects.count() == 1


def test_an_invitee_cannot_choose_a_role(admin: Client) -> None:
    token = invite(admin)
    newcomer = Client()
    newcomer.get(f"/staff/join/{token}/")
    newcomer.post("/staff/join/", JOINED | {"role": "administrator", "is_clinician": "on", "is_active": "on"})
    user = User.objects.get(username="pat")
    assert (user.role, user.is_clinician) == (Role.FRONT_DESK, False)


@pytest.mark.parametrize("wrong", [{"role": "owner"}, {"role": ""}, {"name": ""}, {"email": "pat"}])
def test_an_invitation_that_cannot_be_is_refused(admin: Client, wrong: dict[str, str]) -> None:
    assert admin.post("/staff/people/invite/", INVITED | wrong).status_code == 422
    assert not Invitation.objects.exists()


def test_the_link_is_mailed_when_there_is_a_mail_server(admin: Client, settings: Any) -> None:
    invite(admin)
    assert not Delivery.objects.exists()
    with override_settings(ENV=settings.ENV | {"EMAIL_URL": {"host": "mail"}}):
        invite(admin, email="")
        assert not Delivery.objects.exists()
        token = invite(admin)
    delivery = Delivery.objects.get()
    assert (delivery.channel, delivery.target) == ("email", "pat@example.com")
    assert token not in str(delivery.payload)
    assert f"/staff/join/{token}/\n" in render_to_string(f"outbox/{delivery.type}.txt", delivery.payload)


# --- Passwords and factors ---


def test_a_link_for_a_new_password_does_not_get_around_the_factor(admin: Client, member: User) -> None:
    token = token_on(admin.post(f"/staff/people/{member.pk}/password/"))
    browser = Client()
    browser.get(f"/staff/join/{token}/")
    answer = browser.post("/staff/join/", {"new_password1": NEW, "new_password2": NEW})
    assert answer.url == "/staff/login/"
    assert browser.get("/staff/account/").status_code == 302
    assert log_in(browser, "morgan", PASSWORD).status_code == 200
    assert log_in(browser, "morgan", NEW).url == "/staff/login/code/"
    assert last().action == "login.failed"
    assert Entry.objects.filter(action="people.password_set", object_id=str(member.pk)).exists()


def test_only_the_newest_link_for_a_password_works(admin: Client, member: User) -> None:
    first = token_on(admin.post(f"/staff/people/{member.pk}/password/"))
    token_on(admin.post(f"/staff/people/{member.pk}/password/"))
    assert Invitation.find(first, timezone.now()) is None
    assert Invitation.objects.count() == 1


def test_a_link_for_a_password_dies_with_the_access(admin: Client, member: User) -> None:
    token = token_on(admin.post(f"/staff/people/{member.pk}/password/"))
    deed(admin, member, "end")
    assert Invitation.find(token, timezone.now()) is None


def test_a_factor_that_was_reset_has_to_be_set_up_anew(admin: Client, member: User) -> None:
    theirs = Client()
    theirs.force_login(member)
    deed(admin, member, "factor")
    assert theirs.get("/staff/account/").status_code == 302
    assert not member.has_factor
    assert log_in(theirs).url == "/staff/"
    assert theirs.get("/staff/").url == "/staff/second-factor/set-up/"
    assert (last().action, Entry.objects.filter(action="people.factor_reset").count()) == ("login.done", 1)


# --- Access and roles ---


def test_the_end_of_access_ends_every_session_and_the_return_brings_none_back(admin: Client, member: User) -> None:
    theirs = Client()
    theirs.force_login(member)
    deed(admin, member, "end")
    assert theirs.get("/staff/account/").status_code == 302
    deed(admin, member, "restore")
    assert theirs.get("/staff/account/").status_code == 302
    assert log_in(theirs).url == "/staff/login/code/"


def test_the_invitations_of_a_leaver_work_no_more(admin: Client) -> None:
    leaver = make_user("lee", Role.ADMINISTRATOR)
    theirs = Client()
    theirs.force_login(leaver)
    token = invite(theirs)
    deed(admin, leaver, "end")
    assert Invitation.find(token, timezone.now()) is None


def test_sessions_of_somebody_can_be_ended(admin: Client, member: User) -> None:
    theirs = Client()
    theirs.force_login(member)
    deed(admin, member, "sessions")
    assert theirs.get("/staff/account/").status_code == 302


def test_a_role_is_changed_and_on_record(admin: Client, member: User) -> None:
    theirs = Client()
    theirs.force_login(member)
    admin.post(f"/staff/people/{member.pk}/role/", {"role": "manager"})
    member.refresh_from_db()
    assert member.role == Role.MANAGER
    assert last().details == {"before": "front_desk", "role": "manager", "is_clinician": False}
    assert theirs.get("/staff/account/").status_code == 302


@pytest.mark.parametrize("role", ["owner", "", "Manager"])
def test_a_role_that_does_not_exist_is_refused(admin: Client, member: User, role: str) -> None:
    assert admin.post(f"/staff/people/{member.pk}/role/", {"role": role}).status_code == 422
    member.refresh_from_db()
    assert member.role == Role.FRONT_DESK


def test_nobody_changes_their_own_role_or_ends_their_own_access(admin: Client, administrator: User) -> None:
    make_user("lee", Role.ADMINISTRATOR)
    admin.post(f"/staff/people/{administrator.pk}/role/", {"role": "manager"})
    for name in ("end", "factor", "sessions"):
        deed(admin, administrator, name)
    administrator.refresh_from_db()
    assert (administrator.role, administrator.is_active) == (Role.ADMINISTRATOR, True)
    assert administrator.has_factor
    assert not Entry.objects.exists()


def test_an_administrator_who_is_a_clinician_says_so_and_stays_in(admin: Client, administrator: User) -> None:
    form = {"role": "administrator", "is_clinician": "on"}
    assert admin.post(f"/staff/people/{administrator.pk}/role/", form, follow=True).status_code == 200
    administrator.refresh_from_db()
    assert administrator.is_clinician
    assert last().details["is_clinician"] is True


@pytest.mark.parametrize(
    ("page", "form"), [("access", {"deed": "end"}), ("role", {"role": "manager"})], ids=["access", "role"]
)
def test_the_last_administrator_remains(
    admin: Client, administrator: User, monkeypatch: pytest.MonkeyPatch, page: str, form: dict[str, str]
) -> None:
    # As when two administrators click at once: each is somebody else, and the second is the last.
    monkeypatch.setattr("clinic.staff.people._not_oneself", lambda *_: None)
    answer = admin.post(f"/staff/people/{administrator.pk}/{page}/", form, follow=True)
    assert b"this is the last administrator" in answer.content
    administrator.refresh_from_db()
    assert (administrator.is_active, administrator.role) == (True, Role.ADMINISTRATOR)
    assert not Entry.objects.exists()


def test_changes_ask_for_a_fresh_code_and_go_on_with_what_was_asked(admin: Client, member: User) -> None:
    put_back(admin, sessions.CONFIRMED, 400)
    answer = admin.post(f"/staff/people/{member.pk}/access/", {"deed": "end"})
    assert answer.url.startswith("/staff/confirm/?next=")
    member.refresh_from_db()
    assert member.is_active
    assert admin.get(answer.url).status_code == 200
    assert admin.post(answer.url, {"code": "000000", "next": f"/staff/people/{member.pk}/access/"}).status_code == 200
    member.refresh_from_db()
    assert member.is_active
    assert admin.post(answer.url, {"code": code(), "next": f"/staff/people/{member.pk}/access/"}).status_code == 302
    member.refresh_from_db()
    assert not member.is_active


def test_a_part_of_a_page_sends_the_whole_page_to_the_confirmation(admin: Client, member: User) -> None:
    put_back(admin, sessions.CONFIRMED, 400)
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/staff/people/"}
    answer = admin.post(f"/staff/people/{member.pk}/access/", {"deed": "end"}, headers=headers)
    assert (answer.status_code, answer["HX-Redirect"]) == (204, "/staff/confirm/?next=%2Fstaff%2Fpeople%2F")


@pytest.mark.parametrize("name", ["", "erase", "restore "])
def test_a_deed_that_does_not_exist_changes_nothing(admin: Client, member: User, name: str) -> None:
    assert deed(admin, member, name).status_code == 200
    assert not Entry.objects.exists()


def test_names_are_shown_as_text(admin: Client) -> None:
    payload = "<script>alert(1)</script>"
    make_user("eve", Role.FRONT_DESK, first_name=payload, spoken_name=payload)
    invite(admin, name=payload)
    for address in ("/staff/people/", f"/staff/people/{User.objects.get(username='eve').pk}/"):
        assert payload not in admin.get(address).content.decode()


# --- The command line ---


def reset(*arguments: str) -> str:
    out = StringIO()
    call_command("reset_member", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_line_gives_a_one_time_password(client: Client, member: User) -> None:
    client.force_login(member)
    password = re.findall(r"password of morgan: (\S+) ", reset("morgan", "--password"))[0]
    assert client.get("/staff/account/").status_code == 302
    assert log_in(client, "morgan", password).url == "/staff/login/code/"
    member.refresh_from_db()
    assert member.must_change_password
    assert Entry.objects.filter(actor="command line").count() == 1


def test_the_command_line_takes_a_factor_away(member: User) -> None:
    reset("morgan", "--factor")
    assert not member.has_factor


@pytest.mark.parametrize("arguments", [["morgan"], ["nobody", "--factor"]])
def test_the_command_line_refuses_what_makes_no_sense(member: User, arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        reset(*arguments)
    assert member.has_factor
