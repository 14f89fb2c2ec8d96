"""Makes a text plain, character by character, so that every offset survives: case, accents, look-alikes, decoration.

A message may be typed in fullwidth or mathematical letters, with Cyrillic or Greek letters that look like Latin ones,
with hidden characters, with emoji for letters or between words, with "_" or "." instead of spaces.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʼ´`′＇", "'") | dict.fromkeys("“”„″", '"'))
INVISIBLE = {"Cf", "Cs", "Co", "Cn", "Mn", "Me"}
# Letters that count as letters but show nothing.
BLANKS = "\u2800\u3164\u115f\u1160\uffa0"
# Letters in boxes and circles; NFKD leaves these or puts brackets around them.
FIRST_OF_ALPHABETS = (0x1F1E6, 0x1F130, 0x1F150, 0x1F170, 0x249C)
LETTERS = "abcdefghijklmnopqrstuvwxyz"
# So many letters one character may stand for, as "ﬃ" does.
MOST_LETTERS = 3


def _pairs(signs: str, letters: str) -> dict[str, str]:
    return dict(zip(signs, letters, strict=True))


LOOK_ALIKES: dict[str, str] = {
    **{chr(first + place): letter for first in FIRST_OF_ALPHABETS for place, letter in enumerate(LETTERS)},
    # Cyrillic
    **_pairs("авсеһіјкмнорѕтухԁԛԝѵьпгиюяз", "abcehijkmhopstyxdqwvbnruor3"),
    **_pairs("АВСЕНІЈКМОРЅТУХԌ", "abcehijkmopstyxg"),
    # Greek
    **_pairs("αβγδεηικλμνοπρστυχω", "abydenikluvonpotuxw"),
    **_pairs("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "abezhikmnoptyx"),
    # small capitals, phonetic letters, letters with strokes, Armenian
    **_pairs("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnoprstuvwyz"),
    **_pairs("ɑɡıƖłŁđĐøØħŧɛɩʋոսհօ", "agilllddoohteivnuho"),
    "æ": "ae", "Æ": "ae", "œ": "oe", "Œ": "oe", "ß": "ss",
}  # fmt: skip

# "b r e a t h e", "b.r.e.a.t.h.e": single letters with separators between.
SEPARATOR = r"[ .\-_*~/|,]"
SPACED_OUT = re.compile(rf"(?<![\w'])[^\W\d_](?:{SEPARATOR}{{1,3}}(?:'{SEPARATOR}?)?[^\W\d_]'?){{3,}}(?!\w)")
GAP = re.compile(rf"{SEPARATOR}+")
# The tokenizer takes a long run of marks apart piece by piece, and a word without an end letter by letter.
MARKS = re.compile(r"[^\w\s]{4,}")
ENDLESS = re.compile(r"\S{200,}")
PIECE = re.compile(r"\S{60,120}(?=[^\w\s'@])|\S{1,120}")
ENTITY = re.compile(r"&(?:#\d{1,6}|#x[0-9a-f]{1,5}|[a-z]{2,8});")
PERCENT = re.compile(r"%2[0-9c]")
TAG = re.compile(r"</?[a-z][^<>]{0,40}>")
ADDRESS = re.compile(r"\S*(?:@|www\.|://)\S*|\S+\.(?:com|co|net|org|info|clinic)\b\S*")
# Words strung together by one sign instead of spaces.
CHAIN = re.compile(r"(?<![\w@/])[^\W\d_][\w']*(?:([_.,/+|~])[^\W_][\w']*)(?:\1[^\W_][\w']*)+(?![\w@])")
HYPHENS = re.compile(r"(?<!\w)[^\W\d_][\w']*(?:[-–—][^\W_][\w']*){2,}(?!\w)")
UNDERSCORE = re.compile(r"(?<=[^\W_])_+(?=[^\W_])")
# Words that each stand in a sentence of their own: "I! CANT! BREATHE!", and lines that were broken off.
ONE_BY_ONE = re.compile(r"(?<!\S)[^\W\d_][\w']*(?:\s*[.!…\n]+\s*[^\W\d_][\w']*){2,}(?![\w'])")
SHORT_LINE = re.compile(r"(?:^|(?<=\n))[^\n.?!;:]{1,30}\n+(?=[a-z0-9'])")
# A pause inside a sentence.
PAUSE = re.compile(r"(?:\.{2,}|…)[ ]*(?=[a-z'])")
QUOTING = re.compile(r"(?<!\w)[*`~_\"]+(?=\w)|(?<=[\w.!?])[*`~_\"]+(?!\w)")
JOINS = re.compile(r"[_.,/+|~\-–—]")


@dataclass(frozen=True)
class Plain:
    """A text without accents, capitals and decoration; `origin[i]` is where plain character i stood in the text."""

    text: str
    origin: list[int]


def make_plain(text: str, symbols: dict[str, str]) -> Plain:
    """Return the text in lower case, without accents and invisible characters; `symbols` says what emoji stand for."""
    if text.isascii() and text.isprintable():
        return _tidy(Plain(text.lower(), list(range(len(text)))))
    characters: list[str] = []
    origin: list[int] = []
    for position, character in enumerate(text):
        piece = character.lower() if " " <= character <= "~" else _spelled(character, symbols)
        characters.extend(piece)
        origin.extend([position] * len(piece))
    return _tidy(Plain("".join(characters), origin))


def _spelled(character: str, symbols: dict[str, str]) -> str:
    """Return what a character says in plain letters."""
    if character in symbols:
        word = symbols[character]
        return word if len(word) == 1 else f" {word} "
    if character in LOOK_ALIKES:
        return LOOK_ALIKES[character]
    if character.isspace() or character in BLANKS:
        return "\n" if character in "\n\r\v\f\x85\u2028\u2029" else " "
    spelled = unicodedata.normalize("NFKD", character.translate(APOSTROPHES)).lower()
    kept = "".join(c for c in spelled if unicodedata.category(c) not in INVISIBLE and c >= " ")
    # Emoji that stand for nothing part words like a space does; some signs stand for a whole sentence.
    return " " if kept and unicodedata.category(kept[0]) in {"So", "Sk"} else kept[:MOST_LETTERS]


def _tidy(plain: Plain) -> Plain:
    plain = replace(plain, MARKS, lambda found: found.group()[:3])
    plain = replace(plain, ENDLESS, lambda found: " ".join(PIECE.findall(found.group())))
    text = plain.text
    if "&" in text:
        plain = replace(plain, ENTITY, lambda found: html.unescape(found.group()).lower())
    if "%2" in text:
        plain = replace(plain, PERCENT, lambda found: chr(int(found.group()[1:], 16)))
    if "<" in text:
        plain = replace(plain, TAG, lambda found: " ")
    addresses = [found.span() for found in ADDRESS.finditer(plain.text)]

    def spaced(found: re.Match[str]) -> str:
        inside = any(start < found.end() and found.start() < end for start, end in addresses)
        return found.group() if inside else JOINS.sub(" ", found.group())

    plain = replace(plain, QUOTING, lambda found: " " * len(found.group()))
    plain = replace(plain, SPACED_OUT, _closed_up)
    plain = replace(plain, UNDERSCORE, lambda found: " " * len(found.group()))
    plain = replace(plain, CHAIN, spaced)
    plain = replace(plain, HYPHENS, spaced)
    plain = replace(plain, ONE_BY_ONE, lambda found: re.sub(r"[.!…\n]", " ", found.group()))
    plain = replace(plain, PAUSE, lambda found: " " * len(found.group()))
    if "\n" in plain.text:
        plain = replace(plain, SHORT_LINE, lambda found: found.group().replace("\n", " "))
    return replace(plain, MARKS, lambda found: found.group()[:3])


def _closed_up(found: re.Match[str]) -> str:
    """Return spaced-out letters as words; where the separators have two lengths, the longer ones part words."""
    letters = re.sub(rf"'{SEPARATOR}?", "", found.group())
    gaps = GAP.findall(letters)
    narrow = min(map(len, gaps))
    return GAP.sub(lambda gap: " " if len(gap.group()) > narrow else "", letters)


def replace(plain: Plain, pattern: re.Pattern[str], say: Callable[[re.Match[str]], str]) -> Plain:
    """Replace what a pattern finds; where the length changes, the new characters lie over the old ones in order."""
    pieces: list[str] = []
    origin: list[int] = []
    done = 0
    for found in pattern.finditer(plain.text):
        start, end = found.span()
        new = say(found)
        pieces += [plain.text[done:start], new]
        origin += plain.origin[done:start]
        origin += _origins(plain, start, end, new)
        done = end
    if not done:
        return plain
    return Plain("".join(pieces) + plain.text[done:], origin + plain.origin[done:])


def _origins(plain: Plain, start: int, end: int, new: str) -> list[int]:
    """Return where each new character stood: the next place of the same letter, else the place before."""
    result, place = [], start
    for character in new:
        there = plain.text.find(character, place, end)
        if there >= 0 and character != " ":
            place = there
        result.append(plain.origin[min(place, end - 1)])
        if there >= 0:
            place = min(place + 1, end)
    return result
