"""Intents: one rule each, enough examples each, and no sentence that belongs to two."""

import re
from collections import Counter, defaultdict

import pytest

from tests.data.corpus import STAFF_AND_BOOKING, actions_of, answer_topics, domain, examples, responses, rules

INTENTS = domain()["intents"]
FEWEST = {"answer": 40, "safety": 30, "out_of_scope": 300}


def fewest_examples(intent: str) -> int:
    """How many examples an intent needs."""
    if intent == "out_of_scope":
        return FEWEST["out_of_scope"]
    if intent.startswith(("medical_", "emergency_")):
        return FEWEST["safety"]
    return FEWEST["answer"] if intent in answer_topics() else 1


def plain(sentence: str) -> str:
    """A sentence without case and punctuation."""
    return " ".join(re.findall(r"\w+", sentence.lower()))


def test_there_are_twenty_five_answer_topics() -> None:
    assert len(answer_topics()) == 25


@pytest.mark.parametrize("intent", INTENTS)
def test_an_intent_has_exactly_one_rule(intent: str) -> None:
    assert [intent for intents, _ in rules() for name in intents if name == intent] == [intent]


def test_rules_name_only_known_intents_and_actions() -> None:
    known = set(responses()) | set(domain()["actions"])
    assert {intent for intents, _ in rules() for intent in intents} <= set(INTENTS)
    assert {action for _, actions in rules() for action in actions} <= known


@pytest.mark.parametrize("intent", [name for name in INTENTS if name.startswith("medical_")])
def test_a_medical_matter_gets_no_answer_of_ours(intent: str) -> None:
    assert actions_of()[intent] == ["action_hand_off"]


@pytest.mark.parametrize("intent", [name for name in INTENTS if name.startswith("emergency_")])
def test_an_emergency_gets_the_number_before_anything_else(intent: str) -> None:
    first, second = actions_of()[intent]
    assert first == ("utter_emergency_crisis" if intent == "emergency_crisis" else "utter_emergency")
    assert second == "action_hand_off"


@pytest.mark.parametrize("intent", sorted(STAFF_AND_BOOKING))
def test_staff_and_booking_go_to_an_action(intent: str) -> None:
    assert actions_of()[intent] in (["action_hand_off"], ["action_start_booking"])


@pytest.mark.parametrize("intent", INTENTS)
def test_an_intent_has_enough_examples(intent: str) -> None:
    assert len({plain(sentence) for sentence in examples().get(intent, [])}) >= fewest_examples(intent)


def test_examples_name_only_known_intents() -> None:
    assert set(examples()) <= set(INTENTS)


def test_no_sentence_belongs_to_two_intents() -> None:
    owners = defaultdict(set)
    for intent, sentences in examples().items():
        for sentence in sentences:
            owners[plain(sentence)].add(intent)
    assert {sentence: sorted(intents) for sentence, intents in owners.items() if len(intents) > 1} == {}


def test_no_sentence_stands_twice_in_an_intent() -> None:
    twice = {
        intent: [sentence for sentence, count in Counter(sentences).items() if count > 1]
        for intent, sentences in examples().items()
    }
    assert {intent: sentences for intent, sentences in twice.items() if sentences} == {}
