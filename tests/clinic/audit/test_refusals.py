"""Every 403 and 404 below /staff/ leaves an entry, and many of them an alarm."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from clinic.accounts.models import User
from clinic.accounts.roles import Role
from clinic.audit import alarms, chain, refusals
from clinic.audit.actions import Action
from clinic.audit.log import Actor, record
from clinic.audit.models import Entry
from tests.clinic.staff.conftest import make_user

NOWHERE = "/staff/conversations/00000000-0000-4000-8000-000000000000/"


@pytest.fixture
def morgan(db: None) -> User:
    return make_user("morgan", Role.FRONT_DESK)


@pytest.fixture
def desk(client: Client, morgan: User) -> Client:
    client.force_login(morgan)
    return client


def refused() -> list[Entry]:
    return list(Entry.objects.filter(action=Action.ACCESS_DENIED).order_by("number"))


def test_anothers_object_and_an_unknown_page(desk: Client) -> None:
    assert desk.get(NOWHERE, {"q": "crooked smile"}).status_code == 404
    assert desk.get("/staff/secret/").status_code == 404
    first, second = refused()
    assert (first.actor, first.result, first.details["path"]) == ("morgan", "denied", NOWHERE)
    assert (first.details["status"], first.details["right"], second.details["right"]) == (404, "read", "")
    assert "crooked" not in str(first.details)


def test_a_missing_right(desk: Client) -> None:
    assert desk.get("/staff/audit/").status_code == 403
    [entry] = refused()
    assert (entry.details["status"], entry.details["right"]) == (403, "audit")


def test_a_forged_token(morgan: User) -> None:
    forger = Client(enforce_csrf_checks=True)
    forger.force_login(morgan)
    assert forger.post("/staff/wording/tick/", {"csrfmiddlewaretoken": "x" * 64}).status_code == 403
    [entry] = refused()
    assert (entry.actor, entry.details["token"], entry.details["method"]) == ("morgan", "missing or forged", "POST")


def test_a_visitors_page_is_none_of_the_logs_business(client: Client, db: None) -> None:
    assert client.get("/nowhere/").status_code == 404
    assert refused() == []


@pytest.mark.parametrize("path", ["/staff/%0d%0aforged%20line/", "/staff/" + "a" * 100_000, "/staff/%c3%a9%ff%00/"])
def test_an_odd_path_is_harmless(client: Client, db: None, path: str) -> None:
    assert client.get(path).status_code == 404
    [entry] = refused()
    assert len(entry.details["path"]) <= 200
    assert entry.details["path"].isprintable()
    assert chain.check().is_whole


def test_many_refusals_raise_one_alarm_and_fill_no_disk(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[Entry] = []
    monkeypatch.setattr(alarms, "_handlers", [lambda alarm, entry: heard.append(entry)])
    monkeypatch.setattr(refusals, "MOST_RECORDED", refusals.LIMIT + 5)
    for number in range(refusals.LIMIT - 1):
        client.get(f"/staff/{number}/")
    assert heard == []
    for number in range(20):
        client.get(f"/staff/{number}/")
    [entry] = heard
    assert (entry.object_kind, entry.object_id, entry.details["count"]) == ("address", "127.0.0.1", refusals.LIMIT)
    assert len(refused()) == refusals.LIMIT + 5
    Entry.objects.update(at=timezone.now() - timedelta(minutes=11))
    client.get("/staff/later/")
    assert len(heard) == 1
    assert len(refused()) == refusals.LIMIT + 6


def test_failed_logins_count_as_refusals(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[Entry] = []
    monkeypatch.setattr(alarms, "_handlers", [lambda alarm, entry: heard.append(entry)])
    stranger = Actor(None, "nobody", "203.0.113.9")
    for _ in range(refusals.LIMIT + 3):
        record(Action.LOGIN_FAILED, stranger, result=Entry.Result.FAILED)
    assert [one.object_id for one in heard] == ["203.0.113.9"]
