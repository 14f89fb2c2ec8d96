"""The interface's texts: all in one file, the same ones in every language, and each of them shown somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from clinic.widget import strings

CHAT = strings.SOURCE / "chat"
PLACE = re.compile(r"\{(\w+)\}")
# Shown by the document, or by the frame's view for it.
IN_DOCUMENT = re.compile(r"\bs\.(\w+)")
IN_MODULE = re.compile(r"(?<![\w`/])strings\.(\w+)")
PARTS = ("launcher", "chat", "plain")
# What a line of a module may say in quotes: names, addresses, classes, parts of other texts; never a sentence.
SENTENCE = re.compile(r"""["'`][A-Z¿¡][a-záéíóúñ]+ [a-záéíóúñ]+""")


def modules() -> dict[str, str]:
    return {file.name: file.read_text(encoding="utf-8") for file in CHAT.glob("*.js")}


@pytest.mark.parametrize("part", PARTS)
def test_every_language_has_the_same_texts_with_the_same_places(part: str) -> None:
    english = strings.of(part, "en")
    for language in strings.by_language():
        texts = strings.of(part, language)
        assert list(texts) == list(english), language
        for name, text in texts.items():
            if english[name]:
                assert sorted(PLACE.findall(text)) == sorted(PLACE.findall(english[name])), (language, name)


@pytest.mark.parametrize("part", PARTS)
def test_no_text_is_empty_or_left_in_english(part: str) -> None:
    # A line that only other languages need; the sentences that the bot has to understand; what both languages share.
    alike = {"notice", "talkToPersonMessage", "bookMessage", "source", "rateBad"}
    english = strings.of(part, "en")
    for language in set(strings.by_language()) - {"en"}:
        for name, text in strings.of(part, language).items():
            assert text.strip(), (language, name)
            assert text != english[name] or name in alike, (language, name)


def test_every_text_of_the_chat_is_shown_and_every_shown_one_is_there() -> None:
    shown = {name for source in modules().values() for name in IN_MODULE.findall(source)}
    document = (strings.SOURCE / "frame.html").read_text(encoding="utf-8")
    # The notice has a number in it, so the view fills it in.
    shown |= {*IN_DOCUMENT.findall(document), "notice"}
    assert shown == set(strings.of("chat", "en"))


def test_no_module_says_anything_by_itself() -> None:
    for name, source in modules().items():
        code = re.sub(r"/\*.*?\*/|//[^\n]*", "", source, flags=re.DOTALL)
        assert not SENTENCE.search(code), name


def test_no_text_is_read_as_markup() -> None:
    for file in [*CHAT.glob("*.js"), strings.SOURCE / "launcher.js"]:
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b", _read(file)), file.name


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("wanted", "found"), [("es", "es"), ("es-MX", "es"), ("ES_us", "es"), ("fr", "en"), ("", "en"), ("e", "en")]
)
def test_the_nearest_language_is_found(wanted: str, found: str) -> None:
    assert strings.language(wanted) == found
