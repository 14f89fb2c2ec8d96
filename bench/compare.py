"""``python -m bench.compare``: speed and memory beside the bot that `rasa init` makes, on this machine, in one run."""

from __future__ import annotations

import asyncio
import json
import os
import platform
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from statistics import median, quantiles
from typing import Any

from bench.command import exit_code
from bench.figures import RATIOS
from bench.load import EARLY, Bot, Growth, Ours, StockBot, run_long, run_opened, run_visitors, texts
from bench.memory import pss_megabytes, supervisor_megabytes
from bench.stock import Stock, ensure_stock
from bench.wire import WireFailed
from ops.console import say
from ops.paths import VAR, shown
from ops.stack import Stack

RESULT = VAR / "bench" / "compare.json"
STARTS = 3
WARM_UP = 40
LOAD_BEFORE_MEMORY = 100
BLOCKS = 8
ONE_VISITOR_BLOCK = 25
VISITORS = 8
MANY_VISITORS_BLOCK = 48
LONG_ROUNDS = 4
OURS_LATE, STOCK_LATE = 500, 100  # stock's time grows with every message; up to the 500th would take minutes


@dataclass
class Measured:
    """Everything that was measured of one bot: seconds, milliseconds, MB."""

    starts: list[float] = field(default_factory=list)
    megabytes: float = 0.0
    one: list[float] = field(default_factory=list)
    many: list[float] = field(default_factory=list)
    many_seconds: float = 0.0
    visiting: int = 0
    visiting_seconds: float = 0.0
    growth: Growth = field(default_factory=lambda: Growth([], []))

    def per_second(self) -> float:
        """Messages a second of all visitors, in conversations that were open already."""
        return len(self.many) / self.many_seconds

    def visits_per_second(self) -> float:
        """Messages a second of all visitors, each with the opening of its conversation and stream."""
        return self.visiting / self.visiting_seconds


@contextmanager
def started_stack() -> Iterator[tuple[Stack, float]]:
    """Give a stack with a migrated throw-away database, and the seconds from starting its processes to an answer."""
    stack = Stack()
    try:
        stack.manage("migrate", "--verbosity", "0")
        begun = time.perf_counter()
        stack.running.start({"Measuring-Key": stack.measuring_key})
        seconds = time.perf_counter() - begun
        try:
            yield stack, seconds
        finally:
            stack.running.stop()
    finally:
        shutil.rmtree(stack.folder, ignore_errors=True)


@contextmanager
def started_stock() -> Iterator[tuple[Stock, float]]:
    """Give the bot of `rasa init`, and the seconds from starting its process to an answer."""
    begun = time.perf_counter()
    with Stock() as stock:
        asyncio.run(stock.first_answer(texts(1)[0]))
        yield stock, time.perf_counter() - begun


def measure_starts(ours: Measured, stock: Measured) -> None:
    """Start each alone, in turns; the last time also measure what it takes in memory after some messages."""
    supervisor = supervisor_megabytes()
    for number in range(1, STARTS + 1):
        with started_stack() as (stack, seconds):
            ours.starts.append(seconds)
            if number == STARTS:
                asyncio.run(run_visitors(ours_at(stack), 1, texts(LOAD_BEFORE_MEMORY)))
                ours.megabytes = pss_megabytes(stack.pids().values()) + supervisor
        with started_stock() as (bot, seconds):
            stock.starts.append(seconds)
            if number == STARTS:
                asyncio.run(run_visitors(StockBot(bot.port), 1, texts(LOAD_BEFORE_MEMORY)))
                stock.megabytes = pss_megabytes([bot.process.pid])
        say(f"  start {number} of {STARTS}: ours {ours.starts[-1]:.1f} s, stock {stock.starts[-1]:.1f} s")


def ours_at(stack: Stack) -> Ours:
    """Return the visitor API of a stack."""
    return Ours(stack.ports.web, stack.measuring_key)


async def measure_messages(bots: Sequence[tuple[Bot, Measured]]) -> None:
    """Send messages to both in alternating blocks, so that a machine that becomes slower does so for both."""
    for bot, _ in bots:
        await run_visitors(bot, 2, texts(WARM_UP))
    for _ in range(BLOCKS):
        for bot, measured in bots:
            measured.one += (await run_opened(bot, 1, texts(ONE_VISITOR_BLOCK))).milliseconds
        for bot, measured in bots:
            block = await run_opened(bot, VISITORS, texts(MANY_VISITORS_BLOCK))
            measured.many += block.milliseconds
            measured.many_seconds += block.seconds
        for bot, measured in bots:
            block = await run_visitors(bot, VISITORS, texts(MANY_VISITORS_BLOCK))
            measured.visiting += len(block.milliseconds)
            measured.visiting_seconds += block.seconds
    say("  one and eight visitors: done")
    for (bot, measured), late in zip(bots, (OURS_LATE, STOCK_LATE), strict=True):
        first = late - LONG_ROUNDS * len(EARLY) // 2
        measured.growth = await run_long(bot, first, LONG_ROUNDS)
    say("  long conversations: done")


def percentile_95(values: Sequence[float]) -> float:
    """Return the 95th percentile."""
    return quantiles(values, n=20, method="inclusive")[-1]


@dataclass(frozen=True)
class Comparison:
    """One line of the result: ours, stock, their ratio, and the name of the ratio's goal in `RATIOS`."""

    name: str
    unit: str
    ours: float
    stock: float
    goal: str | None = None

    @property
    def ratio(self) -> float:
        """Ours divided by stock's."""
        return self.ours / self.stock


def comparisons(ours: Measured, stock: Measured) -> list[Comparison]:
    """Return all lines but those on long conversations."""
    return [
        Comparison("time per message, 1 visitor, p50", "ms", median(ours.one), median(stock.one), "p50"),
        Comparison("time per message, 1 visitor, p95", "ms", percentile_95(ours.one), percentile_95(stock.one)),
        Comparison("time per message, 8 visitors, p50", "ms", median(ours.many), median(stock.many)),
        Comparison("time per message, 8 visitors, p95", "ms", percentile_95(ours.many), percentile_95(stock.many)),
        Comparison("messages per second, 8 visitors", "/s", ours.per_second(), stock.per_second(), "throughput"),
        Comparison("the same, opening conversations too", "/s", ours.visits_per_second(), stock.visits_per_second()),
        Comparison("warm start to first answer", "s", median(ours.starts), median(stock.starts), "start"),
        Comparison("memory of all processes", "MB", ours.megabytes, stock.megabytes, "memory"),
    ]


def growths(ours: Measured, stock: Measured) -> list[Comparison]:
    """Return a late message against message 5, of each bot; `ours` is the late one there and `stock` the early one."""
    return [
        Comparison(f"message {late} / message 5, {name}", "ms", median(growth.late), median(growth.early), goal)
        for name, late, growth, goal in (
            ("ours", OURS_LATE, ours.growth, "growth"),
            ("stock", STOCK_LATE, stock.growth, None),
        )
    ]


def lines(compared: Sequence[Comparison], grown: Sequence[Comparison]) -> list[str]:
    """Return what is printed."""
    return [
        "",
        _heading("", "ours", "stock"),
        *(_line(each) for each in compared),
        "",
        _heading("", "late", "5th"),
        *(_line(each) for each in grown),
        "",
        *EXPLANATION,
    ]


EXPLANATION = (
    "A message's time: ours from sending POST /api/v1/messages to reading the answer from the conversation's stream,",
    "as the chat box does, in a conversation opened before; stock from sending POST /webhooks/rest/webhook to its",
    "answer. Each message is the first of a fresh conversation. Blocks of both alternate while both are running.",
    "Late message / message 5: medians of messages around these, sent in turns to an old and to fresh conversations;",
    "stock stops at the 100th, because its time grows with every message and the 500th would take minutes to reach.",
    "Start: from starting the processes (database migrated, model trained) to a message's answer; median, in turns.",
    "Memory: proportional set size after 100 messages, each bot alone; ours is rasa, actions, web, worker and the",
    "supervisor. The sender is one process on the same machine and takes its part of it, from both alike.",
)


def _heading(name: str, first: str, second: str) -> str:
    return f"{name:<38} {first:>9} {second:>9}  {'':<3} {'ratio':>6} {'must':>7} {'aim':>7}"


def _line(each: Comparison) -> str:
    columns = f"{each.name:<38} {each.ours:9.1f} {each.stock:9.1f}  {each.unit:<3} {each.ratio:6.2f}"
    if each.goal is None:
        return columns
    goal = RATIOS[each.goal]
    sign = "≥" if goal.at_least else "≤"
    must, aim = f"{sign} {goal.must:g}", f"{sign} {goal.aim:g}"
    return f"{columns} {must:>7} {aim:>7}  {goal.verdict(each.ratio)}"


def result(
    compared: Sequence[Comparison], grown: Sequence[Comparison], ours: Measured, stock: Measured
) -> dict[str, Any]:
    """Return what is written as JSON: machine, every line with its ratio and goal, and all single values."""

    def entry(each: Comparison, first: str, second: str) -> dict[str, Any]:
        goal = RATIOS[each.goal] if each.goal else None
        return {
            "name": each.name,
            "unit": each.unit,
            first: each.ours,
            second: each.stock,
            "ratio": each.ratio,
            "must": goal and goal.must,
            "aim": goal and goal.aim,
            "verdict": goal and goal.verdict(each.ratio),
        }

    return {
        "taken_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"processors": os.cpu_count(), "architecture": platform.machine(), "system": platform.release()},
        "compared": [entry(each, "ours", "stock") for each in compared],
        "grown": [entry(each, "late", "early") for each in grown],
        "values": {"ours": asdict(ours), "stock": asdict(stock)},
    }


def compare() -> None:
    """Measure, print, and write the result. Raises Stop or WireFailed."""
    ensure_stock()
    ours, stock = Measured(), Measured()
    say("Measuring; this takes some minutes and wants the machine for itself.")
    measure_starts(ours, stock)
    with started_stack() as (stack, _), started_stock() as (bot, _):
        asyncio.run(measure_messages([(ours_at(stack), ours), (StockBot(bot.port), stock)]))
    compared, grown = comparisons(ours, stock), growths(ours, stock)
    print("\n".join(lines(compared, grown)))
    RESULT.write_text(json.dumps(result(compared, grown, ours, stock), indent=1) + "\n", encoding="utf-8")
    say(f"\nAll values: {shown(RESULT)}")


def main() -> int:
    """Carry out the command; a problem becomes one sentence and exit code 1."""
    return exit_code(compare, WireFailed)


if __name__ == "__main__":
    sys.exit(main())
