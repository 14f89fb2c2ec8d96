"""People who work at the clinic, and conversations for them to read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.core.cache import cache
from django.test import Client, override_settings

from clinic.accounts.models import User
from clinic.accounts.roles import Role
from clinic.conversations.models import Conversation, Message, Understanding
from clinic.handoffs.models import HandOff
from clinic.practice import facts

START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
PASSWORD = "seven quiet herons 4"
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    """No counter and no fact of another test, and passwords that cost no time."""
    cache.clear()
    facts.forget()
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield
    facts.forget()


def make_user(name: str, role: str, **fields: Any) -> User:
    """Make an account whose password and second factor are set up, so that every page of its role lets it in."""
    user = User.objects.create_user(name, password=PASSWORD, role=role, **fields)
    TOTP.activate(user, TOTP_SECRET)
    return user


@pytest.fixture
def member(db: None) -> User:
    """Somebody at the front desk."""
    return make_user("morgan", Role.FRONT_DESK)


@pytest.fixture
def clinician(db: None) -> User:
    """A member of staff who may sign off wording and take that back."""
    return make_user("robin", Role.CLINICIAN)


@pytest.fixture
def manager(db: None) -> User:
    """A member of staff who runs the clinic: settings, numbers, export, privacy, audit."""
    return make_user("casey", Role.MANAGER)


@pytest.fixture
def administrator(db: None) -> User:
    """A member of staff who invites people and ends their access."""
    return make_user("jordan", Role.ADMINISTRATOR)


@pytest.fixture
def staff(client: Client, member: User) -> Client:
    """The browser of a member of staff who is logged in."""
    client.force_login(member)
    return client


Talk = Callable[..., Conversation]


def hand_over(conversation: Conversation, kind: str, *seqs: int, urgent: bool = False, reason: str = "") -> HandOff:
    """Make a hand-off of the conversation's messages with these numbers."""
    matter = HandOff.objects.create(conversation=conversation, kind=kind, urgent=urgent, created_at=START)
    for message in Message.objects.filter(conversation=conversation, seq__in=seqs or [1]):
        matter.entries.create(message=message, reason=reason)
    return matter


@pytest.fixture
def talk(db: None) -> Talk:
    """Make a conversation in which a visitor says the texts and gets an answer to each."""

    def make(*texts: str, minute: int = 0) -> Conversation:
        at = START + timedelta(minutes=minute)
        conversation = Conversation.objects.create(created_at=at, last_message_at=at, last_seq=2 * len(texts))
        for number, text in enumerate(texts):
            asked = Message.objects.create(
                conversation=conversation,
                seq=2 * number + 1,
                sender="visitor",
                text=text,
                created_at=at,
                turn="answered",
            )
            Understanding.objects.create(
                message=asked,
                route="answer",
                topics=["pain_anesthesia"],
                intent="pain_anesthesia",
                confidence=0.876,
                milliseconds=12.4,
            )
            Message.objects.create(
                conversation=conversation,
                seq=2 * number + 2,
                sender="bot",
                text="An answer.",
                response="utter_pain_anesthesia",
                sources=[{"document": "Patient guide", "passage": "Safety"}],
                created_at=at,
            )
        return conversation

    return make
