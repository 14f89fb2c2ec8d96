"""The audit log's page: filters, pages by key, its own entries, the chain's check, and searches by fingerprint."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client

from clinic.accounts.models import User
from clinic.audit import terms
from clinic.audit.actions import Action
from clinic.audit.log import CLOCK, Actor, record
from clinic.audit.models import Entry
from clinic.staff import audit

PAGE = "/staff/audit/"


@pytest.fixture
def reader(client: Client, manager: User) -> Client:
    client.force_login(manager)
    return client


def shown(reader: Client, **query: str) -> list[int]:
    """The numbers of the entries that the page shows."""
    answer = reader.get(PAGE, query)
    assert answer.status_code == 200
    return [line.entry.number for line in answer.context["lines"]]


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ({}, [4, 3, 2, 1]),
        ({"person": "7"}, [1]),
        ({"person": "clock"}, [4, 3]),
        ({"person": "nobody"}, [2]),
        ({"action": "conversation.seen"}, [1]),
        ({"kind": "conversation"}, [3, 1]),
        ({"kind": "conversation", "id": "abc"}, [1]),
        ({"result": "denied"}, [2]),
        ({"person": "7", "result": "denied"}, []),
        ({"day": "2026-03-01"}, [4]),
        ({"day": "2026-02-28"}, []),
    ],
)
def test_the_address_filters(reader: Client, query: dict[str, str], numbers: list[int]) -> None:
    record(Action.CONVERSATION_SEEN, Actor(7, "pat"), ("conversation", "abc"))
    record(Action.ACCESS_DENIED, Actor(None, "nobody", "203.0.113.9"), result=Entry.Result.DENIED, path="/staff/x/")
    record(Action.CLOSED, CLOCK, ("conversation", "def"))
    record(Action.RETENTION_RUN, CLOCK)
    # 11 pm on the first of March where the clinic is.
    Entry.objects.filter(number=4).update(at=datetime(2026, 3, 2, 7, tzinfo=UTC))
    assert shown(reader, **query) == numbers


@pytest.mark.parametrize(
    "query",
    ["person=x", "person=9999999999999999999999", "action=x", "kind=x", "result=x", "day=x", "day=0001-01-01",
     "before=x", "before=-1", "day=9999-12-31"],
)  # fmt: skip
def test_an_address_of_nobodys_making_is_unknown(reader: Client, query: str) -> None:
    assert reader.get(f"{PAGE}?{query}").status_code == 404


def test_pages_follow_each_other_by_number(reader: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "ON_A_PAGE", 3)
    for _ in range(7):
        record(Action.CLOSED, CLOCK)
    assert shown(reader, person="clock") == [7, 6, 5]
    assert shown(reader, person="clock", before="5") == [4, 3, 2]
    assert shown(reader, person="clock", before="2") == [1]
    assert "before=5" in reader.get(PAGE, {"person": "clock"}).content.decode()


def test_reading_is_recorded(reader: Client, manager: User) -> None:
    shown(reader, action="conversation.seen", person=str(manager.pk))
    [entry] = Entry.objects.filter(action=Action.AUDIT_READ)
    assert (entry.actor_id, entry.details["filters"]["action"]) == (manager.pk, "conversation.seen")


@pytest.mark.parametrize("page", [PAGE, f"{PAGE}check/", f"{PAGE}searches/"])
def test_only_who_may(staff: Client, page: str) -> None:
    assert (staff.get(page) if page == PAGE else staff.post(page)).status_code == 403


def test_the_chain_is_checked(reader: Client, manager: User) -> None:
    record(Action.CLOSED, CLOCK)
    assert "The log is whole: 1 entries" in reader.post(f"{PAGE}check/", follow=True).content.decode()
    assert Entry.objects.get(action=Action.AUDIT_VERIFIED).actor_id == manager.pk
    Entry.objects.filter(number=1).update(actor="x")
    assert "damaged from entry 1 on" in reader.post(f"{PAGE}check/", follow=True).content.decode()


def test_was_this_searched_for(reader: Client) -> None:
    mine = terms.record_search(CLOCK, "Crooked smile")
    terms.record_search(CLOCK, "something else")
    answer = reader.post(f"{PAGE}searches/", {"terms": " crooked  SMILE"}, follow=True)
    address = answer.redirect_chain[0][0]
    assert "crooked" not in address.lower()
    assert [line.entry.number for line in answer.context["lines"]] == [mine.number]
    assert reader.post(f"{PAGE}searches/", {"terms": " "}).headers["Location"] == PAGE


def test_what_an_entry_says_is_shown_as_text(reader: Client) -> None:
    record(Action.ACCESS_DENIED, Actor(None, "<b>nobody</b>"), ("conversation", "<i>x"), path="/staff/<script>alert(1)")
    page = reader.get(PAGE).content.decode()
    assert "<script>alert" not in page
    assert "<b>nobody" not in page
    assert "<i>x" not in page
    assert "&lt;script&gt;alert(1)" in page
