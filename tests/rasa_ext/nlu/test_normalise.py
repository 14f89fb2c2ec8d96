"""Cleaning: idempotent, nothing invisible is left, and brands are one word when only one is named."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasa_ext.nlu.normalise import brand_unifier, shorten, tidy, without_endless_words
from rasa_ext.nlu.vocabulary import load_vocabulary

unify = brand_unifier(load_vocabulary())


@given(st.text())
def test_tidy_twice_is_tidy_once(text: str) -> None:
    assert tidy(tidy(text)) == tidy(text)


@given(st.text())
def test_tidy_leaves_nothing_invisible(text: str) -> None:
    cleaned = tidy(text)
    assert not any(unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co", "Cn"} for c in cleaned if c != "\n")
    assert "  " not in cleaned
    assert cleaned == cleaned.strip()


@given(st.text(alphabet=st.characters(codec="ascii", categories=["L", "N"])))
def test_tidy_keeps_plain_words(text: str) -> None:
    assert tidy(text) == text


@given(st.text())
def test_shorten_leaves_at_most_two_letters_in_a_row(text: str) -> None:
    shortened = shorten(text)
    assert shorten(shortened) == shortened
    assert len(shortened) <= len(text)


@given(st.text())
def test_unify_twice_is_unify_once(text: str) -> None:
    assert unify(unify(text)) == unify(text)


@pytest.mark.parametrize(
    ("typed", "cleaned"),
    [
        ("  how   much\tis it ", "how much is it"),
        ("does\u200b it\u00a0hurt\u0000", "does it hurt"),
        ("it’s “fine”", 'it\'s "fine"'),
        ("hi\r\n\r\n  there", "hi\nthere"),
        ("ｄｙｓｐｏｒｔ", "dysport"),
        ("\u202eabc", "abc"),
    ],
)
def test_tidy(typed: str, cleaned: str) -> None:
    assert tidy(typed) == cleaned


@pytest.mark.parametrize(
    ("typed", "shortened"),
    [("sooooo much", "soo much"), ("too good", "too good"), ("1000", "1000"), ("HELPPPP", "HELPP")],
)
def test_shorten(typed: str, shortened: str) -> None:
    assert shorten(typed) == shortened


@pytest.mark.parametrize(
    "typed", ["is dysport safe", "is Dysprot safe", "is disport safe", "is botx safe", "is tox safe", "is BOTOX safe"]
)
def test_one_brand_is_one_word(typed: str) -> None:
    assert unify(typed) == "is botox safe"


@pytest.mark.parametrize(
    ("typed", "unified"),
    [
        ("dysport vs botox", "dysport vs botox"),
        ("Dysprot or botx", "dysport or botox"),
        ("botox tox", "botox botox"),
        ("is xeomin like dysport", "is xeomin like dysport"),
        ("dysport or filler", "dysport or filler"),
        ("is xeomin safe", "is xeomin safe"),
        ("toxic", "toxic"),
        ("", ""),
    ],
)
def test_a_comparison_keeps_its_brands(typed: str, unified: str) -> None:
    assert unify(typed) == unified


def test_endless_words_are_dropped_and_long_ones_stay() -> None:
    assert without_endless_words("how much " + "a" * 6000) == "how much"
    assert without_endless_words("abobotulinumtoxina?") == "abobotulinumtoxina?"
