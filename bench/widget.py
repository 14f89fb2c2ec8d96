"""``python -m bench.widget``: what the chat costs the page that carries it, and how fast it is there.

A throw-away stack, a page from another origin of the same site, and headless Chromium whose processor is slowed down
four times. Each value comes from a fresh profile; the page without the line is measured in turns with the page with it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from statistics import median
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx

from bench.command import exit_code
from bench.compare import percentile_95
from bench.figures import ROUND_TRIP_MS, WIDGET, Goal
from bench.hosting import Hosting, Page, document, line
from bench.load import texts
from bench.widget_visit import ARGUMENTS, Visit, browser, chromium_path, load_average
from ops.console import say
from ops.errors import Stop
from ops.paths import VAR, shown
from ops.stack import Stack

if TYPE_CHECKING:
    from playwright.sync_api import Browser

RESULT = VAR / "bench" / "widget.json"
ROUNDS, FEWEST_ROUNDS = 20, 2
HEAP_ROUNDS = 3
FOREIGN_ROUNDS = 5
REPLAYS, REPLAY_SEED = 7, 20
LONG = 500
THINKING_MS = 300
QUESTION = "How long does it last?"
LIMITS = {
    "LIMIT_MESSAGES_PER_MINUTE": "10000",
    "LIMIT_MESSAGES_PER_MINUTE_AND_ADDRESS": "10000",
    "LIMIT_CONVERSATIONS_PER_HOUR_AND_ADDRESS": "10000",
}


@dataclass
class Measured:
    """All single values, a list for each figure, by the key that `FIGURES` and `NOTES` name."""

    values: dict[str, list[float]] = field(default_factory=dict)

    def add(self, key: str, value: float) -> None:
        """Note one value."""
        self.values.setdefault(key, []).append(value)


@dataclass(frozen=True)
class Figure:
    """A line of the table: whose values, which of them counts (`middle`, `p95` or `most`), and the goal's key."""

    name: str
    key: str
    unit: str
    counts: str = "middle"
    goal: str | None = None

    def value(self, values: Sequence[float]) -> float:
        """Return the value that counts; not a number where nothing was measured."""
        if not values:
            return float("nan")
        if self.counts == "p95":
            return percentile_95(values) if len(values) > 1 else values[0]
        return max(values) if self.counts == "most" else median(values)

    def bound(self) -> Goal | None:
        """Return the goal, if there is one."""
        return WIDGET[self.goal] if self.goal else None


FIGURES = (
    Figure("launcher, Brotli", "launcher kB", "kB", "most", "launcher bytes"),
    Figure("whole chat to a first answer, Brotli", "chat kB", "kB", "most", "chat bytes"),
    Figure("requests before any sign of intent", "requests before", "", "most", "requests before"),
    Figure("requests until the chat is open", "requests until open", "", "most", "requests until open"),
    Figure("blocking time added to the page", "blocking", "ms", "middle", "blocking"),
    Figure("launcher over the bare page, slow 4G", "launcher over bare", "ms", "middle", "launcher"),
    Figure("hover and click at once to usable box, slow 4G, p95", "hover at once", "ms", "p95", "hover"),
    Figure(f"click {THINKING_MS} ms after hover to usable box, slow 4G, p95", "hover rested", "ms", "p95", "hover"),
    Figure("heap with the chat open", "heap open", "MB", "middle", "heap open"),
    Figure(f"heap after {LONG} messages", "heap long", "MB", "middle", "heap long"),
    Figure("policy violations", "violations", "", "most", "violations"),
    Figure("third-party requests", "third parties", "", "most", "third parties"),
    Figure("cookies", "cookies", "", "most", "cookies"),
    Figure("replay after a cut, p95", "replay", "ms", "p95", "replay"),
)
NOTES = (
    Figure("bare page's heading, slow 4G", "bare", "ms"),
    Figure("launcher from the start of the page, slow 4G", "launcher slow", "ms"),
    Figure("bare page's heading, fast line", "bare fast", "ms"),
    Figure("launcher from the start of the page, fast line", "launcher fast", "ms"),
    Figure("press to usable box, fast line", "open fast", "ms"),
    Figure("blocking time that the bare page adds to itself", "blocking noise", "ms"),
    Figure("blocking of the page while the chat opens, fast line", "blocking open", "ms"),
    Figure("hover and click at once, slow 4G, median", "hover at once", "ms"),
    Figure(f"click {THINKING_MS} ms after hover, slow 4G, median", "hover rested", "ms"),
    Figure("heap of the bare page", "heap bare", "MB"),
    Figure(f"heap and document after {LONG} messages", "memory long", "MB"),
    Figure("replay after a line that refused", "replay refused", "ms"),
    Figure("replay after a line that was silent", "replay stalled", "ms"),
    Figure("replay through another connection at once", "replay switched", "ms"),
    Figure("from a page of a foreign site: hover and click at once (*)", "foreign at once", "ms", "p95"),
)
FOREIGN = "(*) The frame has a process of its own there, which is not slowed down; line and page are."


def pages(service: str) -> dict[str, Page]:
    """Return the host's pages: without the line, with it, and with it under the strictest policy that allows it."""
    strict = f"default-src 'none'; script-src {service}; frame-src {service}"
    return {
        "/bare": Page(document()),
        "/with": Page(document(line(service))),
        "/strict": Page(document(line(service)), {"Content-Security-Policy": strict}),
    }


class Bench:
    """The measurements on one stack, one host and one browser; their values gather in `measured`."""

    def __init__(self, browser: Browser, hosting: Hosting, service: str, key: str) -> None:
        """Measure the chat of `service`, whose measuring key is `key`, on the pages of `hosting`."""
        self.browser, self.hosting, self.service, self.key = browser, hosting, service, key
        self.measured = Measured()

    def visit(self, **how: bool) -> Visit:
        """Return a visit with a fresh profile."""
        return Visit(self.browser, self.service, **how)

    def round(self) -> None:
        """Measure everything that is a matter of time, once."""
        add, host = self.measured.add, self.hosting.origin
        blocked, again = self._bare(), self._bare()
        add("blocking noise", max(0.0, again - blocked))
        with self.visit() as visit:
            self._fast(visit, blocked)
        with self.visit(slow_line=True) as bare:
            bare.look(f"{host}/bare", "heading")
            heading = bare.notes()["heading"] - bare.notes()["start"]
            add("bare", heading)
        with self.visit(slow_line=True) as visit:
            visit.look(f"{host}/with", "launcher")
            launcher = visit.notes()["launcher"] - visit.notes()["start"]
            add("launcher slow", launcher)
            add("launcher over bare", launcher - heading)
            visit.rest()
            visit.hover()
            visit.press()
            add("hover at once", visit.usable() - visit.notes()["hover"])
            check_that_line_is_slow(visit.slowest_answers())
        with self.visit(slow_line=True) as visit:
            visit.look(f"{host}/with", "launcher")
            visit.rest()
            visit.hover()
            visit.page.wait_for_timeout(THINKING_MS)
            visit.press()
            add("hover rested", visit.usable() - visit.notes()["press"])

    def _bare(self) -> float:
        """Load the page without the line over a fast line; return for how many milliseconds it was blocked."""
        with self.visit() as bare:
            bare.look(f"{self.hosting.origin}/bare", "heading")
            bare.rest()
            self.measured.add("bare fast", bare.notes()["heading"] - bare.notes()["start"])
            return bare.blocked()

    def _fast(self, visit: Visit, blocked_bare: float) -> None:
        """Load the page over a fast line, open the chat, and ask something; `blocked_bare`: of the page without it."""
        add = self.measured.add
        visit.look(f"{self.hosting.origin}/with", "launcher")
        visit.rest()
        add("launcher fast", visit.notes()["launcher"] - visit.notes()["start"])
        blocked = visit.blocked()
        add("blocking", max(0.0, blocked - blocked_bare))
        add("requests before", len(visit.ours()))
        add("launcher kB", visit.kilobytes(only_script=True))
        visit.hover()
        visit.press()
        add("open fast", visit.usable() - visit.notes()["press"])
        add("requests until open", len(visit.ours()))
        visit.rest()
        add("blocking open", visit.blocked() - blocked)

    def manners(self) -> None:
        """Have a whole first answer on the strictest page, and note bytes, policy, third parties and cookies."""
        with self.visit(slow_processor=False) as visit:
            visit.look(f"{self.hosting.origin}/strict", "launcher")
            visit.hover()
            visit.press()
            visit.usable()
            visit.ask(QUESTION)
            visit.rest()
            broken = [*visit.notes()["violations"], *visit.frame().evaluate("() => window.bench.violations")]
            for each in broken:
                say(f"  policy violation: {each}")
            self.measured.add("violations", len(broken))
            self.measured.add("chat kB", visit.kilobytes())
            self.measured.add("third parties", len(visit.foreign()))
            self.measured.add("cookies", len(visit.context.cookies()))

    def heap(self, *, long: bool) -> None:
        """Measure the scripts' memory of the bare page, with the chat open, and, when `long`, with many messages."""
        add = self.measured.add
        with self.visit(slow_processor=False) as bare:
            bare.look(f"{self.hosting.origin}/bare", "heading")
            bare.rest()
            add("heap bare", bare.heap_megabytes()[0])
        with self.visit(slow_processor=False) as visit:
            visit.look(f"{self.hosting.origin}/with", "launcher")
            visit.hover()
            visit.press()
            visit.usable()
            visit.ask(QUESTION)
            visit.rest()
            add("heap open", visit.heap_megabytes()[0])
            if long:
                self._talk(visit)
                visit.rest()
                scripts, everything = visit.heap_megabytes()
                add("heap long", scripts)
                add("memory long", everything)

    def _talk(self, visit: Visit) -> None:
        """Fill the conversation on the screen with messages and their answers."""
        token = visit.frame().evaluate("() => JSON.parse(localStorage.getItem('clinic-chat')).token")
        headers = {"Measuring-Key": self.key, "Authorization": f"Bearer {token}"}
        with httpx.Client(base_url=self.service, headers=headers, timeout=30, trust_env=False) as http:
            for text in texts(LONG):
                before = visit.shown()
                if before >= LONG:
                    return
                http.post("/api/v1/messages", json={"id": str(uuid.uuid4()), "text": text}).raise_for_status()
                visit.wait(lambda before=before: visit.shown() >= before + 2, "an answer")  # type: ignore[misc]

    def foreign(self) -> None:
        """Measure the opening on a page of another site once, whose frame the browser gives a process of its own."""
        with self.visit(slow_line=True) as visit:
            visit.look(f"{self.hosting.foreign}/with", "launcher")
            visit.rest()
            visit.hover()
            visit.press()
            self.measured.add("foreign at once", visit.usable() - visit.notes()["hover"])


def replay(measured: Measured, service: str) -> None:
    """Cut the line of an open chat in each way, and note how long it takes to show what it has missed."""
    from bench.replaying import replay_times  # needs Playwright, whose absence `browser` has explained

    port = urlsplit(service).port or 80
    for kind, seconds in replay_times([port], REPLAYS, REPLAY_SEED, chromium_path(), ARGUMENTS).items():
        for each in seconds:
            measured.add("replay", each * 1000)
            measured.add(f"replay {kind}", each * 1000)


def check_that_line_is_slow(milliseconds: dict[str, float]) -> None:
    """Raise Stop unless launcher and frame both took a round trip of the slow line at least."""
    for path in ("/widget.js", "/chat/"):
        if milliseconds.get(path, 0) < ROUND_TRIP_MS * 0.97:
            raise Stop(f"The browser has not slowed down {path}: it took {milliseconds.get(path, 0):.0f} ms.")


def lines(measured: Measured) -> list[str]:
    """Return the table to print."""
    return [
        f"{'figure':<58} {'':>8}  {'':<3} {'least–most':>15} {'must':>7} {'aim':>7}",
        *(_line(figure, measured) for figure in FIGURES),
        "",
        "For information:",
        *(_line(figure, measured) for figure in NOTES),
        FOREIGN,
    ]


def _line(figure: Figure, measured: Measured) -> str:
    values = measured.values.get(figure.key, [])
    value = figure.value(values)
    span = f"{_shown(min(values))}–{_shown(max(values))}" if values else "–"
    columns = f"{figure.name:<58} {_shown(value):>8}  {figure.unit:<3} {span:>15}"
    goal = figure.bound()
    if goal is None:
        return columns
    return f"{columns} {f'≤ {goal.must:g}':>7} {f'≤ {goal.aim:g}':>7}  {goal.verdict(value)}"


def _shown(value: float) -> str:
    if value != value:
        return "–"
    return f"{value:.0f}" if value >= 100 or value == int(value) else f"{value:.2f}" if value < 20 else f"{value:.1f}"


def result(measured: Measured, rounds: int, chromium: str, load: float) -> dict[str, Any]:
    """Return what is written as JSON: the machine, every line of the table with its goal, and all single values."""

    def entry(figure: Figure) -> dict[str, Any]:
        value, goal = figure.value(measured.values.get(figure.key, [])), figure.bound()
        return {
            "name": figure.name,
            "key": figure.key,
            "unit": figure.unit,
            "counts": figure.counts,
            "value": None if value != value else value,
            "must": goal and goal.must,
            "aim": goal and goal.aim,
            "verdict": goal and goal.verdict(value),
        }

    return {
        "taken_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {
            "processors": os.cpu_count(),
            "architecture": platform.machine(),
            "system": platform.release(),
            "chromium": chromium,
            "load_before": load,
        },
        "rounds": rounds,
        "figures": [entry(figure) for figure in FIGURES],
        "notes": [entry(figure) for figure in NOTES],
        "values": measured.values,
    }


def measure(bench: Bench, rounds: int) -> None:
    """Take all that one browser can say. Raises Stop."""
    bench.manners()
    for number in range(rounds):
        bench.round()
        if (number + 1) % 5 == 0:
            say(f"  {number + 1} of {rounds}")
    for _ in range(FOREIGN_ROUNDS):
        try:
            bench.foreign()
        except Stop as problem:  # for information only: the figures do not depend on it
            say(f"  On the foreign site: {problem}")
    for number in range(HEAP_ROUNDS):
        bench.heap(long=number == 0)


def run(rounds: int) -> None:
    """Measure, print, and write the result. Raises Stop."""
    load = load_average()
    say(f"Measuring with {rounds} fresh profiles for each figure of time; this takes some minutes.")
    with Hosting() as hosting:
        allowed = {"ALLOWED_ORIGINS": f"{hosting.origin},{hosting.foreign}", **LIMITS}
        with Stack(env=allowed) as stack:
            hosting.pages.update(pages(stack.url))
            with browser() as chromium:
                bench = Bench(chromium, hosting, stack.url, stack.measuring_key)
                measure(bench, rounds)
                version = chromium.version
            replay(bench.measured, stack.url)
    print("\n".join(lines(bench.measured)))
    if load > 1:
        print(f"The machine was busy with something else ({load:.1f} processes wanted to run when this began).")
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    content = result(bench.measured, rounds, version, load)
    RESULT.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    say(f"\nAll values: {shown(RESULT)}")


def _rounds(text: str) -> int:
    if (number := int(text)) < FEWEST_ROUNDS:
        raise argparse.ArgumentTypeError(f"at least {FEWEST_ROUNDS} are needed")
    return number


def main() -> int:
    """Carry out the command; a problem becomes one sentence and exit code 1."""
    parser = argparse.ArgumentParser(prog="python -m bench.widget", description=__doc__)
    parser.add_argument("--rounds", type=_rounds, default=ROUNDS, help="how many fresh profiles for each figure")
    rounds = parser.parse_args().rounds
    return exit_code(lambda: run(rounds))


if __name__ == "__main__":
    sys.exit(main())
