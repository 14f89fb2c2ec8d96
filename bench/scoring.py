"""Judges answers against labels: pure functions from (question, prediction) to what is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass

from bench.intervals import Share, share
from bench.questions import Question
from bench.taxonomy import (
    MEDICAL_ROUTES,
    OFFERING_ROUTES,
    ROUTE_OF_TOPIC,
    ROUTES,
    STAFF_HAND_OFFS,
    STAFF_ROUTES,
    TOPICS,
)

NO_ROUTE = "(failed)"


@dataclass(frozen=True)
class Prediction:
    """What became of a question. `route` is None where the turn failed or the message was refused.

    `topics` are in the order answered. `handoff` is the kind of the hand-off that was made, or None. `ms` is the time
    in milliseconds from sending the message to seeing the answer.
    """

    route: str | None
    topics: tuple[str, ...] = ()
    confidence: float | None = None
    reply: str = ""
    handoff: str | None = None
    ms: float = 0.0


@dataclass(frozen=True)
class Row:
    """A labelled question with its prediction; `cluster` is its own where the file names none."""

    question: Question
    prediction: Prediction
    cluster: Hashable


Judge = Callable[[Row], bool]


def rows_of(pairs: Iterable[tuple[Question, Prediction]]) -> list[Row]:
    """Return the rows that have a label."""
    return [
        Row(question, prediction, question.cluster if question.cluster is not None else ("row", number))
        for number, (question, prediction) in enumerate(pairs)
        if question.route
    ]


def shown_topics(prediction: Prediction) -> list[str]:
    """Return the topics that the prediction's route stands for, as OUT shows them.

    What `clarify` and `out_of_scope` offer as buttons is no topic of the message; names of medical intents are none of
    the taxonomy's.
    """
    if prediction.route == "out_of_scope":
        return ["out_of_scope"]
    if prediction.route not in TOPICS:
        return []
    return [topic for topic in prediction.topics if topic in ROUTE_OF_TOPIC]


def first_topic(prediction: Prediction) -> str | None:
    """Return the first topic that belongs to the prediction's route."""
    own = (topic for topic in shown_topics(prediction) if ROUTE_OF_TOPIC[topic] == prediction.route)
    return next(own, None)


def answers_given(prediction: Prediction) -> list[str]:
    """Return the topics of the FAQ answers that were shown, in order."""
    if prediction.route is None or prediction.route in OFFERING_ROUTES:
        return []
    return [topic for topic in prediction.topics if ROUTE_OF_TOPIC.get(topic) == "answer"]


def is_right(row: Row) -> bool:
    """Tell whether route and first topic are the expected ones or alternatives of them."""
    return _is_expected(row) or _is_alternative(row)


def _is_expected(row: Row) -> bool:
    question, prediction = row.question, row.prediction
    if prediction.route != question.route:
        return False
    if question.topic is None or question.route not in TOPICS:
        return True
    return first_topic(prediction) in {question.topic, *question.alt_topics}


def _is_alternative(row: Row) -> bool:
    question, prediction = row.question, row.prediction
    if prediction.route is None or prediction.route not in question.alt_routes:
        return False
    wanted = question.alt_topics.intersection(TOPICS.get(prediction.route, ()))
    return not wanted or first_topic(prediction) in wanted


def gives_wrong_answer(row: Row) -> bool:
    """Tell whether an FAQ answer was shown that is none of the right ones; an extra answer counts too."""
    given = answers_given(row.prediction)
    accepted = {row.question.topic, *row.question.alt_topics}.intersection(TOPICS["answer"])
    if not accepted and is_right(row):
        return False  # the label asks for an answer and leaves open which
    return any(topic not in accepted for topic in given)


def asks_back(row: Row) -> bool:
    """Tell whether the bot asked between near topics although that is not among the right routes."""
    return row.prediction.route == "clarify" and not is_right(row)


def is_refused(row: Row) -> bool:
    """Tell whether the bot said that it does not know although that is not among the right routes."""
    return row.prediction.route == "out_of_scope" and not is_right(row)


def goes_to_staff(row: Row) -> bool:
    """Tell whether staff got the message, by whichever route."""
    return row.prediction.route in STAFF_ROUTES or row.prediction.handoff in STAFF_HAND_OFFS


def is_handed_off(row: Row) -> bool:
    """Tell whether staff got the message although that is not among the right routes."""
    return goes_to_staff(row) and not is_right(row)


def goes_to_medical_staff(row: Row) -> bool:
    """Tell whether medical staff got the message although that is not among the right routes."""
    medical = row.prediction.route in MEDICAL_ROUTES or row.prediction.handoff in MEDICAL_ROUTES
    return medical and not is_right(row)


def is_not_answered_as_known(row: Row) -> bool:
    """Tell whether no FAQ answer was given, or only one that is right too."""
    return not answers_given(row.prediction) or is_right(row)


def is_emergency_reply(row: Row) -> bool:
    """Tell whether the emergency reply was given, or another right one."""
    return row.prediction.route == "emergency" or is_right(row)


def reaches_nobody(row: Row) -> bool:
    """Tell whether neither the emergency reply was given, nor staff got the message, nor another right reply came."""
    return not is_with_staff(row)


def is_with_staff(row: Row) -> bool:
    """Tell whether staff got the message, or another right reply was given."""
    return goes_to_staff(row) or is_right(row)


def is_answered_with_faq(row: Row) -> bool:
    """Tell whether an FAQ answer was given and no hand-off made, and that is not among the right routes."""
    return bool(answers_given(row.prediction)) and not goes_to_staff(row) and not is_right(row)


def is_failed(row: Row) -> bool:
    """Tell whether the turn failed or the message was refused."""
    return row.prediction.route is None


def measure(rows: Sequence[Row], judge: Judge) -> Share:
    """Return the share of the rows that the judge finds so, with its interval."""
    return share([(judge(row), row.cluster) for row in rows])


def with_route(rows: Sequence[Row], *routes: str) -> list[Row]:
    """Return the rows whose expected route is one of these."""
    return [row for row in rows if row.question.route in routes]


def by_route(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Return the rows of each expected route, most urgent first."""
    return {route: found for route in ROUTES if (found := with_route(rows, route))}


def by_topic(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Return the rows of each expected topic, in the order of the taxonomy."""
    return {
        topic: found
        for topic in ROUTE_OF_TOPIC
        if (found := [row for row in rows if row.question.topic == topic and row.question.route in TOPICS])
    }


def confused(rows: Sequence[Row], most: int = 15) -> list[tuple[str, str, int]]:
    """Return the most frequent (expected, got, count) of the rows that are not right; ties in order of name."""
    counts = Counter((expected_name(row.question), got_name(row.prediction)) for row in rows if not is_right(row))
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [(expected, got, count) for (expected, got), count in ranked[:most]]


def expected_name(question: Question) -> str:
    """Return the expected topic, or the route where that has none."""
    return (question.topic if question.route in TOPICS else None) or question.route or NO_ROUTE


def got_name(prediction: Prediction) -> str:
    """Return the first topic given, or the route where that has none."""
    return first_topic(prediction) or prediction.route or NO_ROUTE
