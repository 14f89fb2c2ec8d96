"""Writing down how a visitor can be reached. No value of it is ever logged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from clinic.contacts.models import NAME_LENGTH, TIME_LENGTH, Contact
from clinic.conversations import responses
from clinic.conversations.models import Conversation, Message

LENGTHS = {"name": NAME_LENGTH, "phone": 20, "email": 254, "best_time": TIME_LENGTH}
NOTHING = dict.fromkeys(LENGTHS, "")


def write_contact(conversation: Conversation, _: Message, effect: Mapping[str, Any]) -> None:
    """Carry out the effect `contact`, inside the turn's transaction.

    `{"declined": true}` forgets everything but the refusal. `{"update": true, …}` changes what it names in a contact
    that the visitor has agreed to, and does nothing where there is none. Else the effect holds `name`, `phone`,
    `email` and `best_time`, each maybe empty, and `consent_text`, the response that the visitor said yes to; without
    one there is no consent, and nothing is written.
    """
    now = timezone.now()
    if effect.get("declined"):
        _write(conversation, NOTHING | _no_consent() | {"declined": True, "updated_at": now})
    elif effect.get("update"):
        agreed = Contact.objects.filter(conversation=conversation, declined=False)
        agreed.update(**{name: value for name, value in _values(effect).items() if value}, updated_at=now)
    elif isinstance(text := effect.get("consent_text"), str) and text:
        consent = {
            "consent_text_id": text[:100],
            "consent_text_version": responses.renderer().wording_hash(text),
            "consent_at": now,
        }
        _write(conversation, _values(effect) | consent | {"declined": False, "updated_at": now})


def _write(conversation: Conversation, fields: Mapping[str, Any]) -> None:
    Contact.objects.update_or_create(conversation=conversation, defaults=dict(fields))


def _values(effect: Mapping[str, Any]) -> dict[str, str]:
    return {
        name: value.replace("\x00", "")[:most] if isinstance(value := effect.get(name), str) else ""
        for name, most in LENGTHS.items()
    }


def _no_consent() -> dict[str, Any]:
    return {"consent_text_id": "", "consent_text_version": "", "consent_at": None}
