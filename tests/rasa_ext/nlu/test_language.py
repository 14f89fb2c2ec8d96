import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasa_ext.nlu.language import language_of

from .conftest import EXAMPLES


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("how much is it", "en"),
        ("botox", "en"),
        ("hi im ana, can u do fri", "en"),
        ("does la mer work, no idea tbh", "en"),
        ("¿cuánto cuesta el tratamiento y cuánto dura?", "es"),
        ("no puedo tragar desde ayer", "es"),
        ("hola, quiero saber si duele mucho", "es"),
        ("combien coûte une séance et est-ce que ça fait mal", "other"),
        ("wie lange hält das und was kostet es", "other"),
        ("quanto costa e quanto dura il trattamento", "other"),
        ("как долго это держится", "other"),
        ("多少钱", "other"),
        ("كم السعر", "other"),
        ("🙂🙂🙂", "en"),
        ("?", "en"),
        ("12345", "en"),
    ],
)
def test_languages_are_told_apart(text: str, language: str) -> None:
    assert language_of(text) == language


def test_english_examples_count_as_english() -> None:
    assert {language_of(text) for texts in EXAMPLES.values() for text in texts} == {"en"}


@given(st.text())
def test_any_text_has_a_language(text: str) -> None:
    assert language_of(text) in {"en", "es", "other"}
