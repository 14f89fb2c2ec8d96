"""How a text is read before any pattern looks at it."""

import pytest

from rasa_ext.safety.number_words import classes_of, read_number
from rasa_ext.safety.reader import Reader, make_plain
from rasa_ext.safety.vocabulary import load_vocabulary


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader(load_vocabulary())


@pytest.mark.parametrize(
    ("words", "value", "length"),
    [
        (["68"], 68, 1),
        (["seventy", "one"], 71, 2),
        (["twenty", "-", "five"], 25, 3),
        (["72nd"], 72, 1),
        (["78yo"], 78, 1),
    ],
)
def test_reads_numbers(words: list[str], value: int, length: int) -> None:
    number = read_number(words, 0)
    assert number is not None
    assert (number.value, number.length) == (value, length)


def test_an_ordinal_is_no_age() -> None:
    number = read_number(["12th"], 0)
    assert number is not None
    assert "AGE_UNDER" not in classes_of(number)


def test_accents_capitals_and_hidden_characters_go() -> None:
    assert make_plain("PÁR\u200bpado", {}).text == "parpado"


@pytest.mark.parametrize(("typed", "meant"), [("swallwo", "swallow"), ("eyeild", "eyelid"), ("pregnent", "pregnant")])
def test_repairs_a_word_of_the_vocabulary(reader: Reader, typed: str, meant: str) -> None:
    assert meant in reader.read(typed).names[0]


@pytest.mark.parametrize("word", ["clinic", "price", "weekend", "breakfast", "night"])
def test_leaves_ordinary_words_alone(reader: Reader, word: str) -> None:
    assert not [name for name in reader.read(word).names[0] if name.islower() and name != word]
