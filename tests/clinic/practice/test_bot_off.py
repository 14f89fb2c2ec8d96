"""The bot is switched off: what the brain is told, what visitors read, and that it works without the brain."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from clinic.audit.log import CLOCK
from clinic.conversations.models import Conversation
from clinic.handoffs.models import HandOff
from clinic.practice import editing, facts
from tests.clinic.conftest import FakeBrain, Visitor, answer, wait_for

Switch = Callable[[bool], None]


@pytest.fixture
def switch(transactional_db: None, django_user_model: Any) -> Switch:
    """Switch the bot off or on."""
    somebody = django_user_model.objects.create_user("casey", role="manager")

    def do(off: bool) -> None:
        assert editing.switch_bot(off, "We check the texts.", somebody, CLOCK)

    return do


def test_the_brain_is_told_with_every_message(visitor: Visitor, fake_brain: FakeBrain, switch: Switch) -> None:
    visitor.say()
    switch(True)
    visitor.say()
    switch(False)
    visitor.say()
    assert [turn["context"]["bot_off"] for turn in fake_brain.turns] == [False, True, False]


def test_what_is_written_to_staff_is_read_as_ever(visitor: Visitor, fake_brain: FakeBrain, switch: Switch) -> None:
    switch(True)
    Conversation.objects.update(owner="staff:1", epoch=1)
    visitor.post("thank you")
    wait_for(lambda: fake_brain.turns)
    assert fake_brain.turns[0]["context"]["bot_off"] is False


@pytest.mark.parametrize(
    ("is_open", "said"), [(True, "The bot is off. Staff have it."), (False, "The bot is off. Staff have it, later.")]
)
def test_without_the_brain_visitors_read_that_the_bot_is_off_and_staff_get_it(
    visitor: Visitor,
    fake_brain: FakeBrain,
    switch: Switch,
    monkeypatch: pytest.MonkeyPatch,
    is_open: bool,
    said: str,
) -> None:
    monkeypatch.setattr("clinic.practice.hours.Hours.is_open", lambda self, at: is_open)
    fake_brain.reply = lambda turn: (500, b"")
    switch(True)
    [reply] = visitor.say()
    assert reply["text"] == said
    assert HandOff.objects.get().kind == "failed_turn"


def test_an_emergency_gets_its_instructions(visitor: Visitor, fake_brain: FakeBrain, switch: Switch) -> None:
    hand_off = {"type": "hand_off", "kind": "emergency", "reason": "rules:a/b"}
    fake_brain.reply = lambda turn: answer("emergency", "utter_emergency", effects=[hand_off])
    switch(True)
    [reply] = visitor.say()
    assert reply["text"] == "Call 911 now."
    assert HandOff.objects.get().kind == "emergency"


def test_a_new_conversation_is_greeted_without_topics(visitor: Visitor, switch: Switch) -> None:
    assert visitor.get()["messages"][0]["buttons"]
    switch(True)
    [greeting] = Visitor(visitor.http).get()["messages"]
    assert (greeting["text"], greeting["buttons"]) == ("Hello, this is the chat of the clinic. The bot is off.", [])


def test_switching_is_no_edit_of_the_facts(switch: Switch) -> None:
    switch(True)
    found = facts.snapshot().practice
    assert (found.is_bot_off, found.edited_at, found.version) == (True, None, 0)
    assert found.bot_off_at is not None
    assert found.bot_off_at <= timezone.now()
