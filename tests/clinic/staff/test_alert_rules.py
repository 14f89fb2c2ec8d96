"""The page of the rules for alerts: added, edited once at a time, tried out, removed."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from pytest_django import Settings

from clinic.accounts.models import User
from clinic.alerting.models import Kind, Rule
from clinic.audit.models import Entry
from clinic.outbox.models import Delivery

PAGE = "/staff/settings/alerts/"
NASTY = "<script>alert('x')</script>"


@pytest.fixture
def manage(client: Client, manager: User, monkeypatch: pytest.MonkeyPatch) -> Client:
    """The browser of somebody who may edit alerts, on a server that can send mail and sign."""
    monkeypatch.setitem(django_settings.ENV, "EMAIL_URL", {"scheme": "smtp"})
    monkeypatch.setitem(django_settings.ENV, "ALERT_WEBHOOK_SECRET", "s" * 32)
    client.force_login(manager)
    return client


def typed(**changes: Any) -> dict[str, Any]:
    """Return what the form sends."""
    values = {
        "version": "0",
        "name": "On call",
        "kinds": ["emergency", "staff_medical"],
        "emails": "ann@clinic.example; ben@clinic.example",
        "roles": ["clinician"],
        "webhook": "https://hooks.clinic.example/alerts",
        "quiet_from": "21:00",
        "quiet_until": "07:00",
        "is_active": "on",
    }
    return values | changes


def test_the_first_rule_is_that_of_the_settings(manage: Client, settings: Settings) -> None:
    settings.ALERT_EMAILS = ["ann@clinic.example"]
    page = manage.get(PAGE).content.decode()
    for shown in ("Everything", "ann@clinic.example", "ALERT_EMAILS", "never"):
        assert shown in page
    assert "Nobody hears of" not in page
    rule = Rule.objects.get()
    manage.post(f"{PAGE}{rule.pk}/remove/")
    assert Rule.objects.filter(pk=rule.pk).exists()


def test_the_page_says_what_nobody_hears_of(manage: Client) -> None:
    manage.get(PAGE)
    manage.post(f"{PAGE}add/", typed())
    page = manage.get(PAGE).content.decode()
    silent = [kind.label for kind in Kind if kind not in ("emergency", "staff_medical")]
    assert f"Nobody hears of: {', '.join(silent)}." in page


def test_a_rule_is_added(manage: Client) -> None:
    page = manage.post(f"{PAGE}add/", typed(), follow=True).content.decode()
    assert "“On call” counts from now on" in page
    assert "21:00 to 07:00, but never for emergencies" in page
    rule = Rule.objects.get(name="On call")
    assert rule.emails == ["ann@clinic.example", "ben@clinic.example"]
    assert (rule.kinds, rule.roles) == (["emergency", "staff_medical"], ["clinician"])
    details = Entry.objects.get(action="practice.alerts_edited").details
    assert details["changes"]["quiet_from"] == [None, "21:00"]


def test_a_rule_is_edited_and_the_second_of_two_people_is_told(manage: Client) -> None:
    manage.post(f"{PAGE}add/", typed())
    rule = Rule.objects.get(name="On call")
    assert 'value="ann@clinic.example, ben@clinic.example"' in manage.get(f"{PAGE}{rule.pk}/").content.decode()
    manage.post(f"{PAGE}{rule.pk}/", typed(version="1", emails="eve@clinic.example"))
    rule.refresh_from_db()
    assert (rule.emails, rule.version) == (["eve@clinic.example"], 2)
    assert Entry.objects.last().details["changes"] == {
        "emails": [["ann@clinic.example", "ben@clinic.example"], ["eve@clinic.example"]]
    }
    answer = manage.post(f"{PAGE}{rule.pk}/", typed(version="1", name="Mine"))
    assert answer.status_code == 409
    assert b"Somebody else has changed this rule" in answer.content
    assert b'value="Mine"' in answer.content
    rule.refresh_from_db()
    assert rule.name == "On call"


def test_an_edit_without_a_difference_is_none(manage: Client) -> None:
    manage.post(f"{PAGE}add/", typed())
    rule = Rule.objects.get(name="On call")
    manage.post(f"{PAGE}{rule.pk}/", typed(version="1"))
    rule.refresh_from_db()
    assert rule.version == 1
    assert Entry.objects.filter(action="practice.alerts_edited").count() == 1


def test_the_rule_of_the_settings_is_edited_once_and_for_all(manage: Client, settings: Settings) -> None:
    settings.ALERT_EMAILS = ["ann@clinic.example"]
    manage.get(PAGE)
    rule = Rule.objects.get()
    manage.post(f"{PAGE}{rule.pk}/", typed(name="Everything", emails="eve@clinic.example"))
    manage.get(PAGE)
    rule.refresh_from_db()
    assert rule.emails == ["eve@clinic.example"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": ""}, "Please give the rule a name."),
        ({"kinds": []}, "Please choose at least one."),
        ({"kinds": ["weather"]}, "Select a valid choice."),
        ({"emails": "ann at clinic"}, "This must be a comma-separated list of e-mail addresses."),
        ({"webhook": "http://hooks.clinic.example"}, "must begin with https://"),
        ({"webhook": "https://127.0.0.1/"}, "must not lead into a private network"),
        ({"webhook": "https://me:pw@hooks.clinic.example"}, "has neither a password nor a #"),
        ({"quiet_until": ""}, "Quiet hours need a beginning and an end."),
        ({"quiet_until": "21:00"}, "Quiet hours have to end at another time than they begin."),
        ({"quiet_from": "late"}, "This must be a time such as 21:30."),
    ],
)
def test_what_cannot_be_used_gets_a_sentence(manage: Client, changes: dict[str, Any], sentence: str) -> None:
    answer = manage.post(f"{PAGE}add/", typed(**changes))
    assert answer.status_code == 400
    assert sentence in answer.content.decode()
    assert not Rule.objects.filter(name="On call").exists()


def test_mail_and_webhooks_need_what_the_server_lacks(manage: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(django_settings.ENV, "EMAIL_URL", {})
    monkeypatch.setitem(django_settings.ENV, "ALERT_WEBHOOK_SECRET", "")
    page = manage.post(f"{PAGE}add/", typed()).content.decode()
    assert page.count("E-mail needs a mail server") == 2
    assert "A webhook needs a secret" in page


def test_a_rule_is_tried_out(manage: Client) -> None:
    manage.post(f"{PAGE}add/", typed(roles=[]))
    rule = Rule.objects.get(name="On call")
    page = manage.post(f"{PAGE}{rule.pk}/test/", follow=True).content
    assert b"on its way to 3 addresses" in page
    assert sorted(Delivery.objects.values_list("type", "channel")) == [
        ("alert_test", "alert webhook"),
        ("alert_test", "email"),
        ("alert_test", "email"),
    ]
    Rule.objects.filter(pk=rule.pk).update(emails=[], webhook="")
    assert b"reaches nobody" in manage.post(f"{PAGE}{rule.pk}/test/", follow=True).content


def test_a_rule_is_removed(manage: Client) -> None:
    manage.post(f"{PAGE}add/", typed())
    rule = Rule.objects.get(name="On call")
    assert b"The rule is removed" in manage.post(f"{PAGE}{rule.pk}/remove/", follow=True).content
    assert b"gone already" in manage.post(f"{PAGE}{rule.pk}/remove/", follow=True).content
    assert manage.get(f"{PAGE}{rule.pk}/").status_code == 404


def test_what_is_typed_is_text(manage: Client) -> None:
    manage.post(f"{PAGE}add/", typed(name=NASTY))
    rule = Rule.objects.get(name=NASTY)
    for address in (PAGE, f"{PAGE}{rule.pk}/"):
        assert b"<script>alert" not in manage.get(address).content


def test_the_front_desk_may_not_edit(staff: Client) -> None:
    rule = Rule.objects.create(name="On call")
    for address in (PAGE, f"{PAGE}add/", f"{PAGE}{rule.pk}/"):
        assert staff.get(address).status_code == 403
    for deed in ("test", "remove"):
        assert staff.post(f"{PAGE}{rule.pk}/{deed}/").status_code == 403
    assert Rule.objects.filter(pk=rule.pk).exists()
