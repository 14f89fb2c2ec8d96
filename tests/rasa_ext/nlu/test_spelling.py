"""Spelling repair: the likeliest word between its neighbours; protected words never."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasa_ext.nlu import spelling
from rasa_ext.nlu.encoder import Encoder
from rasa_ext.nlu.spelling import Speller, count_words, slip
from rasa_ext.nlu.vocabulary import Vocabulary

TRAINING = [
    "how much does the treatment cost",
    "does it hurt",
    "will it bruise my forehead",
    "wrinkles around the eyes",
]


@pytest.fixture
def speller(encoder: Encoder, vocabulary: Vocabulary) -> Speller:
    return Speller(count_words(TRAINING), encoder.vocabulary(), vocabulary.protected_words(), vocabulary.shorthand)


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
    assert Speller({"cherry": 1}, {}, (), {})("chery") == "cherry"
    assert Speller({"cherry": 1}, {}, {"chery"}, {})("chery") == "chery"


def test_training_words_come_before_others() -> None:
    speller = Speller({"hurt": 1}, {"hut": 2000, "hurt": 30000}, (), {})
    assert speller("hurtt") == "hurt"


def test_frequent_words_come_before_rare_ones() -> None:
    assert Speller({}, {"hat": 30000, "hit": 2000}, (), {})("hqt") == "hit"
    assert Speller({"lines": 40, "lives": 2}, {}, (), {})("lihes") == "lines"


def test_easy_slips_come_before_rare_ones() -> None:
    assert Speller({"numb": 5, "dumb": 5}, {}, (), {})("mumb") == "numb"


def test_neighbours_decide() -> None:
    speller = Speller(count_words(["how long will that last", "is it fast"] * 5), {}, (), {})
    assert speller("how long will that ladt") == "how long will that last"
    assert speller("is it fasr") == "is it fast"
    assert speller("is it ast") == "is it fast"
    assert speller("how long will that ast") == "how long will that last"


def test_a_known_word_gives_way_only_to_its_neighbours() -> None:
    counts = count_words(["tell me about the person"] * 500 + ["he said so"])
    speller = Speller(counts, {"he": 2002, "the": 1996}, (), {})
    assert speller("tell me about he person") == "tell me about the person"
    assert speller("he said so") == "he said so"
    assert speller("he") == "he"


def test_sureness() -> None:
    speller = Speller(count_words(["does it hurt"] * 50 + ["hut", "the hat"]), {}, (), {})
    assert speller.repair("does it hurt").sureness == 1
    assert speller.repair("does it hutr").sureness > 0.95
    assert 0.5 < speller.repair("does it hut").sureness < speller.repair("does it hutr").sureness


def test_a_long_word_may_hold_two_slips() -> None:
    speller = Speller({"appointment": 3, "long": 3}, {}, (), {})
    assert speller("appiontmnet") == "appiontmnet"
    assert speller("appoinmeent") == "appointment"
    assert speller("lnoog") == "lnoog"


def test_two_words_written_as_one() -> None:
    speller = Speller(count_words(["how much is it"] * 2), {}, (), {})
    assert speller("howmuch is it") == "how much is it"
    assert speller("itmuch") == "itmuch"


def test_shorthand_is_written_in_full() -> None:
    speller = Speller({"u": 9}, {}, (), {"u": "you", "idk": "i don't know"})
    assert speller("do U ? idk") == "do you ? i don't know"


def test_shorthand_of_the_clinic_is_no_protected_word(vocabulary: Vocabulary) -> None:
    assert not vocabulary.shorthand.keys() & vocabulary.protected_words()
    assert all(spelling.WORD.fullmatch(short) and short == short.lower() for short in vocabulary.shorthand)


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spelling, "MEMO_SIZE", 10)
    speller = Speller({"hurt": 1}, {}, (), {})
    for number in range(100):
        speller("zz" + "".join(chr(97 + int(digit)) for digit in str(number)))
    assert len(speller._memo) <= 10


def test_a_huge_message_is_quick(speller: Speller) -> None:
    started = time.process_time()
    text = " ".join("x" * (number % 30) + "hutr" for number in range(3000))
    assert len(speller(text).split(" ")) == 3000
    assert time.process_time() - started < 0.5


@given(st.text(max_size=200))
def test_what_is_no_word_stays(text: str) -> None:
    speller = Speller(count_words(TRAINING), {}, (), {})
    assert spelling.WORD.sub("", speller(text)).replace(" ", "") == spelling.WORD.sub("", text).replace(" ", "")


def test_counts_hold_words_and_repeated_pairs() -> None:
    counts = count_words(["Does it hurt", "does it"])
    assert counts["does"] == 2
    assert counts["does it"] == 2
    assert counts["^ does"] == 2
    assert "it hurt" not in counts
    assert counts["hurt"] == 1


@pytest.mark.parametrize(
    ("typed", "meant", "least", "most"),
    [
        ("mcuh", "much", 1, 1),
        ("muh", "much", 1, 1),
        ("muuch", "much", 1, 1),
        ("mych", "much", 1, 1),
        ("ow", "how", 0.5, 0.5),
        ("definately", "definitely", 0.5, 0.5),
        ("mucqh", "much", 0.1, 0.1),
        ("mzch", "much", 0.1, 0.1),
        ("uhmc", "much", 0, 0),
        ("mc", "much", 0, 0),
        ("much", "much", 0, 0),
        ("muchxy", "much", 0, 0),
    ],
)
def test_slip(typed: str, meant: str, least: float, most: float) -> None:
    assert least <= slip(typed, meant) <= most
