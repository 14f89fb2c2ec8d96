"""Turns scored rows into the lines that `make evaluate` prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median

from bench import scoring
from bench.figures import SHARES, Goal
from bench.intervals import Share
from bench.scoring import Row

NAME_WIDTH = 43


def lines(rows: Sequence[Row], everything: int, seconds: float) -> list[str]:
    """Return the whole report on the labelled rows of `everything` questions that took `seconds` together."""
    asked = f"{everything} questions in {seconds:.1f} s ({everything / seconds:.1f} a second)"
    if not rows:
        return [f"{asked}; none has a label, so nothing is scored."]
    return [
        f"{asked}, {len(rows)} of them labelled.",
        f"Time from sending to answer, median: {median(row.prediction.ms for row in rows):.0f} ms "
        f"(up to {max(row.prediction.ms for row in rows):.0f} ms).",
        *_failures(rows),
        "",
        "Shares in %; the 95 % interval treats the rows of a cluster as one. Alternatives of the label count as right.",
        "A row can have the right first topic and a wrong extra answer: then it counts in both.",
        "",
        _heading("figure", goals=True),
        *_figures(rows),
        "",
        _heading("right, by expected route"),
        *(_line(route, scoring.measure(found, scoring.is_right)) for route, found in _with_all(rows).items()),
        "",
        _heading("right, by expected topic"),
        *(_line(topic, scoring.measure(found, scoring.is_right)) for topic, found in scoring.by_topic(rows).items()),
        "",
        "Most confused (expected → got, count):",
        *(f"  {expected} → {got}  {count}" for expected, got, count in scoring.confused(rows)),
    ]


def _failures(rows: Sequence[Row]) -> list[str]:
    failed = sum(scoring.is_failed(row) for row in rows)
    return [f"{failed} questions were refused or their turn failed."] if failed else []


def _with_all(rows: Sequence[Row]) -> Mapping[str, Sequence[Row]]:
    return {"all": rows} | scoring.by_route(rows)


def _figures(rows: Sequence[Row]) -> list[str]:
    found = [(figure, figure.rows(rows)) for figure in SHARES]
    return [
        _line(figure.name, scoring.measure(chosen, figure.judge), figure.goal) for figure, chosen in found if chosen
    ]


def _heading(name: str, goals: bool = False) -> str:
    columns = f"{name:<{NAME_WIDTH}} {'share':>6}  {'95 % interval':^15} {'rows':>10} {'clusters':>9}"
    return f"{columns} {'must':>7} {'aim':>7}" if goals else columns


def _line(name: str, share: Share, goal: Goal | None = None) -> str:
    rows = f"{share.hits}/{share.n}"
    interval = f"{100 * share.low:5.1f} … {100 * share.high:5.1f}"
    columns = f"{name:<{NAME_WIDTH}} {100 * share.value:6.1f}  {interval:^15} {rows:>10} {share.clusters:>9}"
    if goal is None:
        return columns
    sign = "≥" if goal.at_least else "≤"
    must, aim = f"{sign} {goal.must:g}", f"{sign} {goal.aim:g}"
    return f"{columns} {must:>7} {aim:>7}  {goal.verdict(100 * share.value)}"
