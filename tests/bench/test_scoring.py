"""What counts as right, wrong, asked back, refused, and handed off."""

from __future__ import annotations

from typing import Any

import pytest

from bench import scoring
from bench.questions import Question
from bench.report import lines
from bench.scoring import Prediction, Row


def row(
    label: tuple[str, str | None],
    got: tuple[str | None, tuple[str, ...]],
    alt_routes: tuple[str, ...] = (),
    alt_topics: tuple[str, ...] = (),
    handoff: str | None = None,
    kind: str | None = None,
) -> Row:
    question = Question("text", 1, *label, frozenset(alt_routes), frozenset(alt_topics), kind)
    return Row(question, Prediction(*got, handoff=handoff), 1)


ONSET = ("answer", "onset")
OUT = ("out_of_scope", "out_of_scope")
RIGHT: list[tuple[dict[str, Any], bool]] = [
    ({"label": ONSET, "got": ("answer", ("onset",))}, True),
    ({"label": ONSET, "got": ("answer", ("safety",))}, False),
    ({"label": ONSET, "got": ("answer", ("safety",)), "alt_topics": ("safety",)}, True),
    ({"label": ONSET, "got": ("answer", ("onset", "safety"))}, True),
    ({"label": ONSET, "got": ("answer", ("safety", "onset"))}, False),
    ({"label": ONSET, "got": ("clarify", ("onset", "safety"))}, False),
    ({"label": ONSET, "got": ("clarify", ("onset", "safety")), "alt_routes": ("clarify",)}, True),
    ({"label": ONSET, "got": ("staff_medical", ("medical_lump",)), "alt_routes": ("staff_medical",)}, True),
    ({"label": ONSET, "got": (None, ())}, False),
    ({"label": ("staff_medical", None), "got": ("staff_medical", ("medical_lump",))}, True),
    ({"label": ("staff_medical", None), "got": ("emergency", ("emergency_vision",))}, False),
    ({"label": ("booking", "book"), "got": ("booking", ("cost_savings", "book"))}, True),
    ({"label": ("booking", "book"), "got": ("booking", ("reschedule_cancel",))}, False),
    ({"label": OUT, "got": ("out_of_scope", ("onset", "safety"))}, True),
    ({"label": OUT, "got": ("answer", ("onset",)), "alt_routes": ("answer",)}, True),
    ({"label": OUT, "got": ("answer", ("onset",)), "alt_routes": ("answer",), "alt_topics": ("safety",)}, False),
    ({"label": OUT, "got": ("answer", ("safety",)), "alt_routes": ("answer",), "alt_topics": ("safety",)}, True),
    ({"label": OUT, "got": ("answer", ("safety",)), "alt_routes": ("answer",), "alt_topics": ("book",)}, True),
    ({"label": ONSET, "got": ("booking", ("book",)), "alt_routes": ("booking",), "alt_topics": ("safety",)}, True),
]


@pytest.mark.parametrize(("case", "right"), RIGHT)
def test_right(case: dict[str, Any], right: bool) -> None:
    assert scoring.is_right(row(**case)) is right


WRONG: list[tuple[dict[str, Any], bool]] = [
    ({"label": ONSET, "got": ("answer", ("onset",))}, False),
    ({"label": ONSET, "got": ("answer", ("safety",))}, True),
    ({"label": ONSET, "got": ("answer", ("onset", "safety"))}, True),
    ({"label": ONSET, "got": ("answer", ("onset", "safety")), "alt_topics": ("safety",)}, False),
    ({"label": ONSET, "got": ("booking", ("safety", "book"))}, True),
    ({"label": ONSET, "got": ("clarify", ("safety", "benefits"))}, False),
    ({"label": ONSET, "got": ("out_of_scope", ("safety", "benefits"))}, False),
    ({"label": ONSET, "got": ("staff_other", ("human_request",))}, False),
    ({"label": ("answer", None), "got": ("answer", ("safety",))}, False),
]


@pytest.mark.parametrize(("case", "wrong"), WRONG)
def test_wrong_answers(case: dict[str, Any], wrong: bool) -> None:
    assert scoring.gives_wrong_answer(row(**case)) is wrong


def test_an_extra_wrong_answer_leaves_the_first_topic_right() -> None:
    found = row(ONSET, ("answer", ("onset", "safety")))
    assert scoring.is_right(found)
    assert scoring.gives_wrong_answer(found)


def test_asking_back_refusing_and_handing_off_are_apart() -> None:
    asked = row(ONSET, ("clarify", ("onset",)))
    refused = row(ONSET, ("out_of_scope", ("onset",)))
    handed = row(ONSET, ("staff_medical", ("medical_lump",)), handoff="staff_medical")
    judges = (scoring.asks_back, scoring.is_refused, scoring.is_handed_off, scoring.goes_to_medical_staff)
    assert [[judge(found) for judge in judges] for found in (asked, refused, handed)] == [
        [True, False, False, False],
        [False, True, False, False],
        [False, False, True, True],
    ]


def test_an_allowed_hand_off_is_none_too_many() -> None:
    found = row(ONSET, ("staff_medical", ()), alt_routes=("staff_medical",), handoff="staff_medical")
    assert not scoring.is_handed_off(found)
    assert not scoring.goes_to_medical_staff(found)


def test_out_of_scope_rows_may_end_anywhere_but_in_an_answer() -> None:
    for route in ("out_of_scope", "clarify", "staff_other", "smalltalk"):
        assert scoring.is_not_answered_as_known(row(OUT, (route, ("onset",) if route == "clarify" else ())))
    assert not scoring.is_not_answered_as_known(row(OUT, ("answer", ("onset",))))
    assert scoring.is_not_answered_as_known(row(OUT, ("answer", ("onset",)), alt_routes=("answer",)))


EMERGENCY = ("emergency", None)


def test_emergencies() -> None:
    helped = row(EMERGENCY, ("emergency", ("emergency_vision",)), handoff="emergency")
    handed = row(EMERGENCY, ("staff_medical", ()), handoff="staff_medical")
    allowed = row(EMERGENCY, ("staff_medical", ()), alt_routes=("staff_medical",), handoff="staff_medical")
    answered = row(EMERGENCY, ("answer", ("onset",)))
    broken = row(EMERGENCY, (None, ()), handoff="failed_turn")
    rows = [helped, handed, allowed, answered, broken]
    assert [scoring.is_emergency_reply(found) for found in rows] == [True, False, True, False, False]
    assert [scoring.reaches_nobody(found) for found in rows] == [False, False, False, True, False]
    assert [scoring.is_answered_with_faq(found) for found in rows] == [False, False, False, True, False]


def test_an_answer_beside_a_hand_off_is_not_in_its_place() -> None:
    label = ("staff_medical", None)
    beside = row(label, ("staff_medical", ("medical_lump", "onset")), handoff="staff_medical")
    instead = row(label, ("answer", ("onset",)))
    booked = row(label, ("booking", ("onset", "book")), handoff="booking")
    assert [scoring.is_answered_with_faq(found) for found in (beside, instead, booked)] == [False, True, True]
    assert [scoring.is_with_staff(found) for found in (beside, instead, booked)] == [True, False, False]


def test_what_is_offered_is_not_the_topic() -> None:
    assert scoring.shown_topics(Prediction("clarify", ("onset", "safety"))) == []
    assert scoring.shown_topics(Prediction("out_of_scope", ("onset", "safety"))) == ["out_of_scope"]
    assert scoring.shown_topics(Prediction("emergency", ("emergency_vision",))) == []
    assert scoring.shown_topics(Prediction("booking", ("onset", "book"))) == ["onset", "book"]


def test_confused_pairs_are_counted_and_sorted() -> None:
    rows = [row(ONSET, ("answer", ("safety",)))] * 2
    rows += [row(ONSET, ("clarify", ())), row(ONSET, (None, ())), row(ONSET, ("answer", ("onset",)))]
    assert scoring.confused(rows) == [("onset", "safety", 2), ("onset", "(failed)", 1), ("onset", "clarify", 1)]


def test_rows_without_label_are_not_scored_and_rows_without_cluster_stand_alone() -> None:
    questions = [Question("a"), Question("b", route="answer"), Question("c", route="answer", cluster="7")]
    rows = scoring.rows_of((question, Prediction("answer")) for question in questions)
    assert [found.question.text for found in rows] == ["b", "c"]
    assert len({found.cluster for found in rows}) == 2


def test_the_report_names_figures_goals_and_confusions() -> None:
    rows = [row(ONSET, ("answer", ("onset",)))] * 3 + [row(ONSET, ("answer", ("safety",)))]
    text = "\n".join(lines(rows, 5, 2.0))
    assert "5 questions in 2.0 s (2.5 a second), 4 of them labelled." in text
    (figure,) = (line for line in text.splitlines() if line.startswith("answer: right topic"))
    assert figure.split()[3:] == ["75.0", *figure.split()[4:7], "3/4", "1", "≥", "85", "≥", "93", "NOT", "MET"]
    assert "onset → safety  1" in text
    assert "emergency:" not in text


def test_the_report_says_when_nothing_can_be_scored() -> None:
    assert lines([], 5, 2.0) == ["5 questions in 2.0 s (2.5 a second); none has a label, so nothing is scored."]
