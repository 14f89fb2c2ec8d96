"""A symptom inside bad input: other letters, signs between, hidden characters, long chatter, several messages."""

import random
from collections.abc import Callable

import pytest

from rasa_ext.safety.plain import make_plain
from rasa_ext.safety.rules import read_dangers
from tests.safety.corpus import level_of, pairs

FIRST_OF_CAPITALS = {
    "mathematical": 0x1D400,
    "script": 0x1D4D0,
    "circled": 0x24B6,
    "in boxes": 0x1F130,
    "black": 0x1F170,
}
CYRILLIC = str.maketrans("aceopxyiBHKMTCAOX", "асеорхуіВНКМТСАОХ")
GREEK = str.maketrans("aeiopuvtnkxy", "αειορυντηκχγ")
DIGITS = str.maketrans("ieo", "130")
CHATTER = (
    "so we went to the market and then the bus was late and i had to wait for ages while it rained and the shop was "
    "shut so i walked home and made some pasta and watched a film with the neighbours and their dog "
)
LONG = 4800
# Ages in digits and a comma inside are not meant to survive every disguise.
CASES = [(level, text) for level, text in pairs("cases.yml") if not any(sign in text for sign in "0123456789,")]


def from_alphabet(first: int) -> Callable[[str], str]:
    """Return what writes a text in the capitals of another alphabet."""
    return lambda text: "".join(chr(first + ord(c) - 65) if "A" <= c <= "Z" else c for c in text.upper())


DISGUISES: dict[str, Callable[[str], str]] = {
    **{name: from_alphabet(first) for name, first in FIRST_OF_CAPITALS.items()},
    "capitals": str.upper,
    "fullwidth": lambda text: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text),
    "regional": from_alphabet(0x1F1E6),
    "Cyrillic": lambda text: text.translate(CYRILLIC),
    "Greek": lambda text: text.translate(GREEK),
    "digits": lambda text: text.translate(DIGITS),
    "zero-width space": "\u200b".join,
    "soft hyphen": "\u00ad".join,
    "struck through": lambda text: "".join(c + "\u0336" for c in text),
    "letters apart": " ".join,
    "letters and words apart": lambda text: "  ".join(" ".join(word) for word in text.split()),
    "letters with dots": lambda text: " ".join(".".join(word) for word in text.split()),
    "dots for spaces": lambda text: ".".join(text.split()),
    "underscores for spaces": lambda text: "_".join(text.split()),
    "hyphens for spaces": lambda text: "-".join(text.split()),
    "no spaces": lambda text: "".join(text.split()),
    "hidden spaces": lambda text: "\u3164".join(text.split()),
    "emoji between": lambda text: "😭".join(text.split()),
    "a mark after each word": lambda text: "! ".join(text.split()),
    "a pause after each word": lambda text: "... ".join(text.split()),
    "a line for each word": lambda text: "\n".join(text.split()),
    "vowels drawn out": lambda text: "".join(c * 3 if c in "aeu" else c for c in text),
    "stars": lambda text: " ".join(f"*{word}*" for word in text.split()),
    "a web form's spaces": lambda text: text.replace(" ", "%20"),
    "a web page's signs": lambda text: f"<p>{text}</p>".replace("'", "&#39;"),
    "sounds between": lambda text: text.replace(" ", " uhm "),
}


# A few of one word, or whose words can be parted in two ways.
MAY_BE_MISSED = {"no spaces": 6, "digits": 1, "vowels drawn out": 1, "letters apart": 1, "letters with dots": 1}


@pytest.mark.parametrize("name", DISGUISES)
def test_finds_what_is_disguised(name: str) -> None:
    missed = [text for level, text in CASES if level_of(DISGUISES[name](text)) not in (level, "emergency")]
    assert len(missed) <= MAY_BE_MISSED.get(name, 0), missed


@pytest.mark.parametrize("before", [0, LONG // 2, LONG])
def test_finds_it_inside_chatter_without_an_end(before: int) -> None:
    start, end = (CHATTER * 30)[:before], (CHATTER * 30)[: LONG - before]
    missed = [text for level, text in CASES if level_of(f"{start} {text} {end}".upper()) not in (level, "emergency")]
    assert missed == []


def test_chatter_alone_says_nothing() -> None:
    assert read_dangers((CHATTER * 30)[:LONG], []) == []


@pytest.mark.parametrize(("level", "text"), CASES)
def test_finds_it_split_over_messages(level: str, text: str) -> None:
    words = text.split()
    cut = sorted(random.Random(text).sample(range(1, len(words)), min(2, len(words) - 1)))
    pieces = [" ".join(words[a:b]) for a, b in zip([0, *cut], [*cut, len(words)], strict=True)]
    levels = {level_of(piece, pieces[:place]) for place, piece in enumerate(pieces)}
    assert levels & {level, "emergency"}


@pytest.mark.parametrize(
    ("recent", "text"),
    [
        (["My throat."], "Feels tight."),
        (["my throat", "hi, are you there?"], "feels tight"),
        (["MY THROAT!!"], "feels tight"),
    ],
)
def test_pieces_may_end_with_a_mark_or_stand_apart(recent: list[str], text: str) -> None:
    assert level_of(text, recent) == "emergency"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("c a n t", "cant"),
        ("my_eye", "my eye"),
        ("write to jo_ann@mail.com", "write to jo ann@mail.com"),
        ("is it 3.5 or 4.5", "is it 3.5 or 4.5"),
        ("Oh... maybe", "oh    maybe"),
    ],
)
def test_makes_plain(typed: str, meant: str) -> None:
    plain = make_plain(typed, {})
    assert plain.text == meant
    assert len(plain.origin) == len(plain.text)


@pytest.mark.parametrize(
    "text", ["50u or 3rd visit", "2weeks and 11s", "b12 at 5pm", "covid19 rules for visitors", "is 3ml a lot"]
)
def test_numbers_with_units_stay_numbers(text: str) -> None:
    assert [finding for finding in read_dangers(text, []) if finding.level == "emergency"] == []
