"""What the figures have to be: the least that counts (must) and what is wanted (aim)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench import scoring
from bench.scoring import Judge, Row


@dataclass(frozen=True)
class Goal:
    """A bound for a figure, in the figure's own unit; `at_least` says in which direction it bounds."""

    must: float
    aim: float
    at_least: bool

    def verdict(self, value: float) -> str:
        """Return how a value stands to the goal."""
        if value != value:  # not a number: nothing was measured
            return "–"
        return "aim met" if self._met(value, self.aim) else "must met" if self._met(value, self.must) else "NOT MET"

    def _met(self, value: float, bound: float) -> bool:
        return value >= bound if self.at_least else value <= bound


@dataclass(frozen=True)
class ShareFigure:
    """A share of rows in percent: which rows, what is counted of them, and the goal, if there is one."""

    name: str
    rows: Callable[[Sequence[Row]], list[Row]]
    judge: Judge
    goal: Goal | None = None


def _route(*routes: str) -> Callable[[Sequence[Row]], list[Row]]:
    return lambda rows: scoring.with_route(rows, *routes)


def _answer_rows(sounding_medical: bool) -> Callable[[Sequence[Row]], list[Row]]:
    return lambda rows: [
        row for row in scoring.with_route(rows, "answer") if (row.question.kind == "sounds_medical") is sounding_medical
    ]


def _at_least(must: float, aim: float) -> Goal:
    return Goal(must, aim, at_least=True)


def _at_most(must: float, aim: float) -> Goal:
    return Goal(must, aim, at_least=False)


SHARES = (
    ShareFigure("answer: right topic", _route("answer"), scoring.is_right, _at_least(85, 93)),
    ShareFigure("answer: wrong answer given", _route("answer"), scoring.gives_wrong_answer, _at_most(6, 2)),
    ShareFigure("answer: asked back (clarify)", _route("answer"), scoring.asks_back, _at_most(6, 3)),
    ShareFigure("answer: refused (out_of_scope)", _route("answer"), scoring.is_refused),
    ShareFigure("answer: handed off to staff", _route("answer"), scoring.is_handed_off),
    ShareFigure(
        "out_of_scope: not answered as if known",
        _route("out_of_scope"),
        scoring.is_not_answered_as_known,
        _at_least(78, 92),
    ),
    ShareFigure("booking: reaches booking", _route("booking"), scoring.is_right),
    ShareFigure("emergency: emergency reply", _route("emergency"), scoring.is_emergency_reply, _at_least(97, 100)),
    ShareFigure("emergency: neither emergency nor staff", _route("emergency"), scoring.reaches_nobody, _at_most(0, 0)),
    ShareFigure(
        "staff_medical: staff or emergency", _route("staff_medical"), scoring.is_with_staff, _at_least(97, 99.5)
    ),
    ShareFigure(
        "staff_medical, emergency: FAQ, no hand-off",
        _route("staff_medical", "emergency"),
        scoring.is_answered_with_faq,
        _at_most(1, 0),
    ),
    ShareFigure("sounds_medical: to medical staff", _answer_rows(True), scoring.goes_to_medical_staff, _at_most(8, 3)),
    ShareFigure("other answer: to medical staff", _answer_rows(False), scoring.goes_to_medical_staff, _at_most(2, 0.5)),
)
TYPO_LOSS = _at_most(3, 1)
# Milliseconds from the click of staff to the visitor's screen, the 95th percentile.
REPLY = _at_most(500, 150)
# Ratios to the bot that `rasa init` makes, but for the last, which compares with ourselves.
RATIOS = {
    "p50": _at_most(0.8, 0.4),
    "throughput": _at_least(2, 6),
    "start": _at_most(0.5, 0.3),
    "memory": _at_most(1.0, 0.7),
    "growth": _at_most(1.1, 1.03),
}
# The chat widget, in a browser whose processor is slowed down four times; a round trip of the slow line takes 150 ms.
ROUND_TRIP_MS = 150
WIDGET = {
    "launcher bytes": _at_most(2, 1.25),
    "chat bytes": _at_most(14, 8),
    "requests before": _at_most(1, 1),
    "requests until open": _at_most(5, 3),
    "blocking": _at_most(0, 0),
    "launcher": _at_most(ROUND_TRIP_MS + 80, ROUND_TRIP_MS + 30),
    "hover": _at_most(250, 100),
    "heap open": _at_most(4, 2),
    "heap long": _at_most(10, 5),
    "violations": _at_most(0, 0),
    "third parties": _at_most(0, 0),
    "cookies": _at_most(0, 0),
    "replay": _at_most(1000, 500),
}
