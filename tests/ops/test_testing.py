"""`make test` runs everything: what it starts, and that whatever fails counts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from ops import testing

PASSED = '<testsuites><testsuite time="1"><testcase classname="a" name="b"/></testsuite></testsuites>'
FAILED = PASSED.replace("/></testsuite>", "><failure/></testcase></testsuite>")


class Pytest:
    """Stands for every pytest that is started; the one that has `failing` among its arguments finds a failure."""

    def __init__(self, failing: str = "") -> None:
        self.failing = failing
        self.commands: list[list[str]] = []

    def __call__(self, command: Sequence[str | Path], **_: Any) -> int:
        arguments = [str(part) for part in command]
        self.commands.append(arguments)
        fails = self.failing in arguments
        report = next(part for part in arguments if part.startswith("--junitxml="))
        Path(report.partition("=")[2]).write_text(FAILED if fails else PASSED, encoding="utf-8")
        return int(fails)


@pytest.fixture
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(testing, "VAR", tmp_path)
    monkeypatch.setattr(testing, "OTHERS_LOG", tmp_path / "logs" / "tests.log")
    return tmp_path


@pytest.mark.usefixtures("var")
def test_every_folder_is_run_on_the_stack_and_without_it_or_with_rasa(monkeypatch: pytest.MonkeyPatch) -> None:
    started = Pytest()
    monkeypatch.setattr(testing, "run", started)
    assert testing.run_all().passed == 3
    by_choice = {command[command.index("pytest") + 2]: command for command in started.commands}
    folders = {str(file.parent.relative_to(testing.ROOT)) for file in testing.TESTS.glob("*/__init__.py")}
    on_stack, without = by_choice["stack"], by_choice["not stack"]
    assert folders - set(on_stack) == folders - set(without) == folders & set(by_choice["tests/rasa.ini"])
    assert "nice" not in on_stack
    assert without[:3] == ["nice", "-n", "10"]


@pytest.mark.usefixtures("var")
@pytest.mark.parametrize("failing", ["stack", "not stack", "tests/rasa.ini"])
def test_whatever_fails_counts(failing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(testing, "run", Pytest(failing))
    totals = testing.run_all()
    assert (totals.passed, totals.failed) == (2, 1)
    assert not totals.good(skips_allowed=False)
