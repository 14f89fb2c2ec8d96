"""The splitter: what becomes a part of its own, what stays together, and that no input makes it slow or lossy."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rasa.shared.nlu.training_data.message import Message

from rasa_ext.nlu.splitter import MAX_CHARACTERS, MAX_PARTS, MessageReader, MessageSplitter, message_reader

# "|" between the parts; a part that asks ends in "(?)" unless it has a question mark of its own.
SPLIT = [
    "How much is it (?) | does it hurt?",
    "how much is it (?) | does it hurt (?) | can i drive after (?)",
    "does it hurt (?) | how much is it (?)",
    "Hello! | How long does it last? | And is it safe?",
    "what is dysport (?) | how does it work (?)",
    "tell me what it is (?) | how it works (?)",
    "do you know how long it lasts (?) | what it costs (?)",
    "I had it done last week | is it normal that my eye droops (?)",
    "whats the price (?) | whats the downtime (?)",
    "How long does it last (?) | how much is it (?) | who does it?",
    "I'd like to book. | Do you have time on Friday?",
    "I paid $12.50 per unit. | Is that normal?",
    "who does the injections (?) | are they trained (?)",
    "What's dysport? | how does it work?",
    "do i need a consult (?) | do u take insurance (?)",
    "is there anything i should do before (?) | what should i avoid after (?)",
    "how long does dysport take (?) | is the effect permanent (?)",
    "how long until it works (?) | do results look natural (?)",
    "my eye hurts. | What now?",
    "after the treatment can i go to the gym (?) | when can i wear makeup (?)",
    "how many units do you use (?) | how many visits will I need (?)",
    "what areas do you treat (?) | can men have it (?)",
    "is it fda approved (?) | who makes it (?)",
]
WHOLE = [
    ("can i do it at home", True),
    ("should i have it done before or after my wedding", True),
    ("which areas do you treat", True),
    ("how do i know if dysport is the right one for me", True),
    ("if i get dysport can i drive home", True),
    ("what are the before and after steps", True),
    ("how safe and effective is it", True),
    ("when and where can I come in", True),
    ("can you tell me how much is it", True),
    ("i was wondering does it hurt", True),
    ("what happens when I am pregnant", True),
    ("is dysport the same as botox or is it different", True),
    ("price and downtime", False),
    ("i cant breathe help", False),
    ("hi does it hurt", True),
    ("ok thanks", False),
    ("my lip is numb and my eye is heavy", False),
    ("can i get it done when i have a cold", True),
    ("how much is the forehead, crow's feet and the neck?", True),
    ("open at 5 p.m. or later", False),
    ("i was told it is safe and it does not hurt", False),
    ("I want to know more about it", True),
    ("not sure if it is for me", True),
]


def parts_of(reader: MessageReader, text: str) -> list[tuple[str, bool]]:
    return [(part.text, part.question) for part in reader.read(text)[0]]


@pytest.mark.parametrize("row", SPLIT)
def test_questions_are_taken_apart(reader: MessageReader, row: str) -> None:
    expected = [part.strip() for part in row.split("|")]
    text = " and ".join(part.removesuffix(" (?)") for part in expected)
    for mark in ".!?":
        text = text.replace(f"{mark} and ", f"{mark} ")
    assert parts_of(reader, text) == [(p.removesuffix(" (?)"), p.endswith(("(?)", "?"))) for p in expected]


@pytest.mark.parametrize(
    "text", ["how much is it does it hurt can i drive after", "how much is it, does it hurt, can i drive after"]
)
def test_a_missing_and_does_not_matter(reader: MessageReader, text: str) -> None:
    assert [part for part, _ in parts_of(reader, text)] == ["how much is it", "does it hurt", "can i drive after"]


@pytest.mark.parametrize(("text", "question"), WHOLE)
def test_one_thought_stays_together(reader: MessageReader, text: str, question: bool) -> None:
    assert parts_of(reader, text) == [(text, question)]


def test_a_line_break_ends_a_part(reader: MessageReader) -> None:
    assert parts_of(reader, "hi there\nhow much is it") == [("hi there", False), ("how much is it", True)]


@pytest.mark.parametrize("text", ["", "   ", "?!", "🙂🙂", "...", "\u200b"])
def test_no_words_no_parts(reader: MessageReader, text: str) -> None:
    assert parts_of(reader, text) == []


@pytest.mark.parametrize(
    "text",
    [
        "how much is it and does it hurt " * 190,
        "yes. " * 1200,
        "??!! " * 1200,
        "x" * 6000,
        "do it " * 1000,
        "is it " * 999,
    ],
)
def test_long_messages_give_a_bounded_number_of_parts(reader: MessageReader, text: str) -> None:
    assert len(parts_of(reader, text)) <= MAX_PARTS


def test_the_last_of_many_sentences_is_not_dropped(reader: MessageReader) -> None:
    parts = parts_of(reader, "I am fine. " * 100 + "I cannot breathe.")
    assert parts[-1][0].endswith("I cannot breathe.")


@given(st.text(alphabet=st.sampled_from("ab isdo?.,!\n'"), max_size=300))
def test_no_word_is_lost(text: str) -> None:
    parts = message_reader().read(text)[0]
    joined = " ".join(part.text for part in parts)
    assert len(parts) <= MAX_PARTS
    letters = [c for c in text if c in "ab"]
    assert [c for c in joined if c in "ab"] == letters


@pytest.mark.parametrize(
    ("text", "areas", "products"),
    [
        ("can you treat my Forehead and crow’s feet", ["forehead", "crows_feet"], []),
        ("is Dysport better than botox", [], ["dysport", "botox"]),
        ("elevens", ["glabella"], []),
        ("neck bands or jawline", ["neck", "jaw"], []),
        ("how long does it last", [], []),
        ("dysprot on the forehead, forehead only", ["forehead"], ["dysport"]),
    ],
)
def test_areas_and_products(reader: MessageReader, text: str, areas: list[str], products: list[str]) -> None:
    assert reader.read(text)[1] == {"areas": areas, "products": products}


def test_unknown_words_do_not_stay_in_memory(reader: MessageReader) -> None:
    strings = reader._nlp.vocab.strings
    before = len(strings)
    for number in range(50):
        reader.read(f"qwxz{number}vbn")
    assert len(strings) == before


def test_the_component_puts_plain_data_on_the_message(reader: MessageReader) -> None:
    message = Message({"text": "does it hurt? " + "x" * MAX_CHARACTERS})
    empty = Message({})
    MessageSplitter(reader).process([message, empty])
    assert message.get("parts")[0] == {"text": "does it hurt?", "question": True}
    assert empty.get("parts") == []
    assert empty.get("areas") == []
