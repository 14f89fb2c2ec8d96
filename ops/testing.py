"""``make test``: every test there is, in both environments, with one total at the end.

The tests on the real stack wait for it and for a browser most of the time. What time they leave, all others take.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import IO

from ops.commands import run, run_logged
from ops.console import say, step
from ops.errors import Stop
from ops.paths import LOGS, ROOT, VAR, python_of
from ops.prepare import prepare
from ops.totals import Totals, read_report
from ops.training import RASA_ENVIRONMENT

TESTS = ROOT / "tests"
RASA_FOLDERS = ("rasa_ext", "actions", "data", "safety")
RASA_OPTIONS = ("-c", "tests/rasa.ini", "--rootdir", ".")
ON_STACK, WITHOUT_STACK = ("-m", "stack"), ("-m", "not stack")
OTHERS_LOG = LOGS / "tests.log"
# The tests on the stack look at a clock now and then: the others make way for them.
MAKING_WAY = ("nice", "-n", "10")


def test_everything() -> int:
    """Set up, check the training data, run all tests, print one total; 0 only when all of it is good."""
    prepare(tests=True)
    totals = validate_data() + run_all()
    return close(totals, skips_allowed=os.environ.get("CI") != "true")


def run_all() -> Totals:
    """Run the tests on the stack, whose output is shown as it comes, and beside them all others, shown afterwards."""
    begun = time.monotonic()
    with ThreadPoolExecutor(1) as beside:
        others = beside.submit(_run_others)
        totals = run_side("stack", "clinic", clinic_folders(), ON_STACK)
        totals += others.result()
    say(OTHERS_LOG.read_text(encoding="utf-8", errors="replace"))
    return replace(totals, seconds=time.monotonic() - begun)


def _run_others() -> Totals:
    OTHERS_LOG.parent.mkdir(parents=True, exist_ok=True)
    with OTHERS_LOG.open("wb") as output:
        rasa = run_side("rasa", "rasa", rasa_folders(), RASA_OPTIONS, output)
        return rasa + run_side("clinic", "clinic", clinic_folders(), WITHOUT_STACK, output)


def close(totals: Totals, *, skips_allowed: bool) -> int:
    """Print the total, after the skipped tests where none may be; return the exit code."""
    good = totals.good(skips_allowed=skips_allowed)
    if totals.skips and not skips_allowed:
        for name in totals.skips:
            say(f"SKIPPED {name}")
        say("Nothing may be skipped here, so the run has failed.")
    say("")
    say(totals.line())
    return 0 if good else 1


def rasa_folders() -> list[Path]:
    """The tests that need rasa's environment."""
    return [TESTS / name for name in RASA_FOLDERS if (TESTS / name).is_dir()]


def clinic_folders() -> list[Path]:
    """All other folders of tests, so that a new one is never forgotten."""
    return sorted(
        folder
        for folder in TESTS.iterdir()
        if folder.is_dir() and folder.name not in RASA_FOLDERS and folder.name[0] not in "._"
    )


def validate_data() -> Totals:
    """``rasa data validate`` as one check: a warning is a failure."""
    begun = time.monotonic()
    command: list[str | Path] = [python_of("rasa"), "-m", "rasa", "data", "validate", "--fail-on-warnings"]
    options = ["--data", "data/nlu", "data/rules", "--domain", "domain.yml", "--config", "config.yml"]
    try:
        with step("Checking the training data"):
            run_logged(
                [*command, *options],
                LOGS / "validate.log",
                what="rasa data validate",
                env=RASA_ENVIRONMENT,
                important=lambda line: "Warning:" in line or "ERROR" in line,
                say=say,
            )
    except Stop as problem:
        say(f"FAILED {problem}")
        return Totals(failed=1, seconds=time.monotonic() - begun)
    return Totals(passed=1, seconds=time.monotonic() - begun)


def run_side(
    name: str, environment: str, folders: Sequence[Path], options: Sequence[str] = (), output: IO[bytes] | None = None
) -> Totals:
    """Run pytest over the folders in one environment; its output is shown as it comes, or written making way."""
    report = VAR / f"tests-{name}.xml"
    report.unlink(missing_ok=True)
    if not folders:
        say(f"There are no tests for the environment {environment}.")
        return Totals(errors=1)
    if not output:
        say(f"\nTests of the {name}, the others beside them:")
    variables = RASA_ENVIRONMENT if environment == "rasa" else {}
    names = [str(folder.relative_to(ROOT)) for folder in folders]
    before = MAKING_WAY if output else ()
    command = [*before, python_of(environment), "-m", "pytest", *options, f"--junitxml={report}", *names]
    return read_report(report, run(command, env=variables, stdout=output, stderr=output))
