from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys

import pytest

import ops.__main__ as main
from ops.errors import Stop
from ops.paths import ROOT


@pytest.fixture(autouse=True)
def keep_handlers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signal, "signal", lambda number, handler: None)


def raising(problem: BaseException) -> object:
    def command(_: list[str]) -> int:
        raise problem

    return command


@pytest.mark.parametrize(
    ("problem", "code", "sentence"),
    [
        (Stop("Port 8000 is already taken."), 1, "Port 8000 is already taken.\n"),
        (OSError(errno.ENOSPC, "No space left on device"), 1, "The disk is full.\n"),
        (KeyboardInterrupt(), 130, "Stopped.\n"),
    ],
)
def test_a_problem_is_one_sentence(
    problem: BaseException,
    code: int,
    sentence: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setitem(main.COMMANDS, "try", raising(problem))
    assert main.main(["try"]) == code
    assert capsys.readouterr().err == sentence


def test_an_unknown_command_lists_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["dance"]) == 2
    assert "run" in capsys.readouterr().err


def test_evaluate_wants_a_file_that_exists() -> None:
    with pytest.raises(Stop, match=r"make evaluate FILE="):
        main.evaluate(["", ""])
    with pytest.raises(Stop, match=r"^There is no file nowhere\.jsonl\.$"):
        main.evaluate(["nowhere.jsonl", ""])


def test_a_wrong_setting_stops_the_whole_run_without_a_stack_trace() -> None:
    environment = os.environ | {"PORT": "80000", "ENV_FILE": os.devnull}
    done = subprocess.run(
        [sys.executable, "-m", "ops", "run"], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith(("PORT is", "This checkout is already running"))


def test_help_lists_every_command_of_the_makefile() -> None:
    text = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for command in (
        "run",
        "test",
        "prove",
        "train",
        "evaluate",
        "bench",
        "bench-widget",
        "lint",
        "lock",
        "clean",
        "help",
    ):
        assert f"make {command} " in text


def test_ops_needs_nothing_but_the_standard_library() -> None:
    program = "import sys\nimport ops.__main__\nprint(*{name.partition('.')[0] for name in sys.modules})"
    loaded = subprocess.run(
        [sys.executable, "-S", "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    assert set(loaded) <= {*sys.stdlib_module_names, "ops", "__main__"}
