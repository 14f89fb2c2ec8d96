"""Every conversation of this folder, held over the visitor API with the whole stack behind it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

import httpx
import pytest

from tests.conftest import Running
from tests.scenarios import conversation
from tests.scenarios.conversation import Got, Scenario

pytestmark = pytest.mark.stack

PATTERNS = conversation.response_patterns()
# A month and a day ago, by the clinic's own signature.
MAKE_EXPIRED_TOKEN = """
import time, uuid
from django.core.signing import TimestampSigner, b62_encode
signer = TimestampSigner(salt="clinic.visitors.tokens")
signer.timestamp = lambda: b62_encode(int(time.time()) - 31 * 24 * 3600)
print(signer.sign(uuid.uuid4().hex))
"""


@pytest.fixture(scope="session")
def tokens(stack: Running) -> dict[str, str]:
    """Tokens that a visitor may turn up with besides the own one."""
    printed = stack.manage("shell", "--no-imports", "--command", MAKE_EXPIRED_TOKEN)
    return {"expired": printed.strip().splitlines()[-1]}


@pytest.fixture(scope="session")
def http(stack: Running) -> Iterator[httpx.Client]:
    """A client that may measure."""
    headers = {"Measuring-Key": stack.measuring_key}
    with httpx.Client(base_url=stack.url, headers=headers, timeout=60, trust_env=False) as client:
        yield client


@pytest.mark.parametrize(
    "path", conversation.files(), ids=lambda path: str(path.relative_to(conversation.FOLDER).with_suffix(""))
)
def test_conversation(path: Path, http: httpx.Client, tokens: dict[str, str]) -> None:
    scenario: Scenario = conversation.read_scenario(path)
    gots = conversation.hold(scenario, http, tokens)
    if any(conversation.all_complaints(scenario, gots, PATTERNS)):
        pytest.fail(conversation.told(scenario, gots, PATTERNS), pytrace=False)


def test_vague_questions_make_the_bot_ask_back_with_buttons(http: httpx.Client, tokens: dict[str, str]) -> None:
    scenarios = [conversation.read_scenario(path) for path in conversation.files(conversation.FOLDER / "clarification")]
    gots = [got for scenario in scenarios for got in conversation.hold(scenario, http, tokens)]
    asked_back = [seen for got in gots if (seen := conversation.seen_of(got, PATTERNS))["route"] == "clarify"]
    assert asked_back, "no conversation of this folder is vague enough for this model"
    for seen in asked_back:
        assert seen["bot"] == ["utter_clarify"]
        assert len(set(seen["buttons"])) == 3
        assert seen["buttons"][-1] == "Talk to our staff"


def test_two_conversations_at_once_do_not_mix(http: httpx.Client, tokens: dict[str, str]) -> None:
    names = ("repeat/page_sends_a_message_twice", "invalid_input/page_sends_a_button_that_is_not_there")
    scenarios = [conversation.read_scenario(conversation.FOLDER / f"{name}.yml") for name in names]
    visitors = [conversation.Visitor(http, tokens) for _ in scenarios]
    gots: list[list[Got]] = [[], []]
    for turns in zip_longest(*(scenario.turns for scenario in scenarios)):
        for visitor, turn, mine in zip(visitors, turns, gots, strict=True):
            mine += [visitor.take(turn)] if turn else []
    for scenario, mine in zip(scenarios, gots, strict=True):
        assert not any(conversation.all_complaints(scenario, mine, PATTERNS)), conversation.told(
            scenario, mine, PATTERNS
        )
