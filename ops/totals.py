"""Adds up the reports of several test runs into one line in pytest's form."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field
from pathlib import Path

WIDTH = 80


@dataclass(frozen=True)
class Totals:
    """What a test run found; ``skips`` names the skipped tests. Expected failures count as passed."""

    passed: int = 0
    failed: int = 0
    errors: int = 0
    seconds: float = 0.0
    skips: tuple[str, ...] = field(default=())

    def __add__(self, other: Totals) -> Totals:
        return Totals(
            self.passed + other.passed,
            self.failed + other.failed,
            self.errors + other.errors,
            self.seconds + other.seconds,
            self.skips + other.skips,
        )

    @property
    def collected(self) -> int:
        """How many tests there were."""
        return self.passed + self.failed + self.errors + len(self.skips)

    def good(self, *, skips_allowed: bool) -> bool:
        """Whether nothing failed, something ran, and nothing was skipped where that is not allowed."""
        return self.failed == self.errors == 0 < self.passed and (skips_allowed or not self.skips)

    def line(self) -> str:
        """The closing line."""
        counts = (
            (self.failed, "failed"),
            (self.passed, "passed"),
            (len(self.skips), "skipped"),
            (self.errors, "error" if self.errors == 1 else "errors"),
        )
        said = ", ".join(f"{count} {word}" for count, word in counts if count) or "no tests ran"
        return f" {said} in {self.seconds:.2f}s ".center(WIDTH, "=")


def read_report(report: Path, exit_code: int) -> Totals:
    """The totals of a pytest run from its JUnit file.

    A run that crashed, collected nothing or failed without saying in which test counts one error.
    """
    totals = _read(report) if report.exists() else Totals()
    unexplained = exit_code != 0 and totals.failed == totals.errors == 0
    if unexplained or totals.collected == 0:
        totals += Totals(errors=1)
    return totals


def _read(report: Path) -> Totals:
    try:
        root = ElementTree.parse(report).getroot()  # noqa: S314 - pytest wrote it a moment ago
    except ElementTree.ParseError:
        return Totals()
    totals = Totals(seconds=sum(float(suite.get("time", 0)) for suite in root.iter("testsuite")))
    for case in root.iter("testcase"):
        totals += _case(case)
    return totals


def _case(case: ElementTree.Element) -> Totals:
    if case.find("error") is not None:
        return Totals(errors=1)
    if case.find("failure") is not None:
        return Totals(failed=1)
    skipped = case.find("skipped")
    if skipped is not None and skipped.get("type") != "pytest.xfail":
        why = skipped.get("message", "")
        return Totals(skips=(f"{case.get('classname', '')}.{case.get('name', '')}: {why}",))
    return Totals(passed=1)
