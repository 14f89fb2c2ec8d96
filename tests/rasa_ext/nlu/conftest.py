"""A small trained model, and the message reader with the clinic's real vocabulary."""

from __future__ import annotations

from pathlib import Path

import pytest

from rasa_ext.nlu.encoder import Encoder, encoder_dir
from rasa_ext.nlu.model import Settings, TopicModel
from rasa_ext.nlu.splitter import MessageReader, message_reader
from rasa_ext.nlu.vocabulary import Vocabulary, load_vocabulary

EXAMPLES = {
    "cost_savings": [
        "what does it cost",
        "price please",
        "how expensive is a session",
        "what would I pay",
        "is there a discount",
        "how much money is that",
    ],
    "pain_anesthesia": [
        "does it hurt",
        "is it painful",
        "will I feel the needle",
        "do you numb the skin",
        "I am scared of the pain",
        "how sore is it",
    ],
    "side_effects": [
        "what are the side effects",
        "can it bruise",
        "any risks I should know of",
        "is swelling common",
        "do people get headaches",
        "unwanted effects",
    ],
    "side_effects_duration": [
        "how long do bruises stay",
        "when do side effects go away",
        "how many days until the swelling is gone",
        "is a headache from it temporary",
        "how long do the side effects last",
        "do side effects fade",
    ],
    "medical_pregnancy": [
        "I am pregnant",
        "can I have it while expecting a baby",
        "trying to conceive",
        "I found out I'm 8 weeks along",
        "is it allowed in pregnancy",
        "my wife is pregnant",
    ],
    "emergency_breathing": [
        "I can't breathe",
        "short of breath since the injection",
        "gasping for air",
        "my breathing is getting worse",
        "she struggles to breathe",
        "breathing trouble now",
    ],
    "greet": ["hi", "hello", "good morning", "hey there", "hiya", "good evening"],
    "out_of_scope": [
        "what is the capital of France",
        "do you sell shoes",
        "sing me a song",
        "who won the match",
        "fix my car",
        "tell me a joke",
    ],
}
TEXTS = [text for texts in EXAMPLES.values() for text in texts]
LABELS = [label for label, texts in EXAMPLES.items() for _ in texts]


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    return Encoder.load(encoder_dir())


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    return load_vocabulary()


@pytest.fixture(scope="session")
def reader() -> MessageReader:
    return message_reader()


@pytest.fixture(scope="session")
def model(encoder: Encoder, vocabulary: Vocabulary) -> TopicModel:
    return TopicModel.train(TEXTS, LABELS, encoder, vocabulary, Settings(folds=3))


@pytest.fixture
def stored(model: TopicModel, tmp_path: Path) -> Path:
    model.save(tmp_path)
    return tmp_path
