"""Exports through the page."""

from __future__ import annotations

import json
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.http import StreamingHttpResponse
from django.test import Client

from clinic.accounts.sessions import CONFIRMED
from clinic.audit.models import Entry
from clinic.staff import export
from tests.clinic.staff.conftest import Talk

ASKED = {
    "first": "2026-11-19",
    "last": "2026-11-20",
    "form": "transcripts",
    "reason": "Quarterly review of the answers.",
}
FORMULA = '=HYPERLINK("https://evil.example","click")'


@async_to_sync
async def content(response: StreamingHttpResponse) -> str:
    """Return everything that streams."""
    return b"".join([part async for part in response]).decode()


@pytest.fixture
def exporter(client: Client, manager: Any) -> Client:
    """The browser of somebody who may export and has just logged in."""
    client.force_login(manager)
    return client


def test_a_file_leaves_with_its_reason_in_the_audit_log_and_nobodys_words(exporter: Client, talk: Talk) -> None:
    talk("my secret question")
    answer = exporter.post("/staff/export/", ASKED)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="transcripts-2026-11-19-2026-11-20.jsonl"'
    assert answer.headers["Cache-Control"].count("no-store") == 1
    assert json.loads(content(answer))["messages"][0]["text"] == "my secret question"
    entry = Entry.objects.get(action="export.made")
    assert entry.details["reason"] == ASKED["reason"]
    assert entry.details["conversations"] == 1
    assert "secret" not in json.dumps(entry.details)


def test_a_formula_is_defused(exporter: Client, talk: Talk) -> None:
    talk(FORMULA)
    text = content(exporter.post("/staff/export/", ASKED | {"form": "messages"}))
    assert "\"'=HYPERLINK(" in text


def test_the_filters_of_the_list_come_along(exporter: Client, talk: Talk) -> None:
    talk("apples")
    talk("pears")
    page = exporter.get("/staff/export/?q=pears&from=2026-11-19&to=2026-11-20").content.decode()
    assert "Only those of the list you came from" in page
    answer = exporter.post("/staff/export/", ASKED | {"query": "q=pears"})
    assert [json.loads(line)["messages"][0]["text"] for line in content(answer).splitlines()] == ["pears"]
    assert Entry.objects.get(action="export.made").details["searched"] is True


@pytest.mark.parametrize(
    "wrong",
    [
        {"reason": ""},
        {"reason": "short"},
        {"form": "everything"},
        {"first": "2026-11-21", "last": "2026-11-20"},
        {"first": "never"},
        {"query": "x" * 1001},
    ],
)
def test_what_is_wrong_is_said_and_nothing_leaves(exporter: Client, talk: Talk, wrong: dict[str, str]) -> None:
    talk("one")
    answer = exporter.post("/staff/export/", ASKED | wrong)
    assert answer.status_code == 400
    assert not answer.streaming
    assert not Entry.objects.filter(action="export.made").exists()


def test_no_more_than_so_many_leave_at_once(exporter: Client, talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "MOST", 2)
    for number in range(3):
        talk(str(number))
    assert len(content(exporter.post("/staff/export/", ASKED)).splitlines()) == 2


def test_neither_the_front_desk_nor_a_clinician_exports(client: Client, member: Any, clinician: Any) -> None:
    for user in (member, clinician):
        client.force_login(user)
        assert client.get("/staff/export/").status_code == 403
        assert client.post("/staff/export/", ASKED).status_code == 403


def test_without_a_fresh_code_nothing_leaves(client: Client, manager: Any, talk: Talk) -> None:
    talk("one")
    client.force_login(manager)
    session = client.session
    session[CONFIRMED] -= 600
    session.save()
    assert client.post("/staff/export/", ASKED).status_code == 302
    assert not Entry.objects.filter(action="export.made").exists()
