"""The privacy pages: finding a person, export and erasure, the rules, legal holds; all of it recorded."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from clinic.accounts.models import User
from clinic.accounts.sessions import CONFIRMED
from clinic.audit import terms
from clinic.audit.actions import Action
from clinic.audit.models import Entry
from clinic.contacts.models import Contact
from clinic.conversations.models import Conversation
from clinic.privacy import retention, rules
from clinic.privacy.models import LegalHold

from .conftest import Talk

PAGE = "/staff/privacy/"
FIND, EXPORT, ERASE = f"{PAGE}person/", f"{PAGE}person/export/", f"{PAGE}person/erase/"
PHONE = "+19165550100"


@pytest.fixture(autouse=True)
def _outbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "OUTBOX_DIR", tmp_path)


@pytest.fixture
def keeper(client: Client, manager: User) -> Client:
    """The browser of somebody who may do all this and has just confirmed who they are."""
    client.force_login(manager)
    return client


def reach(conversation: Conversation) -> Conversation:
    now = timezone.now()
    Contact.objects.create(conversation=conversation, name="Dana", phone=PHONE, consent_at=now, updated_at=now)
    return conversation


@pytest.fixture
def two(talk: Talk) -> list[Conversation]:
    """Two conversations of one person."""
    return [reach(talk("does it hurt", minute=minute)) for minute in (0, 5)]


def entries(action: Action) -> list[Entry]:
    return list(Entry.objects.filter(action=action).order_by("number"))


def erase(keeper: Client, conversations: list[Conversation], count: object, reason: str = "person") -> object:
    chosen = [str(one.pk) for one in conversations]
    form = {"key": "916 555 0100", "conversations": chosen, "count": count, "reason": reason}
    return keeper.post(ERASE, form, follow=True)


def test_a_person_is_found_and_the_search_recorded_without_the_key(keeper: Client, two: list[Conversation]) -> None:
    page = keeper.post(FIND, {"key": "(916) 555-0100"}).content.decode()
    assert all(str(one.pk) in page for one in two)
    [entry] = entries(Action.SEARCHED)
    assert (entry.object_id, entry.details["found"]) == (terms.fingerprint(PHONE), 2)
    assert "5550100" not in str(Entry.objects.values())


@pytest.mark.parametrize("key", ["", "x", "12", "a@", "\x00", "x" * 1000])
def test_what_is_no_key_is_said_so(keeper: Client, key: str) -> None:
    assert keeper.post(FIND, {"key": key}).status_code == 400


def test_nothing_is_found(keeper: Client, db: None) -> None:
    assert "Nothing is kept under it." in keeper.post(FIND, {"key": PHONE}).content.decode()


def test_the_export_is_one_file_with_everything(keeper: Client, two: list[Conversation]) -> None:
    answer = keeper.post(EXPORT, {"key": PHONE, "reason": "person"})
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="person-')
    assert "no-store" in answer.headers["Cache-Control"]
    content = json.loads(answer.content)
    assert content["found_by"] == {"phone": PHONE}
    ids = {one["conversations.Conversation"][0]["id"] for one in content["conversations"]}
    assert ids == {str(one.pk) for one in two}
    assert content["conversations"][0]["conversations.Message"][0]["text"] == "does it hurt"
    [entry] = entries(Action.PERSON_EXPORTED)
    assert (entry.details["reason"], entry.details["count"]) == ("person", 2)
    assert keeper.post(EXPORT, {"key": PHONE, "reason": "curiosity"}).status_code == 400


def test_erasing_takes_the_chosen_ones(keeper: Client, two: list[Conversation], talk: Talk) -> None:
    other = talk("something else")
    erase(keeper, two[:1], 1)
    assert set(Conversation.objects.all()) == {two[1], other}
    [entry] = entries(Action.PERSON_ERASED)
    assert (entry.object_id, entry.details["erased"]) == (terms.fingerprint(PHONE), 1)
    assert [one.object_id for one in entries(Action.CONVERSATION_ERASED)] == [str(two[0].pk)]


@pytest.mark.parametrize("count", ["", "1", "3", "two", "-2", "0"])
def test_nothing_is_erased_without_the_right_number(keeper: Client, two: list[Conversation], count: str) -> None:
    assert erase(keeper, two, count).status_code == 400  # type: ignore[attr-defined]
    assert Conversation.objects.count() == 2
    assert entries(Action.PERSON_ERASED) == []


def test_nothing_of_somebody_else_is_erased(keeper: Client, two: list[Conversation], talk: Talk) -> None:
    assert erase(keeper, [*two, talk("something else")], 3).status_code == 400  # type: ignore[attr-defined]
    assert Conversation.objects.count() == 3


def test_nothing_is_erased_without_a_reason_of_ours(keeper: Client, two: list[Conversation]) -> None:
    assert erase(keeper, two, 2, reason="because").status_code == 400  # type: ignore[attr-defined]
    assert Conversation.objects.count() == 2


def test_what_is_held_stays(keeper: Client, two: list[Conversation]) -> None:
    keeper.post(f"/staff/conversations/{two[0].pk}/hold/", {"do": "set", "reason": "claim"})
    page = erase(keeper, two, 2).content.decode()  # type: ignore[attr-defined]
    assert "Erased for good: 1 conversation." in page
    assert "Kept because of a legal hold: 1 conversation." in page
    assert list(Conversation.objects.all()) == [two[0]]


def test_a_hold_is_set_and_lifted_with_a_reason(keeper: Client, two: list[Conversation], manager: User) -> None:
    address = f"/staff/conversations/{two[0].pk}/hold/"
    for _ in range(2):
        assert keeper.post(address, {"do": "set", "reason": "claim"}).status_code == 302
    assert LegalHold.objects.get().set_by == manager
    assert "A claim or lawsuit" in keeper.get(PAGE).content.decode()
    assert keeper.post(address, {"do": "lift", "reason": "claim"}).status_code == 404
    assert keeper.post(address, {"do": "lift", "reason": "settled"}).status_code == 302
    assert LegalHold.objects.count() == 0
    assert [one.details["reason"] for one in (*entries(Action.HOLD_SET), *entries(Action.HOLD_LIFTED))] == [
        "claim",
        "claim",
        "settled",
    ]


def test_a_rule_is_changed_within_its_bounds(keeper: Client, db: None) -> None:
    keeper.post(f"{PAGE}rule/", {"kind": "no_contact", "days": "45"})
    [entry] = entries(Action.RETENTION_CHANGED)
    assert (entry.object_id, entry.details) == ("no_contact", {"before": 60, "after": 45})
    for days in ("0", "-5", "", "x", "1e3", "99999999999999999999"):
        answer = keeper.post(f"{PAGE}rule/", {"kind": "no_contact", "days": days}, follow=True)
        assert "Please choose between 30 and 365 days." in answer.content.decode()
    assert rules.days()["no_contact"] == 45
    assert keeper.post(f"{PAGE}rule/", {"kind": "audit", "days": "45"}).status_code == 404


def test_the_last_runs_are_shown(keeper: Client, two: list[Conversation]) -> None:
    old = timezone.now() - timedelta(days=400)
    Conversation.objects.update(last_message_at=old)
    assert "the next run deletes 2" in keeper.get(PAGE).content.decode()
    retention.run(timezone.now())
    assert "Conversations with contact details or a booking request: 2" in keeper.get(PAGE).content.decode()


@pytest.mark.parametrize("address", [FIND, EXPORT, ERASE, f"{PAGE}rule/"])
def test_only_who_may(staff: Client, address: str) -> None:
    assert staff.get(PAGE).status_code == 403
    assert staff.post(address, {"key": PHONE}).status_code == 403


@pytest.mark.parametrize("address", [EXPORT, ERASE, f"{PAGE}rule/"])
def test_a_fresh_login_is_needed(keeper: Client, two: list[Conversation], address: str) -> None:
    session = keeper.session
    session[CONFIRMED] -= 600
    session.save()
    form = {
        "key": PHONE,
        "reason": "person",
        "count": 2,
        "conversations": [str(one.pk) for one in two],
        "kind": "contact",
    }
    answer = keeper.post(address, form | {"days": 40})
    assert answer.status_code == 302
    assert not answer.headers["Location"].startswith(PAGE)
    assert Conversation.objects.count() == 2
    assert rules.days()["contact"] == 365
