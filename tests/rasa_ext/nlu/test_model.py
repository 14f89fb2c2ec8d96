"""The topic model: learning, storing, refusing a foreign encoder, and the numbers that it is built from."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from rasa_ext.nlu.copies import PAIRS, noisy_copies
from rasa_ext.nlu.encoder import Encoder
from rasa_ext.nlu.model import FACTS_FILE, ModelError, Settings, TopicModel, fit, likeness, mix
from rasa_ext.nlu.softmax import softmax
from rasa_ext.nlu.tfidf import Tfidf
from rasa_ext.nlu.typos import with_typos
from rasa_ext.nlu.vocabulary import Vocabulary

from .conftest import TEXTS


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("whats the price", "cost_savings"),
        ("will the injection hurt me", "pain_anesthesia"),
        ("wil teh injction hrut", "pain_anesthesia"),
        ("could I get a bruise or swelling", "side_effects"),
        ("hello!", "greet"),
    ],
)
def test_unseen_texts_get_the_right_label(model: TopicModel, text: str, label: str) -> None:
    reading = model.read([text], 5)[0]
    assert reading["ranking"][0]["name"] == label
    assert len(reading["ranking"]) == 5


@pytest.mark.parametrize(
    ("text", "label"),
    [("i'm pregnant, is that ok", "medical_pregnancy"), ("i cant breathe properly", "emergency_breathing")],
)
def test_medical_sub_topics_have_a_ranking_of_their_own(model: TopicModel, text: str, label: str) -> None:
    reading = model.read([text], 5)[0]
    assert reading["medical_ranking"][0]["name"] == label
    assert not any(entry["name"].startswith(("medical_", "emergency_")) for entry in reading["ranking"])


def test_reading_sums_the_sensitive_labels(model: TopicModel) -> None:
    pregnant, breath = model.read(["I am pregnant", "I can't breathe"], 5)
    assert pregnant["medical"] > 0.5 > pregnant["emergency"]
    assert breath["emergency"] > 0.5 > breath["medical"]


def test_nonsense_is_not_known(model: TopicModel) -> None:
    assert not model.read(["quantum chromodynamics of lattice gauge theory"], 5)[0]["known"]
    assert not model.read(["what is the capital of Spain"], 5)[0]["known"]


@pytest.mark.parametrize("text", ["zzxqj", "aa", "0 0 0", "qwrtp zxcvb"])
def test_words_that_nobody_ever_wrote_are_not_known(model: TopicModel, text: str) -> None:
    assert model.score([text]).likeness[0] == 0
    assert not model.read([text], 5)[0]["known"]


def test_score_is_probability_in_scope_plus_likeness(model: TopicModel) -> None:
    scores = model.score(["does it hurt", "tell me a joke"])
    known, foreign = model.read(["does it hurt", "tell me a joke"], 5)
    assert scores.likeness[0] > 0.5
    assert known["score"] == pytest.approx(known["ranking"][0]["confidence"] + scores.likeness[0], abs=0.02)
    assert foreign["oos"] > 0.5
    assert foreign["score"] < 0.8


def test_a_stored_model_reads_alike(model: TopicModel, stored: Path, encoder: Encoder, vocabulary: Vocabulary) -> None:
    loaded = TopicModel.load(stored, encoder, vocabulary)
    texts = ["what does it cost", "dose it hurt", ""]
    before, after = model.score(texts), loaded.score(texts)
    assert np.array_equal(before.topic, after.topic)
    assert np.array_equal(before.safety, after.safety)
    assert np.array_equal(before.likeness, after.likeness)
    assert loaded.threshold == model.threshold
    assert loaded.labels == model.labels


def test_nothing_stored_needs_pickle(stored: Path) -> None:
    with np.load(stored / "topics.npz", allow_pickle=False) as arrays:
        assert all(arrays[name].dtype != object for name in arrays.files)


@pytest.mark.parametrize(("fact", "value"), [("encoder_sha256", "0" * 64), ("format", 0)])
def test_a_foreign_model_is_refused(
    stored: Path, encoder: Encoder, vocabulary: Vocabulary, fact: str, value: object
) -> None:
    facts = json.loads((stored / FACTS_FILE).read_text())
    (stored / FACTS_FILE).write_text(json.dumps({**facts, fact: value}))
    with pytest.raises(ModelError, match="train it again"):
        TopicModel.load(stored, encoder, vocabulary)


def test_one_label_is_not_enough(encoder: Encoder, vocabulary: Vocabulary) -> None:
    with pytest.raises(ModelError, match="two intents"):
        TopicModel.train(["a", "b"], ["x", "x"], encoder, vocabulary, Settings())


def test_mix_gives_probabilities() -> None:
    mixed = mix(np.array([[0.9, 0.1], [0.5, 0.5]]), np.array([[0.2, 0.8], [1.0, 0.0]]), 0.5)
    assert np.allclose(mixed.sum(axis=1), 1)
    assert mixed[0, 0] > mixed[0, 1]


def test_likeness_of_an_example_is_high() -> None:
    examples = np.eye(4, dtype=np.float32)
    assert likeness(examples[:1], examples[:1])[0] == 1
    assert likeness(examples[:1], examples)[0] == pytest.approx(1 / 3)


def test_a_fit_separates_classes_of_unequal_size() -> None:
    chance = np.random.default_rng(1)
    centres = np.array([[3, 0], [0, 3], [-3, -3]], np.float32)
    classes = np.array([0] * 60 + [1] * 20 + [2] * 5)
    features = (centres[classes] + chance.normal(size=(85, 2)) * 0.3).astype(np.float32)
    fitted = fit(features, [f"label {number}" for number in classes], strength=10, iterations=50)
    assert (fitted.probabilities(features).argmax(axis=1) == classes).all()


def test_a_fit_of_two_labels_gives_both_a_probability() -> None:
    features = np.array([[1.0], [1.0], [-1.0]], np.float32)
    fitted = fit(features, ["no", "no", "yes"], strength=10, iterations=50)
    probabilities = fitted.probabilities(features)
    assert probabilities.shape == (3, 2)
    assert (probabilities.argmax(axis=1) == [0, 0, 1]).all()


def test_a_text_has_its_own_copy_whatever_stands_beside_it(vocabulary: Vocabulary) -> None:
    texts = [f"what does a session on the forehead cost in room {number}" for number in range(20)]
    copies = noisy_copies(texts, ["cost_savings"] * 20, vocabulary)
    assert noisy_copies(["another one", *texts], ["cost_savings"] * 21, vocabulary)[1:] == copies
    assert len(set(copies)) == 20


def test_copies_name_both_brands_where_that_asks_the_same(vocabulary: Vocabulary) -> None:
    texts = [f"does botox hurt {number}" for number in range(100)]
    paired = [
        copy for copy in noisy_copies(texts, ["pain_anesthesia"] * 100, vocabulary) if any(p in copy for p in PAIRS)
    ]
    assert 10 <= len(paired) <= 30
    compared = noisy_copies(texts, ["dysport_vs_botox"] * 100, vocabulary)
    assert not [copy for copy in compared if any(pair in copy for pair in PAIRS)]


def test_softmax_survives_large_scores() -> None:
    assert softmax(np.array([[1000.0, 0.0]])) == pytest.approx(np.array([[1.0, 0.0]]))


def test_rows_and_matrix_of_tfidf_agree() -> None:
    tfidf = Tfidf.fit(TEXTS)
    matrix = tfidf.matrix(TEXTS).toarray()
    for place, text in enumerate(TEXTS):
        row = tfidf.row(text)
        assert np.allclose(matrix[place][row.columns], row.values)
        assert np.count_nonzero(matrix[place]) == len(row.columns)


def test_tfidf_of_unknown_text_is_empty() -> None:
    assert len(Tfidf.fit(TEXTS).row("ЖЖЖ").columns) == 0


def test_typos_are_repeatable_and_few() -> None:
    slipped = with_typos(TEXTS, 1)
    assert slipped == with_typos(TEXTS, 1)
    assert slipped != with_typos(TEXTS, 2)
    changed = sum(
        a != b
        for typed, wrong in zip(TEXTS, slipped, strict=True)
        for a, b in zip(typed.split(), wrong.split(), strict=True)
    )
    assert 0 < changed < sum(len(text.split()) for text in TEXTS) / 2
