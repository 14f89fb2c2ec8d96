"""Who waits for staff in vain is told so, honestly and once; whoever is attended to is not."""

from __future__ import annotations

import time

import httpx
import pytest

from bench.member import Member
from tests.conftest import Running
from tests.e2e.takeover import age
from tests.scenarios import conversation
from tests.scenarios.conversation import Turn, Visitor

pytestmark = pytest.mark.stack

PATTERNS = conversation.response_patterns()
# The worker looks every quarter of a minute.
LOOK_SECONDS = 40
WISH = Turn("visitor", "I would like to talk to a person")


def notices(visitor: Visitor) -> list[str]:
    """Return the responses behind the notices that the visitor has read."""
    messages = visitor.everything()
    return [conversation.response_of(one["text"], PATTERNS) for one in messages if one["sender"] == "system"]


def test_an_unclaimed_request_times_out_with_a_message_and_a_claimed_one_does_not(running: Running) -> None:
    headers = {"Measuring-Key": running.measuring_key}
    with (
        httpx.Client(base_url=running.url, headers=headers, timeout=60, trust_env=False) as http,
        Member.of(running, "Ann") as ann,
    ):
        alone, attended, early = (Visitor(http, {}) for _ in range(3))
        for visitor in (alone, attended, early):
            assert visitor.take(WISH).owner == "waiting"
        ann.take(attended.conversation)
        for visitor in (alone, attended):
            age(running, visitor.conversation, 30)
        end = time.monotonic() + LOOK_SECONDS
        while not notices(alone) and time.monotonic() < end:
            time.sleep(0.3)
        [told] = notices(alone)
        assert told.startswith("utter_still_waiting")
        # The same look has passed over the others; the next one says nothing twice.
        time.sleep(16)
        assert notices(alone) == [told]
        assert notices(attended) == ["utter_staff_joined"]
        assert notices(early) == []
