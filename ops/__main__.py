"""``python3 -m ops COMMAND``: what the Makefile calls."""

import sys

if sys.version_info < (3, 11):
    sys.exit("Python 3.11 or newer is needed, this one is older. Say which one to use: make run PYTHON=python3.11")

import errno
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

from ops.commands import run
from ops.console import complain
from ops.demo import fill_demo
from ops.environments import lock_all
from ops.errors import Stop
from ops.machine import need_disk, setting_up
from ops.paths import ENCODER, MODELS, ROOT, VAR, VENV, python_of
from ops.prepare import prepare, prepare_clinic
from ops.run import run_product
from ops.stack import run_with_stack
from ops.testing import test_everything
from ops.typescript import COMPILER, check_types


def lint(_: list[str]) -> int:
    """ruff's rules and format, mypy's types, and those of the widget's scripts; all speak before the verdict."""
    prepare_clinic(tests=True)
    python = python_of("clinic")
    checks = (["-m", "ruff", "check", "."], ["-m", "ruff", "format", "--check", "."], ["-m", "mypy"])
    return max([*(min(run([python, *check]), 1) for check in checks), check_types()])


def evaluate(arguments: list[str]) -> int:
    """Ask the bot every question of a file and say how many answers are right."""
    files = [argument for argument in arguments if argument]
    if not files:
        raise Stop("Say which questions to ask: make evaluate FILE=questions.jsonl [OUT=predictions.jsonl]")
    if not Path(files[0]).is_file():
        raise Stop(f"There is no file {files[0]}.")
    prepare(tests=True)
    return run([python_of("clinic"), "-m", "bench.evaluate", *files])


def bench(arguments: list[str]) -> int:
    """Compare with the bot that ``rasa init`` makes."""
    prepare(tests=True)
    return run([python_of("clinic"), "-m", "bench.compare", *arguments])


def bench_widget(arguments: list[str]) -> int:
    """Measure what the chat costs a page that carries it, and how fast it is there."""
    prepare(tests=True)
    return run([python_of("clinic"), "-m", "bench.widget", *arguments])


def train(_: list[str]) -> int:
    """Have the environments, the encoder and a brain trained on the present data."""
    need_disk()
    prepare()
    return 0


def lock(_: list[str]) -> int:
    """Resolve all requirement files anew."""
    with setting_up():
        lock_all()
    return 0


def clean(_: list[str]) -> int:
    """Remove what can be made again; the database, its secret and the logs stay."""
    for folder in (VENV, ENCODER, MODELS, COMPILER.parent, VAR / "rasa-cache", VAR / "python", ROOT / ".rasa"):
        shutil.rmtree(folder, ignore_errors=True)
    return 0


COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "run": lambda _: run_product(),
    "demo": lambda _: fill_demo(),
    "test": lambda _: test_everything(),
    "stack": lambda arguments: run_with_stack(arguments[1:] if arguments[:1] == ["--"] else arguments),
    "train": train,
    "evaluate": evaluate,
    "bench": bench,
    "bench-widget": bench_widget,
    "lint": lint,
    "lock": lock,
    "clean": clean,
}


def main(arguments: list[str]) -> int:
    """Carry out one command; a problem becomes one sentence and exit code 1."""
    if not arguments or arguments[0] not in COMMANDS:
        complain(f"Commands: {', '.join(COMMANDS)}")
        return 2
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    os.chdir(ROOT)
    try:
        return COMMANDS[arguments[0]](arguments[1:])
    except Stop as problem:
        complain(str(problem))
        return 1
    except KeyboardInterrupt:
        complain("Stopped.")
        return 130
    except OSError as problem:
        if problem.errno != errno.ENOSPC:
            raise
        complain("The disk is full.")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
