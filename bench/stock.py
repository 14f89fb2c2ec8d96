"""The bot that `rasa init` makes, to compare with: made and trained once, then kept."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from bench.wire import Wire, WireFailed
from ops.commands import end, environment_with, run_logged, tied
from ops.console import step
from ops.errors import Stop
from ops.machine import free_ports
from ops.paths import VAR, python_of, shown

FOLDER = VAR / "bench" / "stock"
LOGS = VAR / "bench" / "log"
READY_SECONDS = 180.0
LOOK_SECONDS = 0.05
ENVIRONMENT = {"RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONWARNINGS": "ignore"}


def ensure_stock(folder: Path = FOLDER) -> None:
    """Make and train the bot unless it is there. Raises Stop when rasa fails."""
    if any((folder / "models").glob("*.tar.gz")):
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with step("Making the bot of `rasa init` and training its default pipeline"):
        run_logged(
            [python_of("rasa"), "-m", "rasa", "init", "--no-prompt", "--init-dir", folder],
            LOGS / "stock-init.log",
            what="rasa init",
            env=ENVIRONMENT,
        )
    if not any((folder / "models").glob("*.tar.gz")):
        raise Stop(f"`rasa init` made no model; what it said is in {shown(LOGS / 'stock-init.log')}.")


class Stock:
    """A context manager around `rasa run`, as it comes, with the REST channel on a free loopback port."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self.folder = folder
        self.port = free_ports().rasa
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Start the process; it is not ready yet."""
        LOGS.mkdir(parents=True, exist_ok=True)
        command: list[str | Path] = [
            python_of("rasa"),
            "-m",
            "rasa",
            "run",
            "--interface",
            "127.0.0.1",
            "--port",
            str(self.port),
        ]
        with (LOGS / "stock.log").open("wb") as log:
            self._process = subprocess.Popen(
                tied(command),
                cwd=self.folder,
                env=environment_with(ENVIRONMENT),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the process."""
        if self._process is not None:
            end(self._process)

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """The process. Raises Stop before it was started."""
        if self._process is None:
            raise Stop("The bot of `rasa init` was not started.")
        return self._process

    async def first_answer(self, text: str) -> None:
        """Return once a message was answered. Raises Stop when the process ends or takes too long."""
        deadline = time.monotonic() + READY_SECONDS
        while True:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise Stop(f"The bot of `rasa init` does not start; its log is {shown(LOGS / 'stock.log')}.")
            try:
                async with Wire(self.port) as wire:
                    if await answered_by_stock(wire, "first", text):
                        return
            except WireFailed:
                pass
            await asyncio.sleep(LOOK_SECONDS)


async def answered_by_stock(wire: Wire, sender: str, text: str) -> bool:
    """Send one message through the REST channel; tell whether it was taken and answered."""
    status, _ = await wire.call("POST", "/webhooks/rest/webhook", {"sender": sender, "message": text})
    return status == 200
