"""Spelling repair: one edit, known words first, protected words never."""

from __future__ import annotations

import pytest

from rasa_ext.nlu import spelling
from rasa_ext.nlu.encoder import Encoder
from rasa_ext.nlu.spelling import Speller, count_words, edits
from rasa_ext.nlu.vocabulary import Vocabulary

TRAINING = [
    "how much does the treatment cost",
    "does it hurt",
    "will it bruise my forehead",
    "wrinkles around the eyes",
]


@pytest.fixture
def speller(encoder: Encoder, vocabulary: Vocabulary) -> Speller:
    return Speller(count_words(TRAINING), encoder.vocabulary(), vocabulary.protected_words())


@pytest.mark.parametrize(
    ("typed", "repaired"),
    [
        ("how mcuh is it", "how much is it"),
        ("does it hutr", "does it hurt"),
        ("treatmnt", "treatment"),
        ("brruise", "bruise"),
        ("wrinkkles", "wrinkles"),
        ("appointmet", "appointment"),
        ("how much", "how much"),
        ("xqzvkw", "xqzvkw"),
        ("ok", "ok"),
        ("", ""),
        ("12 mg!", "12 mg!"),
    ],
)
def test_repairs(speller: Speller, typed: str, repaired: str) -> None:
    assert speller(typed) == repaired


@pytest.mark.parametrize(
    "word", ["dysport", "xeomin", "jeuveau", "galderma", "accutane", "masseter", "glabella", "Dysport"]
)
def test_names_are_left_alone(speller: Speller, word: str) -> None:
    assert speller(word) == word


def test_protection_is_what_keeps_a_name() -> None:
    assert Speller({"cherry": 1}, {}, ())("chery") == "cherry"
    assert Speller({"cherry": 1}, {}, {"chery"})("chery") == "chery"


def test_training_words_come_before_others() -> None:
    speller = Speller({"hurt": 1}, {"hut": 2000, "hurt": 30000}, ())
    assert speller("hurtt") == "hurt"
    assert speller("huut") == "hurt"


def test_frequent_words_come_before_rare_ones() -> None:
    speller = Speller({}, {"hat": 3000, "hit": 2000}, ())
    assert speller("hqt") == "hit"


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spelling, "MEMO_SIZE", 10)
    speller = Speller({"hurt": 1}, {}, ())
    for number in range(100):
        speller("zz" + "".join(chr(97 + int(digit)) for digit in str(number)))
    assert len(speller._memo) <= 10


def test_edits_are_one_step_away() -> None:
    found = edits("ab")
    assert {"a", "b", "ba", "abc", "xb", "a'b"} <= found
    assert all(abs(len(word) - 2) <= 1 for word in found)
