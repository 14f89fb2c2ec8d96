"""Our own sentences and the typos made in them."""

from __future__ import annotations

import random
import re

import pytest
import yaml

from bench.questions import Question, read_questions
from bench.taxonomy import ROUTE_OF_TOPIC
from bench.typos import SENTENCES, WORD, report, with_typo, with_typos
from ops.paths import ROOT


def own() -> list[Question]:
    return read_questions(SENTENCES)


def plain(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9']+", text.lower().replace("’", "'")))


def trained() -> set[str]:
    found: set[str] = set()
    for file in sorted((ROOT / "data" / "nlu").rglob("*.yml")):
        for block in yaml.safe_load(file.read_text(encoding="utf-8"))["nlu"]:
            lines = (line.strip() for line in block.get("examples", "").splitlines())
            found |= {plain(line.removeprefix("- ")) for line in lines}
    return found


def test_typos_are_the_same_each_time() -> None:
    texts = [question.text for question in own()]
    assert with_typos(texts) == with_typos(texts)
    assert with_typos(texts) != with_typos(texts, seed=1)


def test_one_word_in_five_is_changed() -> None:
    texts = ["could anybody please explain this treatment", "what happens there today", "really", "why them although"]
    changed = with_typos(texts)
    before, after = " ".join(texts).split(), " ".join(changed).split()
    assert len(before) == len(after) == 14
    for first in (0, 5):
        pairs = list(zip(before[first : first + 5], after[first : first + 5], strict=True))
        assert sum(one != other for one, other in pairs) == 1
    assert before[10:] == after[10:]


def test_short_words_numbers_and_signs_stay() -> None:
    assert with_typos(["is it ok, or no? 2024 !!"]) == ["is it ok, or no? 2024 !!"]


@pytest.mark.parametrize("seed", range(50))
def test_a_typo_is_one_edit(seed: int) -> None:
    changed = with_typo("wrinkle", random.Random(seed))
    assert changed != "wrinkle"
    assert len(changed) in (6, 7, 8)


@pytest.mark.parametrize("word", ["äöü", "aaa", "don't"])
def test_any_word_can_be_mistyped(word: str) -> None:
    assert with_typo(word, random.Random(0)) != word


def test_there_are_enough_own_sentences_and_every_topic_has_some() -> None:
    questions = own()
    assert len({plain(question.text) for question in questions}) == len(questions) >= 200
    # A yes or a no says nothing at the beginning of a conversation.
    assert {question.topic for question in questions} == set(ROUTE_OF_TOPIC) - {"affirm", "deny"}
    assert all(ROUTE_OF_TOPIC[question.topic or ""] == question.route for question in questions)
    assert {topic for question in questions for topic in question.alt_topics} <= set(ROUTE_OF_TOPIC)


def test_no_own_sentence_was_trained() -> None:
    assert sorted({plain(question.text) for question in own()} & trained()) == []


def test_typos_reach_about_a_fifth_of_the_words() -> None:
    texts = [question.text for question in own()]
    before = [word for text in texts for word in WORD.findall(text)]
    changed = sum(one != other for one, other in zip(texts, with_typos(texts), strict=True))
    assert len(before) / 5 * 0.6 < changed <= len(before) / 5


def test_the_report_says_what_was_lost() -> None:
    text = "\n".join(report([True] * 10, [True] * 9 + [False], 8))
    assert "100.0 %" in text
    assert "90.0 %" in text
    assert "10.0 points" in text
    assert "NOT MET" in text
