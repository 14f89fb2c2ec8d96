"""The component: what it writes to a message, and how it behaves with any text at all."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.training_data.message import Message

from rasa_ext.safety.gate import MedicalGate
from rasa_ext.safety.rules import MAX_CHARACTERS, Finding, read_dangers
from rasa_ext.safety.vocabulary import VocabularyError

# Ten times what was measured: a shared machine is slow, a quadratic rule is slower by far.
SLOW_SECONDS = 0.6
MONSTERS = [
    "i " * 3000,
    "?" * 6000,
    "?!" * 3000,
    "a" * 6000,
    "my eye cannot breathe face is not my " * 200,
    "a.b-c/d" * 900,
    "😀" * 6000,
    "no " * 2000,
]


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


def test_does_not_read_a_pressed_button(make_gate) -> None:
    assert findings(make_gate(), "I'm pregnant", choice={"intent": "side_effects"}) == []


def test_a_vocabulary_that_cannot_be_used_stops_the_start(make_gate, tmp_path) -> None:
    with pytest.raises(VocabularyError):
        make_gate(vocabulary=str(tmp_path / "nothing"))


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=400), st.lists(st.text(max_size=40), max_size=3))
def test_no_text_breaks_it_and_every_offset_lies_in_the_text(text: str, recent: list[str]) -> None:
    for finding in read_dangers(text, recent):
        assert 0 <= finding.start <= finding.end <= len(text)


@pytest.mark.parametrize("text", MONSTERS, ids=lambda text: text[:7])
def test_the_longest_message_takes_bounded_time(text: str) -> None:
    read_dangers("warm up", [])
    begin = time.process_time()
    read_dangers(text[:MAX_CHARACTERS], [])
    assert time.process_time() - begin < SLOW_SECONDS
