"""Starts the processes, restarts what dies, and stops everything without leaving a process behind."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ops.commands import environment_with, tied
from ops.logs import Watcher, turn_over
from ops.paths import ROOT, shown
from ops.services import Service

LOOK_SECONDS = 0.2
STOP_SECONDS = 7.0


@dataclass(frozen=True)
class Patience:
    """How long to wait before a restart (seconds): doubled each time, from the first again after a healthy run."""

    first: float = 0.5
    most: float = 30.0
    healthy_after: float = 20.0

    def wait(self, failures: int) -> float:
        """Seconds to wait after this many failures in a row (1 or more)."""
        return float(min(self.most, self.first * 2 ** min(failures - 1, 16)))


class Kept:
    """One service and the process that currently is it."""

    def __init__(self, service: Service, log: Path) -> None:
        self.service = service
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None
        self.failures = 0
        self.started = 0.0
        self.due = 0.0
        turn_over(log)
        self.watcher = Watcher(log)

    def start(self, root: Path) -> None:
        """Start the process in a group of its own, with its output in the log."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                tied(self.service.command),
                cwd=root,
                env=environment_with(self.service.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.started = time.monotonic()

    def signal_group(self, number: int) -> None:
        """Send a signal to the process and everything it started."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)


class Supervisor:
    """Keeps services alive. All methods that start processes have to run in one thread that stays alive: the kernel
    ends a process when the thread that started it ends."""

    def __init__(
        self,
        services: Sequence[Service],
        log_folder: Path,
        *,
        say: Callable[[str], None] = print,
        patience: Patience | None = None,
        root: Path = ROOT,
    ) -> None:
        log_folder.mkdir(parents=True, exist_ok=True)
        self.kept = [Kept(service, log_folder / f"{service.name}.log") for service in services]
        self.say = say
        self.patience = patience or Patience()
        self.root = root

    def start(self) -> None:
        """Start every service."""
        for each in self.kept:
            each.start(self.root)

    def run(self, until: threading.Event) -> None:
        """Look after the services until the event is set; then stop them."""
        try:
            while not until.wait(LOOK_SECONDS):
                self.look()
        finally:
            self.stop()

    def look(self) -> None:
        """Restart what is due, notice what died, and pass on what the logs say is wrong."""
        now = time.monotonic()
        for each in self.kept:
            for line in each.watcher.important():
                self.say(f"[{each.service.name}] {line}")
            if each.process is None:
                if now >= each.due:
                    each.start(self.root)
            elif each.process.poll() is not None:
                self._mourn(each, each.process.returncode, now)

    def _mourn(self, each: Kept, code: int, now: float) -> None:
        each.signal_group(signal.SIGKILL)  # what it started would hold its port
        each.process = None
        each.failures = 1 if now - each.started >= self.patience.healthy_after else each.failures + 1
        wait = self.patience.wait(each.failures)
        each.due = now + wait
        how = f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
        self.say(f"[{each.service.name}] {how}; starting it again in {wait:g} s (log: {shown(each.log)})")

    def stop(self) -> None:
        """Ask all to end, give them seven seconds, then end them and whatever they started."""
        for each in self.kept:
            each.signal_group(signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for each in self.kept:
            if each.process is not None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    each.process.wait(max(0.0, deadline - time.monotonic()))
        for each in self.kept:
            each.signal_group(signal.SIGKILL)
            if each.process is not None:
                each.process.wait()
                each.process = None

    def pids(self) -> dict[str, int]:
        """The process id of every service that runs right now."""
        return {
            each.service.name: each.process.pid
            for each in self.kept
            if each.process is not None and each.process.returncode is None
        }

    def failures(self) -> dict[str, int]:
        """How often in a row each service has died early."""
        return {each.service.name: each.failures for each in self.kept}

    def kill(self, name: str, number: int = signal.SIGKILL) -> None:
        """Send a signal to one service and everything it started. Raises KeyError for an unknown name."""
        {each.service.name: each for each in self.kept}[name].signal_group(number)
