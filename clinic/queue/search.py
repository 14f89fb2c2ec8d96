"""Full-text search in what was said: the same words are found on SQLite and on PostgreSQL.

A word is a run of letters and digits, whatever their case. All words that were typed must be in one message; words in
quotes must follow one another; the last word, from three letters on, may be the beginning of a longer one. Everything
else that somebody types is space: no sign has a meaning for the database.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models import F, Max, Value

from clinic.conversations.models import Message
from clinic.queue.conditions import MANY, Condition, has_message
from clinic.queue.schema import MESSAGE, WORDS

LONGEST, MOST_WORDS = 200, 12
# The beginning of a word is looked for from this length on; a single letter would begin a word of every message.
SHORTEST_BEGINNING = 3
WORD = re.compile(r"[^\W_]+")
_BEGINS, _BETWEEN, _ENDS, _LETTERS = r"(?<![^\W_])", r"[\W_]+", r"(?![^\W_])", r"[^\W_]*"
_MATCHES = "words @@ to_tsquery('simple', {1})"
# How much text stands before the first hit of a snippet, and how much in all.
BEFORE, SHOWN = 60, 160


@dataclass(frozen=True)
class Terms:
    """What is looked for: phrases of one word or more, in small letters; `is_prefix` is about the very last word."""

    phrases: tuple[tuple[str, ...], ...]
    is_prefix: bool

    @classmethod
    def read(cls, typed: str) -> Terms | None:
        """Read what somebody typed; None when there is no word in it."""
        phrases: list[tuple[str, ...]] = []
        parts = typed[:LONGEST].split('"')
        is_prefix = False
        for number, part in enumerate(parts):
            found = words(part)
            # An odd part stands in quotes, if the quotes are closed.
            is_quoted = number % 2 == 1 and number < len(parts) - 1
            if found:
                phrases += [tuple(found)] if is_quoted else [(word,) for word in found]
                is_prefix = not is_quoted and len(found[-1]) >= SHORTEST_BEGINNING
        return cls(tuple(phrases[:MOST_WORDS]), is_prefix and len(phrases) <= MOST_WORDS) if phrases else None

    def fts5(self) -> str:
        """Return the terms as FTS5 reads them."""
        quoted = [f'"{" ".join(phrase)}"' for phrase in self.phrases]
        return " AND ".join(quoted) + (" *" if self.is_prefix else "")

    def tsquery(self) -> str:
        """Return the terms as PostgreSQL's `to_tsquery` reads them."""
        phrases = ["(" + " <-> ".join(f"'{word}'" for word in phrase) + ")" for phrase in self.phrases]
        if self.is_prefix:
            phrases[-1] = f"'{self.phrases[-1][-1]}':*"
        return " & ".join(phrases)

    def patterns(self) -> str:
        """Return a regular expression for each phrase, in lines; a text has the terms when all are found in it."""
        found = [f"{_BEGINS}{_BETWEEN.join(phrase)}{_ENDS}" for phrase in self.phrases]
        if self.is_prefix:
            found[-1] = f"{_BEGINS}{self.phrases[-1][-1]}{_LETTERS}"
        return "\n".join(found)


def words(text: str) -> list[str]:
    """Return the words of a text, in small letters."""
    return [word.lower() for word in WORD.findall(text)]


def has_patterns(text: str, patterns: str) -> bool:
    """Tell whether a text has terms, given as their patterns; in SQLite it is called `queue_has`."""
    return all(re.search(pattern, text, re.IGNORECASE) for pattern in patterns.splitlines())


def said(terms: Terms) -> Condition:
    """Tell whether something was said in a conversation that has the terms."""
    is_common = _hits(terms) > MANY
    if connection.vendor == "postgresql":
        return has_message(f"{MESSAGE} m", f"m.{_MATCHES}", terms.tsquery(), is_common=is_common)
    if is_common:
        return has_message(f"{MESSAGE} m", "queue_has(m.text, {1})", terms.patterns(), is_common=True)
    joined = f"{WORDS} JOIN {MESSAGE} m ON m.id = {WORDS}.rowid"
    return has_message(joined, f"{WORDS} MATCH {{1}}", terms.fts5(), is_common=False)


def _hits(terms: Terms) -> int:
    """Return how many messages have the terms, as far as that matters."""
    if connection.vendor == "postgresql":
        test, value = f"{MESSAGE} WHERE {_MATCHES.format(0, '%s')}", terms.tsquery()
    else:
        test, value = f"{WORDS} WHERE {WORDS} MATCH %s", terms.fts5()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM (SELECT 1 FROM {test} LIMIT {MANY + 1}) AS found", [value])  # noqa: S608
        return int(cursor.fetchone()[0])


def newest_hits(terms: Terms, conversations: Iterable[UUID]) -> dict[UUID, Message]:
    """Return the newest message with the terms in each of a few conversations."""
    # Their own texts are looked at: an index would be asked anew for each of them.
    if connection.vendor == "postgresql":
        own = f"EXISTS (SELECT 1 FROM {MESSAGE} m WHERE m.id = {{0}} AND m.{_MATCHES} OFFSET 0)"  # noqa: S608
        test = Condition(own, F("pk"), Value(terms.tsquery()))
    else:
        test = Condition("queue_has({0}, {1})", F("text"), Value(terms.patterns()))
    hits = Message.objects.filter(test, conversation__in=list(conversations))
    newest = hits.order_by().values("conversation").annotate(newest=Max("pk")).values_list("newest", flat=True)
    return {message.conversation_id: message for message in Message.objects.in_bulk(list(newest)).values()}


@dataclass(frozen=True)
class Piece:
    """A part of a text, and whether it is a hit."""

    text: str
    is_hit: bool = False


def pieces(text: str, terms: Terms | None) -> list[Piece]:
    """Cut a snippet of a text into parts that are hits and parts that are not; without terms it is its beginning."""
    spans = _hit_spans(text, terms) if terms else []
    start = max(0, spans[0][0] - BEFORE) if spans else 0
    end = start + SHOWN
    found = [Piece("…")] if start else []
    at = start
    for first, last in spans:
        if first >= end:
            break
        found += [Piece(text[at:first]), Piece(text[first:last], is_hit=True)]
        at = last
    found += [Piece(text[at:end]), Piece("…" if max(at, end) < len(text) else "")]
    return [piece for piece in found if piece.text]


def _hit_spans(text: str, terms: Terms) -> list[tuple[int, int]]:
    """Return where the terms stand, in order; those that overlap are one."""
    found: list[tuple[int, int]] = []
    for first, last in sorted(
        match.span() for pattern in terms.patterns().splitlines() for match in re.finditer(pattern, text, re.IGNORECASE)
    ):
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return found
