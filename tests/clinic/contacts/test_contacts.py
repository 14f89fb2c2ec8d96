"""A contact is written with its consent, changed, refused, and shown to staff as plain text."""

from __future__ import annotations

import logging
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.utils import timezone

from clinic.contacts.desk import write_contact
from clinic.contacts.models import Contact
from clinic.conversations import responses
from clinic.conversations.models import Conversation, Message
from tests.clinic.conftest import FakeBrain, Visitor, answer, wait_for

VALUES = {"name": "Ana", "phone": "+19165550100", "email": "", "best_time": "mornings"}
CONSENT = "utter_safety"
GIVEN = {"type": "contact", **VALUES, "consent_text": CONSENT}
DECLINED = {"type": "contact", "declined": True}


@pytest.fixture
def message(db: None) -> Message:
    now = timezone.now()
    conversation = Conversation.objects.create(created_at=now, last_message_at=now)
    return Message.objects.create(conversation=conversation, seq=1, sender="visitor", text="hi", created_at=now)


def write(message: Message, *effects: dict[str, Any]) -> Contact:
    for effect in effects:
        write_contact(message.conversation, message, effect)
    found = contact_of(message.conversation_id)
    assert found is not None
    return found


def contact_of(conversation: UUID) -> Contact | None:
    return Contact.objects.filter(conversation=conversation).first()


def values_of(contact: Contact) -> dict[str, str]:
    return {name: getattr(contact, name) for name in VALUES}


def test_it_is_kept_with_the_wording_agreed_to(message: Message) -> None:
    contact = write(message, GIVEN)
    assert (values_of(contact), contact.declined) == (VALUES, False)
    assert contact.consent_text_id == CONSENT
    assert contact.consent_text_version == responses.renderer().responses[CONSENT][0].wording_hash
    assert contact.consent_at is not None


def test_a_refusal_keeps_nothing_else(message: Message) -> None:
    contact = write(message, GIVEN, DECLINED)
    assert values_of(contact) == dict.fromkeys(VALUES, "")
    assert (contact.declined, contact.consent_at, contact.consent_text_id) == (True, None, "")


def test_a_new_number_changes_the_number_alone(message: Message) -> None:
    contact = write(message, GIVEN, {"type": "contact", "update": True, "phone": "+19165550199"})
    assert values_of(contact) == {**VALUES, "phone": "+19165550199"}
    assert Contact.objects.count() == 1


@pytest.mark.parametrize("before", [[], [DECLINED]])
def test_nothing_is_added_where_nobody_agreed(message: Message, before: list[dict[str, Any]]) -> None:
    for effect in [*before, {"type": "contact", "update": True, "phone": "+19165550199"}]:
        write_contact(message.conversation, message, effect)
    assert not Contact.objects.exclude(phone="").exists()


def test_the_database_itself_refuses_details_without_consent(message: Message) -> None:
    for fields in ({"phone": "+19165550100"}, {"declined": True, "phone": "+19165550100"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Contact.objects.create(conversation=message.conversation, updated_at=timezone.now(), **fields)


def test_too_much_wrong_and_odd_values_break_nothing(message: Message) -> None:
    odd = {"name": "x" * 5000 + "\x00", "phone": 7, "email": None, "best_time": ["a"], "consent_text": "utter_gone"}
    contact = write(message, {"type": "contact", **odd})
    assert values_of(contact) == {"name": "x" * 100, "phone": "", "email": "", "best_time": ""}
    assert contact.consent_text_version == ""


@pytest.mark.parametrize("text", [None, "", 7])
def test_without_a_text_that_was_agreed_to_nothing_is_kept(message: Message, text: object) -> None:
    write_contact(message.conversation, message, {**GIVEN, "consent_text": text})
    assert contact_of(message.conversation_id) is None


@pytest.mark.django_db(transaction=True)
def test_a_turn_writes_it_and_logs_no_value(
    visitor: Visitor, fake_brain: FakeBrain, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    fake_brain.reply = lambda turn: answer(route="smalltalk", effects=[GIVEN])
    visitor.say("yes")
    contact = wait_for(lambda: contact_of(visitor.id))
    assert contact.name == "Ana"
    assert "+19165550100" not in caplog.text


@pytest.mark.django_db(transaction=True)
def test_the_brain_learns_which_numbers_and_addresses_the_message_holds(
    visitor: Visitor, fake_brain: FakeBrain
) -> None:
    visitor.say("916 555 0100 or ana@example.com")
    assert fake_brain.turns[0]["context"]["readings"] == {"phones": ["+19165550100"], "emails": ["ana@example.com"]}


def test_staff_read_it_as_plain_text(message: Message) -> None:
    write(message, {**GIVEN, "name": "<b>Ana</b>", "email": "ana@example.com"})
    shown = render_to_string("contacts/_card.html", {"contact": contact_of(message.conversation_id)})
    assert "&lt;b&gt;Ana&lt;/b&gt;" in shown
    assert 'href="tel:+19165550100"' in shown
    assert "ana@example.com" in shown


def test_staff_read_that_the_visitor_would_rather_not_say(message: Message) -> None:
    write(message, DECLINED)
    shown = render_to_string("contacts/_card.html", {"contact": contact_of(message.conversation_id)})
    assert "would rather not say" in shown
    assert render_to_string("contacts/_card.html", {"contact": None}).strip() == ""
