"""Finding words in what was said; the same on SQLite and on PostgreSQL."""

from __future__ import annotations

from contextlib import ExitStack

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic.conversations.models import Conversation, Message
from clinic.queue import conditions, schema, search
from clinic.queue.search import Terms, pieces, said
from tests.clinic.staff.conftest import Talk

SAID = (
    "Does it hurt? I don't like needles.",
    "Is it booked-out until 9/10, or may I book a follow_up?",
    "Write to anna.lee@example.org, https://example.org/a/b?c=1",
    "It costs 50,000.50 units, minus -7 and 1e5",
    "Ça fait très mal, ÜBER weh — “quoted” words… 😀 emoji",
    "the needle hurt and it does that",
)


@pytest.fixture
def said_in(talk: Talk) -> dict[int, Conversation]:
    """One conversation for each of `SAID`."""
    return {number: talk(text, minute=number) for number, text in enumerate(SAID)}


def found(typed: str, said_in: dict[int, Conversation]) -> set[int]:
    terms = Terms.read(typed)
    assert terms is not None
    hits = set(Conversation.objects.filter(said(terms)).values_list("pk", flat=True))
    return {number for number, one in said_in.items() if one.pk in hits}


@pytest.mark.parametrize("many", [conditions.MANY, 0], ids=["gathered", "tried one by one"])
@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("hurt", {0, 5}),
        ("HURT", {0, 5}),
        ("hurt needle", {0, 5}),
        ("needle hurt", {5}),
        ("needles hurt", {0}),
        ("need", {0, 5}),
        ("need hurt", set()),
        ("nee", {0, 5}),
        ("ne", set()),
        ('"need"', set()),
        ('"does it hurt"', {0}),
        ('"it does"', {5}),
        ('"does it hur', {0, 5}),
        ("hurt does it", {0, 5}),
        ("don't", {0}),
        ("booked-out", {1}),
        ("book", {1}),
        ("follow up", {1}),
        ('"9 10"', {1}),
        ("9/10", {1}),
        ("lee", {2}),
        ("anna.lee@example.org", {2}),
        ("example", {2}),
        ('"b c 1"', {2}),
        ("50", {3}),
        ("50,000", {3}),
        ("000", {3}),
        ("7", {3}),
        ("1e5", {3}),
        ("über", {4}),
        ("très", {4}),
        ("tres", set()),
        ("quoted", {4}),
        ("emoji", {4}),
        ("nothing of it", set()),
    ],
)
def test_words_are_found(
    said_in: dict[int, Conversation], typed: str, expected: set[int], many: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "MANY", many)
    assert found(typed, said_in) == expected


def test_an_unclosed_quote_is_space(said_in: dict[int, Conversation]) -> None:
    assert found('hurt "needle', said_in) == {0, 5}


@pytest.mark.parametrize("typed", ["", "   ", '"', '""', "*", ")(", "-", "… —", "😀", "\x00", "'", "_"])
def test_what_has_no_word_is_no_search(typed: str) -> None:
    assert Terms.read(typed) is None


NASTY = ('"', '"a', 'a"', "a*", "*a", "NEAR(a b)", "a NEAR b", "a AND", "OR", "NOT a", ")", "text:a", "^a", "a -b")
MORE = (
    "a:*",
    "a & b",
    "!a",
    "a | b",
    "a <-> b",
    "'a",
    "\\",
    "a\\' | b",
    "{a}",
    "%s",
    "%",
    "{0}",
    "a;--",
    "٣",
    "x²",
    "\ud83d",
)


@pytest.mark.parametrize("typed", [*NASTY, *MORE])
def test_whatever_is_typed_is_data(said_in: dict[int, Conversation], typed: str) -> None:
    if Terms.read(typed):
        found(typed, said_in)


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=40)


@pytest.mark.django_db
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(TEXTS)
def test_anything_can_be_typed(typed: str) -> None:
    if terms := Terms.read(typed):
        list(Conversation.objects.filter(said(terms)))
        assert isinstance(pieces(typed, terms), list)


# Letters and signs of which both databases think the same; an exotic sign may count as a letter on one of them.
ALPHABET = "abAB09éÜß .,-_/@:'\"!?+&|()<>%*#$“”’—…😀"


@pytest.mark.django_db
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.text(ALPHABET, min_size=1, max_size=12))
def test_every_word_of_a_text_finds_it(text: str) -> None:
    with ExitStack() as stack:
        stack.enter_context(transaction.atomic())
        one = Conversation.objects.create(created_at="2026-11-20T09:00Z", last_message_at="2026-11-20T09:00Z")
        Message.objects.create(conversation=one, seq=1, sender="visitor", text=text, created_at=one.created_at)
        for word in search.words(text):
            assert Conversation.objects.filter(said(Terms(((word,),), False)), pk=one.pk).exists()
            assert Conversation.objects.filter(said(Terms(((word[:1],),), True)), pk=one.pk).exists()
            assert search.has_patterns(text, Terms(((word,),), False).patterns())
        whole = tuple(search.words(text))
        if whole:
            assert Conversation.objects.filter(said(Terms((whole,), False)), pk=one.pk).exists()
        transaction.set_rollback(True)


def test_what_is_deleted_or_changed_is_not_found(said_in: dict[int, Conversation]) -> None:
    said_in[0].delete()
    assert found("hurt", said_in) == {5}
    Message.objects.filter(conversation=said_in[5], seq=1).update(text="quite another")
    assert found("hurt", said_in) == set()
    assert found("another", said_in) == {5}


def test_answers_and_suppressed_ones_are_found_too(said_in: dict[int, Conversation]) -> None:
    Message.objects.filter(conversation=said_in[2], seq=2).update(text="A held back sentence.", suppressed=True)
    assert found("sentence", said_in) == {2}


@pytest.mark.parametrize(
    ("text", "typed", "expected"),
    [
        ("Does it hurt?", "hurt", "Does it [hurt]?"),
        ("Does it hurt?", "hur", "Does it [hurt]?"),
        ("It hurts, it does hurt.", '"it does"', "It hurts, [it does] hurt."),
        ("HURT", "hurt", "[HURT]"),
        ("nothing", "hurt", "nothing"),
    ],
)
def test_hits_are_marked(text: str, typed: str, expected: str) -> None:
    shown = "".join(f"[{one.text}]" if one.is_hit else one.text for one in pieces(text, Terms.read(typed)))
    assert shown == expected


def test_a_snippet_is_around_the_first_hit() -> None:
    text = "before " * 50 + "needle" + " after" * 50
    shown = "".join(one.text for one in pieces(text, Terms.read("needle")))
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert "needle" in shown
    assert len(shown) < 200


# Only SQLite makes tables anew.
@pytest.mark.only_on("sqlite")
def test_what_a_remade_table_has_lost_comes_back(said_in: dict[int, Conversation]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER queue_words_insert")
        cursor.execute("DROP INDEX queue_held")
    Message.objects.create(
        conversation=said_in[0], seq=3, sender="visitor", text="unheard", created_at=said_in[0].created_at
    )
    assert found("unheard", said_in) == set()
    schema.restore(connection)
    assert found("unheard", said_in) == {0}
    with CaptureQueriesContext(connection) as queries:
        schema.restore(connection)
    assert len(queries) == 1
