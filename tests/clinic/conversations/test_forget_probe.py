"""The question of a start leaves nothing behind; nobody else's conversation can be removed that way."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from clinic.conversations import book
from clinic.conversations.models import Conversation, Message


def asked(times: int) -> Conversation:
    """Return a conversation in which a visitor has said something so many times."""
    conversation, _ = book.begin()
    for _ in range(times):
        book.store_visitor_message(conversation.pk, uuid4(), "how long does it last", None)
    return conversation


def test_the_starts_own_conversation_goes_with_its_messages(db: None) -> None:
    call_command("forget_probe", str(asked(1).pk))
    assert not Conversation.objects.exists()
    assert not Message.objects.exists()


@pytest.mark.parametrize("times", [0, 2])
def test_another_conversation_stays(db: None, times: int) -> None:
    with pytest.raises(CommandError, match="not the conversation of a start"):
        call_command("forget_probe", str(asked(times).pk))
    assert Conversation.objects.count() == 1


def test_a_conversation_that_is_handed_over_stays(db: None) -> None:
    conversation = asked(1)
    Conversation.objects.update(owner="waiting")
    with pytest.raises(CommandError):
        call_command("forget_probe", str(conversation.pk))
    with pytest.raises(CommandError):
        call_command("forget_probe", str(uuid4()))
    assert Conversation.objects.count() == 1
