"""The component inside Rasa's graph: train, store, load, and the shape of what it writes to a message."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from rasa_ext.nlu.classifier import TopicClassifier
from rasa_ext.nlu.model import ModelError
from rasa_ext.nlu.splitter import MessageReader, MessageSplitter

from .conftest import LABELS, TEXTS

READING_KEYS = {"text", "question", "ranking", "medical_ranking", "score", "known", "medical", "emergency", "oos"}


class FolderStorage:
    """Rasa's model storage, as far as a component sees it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def write_to(self, resource: Resource) -> Iterator[Path]:
        (self._folder / resource.name).mkdir()
        yield self._folder / resource.name

    @contextmanager
    def read_from(self, resource: Resource) -> Iterator[Path]:
        yield self._folder / resource.name


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> TopicClassifier:
    """Trained, stored and loaded again."""
    config = {**TopicClassifier.get_default_config(), "folds": 3}
    storage, resource = FolderStorage(tmp_path_factory.mktemp("model")), Resource("topics")
    messages = [Message({"text": text, "intent": label}) for text, label in zip(TEXTS, LABELS, strict=True)]
    untrained = TopicClassifier.create(config, storage, resource, None)
    untrained.train(TrainingData([*messages, Message({"intent": "greet"})]))
    return TopicClassifier.load(config, storage, resource, None)


@pytest.fixture
def parse(classifier: TopicClassifier, reader: MessageReader) -> Any:
    def parse_text(text: str | None, **metadata: Any) -> Message:
        message = Message({"text": text, "metadata": metadata})
        return classifier.process(MessageSplitter(reader).process([message]))[0]

    return parse_text


def test_one_question(parse: Any) -> None:
    message = parse("what does it cost?")
    understood = message.get("understood")
    assert message.get("intent")["name"] == "cost_savings"
    assert message.get("intent") == message.get("intent_ranking")[0]
    assert len(message.get("intent_ranking")) == 6
    assert set(understood) == {"whole", "parts", "areas", "products", "language", "follow_up"}
    assert understood["parts"] == [understood["whole"]]
    assert understood["follow_up"] is None


def test_several_questions(parse: Any) -> None:
    understood = parse("how much does it cost and does it hurt").get("understood")
    names = [part["ranking"][0]["name"] for part in understood["parts"]]
    assert names == ["cost_savings", "pain_anesthesia"]
    assert [part["text"] for part in understood["parts"]] == ["how much does it cost", "does it hurt"]
    assert understood["whole"]["text"] == "how much does it cost and does it hurt"


def test_it_leaves_the_component_as_plain_data(parse: Any) -> None:
    message = parse("Dysport on the forehead: what does it cost? Does it hurt? I am pregnant")
    understood = message.get("understood")
    assert json.loads(json.dumps(understood)) == understood
    assert {"intent", "intent_ranking", "understood"} <= set(message.as_dict(only_output_properties=True))
    assert understood["areas"] == ["forehead"]
    assert understood["products"] == ["dysport"]
    for reading in [understood["whole"], *understood["parts"]]:
        assert set(reading) == READING_KEYS
        assert len(reading["ranking"]) == 5
        assert reading["known"] in (True, False)
        assert all(0 <= reading[key] <= 1.001 for key in ("medical", "emergency", "oos"))


@pytest.mark.parametrize("text", ["0151 2345678", "17", "24/7", "12:30"])
def test_a_number_says_nothing_by_itself(parse: Any, text: str) -> None:
    reading = parse(text).get("understood")["whole"]
    assert (reading["ranking"], reading["medical"], reading["known"]) == ([], 0.0, False)


@pytest.mark.parametrize("text", ["", None, "?!?", "🙂", "\u200b\u200b"])
def test_nothing_said(parse: Any, text: str | None) -> None:
    message = parse(text)
    assert message.get("intent") == {"name": None, "confidence": 0.0}
    assert message.get("understood")["parts"] == []
    assert message.get("understood")["whole"]["known"] is False
    assert message.get("understood")["whole"]["ranking"] == []


def test_a_pressed_button_is_certain(parse: Any) -> None:
    message = parse("What does it cost?", choice={"intent": "pain_anesthesia"})
    understood = message.get("understood")
    assert message.get("intent") == {"name": "pain_anesthesia", "confidence": 1.0}
    assert understood["whole"]["known"] is True
    assert understood["parts"] == [understood["whole"]]


@pytest.mark.parametrize("choice", [{"intent": "unheard_of"}, {}, None, "cost_savings", {"intent": ["cost_savings"]}])
def test_an_unknown_button_is_read_as_text(parse: Any, choice: Any) -> None:
    assert parse("What does it cost?", choice=choice).get("intent")["name"] == "cost_savings"


def test_a_follow_up_is_read_in_the_light_of_the_last_topic(parse: Any) -> None:
    understood = parse("how long?", last_topic="side_effects").get("understood")
    assert understood["whole"]["ranking"][0]["name"] == "side_effects_duration"
    assert understood["whole"]["text"] == "how long?"
    assert understood["follow_up"] == {"of": "side_effects", "text": "how long do the side effects last"}


def test_without_a_last_topic_it_is_not(parse: Any) -> None:
    assert parse("how long?").get("understood")["follow_up"] is None


@pytest.mark.parametrize("text", ["does it hurt?", "I am pregnant", "what does it cost?"])
def test_a_clear_question_keeps_its_topic(parse: Any, text: str) -> None:
    assert parse(text, last_topic="side_effects").get("intent") == parse(text).get("intent")


def test_messages_that_were_not_split_are_refused(classifier: TopicClassifier) -> None:
    with pytest.raises(ModelError, match="MessageSplitter"):
        classifier.process([Message({"text": "does it hurt"})])


def test_fingerprint_follows_the_vocabulary(tmp_path: Path) -> None:
    vocabulary = tmp_path / "vocabulary.yml"
    vocabulary.write_text("a")
    before = TopicClassifier.fingerprint_addon({"vocabulary": str(vocabulary)})
    assert before == TopicClassifier.fingerprint_addon({"vocabulary": str(vocabulary)})
    vocabulary.write_text("b")
    assert before != TopicClassifier.fingerprint_addon({"vocabulary": str(vocabulary)})
