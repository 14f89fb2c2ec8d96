"""The page of numbers."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from clinic.audit.models import Entry
from clinic.conversations.models import Conversation
from clinic.handoffs.models import HandOff
from tests.clinic.staff.conftest import START, Talk

PAGE = "/staff/numbers/?from=2026-11-19&to=2026-11-20"


@pytest.fixture
def reader(client: Client, manager: object) -> Client:
    """The browser of somebody who may see the numbers."""
    client.force_login(manager)
    return client


def test_every_number_leads_to_the_conversations_that_it_counts(reader: Client, talk: Talk) -> None:
    talk("one")
    late = talk("two")
    Conversation.objects.filter(pk=late.pk).update(is_after_hours=True, rating="bad", owner="closed")
    HandOff.objects.create(conversation=late, kind="staff_medical", created_at=START, state="resolved")
    page = reader.get(PAGE).content.decode()
    for link, shown in (
        ("state=any&amp;from=2026-11-19&amp;to=2026-11-20", 2),
        ("state=any&amp;from=2026-11-19&amp;to=2026-11-20&amp;after_hours=1", 1),
        ("state=any&amp;from=2026-11-20&amp;to=2026-11-20", 2),
        ("state=any&amp;from=2026-11-19&amp;to=2026-11-20&amp;kind=staff_medical", 1),
        ("state=any&amp;from=2026-11-19&amp;to=2026-11-20&amp;intent=pain_anesthesia", 2),
        ("state=any&amp;from=2026-11-19&amp;to=2026-11-20&amp;rating=bad", 1),
    ):
        assert f'href="/staff/?{link}"' in page, link
        listed = reader.get(f"/staff/?{link.replace('&amp;', '&')}").content.decode()
        assert len(re.findall(r"data-row", listed)) == shown, link
    assert "1 of 1 conversations that are over were rated (100" in page


def test_an_empty_month_says_so(reader: Client) -> None:
    page = reader.get(PAGE).content.decode()
    assert "Nobody has written in these days." in page
    assert "Nobody had to wait." in page
    assert "No visitor has rated a conversation." in page
    assert "conversations that are over" not in page
    assert "<svg" not in page.partition("<main")[2]


@pytest.mark.parametrize("dates", ["from=2026-11-21&to=2026-11-20", "from=x", "to=99999-01-01", "from=2020-01-01"])
def test_dates_that_are_no_period_are_refused_in_words(reader: Client, dates: str) -> None:
    answer = reader.get(f"/staff/numbers/?{dates}")
    assert answer.status_code == 400
    assert 'role="alert"' in answer.content.decode()


def test_looking_stands_in_the_audit_log(reader: Client) -> None:
    reader.get(PAGE)
    entry = Entry.objects.get(action="numbers.seen")
    assert entry.details == {"first": "2026-11-19", "last": "2026-11-20"}


def test_the_front_desk_does_not_see_them(staff: Client) -> None:
    assert staff.get(PAGE).status_code == 403
