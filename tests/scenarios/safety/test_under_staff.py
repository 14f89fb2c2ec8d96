"""While staff have a conversation the gate goes on: a danger is understood, handed over, and an emergency answered."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.conftest import Running
from tests.scenarios import conversation
from tests.scenarios.conversation import Turn, Visitor

pytestmark = pytest.mark.stack

PATTERNS = conversation.response_patterns()
TAKE_OVER = """
from django.db.models import F
from clinic.conversations.models import Conversation
newest = Conversation.objects.order_by("-created_at").first()
Conversation.objects.filter(pk=newest.pk).update(owner="staff:1", epoch=F("epoch") + 1)
"""


@pytest.fixture
def visitor(stack: Running) -> Iterator[Visitor]:
    """A visitor whose conversation staff have taken over."""
    if not stack.environment:
        pytest.skip("the stack's database belongs to somebody else")
    headers = {"Measuring-Key": stack.measuring_key}
    with httpx.Client(base_url=stack.url, headers=headers, timeout=60, trust_env=False) as http:
        found = Visitor(http, {})
        stack.manage("shell", "--no-imports", "--command", TAKE_OVER)
        yield found


@pytest.mark.parametrize("text", ["I cannot breathe properly", "mi garganta se cierra", "MY THROAT IS CLOSING"])
def test_an_emergency_is_answered_and_handed_over(visitor: Visitor, text: str) -> None:
    seen = conversation.seen_of(visitor.take(Turn("visitor", text)), PATTERNS)
    assert seen["owner"].startswith("staff")
    assert (seen["route"], seen["hand_off"], seen["buttons"]) == ("emergency", "emergency", [])
    assert "utter_emergency" in seen["bot"]


def test_a_medical_matter_is_understood_and_left_to_the_person(visitor: Visitor) -> None:
    seen = conversation.seen_of(visitor.take(Turn("visitor", "my eyelid has been drooping since Tuesday")), PATTERNS)
    assert seen["owner"].startswith("staff")
    assert (seen["route"], seen["bot"]) == ("staff_medical", [])
