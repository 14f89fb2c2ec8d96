"""Verdicts as a test set: one JSON object a line, without what points at a person."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import override_settings

from clinic.accounts.models import User
from clinic.audit.log import Actor
from clinic.audit.models import Entry
from clinic.casework import desk
from clinic.casework.redaction import redacted
from clinic.contacts.models import Contact
from clinic.conversations.models import Message
from tests.clinic.staff.conftest import START, Talk


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("call me at (650) 253-0000 please", "call me at [phone] please"),
        ("or +44 20 7946 0958, in the evening", "or [phone], in the evening"),
        ("my number is 12345678", "my number is [phone]"),
        ("write to jo.doe+x@mail.example!", "write to [e-mail]"),
        ("on 11/24/2026 or 2026-11-24 or 24.11.26", "on [date] or [date] or [date]"),
        ("on Nov 24th, 2026, or the 3rd of march", "on [date], or the [date]"),
        ("may 2027, or 24 December", "[date], or [date]"),
        ("born in 1984", "born in [date]"),
        ("Jo and JAMIE RIVERS, not Joanna", "Jo and [name] [name], not Joanna"),
        ("20 units for 40 dollars, 2 decades, 10 marks, 5 pm, may I march in", None),
        ("is it 24/7", "is it [date]"),
        ("", None),
    ],
)
def test_what_points_at_a_person_is_taken_out(text: str, rest: str | None) -> None:
    assert redacted(text, ["Jamie Rivers"]) == (text if rest is None else rest)


@pytest.mark.parametrize("date", ["24.11.2026", "2026-11-24", "3.4.1985"])
def test_a_date_is_no_phone_number_where_it_could_be_one(date: str) -> None:
    with override_settings(CLINIC_REGION="GB"):
        assert redacted(f"on {date}, 020 7946 0958") == "on [date], [phone]"


def exported() -> list[dict[str, Any]]:
    out = StringIO()
    call_command("export_verdicts", stdout=out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_verdicts_are_exported_and_that_is_audited(talk: Talk, member: User) -> None:
    conversation = talk("does it hurt? call Jamie,\n650-253-0000", "thanks")
    contact = {"name": "Jamie Rivers", "phone": "+16502530000", "consent_at": START, "updated_at": START}
    Contact.objects.create(conversation=conversation, **contact)
    first, second = Message.objects.filter(conversation=conversation, sender="visitor").order_by("seq")
    second.understanding.delete()
    desk.judge(first, "wrong", "none of them", member, Actor(member.pk, "morgan"))
    desk.judge(second, "flag", "", member, Actor(member.pk, "morgan"))
    assert exported() == [
        {
            "text": "does it hurt? call [name],\n[phone]",
            "understood": "pain_anesthesia",
            "should_be": "none_of_them",
            "verdict": "wrong",
        },
        {"text": "thanks", "understood": "", "should_be": "", "verdict": "flag"},
    ]
    last = Entry.objects.order_by("-number").first()
    assert last is not None
    assert (last.action, last.actor, last.object_kind, last.details) == (
        "export.made",
        "command line",
        "verdicts",
        {"rows": 2},
    )


def test_without_verdicts_nothing_is_printed(db: None) -> None:
    assert exported() == []
