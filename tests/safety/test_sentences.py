"""What the rules find in a sentence, and what they leave alone."""

import pytest

from rasa_ext.safety.rules import MAX_CHARACTERS, read_dangers
from tests.safety.corpus import level_of, pairs

CHATTER = (
    "We walked the dog along the river and talked about the holidays. The weather was lovely and the cafe was full. "
)
ENOUGH_NEGATIVES = 150


@pytest.mark.parametrize(("group", "text"), pairs("found.yml"))
def test_finds(group: str, text: str) -> None:
    assert level_of(text) == group.split(",")[0]


@pytest.mark.parametrize(("level", "text"), pairs("cases.yml"))
def test_finds_the_cases_for_every_dialogue_state(level: str, text: str) -> None:
    assert level_of(text) == level


@pytest.mark.parametrize(("group", "text"), pairs("not_found.yml"))
def test_leaves_alone(group: str, text: str) -> None:
    assert read_dangers(text, []) == []


def test_there_are_enough_sentences_that_have_to_be_left_alone() -> None:
    assert len(pairs("not_found.yml")) >= ENOUGH_NEGATIVES


def test_offsets_are_those_of_the_message_as_typed() -> None:
    text = "Hi \u200b😀 there. I CAN’T breathe!"
    finding = next(f for f in read_dangers(text, []) if f.entry == "breathing_trouble")
    assert text[finding.start : finding.end] == "CAN’T breathe"


@pytest.mark.parametrize("before", [0, 10, 40])
def test_finds_a_symptom_inside_long_chatter(before: int) -> None:
    text = (CHATTER * before + "I can't swallow since yesterday. " + CHATTER * 45)[:5000]
    assert level_of(text) == "emergency"


def test_finds_a_symptom_in_a_run_of_words_without_an_end() -> None:
    words = " ".join(["so i went on and on about the trip and the food"] * 60)
    assert level_of(f"{words} i cant swallow {words}"[:MAX_CHARACTERS]) == "emergency"


@pytest.mark.parametrize(
    ("recent", "text", "level"),
    [
        (["my throat"], "feels tight", "emergency"),
        (["hi", "my eyelid"], "is drooping", "medical"),
        (["my forehead is"], "swollen", "medical"),
        (["i can't"], "breathe", "emergency"),
        (["rash"], "since the injection", "medical"),
    ],
)
def test_reads_a_message_together_with_those_before_it(recent: list[str], text: str, level: str) -> None:
    assert level_of(text, recent) == level


@pytest.mark.parametrize("recent", [["hi"], ["ok"], ["so"], ["hi", "are you there?", "i have a question"]])
def test_a_greeting_before_a_question_makes_no_statement_of_it(recent: list[str]) -> None:
    assert read_dangers("is the needle very painful", recent) == []


def test_does_not_report_again_what_stands_in_an_earlier_message_alone() -> None:
    assert read_dangers("what are your hours", ["I'm pregnant"]) == []


def test_a_finding_that_begins_in_an_earlier_message_begins_at_zero() -> None:
    finding = read_dangers("feels tight", ["my throat"])[0]
    assert (finding.start, finding.end) == (0, len("feels tight"))
