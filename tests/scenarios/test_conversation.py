"""The reader and the comparison, without a stack."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.scenarios import conversation
from tests.scenarios.conversation import Got, Scenario, ScenarioError, Turn

PATTERNS = {
    "utter_one": [re.compile("One\\.")],
    "utter_two": [re.compile("Two of (.+?)\\.")],
    "utter_staff_open": [re.compile("Staff know\\.")],
}


def got(*texts: str, route: str = "answer", handoff: str | None = None, turn: str = "answered") -> Got:
    asked = {"understood": {"route": route, "topics": ["one"]}, "handoff": handoff, "turn": turn}
    return Got(202, asked, tuple({"text": text, "buttons": []} for text in texts), "bot")


def asked(**expected: object) -> Turn:
    return Turn("visitor", "hi", expected=expected)


def scenario_of(tmp_path: Path, text: str) -> Scenario:
    path = tmp_path / "visitor_says_hello.yml"
    path.write_text(text, encoding="utf-8")
    return conversation.read_scenario(path, tmp_path)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[]", "not a list of turns"),
        ("visitor: hi", "not a list of turns"),
        ("- hi", "not a mapping"),
        ("- {visitor: hi, bots: [utter_greet]}", "unknown keys: bots"),
        ("- {bot: [utter_greet]}", "exactly one of"),
        ("- {visitor: hi, press: Safety}", "exactly one of"),
        ("- {visitor: hi, route: answers}", "none of"),
        ("- {staff: shout}", "none of"),
        ("- {staff: take, notices: utter_staff_joined}", "without a list"),
        ("- {visitor: hi, hand_off: staff}", "none of"),
        ("- {visitor: hi, bot: utter_greet}", "without a list"),
        ("- {visitor: hi, refused: message_empty}", "without a status"),
        ("- {visitor: hi, refused: message_empty, status: 422, bot: [utter_greet]}", "also an answer"),
        ("- {visitor: hi", "not valid YAML"),
    ],
)
def test_a_scenario_that_cannot_be_meant_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(ScenarioError, match=re.escape(complaint)):
        scenario_of(tmp_path, text)


def test_a_scenario_is_read(tmp_path: Path) -> None:
    scenario = scenario_of(tmp_path, '- {visitor: "\\ud83d", times: 3, route: [answer, clarify]}')
    assert scenario.name == "visitor_says_hello"
    assert scenario.turns == (Turn("visitor", "\ud83d", {"times": 3}, {"route": ["answer", "clarify"]}),)


@pytest.mark.parametrize(
    ("turn", "outcome"),
    [
        (asked(bot=["utter_one", "utter_two"], route="answer"), got("One.", "Two of these.")),
        (asked(bot_begins=["utter_one"]), got("One.", "Two of these.")),
        (asked(bot=["utter_staff"], hand_off="staff_other"), got("Staff know.", handoff="staff_other")),
        (asked(route=["clarify", "answer"], topics=["one"], owner="bot"), got("One.")),
        (asked(mentions="of these"), got("Two of these.")),
        (asked(), got("Staff know.", handoff="staff_other")),
        (asked(refused="message_empty", status=422), Got(422, problem={"code": "message_empty", "detail": "Empty."})),
        (asked(stored_before=True, status=200), Got(200)),
    ],
)
def test_what_was_expected_brings_no_complaint(turn: Turn, outcome: Got) -> None:
    assert conversation.complaints(turn, outcome, PATTERNS) == []


@pytest.mark.parametrize(
    ("turn", "outcome", "complaint"),
    [
        (asked(bot=["utter_one"]), got("One.", "Two of these."), "bot should be ['utter_one']"),
        (asked(bot=["utter_one"]), got("Nobody wrote this."), "bot should be ['utter_one']"),
        (asked(bot_begins=["utter_two"]), got("One."), "bot_begins should be ['utter_two']"),
        (asked(bot=["utter_one"]), got("One.", handoff="booking"), "hand_off should be none"),
        (asked(route="clarify"), got("One."), "route should be clarify"),
        (asked(offers=["Safety"]), got("One."), "offers should be ['Safety']"),
        (asked(mentions="911"), got("One."), '"911" is not in the text'),
        (asked(), got("One.", turn="failed"), "its turn is failed"),
        (asked(), got(), "it got no reply"),
        (asked(), Got(422, problem={"code": "message_empty", "detail": "Empty."}), "it was refused"),
        (
            asked(refused="failed", status=500),
            Got(500, problem={"code": "failed", "detail": "Sorry."}),
            "the server failed",
        ),
        (
            asked(refused="message_empty", status=422),
            Got(422, problem={"code": "message_empty", "detail": ""}),
            "the refusal says nothing",
        ),
        (
            asked(stored_before=True),
            Got(200, kept=False),
            "the conversation has changed although nothing new was taken",
        ),
    ],
)
def test_what_came_otherwise_is_said(turn: Turn, outcome: Got, complaint: str) -> None:
    assert complaint in conversation.complaints(turn, outcome, PATTERNS)


def test_the_whole_conversation_is_told() -> None:
    turns = (asked(bot=["utter_one"]), Turn("visitor", "\ud83d", {"times": 2}, {"bot": ["utter_two"]}))
    told = conversation.told(Scenario("happy_path/a_b", turns), [got("One."), got("Hm.")], PATTERNS)
    assert told.splitlines()[0] == "happy_path/a_b"
    assert "visitor: \\ud83d  (times: 2)" in told
    assert "bot: ['\"Hm.\"']" in told
    assert "!  bot should be ['utter_two']" in told
    told.encode()


def test_a_response_is_known_by_its_text() -> None:
    patterns = conversation.response_patterns()
    assert conversation.response_of("Which of these do you mean?", patterns) == "utter_clarify"
    said = "Please get emergency help now: call 911. Do not wait for an answer in this chat."
    assert conversation.response_of(said, patterns) == "utter_emergency"
