"""Bars as the server draws them: where each stands and how high it is, in the units of the drawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 720, 160
# What is left between two columns, as a part of a column's place.
GAP = 0.25


@dataclass(frozen=True)
class Column:
    """One column of two parts, the lower one first; `label` and `link` belong to the whole column."""

    x: float
    width: float
    lower_y: float
    lower_height: float
    upper_y: float
    upper_height: float
    label: str
    link: str


@dataclass(frozen=True)
class Columns:
    """A drawing of columns, `WIDTH` by `HEIGHT`, with the number that a full column stands for."""

    columns: list[Column]
    top: int
    width: int = WIDTH
    height: int = HEIGHT


def columns(parts: Sequence[tuple[int, int, str, str]]) -> Columns:
    """Return a drawing of (lower part, upper part, label, link) side by side."""
    top = max((lower + upper for lower, upper, _, _ in parts), default=0) or 1
    place = WIDTH / max(len(parts), 1)
    unit = HEIGHT / top
    return Columns(
        [
            Column(
                x=round(number * place + place * GAP / 2, 1),
                width=round(place * (1 - GAP), 1),
                lower_y=round(HEIGHT - lower * unit, 1),
                lower_height=round(lower * unit, 1),
                upper_y=round(HEIGHT - (lower + upper) * unit, 1),
                upper_height=round(upper * unit, 1),
                label=label,
                link=link,
            )
            for number, (lower, upper, label, link) in enumerate(parts)
        ],
        top,
    )


@dataclass(frozen=True)
class Bar:
    """One lying bar: `share` is its length in per cent of the longest one."""

    name: str
    number: int
    share: float
    link: str


def bars(rows: Sequence[tuple[str, int, str]]) -> list[Bar]:
    """Return bars of (name, number, link), in this order."""
    longest = max((number for _, number, _ in rows), default=0) or 1
    return [Bar(name, number, round(100 * number / longest, 1), link) for name, number, link in rows]
