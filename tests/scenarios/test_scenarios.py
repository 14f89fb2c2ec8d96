"""The scenarios themselves: well formed, complete, and in words that the bot was not trained on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from tests.scenarios import conversation
from tests.scenarios.conversation import NONE, Scenario

ROOT = Path(__file__).parents[2]
FOLDERS = {
    "happy_path",
    "multiple_questions",
    "follow_ups",
    "clarification",
    "corrections",
    "digressions",
    "cancellations",
    "negations",
    "invalid_input",
    "repeat",
    "chitchat",
    "out_of_scope",
    "hand_offs",
    "contact_form",
    "booking_form",
    "languages",
    "safety",
    "take_over",
}
LEAST = 60
NOT_WORDS = re.compile(r"[^\w]+")

SCENARIOS = [conversation.read_scenario(path) for path in conversation.files()]
DOMAIN = yaml.load((ROOT / "domain.yml").read_bytes(), Loader=yaml.CSafeLoader)
PATTERNS = conversation.response_patterns()


def normalised(text: str) -> str:
    return NOT_WORDS.sub(" ", text.lower()).strip()


def trained_on() -> set[str]:
    found: set[str] = set()
    for path in (ROOT / "data" / "nlu").rglob("*.yml"):
        for entry in yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)["nlu"]:
            lines = entry["examples"].splitlines()
            found |= {normalised(line.strip().removeprefix("- ")) for line in lines}
    return found


def expected_responses(scenario: Scenario) -> set[str]:
    lists = [turn.expected.get(key, []) for turn in scenario.turns for key in ("bot", "bot_begins", "notices")]
    return {name for names in lists for name in names}


def test_there_are_enough_and_every_folder_has_some() -> None:
    assert len(SCENARIOS) >= LEAST
    assert {scenario.name.partition("/")[0] for scenario in SCENARIOS} == FOLDERS


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_the_name_is_a_sentence(scenario: Scenario) -> None:
    _, _, name = scenario.name.partition("/")
    assert re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+){2,}", name)


def test_every_response_expected_is_one_of_the_domain() -> None:
    for scenario in SCENARIOS:
        for name in expected_responses(scenario):
            known = {name, *(name + ending for ending in conversation.BY_HOURS)} & set(DOMAIN["responses"])
            assert known, f"{scenario.name} expects {name}, which domain.yml does not have"


def test_every_button_expected_is_one_of_the_domain() -> None:
    titles = {
        variant.get("metadata", {}).get("title") for variants in DOMAIN["responses"].values() for variant in variants
    }
    for scenario in SCENARIOS:
        for turn in scenario.turns:
            named = [*turn.expected.get("buttons", []), *turn.expected.get("offers", [])]
            named += [turn.what] if turn.deed == "press" and isinstance(turn.what, str) else []
            assert set(named) <= titles, scenario.name


def test_every_topic_and_small_talk_is_asked_about() -> None:
    asked = {name for scenario in SCENARIOS for name in expected_responses(scenario)}
    answers = {f"utter_{intent}" for intent in DOMAIN["intents"] if f"utter_{intent}" in DOMAIN["responses"]}
    # Booking and staff answer by the clinic's hours; what has only a button's title is never said.
    only_titles = {"utter_book", "utter_reschedule_cancel", "utter_human_request", "utter_complaint_billing"}
    assert answers - only_titles <= asked
    assert {
        "utter_booking_start",
        "utter_reschedule",
        "utter_hand_off",
        "utter_staff_medical",
        "utter_emergency",
    } <= asked


def test_every_kind_of_hand_off_is_made() -> None:
    made = {
        turn.expected.get("hand_off", NONE)
        for scenario in SCENARIOS
        for turn in scenario.turns
        if isinstance(turn.expected.get("hand_off", NONE), str)
    }
    assert made == set(conversation.HAND_OFFS)


def test_no_sentence_is_one_that_the_bot_was_trained_on() -> None:
    known = trained_on()
    copied = {
        text
        for scenario in SCENARIOS
        for text in conversation.visitor_texts(scenario)
        if normalised(text) in known - {""}
    }
    assert not copied


def test_no_text_of_one_response_can_be_taken_for_another() -> None:
    for name, variants in DOMAIN["responses"].items():
        for variant in variants:
            said = conversation.PLACEHOLDER.sub("anything", variant["text"].strip())
            takers = [other for other, forms in PATTERNS.items() if any(form.fullmatch(said) for form in forms)]
            assert takers == [name]
