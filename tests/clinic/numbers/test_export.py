"""Exports: every row, nobody's formula."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from clinic.conversations.models import Conversation, Message
from clinic.handoffs.models import HandOff
from clinic.numbers import export
from tests.clinic.staff.conftest import START, Talk, talk  # noqa: F401 - a fixture

HARMFUL = ("=1+1", "+1", "-1", "@sum(a1)", "\t=1", "\r=1", "\n=1", '=cmd|" /c calc"!a1', "\x00=1")


def rows(text: str) -> list[dict[str, Any]]:
    """Return what a spreadsheet reads."""
    return list(csv.DictReader(io.StringIO(text, newline="")))


def exported(name: str, *conversations: Conversation) -> str:
    """Return the whole export of these conversations."""
    return "".join(export.chunks([one.pk for one in conversations], name))


@pytest.mark.parametrize("text", HARMFUL)
def test_a_cell_that_begins_like_a_formula_is_defused(talk: Talk, text: str) -> None:  # noqa: F811
    said = text.replace("\x00", "")
    found = rows(exported("messages", talk(said)))
    assert export.defused(text) == f"'{text}"
    assert found[0]["text"] == (f"'{said}" if said.startswith(export.DANGEROUS) else said)


@pytest.mark.parametrize("text", ["a=1", "plain", 'say "hi", twice', "two\nlines", "naïve – ünïcödé 🌿", "1 - 2"])
def test_any_other_text_comes_through_as_it_was_typed(talk: Talk, text: str) -> None:  # noqa: F811
    assert rows(exported("messages", talk(text)))[0]["text"] == text


def test_one_row_a_conversation_holds_nobodys_words(talk: Talk) -> None:  # noqa: F811
    one = talk("a secret of mine")
    HandOff.objects.create(conversation=one, kind="staff_medical", created_at=START)
    text = exported("conversations", one)
    assert "secret" not in text
    assert rows(text)[0] | {"conversation": ""} == {
        "conversation": "",
        "begun": "2026-11-20T09:00:00+00:00",
        "last_message": "2026-11-20T09:00:00+00:00",
        "with": "bot",
        "after_hours": "no",
        "messages": "2",
        "last_topic": "",
        "lowest_confidence": "",
        "hand_offs": "staff_medical:open",
        "bookings": "",
        "tags": "",
        "ended_by_visitor": "",
        "rating": "",
        "consent": "",
    }


AGREED = {
    "consent_text_id": "widget.consent",
    "consent_language": "es",
    "consent_text_version": "0123456789abcdef",
    "consent_at": START,
}


def test_end_rating_and_consent_are_exported(talk: Talk) -> None:  # noqa: F811
    at = "2026-11-20T09:00:00+00:00"
    one, other = talk("a"), talk("b")
    Conversation.objects.filter(pk=one.pk).update(ended_at=START, rating="good", rated_at=START, **AGREED)
    row = rows(exported("conversations", one))[0]
    assert (row["ended_by_visitor"], row["rating"], row["consent"]) == (at, "good", at)
    told, plain = (json.loads(line) for line in exported("transcripts", one, other).splitlines())
    assert told["ended_by_visitor"] == at
    assert told["rating"] == {"value": "good", "at": at}
    assert told["consent"] == {"text": "widget.consent", "language": "es", "version": "0123456789abcdef", "at": at}
    assert [plain[name] for name in ("ended_by_visitor", "rating", "consent")] == [None, None, None]


def test_a_transcript_holds_everything_said_and_marks_what_was_not_shown(talk: Talk) -> None:  # noqa: F811
    one = talk("is it safe")
    Message.objects.filter(conversation=one, sender="bot").update(suppressed=True)
    [line] = exported("transcripts", one).splitlines()
    messages = json.loads(line)["messages"]
    assert [message["text"] for message in messages] == ["is it safe", "An answer."]
    assert [message["shown"] for message in messages] == [True, False]
    assert messages[0]["understood"]["intent"] == "pain_anesthesia"
    assert messages[1]["understood"] is None


def test_many_conversations_come_in_order_and_a_few_at_a_time(
    talk: Talk,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    django_assert_num_queries: Any,
) -> None:
    monkeypatch.setattr(export, "AT_ONCE", 2)
    all_of_them = [talk(f"number {number}", minute=number) for number in range(5)]
    found = rows(exported("messages", *all_of_them))
    assert [row["text"] for row in found if row["sender"] == "visitor"] == [f"number {number}" for number in range(5)]
    with django_assert_num_queries(5):
        next(chunks := export.chunks([one.pk for one in all_of_them], "messages"))
        next(chunks)


def test_a_conversation_that_is_erased_meanwhile_is_left_out(talk: Talk) -> None:  # noqa: F811
    first, second = talk("stays"), talk("goes")
    key = second.pk
    second.delete()
    assert len(rows("".join(export.chunks([first.pk, key], "conversations")))) == 1
