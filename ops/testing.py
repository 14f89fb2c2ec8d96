"""``make test``: every test there is, in both environments, with one total at the end."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path

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


def test_everything() -> int:
    """Set up, check the training data, run both sides, print one total; 0 only when all of it is good."""
    prepare(tests=True)
    totals = validate_data() + run_side("rasa", rasa_folders(), RASA_OPTIONS) + run_side("clinic", clinic_folders())
    return close(totals, skips_allowed=os.environ.get("CI") != "true")


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


def run_side(environment: str, folders: Sequence[Path], options: Sequence[str] = ()) -> Totals:
    """Run pytest over the folders in one environment; its output is shown as it comes."""
    report = VAR / f"tests-{environment}.xml"
    report.unlink(missing_ok=True)
    if not folders:
        say(f"There are no tests for the environment {environment}.")
        return Totals(errors=1)
    say(f"\nTests in the environment {environment}:")
    variables = RASA_ENVIRONMENT if environment == "rasa" else {}
    names = [str(folder.relative_to(ROOT)) for folder in folders]
    command: list[str | Path] = [python_of(environment), "-m", "pytest", *options, f"--junitxml={report}", *names]
    return read_report(report, run(command, env=variables))
