"""The whole stack on free ports with a throw-away database, for tests, evaluation and measurements.

``with Stack() as stack:`` gives ``stack.url`` and ``stack.measuring_key``; ``python -m ops stack -- COMMAND...`` runs a
command with both in its environment, as STACK_URL and MEASURING_KEY.
"""

from __future__ import annotations

import secrets
import shutil
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from ops.commands import run
from ops.console import say
from ops.errors import Stop
from ops.logs import last_lines
from ops.machine import free_ports
from ops.paths import LOGS, MODEL
from ops.prepare import manage
from ops.probe import FirstAnswer, wait_for_answer
from ops.services import clinic_environment, services
from ops.settings import Ports
from ops.supervisor import Patience, Supervisor

READY_SECONDS = 120.0
HOPELESS_FAILURES = 4


class Running:
    """The four processes under a supervisor that has a thread of its own."""

    def __init__(
        self,
        ports: Ports,
        clinic: Mapping[str, str],
        log_folder: Path = LOGS,
        *,
        say: Callable[[str], None] = say,
        patience: Patience | None = None,
    ) -> None:
        self.ports = ports
        self.supervisor = Supervisor(services(ports, clinic), log_folder, say=say, patience=patience)
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._keep, name="supervisor")

    def _keep(self) -> None:
        try:
            self.supervisor.start()
            self.supervisor.run(self.over)
        finally:
            self.supervisor.stop()
            self.over.set()

    def start(self, headers: Mapping[str, str] | None = None) -> FirstAnswer:
        """Start all and return the first message's answer. Raises Stop, with nothing left running, if none comes."""
        self.thread.start()
        try:
            return wait_for_answer(
                self.ports, seconds=READY_SECONDS, headers=headers, still_hopeful=self._check_that_it_can_come
            )
        except BaseException:
            self.stop()
            raise

    def _check_that_it_can_come(self) -> None:
        if self.over.is_set():
            raise Stop("Stopped before the start was complete.")
        for each in self.supervisor.kept:
            if each.failures >= HOPELESS_FAILURES:
                for line in last_lines(each.log):
                    self.supervisor.say(f"[{each.service.name}] | {line}")
                raise Stop(f"{each.service.name} does not start; the last lines of its log stand above.")

    def stop(self) -> None:
        """Stop all processes and wait until they are gone."""
        self.over.set()
        self.thread.join()


class Stack:
    """A context manager around a complete stack of its own: ports, database, keys and logs.

    ``env`` is additional environment for clinic's processes. The brain is the one that was trained in this checkout.
    """

    def __init__(self, env: Mapping[str, str] | None = None, *, say: Callable[[str], None] = lambda line: None) -> None:
        self.ports = free_ports()
        self.url = f"http://127.0.0.1:{self.ports.web}"
        self.measuring_key = secrets.token_urlsafe(24)
        self.folder = Path(tempfile.mkdtemp(prefix="stack-"))
        self.logs = self.folder / "log"
        additions = {
            "ENV_FILE": "/dev/null",  # a deployment's settings have no say here, least of all its database
            "DATABASE_URL": "",
            "VAR_DIR": str(self.folder),
            "MEASURING_KEY": self.measuring_key,
            **(env or {}),
        }
        self.environment = clinic_environment(self.ports, additions)
        self.running = Running(
            self.ports, additions, self.logs, say=say, patience=Patience(first=0.1, most=5.0, healthy_after=5.0)
        )

    def __enter__(self) -> Self:
        """Migrate the database, start the four processes and wait for the first answer. Raises Stop."""
        try:
            if not MODEL.exists():
                raise Stop("There is no trained brain yet; run `make train` first.")
            self.manage("migrate", "--verbosity", "0")
            self.running.start({"Measuring-Key": self.measuring_key})
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the processes and throw the database away."""
        self.running.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def manage(self, *arguments: str) -> None:
        """Run one of clinic's management commands on this stack's database. Raises Stop when it fails."""
        manage(*arguments, env=self.environment)

    def pids(self) -> dict[str, int]:
        """The process id of each service: ``rasa``, ``actions``, ``web``, ``worker``."""
        return self.running.supervisor.pids()

    def kill(self, name: str) -> None:
        """Kill one service as a crash would; the supervisor brings it back."""
        self.running.supervisor.kill(name)


def run_with_stack(command: Sequence[str]) -> int:
    """Run a command beside a stack of its own and return its exit code."""
    if not command:
        raise Stop("Give a command: python3 -m ops stack -- COMMAND...")
    with Stack(say=say) as stack:
        return run(command, env=stack.environment | {"STACK_URL": stack.url, "MEASURING_KEY": stack.measuring_key})
