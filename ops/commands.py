"""Running other programs so that none outlives us."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import IO

from ops.errors import Stop
from ops.paths import ROOT, shown

LAUNCHER = Path(__file__).with_name("launch.py")
LAST_LINES = 30


def tied(command: Sequence[str | Path]) -> list[str]:
    """The command, to be started through the launcher that ends it when this process dies."""
    return [sys.executable, "-I", "-S", str(LAUNCHER), str(os.getpid()), *map(str, command)]


def environment_with(additions: Mapping[str, str], without: Collection[str] = ()) -> dict[str, str]:
    """Our environment without a foreign virtual environment and the names in ``without``, plus ``additions``."""
    dropped = {"VIRTUAL_ENV", "PYTHONHOME", *without}
    return {name: value for name, value in os.environ.items() if name not in dropped} | dict(additions)


def run(
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path = ROOT,
    stdout: IO[bytes] | int | None = None,
    stderr: IO[bytes] | int | None = None,
) -> int:
    """Run a command to its end and return its exit code; its output is ours unless given. Interrupted, it ends too."""
    with subprocess.Popen(
        tied(command), env=environment_with(env or {}), cwd=cwd, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr
    ) as process:
        try:
            return process.wait()
        except BaseException:
            end(process)
            raise


def end(process: subprocess.Popen[bytes], grace: float = 5.0) -> None:
    """Ask a process to end and make it end if it does not within ``grace`` seconds."""
    process.terminate()
    try:
        process.wait(grace)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def output_of(
    command: Sequence[str | Path],
    *,
    cwd: Path = ROOT,
    env: Mapping[str, str] | None = None,
    without: Collection[str] = (),
) -> str | None:
    """What a short command prints, stripped; None when it cannot be run or fails."""
    try:
        done = subprocess.run(
            list(map(str, command)),
            cwd=cwd,
            env=environment_with(env or {}, without),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=120,
            text=True,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def is_telling(line: str) -> bool:
    """Whether a line of a failed command says what is wrong; frames of a stack trace and blank lines do not."""
    return bool(line) and not line[0].isspace() and not line.startswith("Traceback") and "Warning: " not in line


def run_logged(
    command: Sequence[str | Path],
    log: Path,
    *,
    what: str,
    env: Mapping[str, str] | None = None,
    important: Callable[[str], bool] = lambda line: False,
    say: Callable[[str], None] = print,
) -> None:
    """Run a talkative command with its output in ``log``; only important lines are shown.

    Raises Stop, after showing the last lines, when the command fails.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    last: list[str] = []
    with (
        log.open("w", encoding="utf-8") as written,
        subprocess.Popen(
            tied(command),
            env=environment_with(env or {}),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        ) as process,
    ):
        try:
            for line in process.stdout or ():
                written.write(line)
                last = [*last[-LAST_LINES + 1 :], line.rstrip()]
                if important(line):
                    say(f"  {line.rstrip()}")
            code = process.wait()
        except BaseException:
            process.kill()
            process.wait()
            raise
    if code != 0:
        for line in filter(is_telling, last):
            say(f"  | {line}")
        raise Stop(f"{what} failed with exit code {code}; everything it said is in {shown(log)}.")
