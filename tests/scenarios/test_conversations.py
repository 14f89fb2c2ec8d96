"""Every conversation of this folder, held over the visitor API with the whole stack behind it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any

import httpx
import pytest

from bench.member import Member
from tests.conftest import ROOT, Running
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


# Prints for each conversation on a line of its input what the book has of its booking requests.
LOOK_UP = """
import json, sys
from clinic.bookings.models import BookingRequest
NAMES = ("state", "name", "phone", "email", "contact", "visitor", "wish", "reach", "preferred")
for line in sys.stdin:
    found = BookingRequest.objects.filter(conversation=line.strip()).values(*NAMES)
    print(json.dumps(list(found)), flush=True)
"""
Records = Callable[[str], list[dict[str, Any]]]


@pytest.fixture(scope="session")
def records(stack: Running) -> Iterator[Records]:
    """Look a conversation's booking requests up in the book."""
    command = [sys.executable, "manage.py", "shell", "--no-imports", "--command", LOOK_UP]
    environment = {**os.environ, **stack.environment}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        asks, answers = process.stdin, process.stdout

        def of(conversation_id: str) -> list[dict[str, Any]]:
            asks.write(f"{conversation_id}\n")
            asks.flush()
            found: list[dict[str, Any]] = json.loads(answers.readline())
            return found

        yield of
        asks.close()


@pytest.fixture(scope="session")
def ann(stack: Running) -> Iterator[Member]:
    """A member of staff."""
    with Member.of(stack, "Ann") as member:
        yield member


@pytest.mark.parametrize(
    "path", conversation.files(), ids=lambda path: str(path.relative_to(conversation.FOLDER).with_suffix(""))
)
def test_conversation(path: Path, http: httpx.Client, tokens: dict[str, str], records: Records, ann: Member) -> None:
    scenario: Scenario = conversation.read_scenario(path)
    visitor = conversation.Visitor(http, tokens, ann)
    gots = [visitor.take(turn) for turn in scenario.turns]
    wrong = conversation.record_complaints(scenario, records(visitor.conversation))
    if wrong:
        pytest.fail("\n".join([conversation.told(scenario, gots, PATTERNS), *wrong]), pytrace=False)
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
