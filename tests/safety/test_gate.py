"""The component: what it writes to a message, and how it behaves with any text at all."""

import json
import random
import time
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.training_data.message import Message

from rasa_ext.safety.gate import MedicalGate
from rasa_ext.safety.rules import MAX_CHARACTERS, Finding, read_dangers
from rasa_ext.safety.vocabulary import VocabularyError
from tests.safety.corpus import level_of

ROOT = Path(__file__).parents[2]
# Several times what was measured: a shared machine is slow, a quadratic rule is slower by far.
SLOW_SECONDS = 0.4
# Four times as long a text may take so many times as long; with a quadratic rule it takes sixteen times as long.
MOST_TIMES = 8
# Faster than this says nothing about the length.
TOO_FAST = 0.004
ODD_UNITS = [
    *(
        "a",
        "ab",
        "a1",
        "1",
        "12 ",
        " ",
        "\n",
        "a\n",
        "😀",
        "a\u0301",
        "\u0301",
        "\u200d",
        ".",
        "a.",
        "…",
        "a…",
        "æ",
        "ⅷ",
        "\ufdfa",
    ),
    *(
        "i ",
        "no ",
        "my ",
        "can't",
        "haha",
        "aaab",
        "icantbreathe",
        "a.b-c/d",
        "www.",
        "a@",
        "<a",
        "&a",
        "%20",
        "a_",
        "?!",
        "*",
    ),
    *("喉", "حلق", "b r e a t h e  ", "my eye cannot breathe face is not my ", "my throat is closing and "),
]
ALPHABET = "aeimnt13 .,-_'@<&*?!…😀\u0301\u200bæ"


@pytest.fixture
def make_gate(tmp_path):
    def make(**config) -> MedicalGate:
        return MedicalGate.create(
            {**MedicalGate.get_default_config(), **config},
            LocalModelStorage(tmp_path),
            Resource("gate"),
            ExecutionContext(GraphSchema({}), "test"),
        )

    return make


def findings(gate: MedicalGate, text: str, **metadata) -> list[dict]:
    message = Message(data={"text": text, "metadata": metadata}, output_properties={"text"})
    return gate.process([message])[0].as_dict(only_output_properties=True)["findings"]


def test_writes_findings_as_plain_json(make_gate) -> None:
    found = findings(make_gate(), "I can't breathe")
    assert json.loads(json.dumps(found)) == found
    assert found[0]["level"] == "emergency"
    assert found[0]["intent"] == "emergency_breathing"
    assert set(found[0]) == set(Finding.__dataclass_fields__)


def test_writes_an_empty_list_where_nothing_is_found(make_gate) -> None:
    assert findings(make_gate(), "how much is it") == []
    assert findings(make_gate(), "") == []


def test_reads_the_messages_of_the_last_half_minute(make_gate) -> None:
    assert findings(make_gate(), "feels tight", recent=["my throat"])[0]["level"] == "emergency"


def test_a_button_whose_title_speaks_of_an_emergency_counts_as_typed(make_gate) -> None:
    message = Message(data={"text": "I can't breathe", "metadata": {"choice": {"intent": "side_effects"}}})
    make_gate().process([message])
    assert message.get("findings")[0]["level"] == "emergency"
    assert message.get("metadata")["choice"] is None


def test_a_pressed_button_is_not_read_with_the_messages_before(make_gate) -> None:
    assert findings(make_gate(), "Side effects", recent=["my throat"], choice={"intent": "side_effects"}) == []


def test_a_button_about_pain_is_no_matter_for_staff(make_gate) -> None:
    message = Message(data={"text": "Pain and numbing", "metadata": {"choice": {"intent": "pain_anesthesia"}}})
    make_gate().process([message])
    assert message.get("findings") == []
    assert message.get("metadata")["choice"] == {"intent": "pain_anesthesia"}


def button_titles() -> list[str]:
    """Return the titles of all buttons that the bot offers."""
    responses = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))["responses"]
    variants = [variant for variants in responses.values() for variant in variants]
    buttons = [button["title"] for variant in variants for button in variant.get("buttons", [])]
    return buttons + [title for variant in variants if (title := variant.get("metadata", {}).get("title"))]


def test_no_button_of_ours_is_taken_for_an_emergency() -> None:
    days = ["Mon, Nov 23", "Thursday, November 26, 9:00 AM", "Tue 1 Dec, 2:30 PM", "Friday morning", "12/18, 17:00"]
    assert len(button_titles()) > 30
    assert [title for title in [*button_titles(), *days] if level_of(title) == "emergency"] == []


def test_a_vocabulary_that_cannot_be_used_stops_the_start(make_gate, tmp_path) -> None:
    with pytest.raises(VocabularyError):
        make_gate(vocabulary=str(tmp_path / "nothing"))


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=400), st.lists(st.text(max_size=40), max_size=3))
def test_no_text_breaks_it_and_every_offset_lies_in_the_text(text: str, recent: list[str]) -> None:
    for finding in read_dangers(text, recent):
        assert 0 <= finding.start <= finding.end <= len(text)


def fastest(text: str, recent: list[str]) -> float:
    """Return the shortest of three times, in seconds of this process."""
    times = []
    for _ in range(3):
        begin = time.process_time()
        read_dangers(text, recent)
        times.append(time.process_time() - begin)
    return min(times)


def fill(unit: str, length: int = MAX_CHARACTERS) -> str:
    return (unit * length)[:length]


@pytest.mark.parametrize("unit", ODD_UNITS, ids=ascii)
def test_time_grows_with_the_length_and_no_faster(unit: str) -> None:
    read_dangers("warm up", [])
    whole, quarter = fastest(fill(unit), []), fastest(fill(unit, MAX_CHARACTERS // 4), [])
    assert whole < SLOW_SECONDS
    assert whole < MOST_TIMES * max(quarter, TOO_FAST)


def test_any_unit_without_end_takes_bounded_time() -> None:
    dice = random.Random(1)
    units = ["".join(dice.choices(ALPHABET, k=dice.randint(1, 9))) for _ in range(40)]
    assert {unit: taken for unit in units if (taken := fastest(fill(unit), [])) > SLOW_SECONDS} == {}


@pytest.mark.parametrize("unit", ["a", "ab", "my eye cannot breathe face is not my "])
def test_long_messages_before_take_bounded_time(unit: str) -> None:
    assert fastest("feels tight", [fill(unit)] * 5) < SLOW_SECONDS
    assert fastest(fill(unit), [fill(unit)] * 5) < 2 * SLOW_SECONDS


@pytest.mark.parametrize("text", ["my throat is closing up", "I can't breathe"])
@pytest.mark.parametrize("unit", ["a", "ab", ".", "…", "1", "😀", "\u0301"])
def test_a_danger_beside_a_word_without_end_is_found(unit: str, text: str) -> None:
    assert read_dangers(f"{fill(unit, 5000)} {text}", [])[0].level == "emergency"
    assert read_dangers(f"{text} {fill(unit, 5000)}", [])[0].level == "emergency"


def test_a_long_text_without_spaces_is_still_read() -> None:
    text = "so we went to the market and my throat is closing up since the bus was late and it rained "
    assert read_dangers((text * 5).replace(" ", "."), [])[0].level == "emergency"


def test_a_sentence_in_pieces_is_found_at_the_seam_of_long_messages() -> None:
    chatter = "the bus was late and it rained all day. " * 100
    assert read_dangers(f"feels tight. {chatter}", [f"{chatter} my throat"])[0].level == "emergency"
