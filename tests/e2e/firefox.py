"""Firefox as the machine has it, driven through Marionette, which is built into it; Playwright needs one of its own."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Any, Self

from ops.commands import end, tied
from ops.machine import free_ports

PROGRAM = shutil.which("firefox-esr") or shutil.which("firefox")
START_SECONDS = 60.0
PATIENCE_SECONDS = 20.0
# The keys' names in the WebDriver standard.
ESCAPE, ENTER = "\ue00c", "\ue007"
QUIET = """
user_pref("marionette.port", {port});
user_pref("app.update.disabledForTesting", true);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("toolkit.telemetry.enabled", false);
"""


class Firefox:
    """A headless Firefox with a profile of its own; a context manager."""

    def __init__(self, folder: Path) -> None:
        """Keep the profile in this folder."""
        self._folder = folder
        self._port = free_ports().web
        self._number = 0

    def __enter__(self) -> Self:
        """Start it and begin a session."""
        assert PROGRAM
        (self._folder / "user.js").write_text(QUIET.format(port=self._port))
        self._process = subprocess.Popen(
            tied([PROGRAM, "--headless", "--marionette", "--no-remote", "--profile", str(self._folder)]),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            self._line = self._connect()
            self._read()
            self.do("NewSession", capabilities={"alwaysMatch": {"acceptInsecureCerts": False}})
        except BaseException:
            end(self._process)
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        self._line.close()
        end(self._process)

    def _connect(self) -> socket.socket:
        end_of_patience = time.monotonic() + START_SECONDS
        while True:
            try:
                return socket.create_connection(("127.0.0.1", self._port), timeout=START_SECONDS)
            except OSError:
                if time.monotonic() > end_of_patience:
                    raise
                time.sleep(0.1)

    def _read(self) -> Any:
        """Read one packet: its length in figures, a colon, and JSON."""
        figures = b""
        while not figures.endswith(b":"):
            figures += self._take(1)
        return json.loads(self._take(int(figures[:-1])))

    def _take(self, count: int) -> bytes:
        taken = b""
        while len(taken) < count:
            more = self._line.recv(count - len(taken))
            assert more, "Firefox has hung up"
            taken += more
        return taken

    def do(self, command: str, **parameters: Any) -> Any:
        """Carry out a command of the WebDriver standard and return its result."""
        self._number += 1
        packet = json.dumps([0, self._number, f"WebDriver:{command}", parameters]).encode()
        self._line.sendall(b"%d:%b" % (len(packet), packet))
        _, _, error, result = self._read()
        assert error is None, error
        return result["value"] if isinstance(result, dict) and set(result) == {"value"} else result

    def run(self, expression: str) -> Any:
        """Return what a script's expression gives in the document at hand."""
        return self.do("ExecuteScript", script=f"return {expression}", args=[])

    def wait_for(self, expression: str) -> Any:
        """Return what the expression gives as soon as that is true."""
        end_of_patience = time.monotonic() + PATIENCE_SECONDS
        while not (found := self.run(expression)):
            assert time.monotonic() < end_of_patience, f"never true: {expression}"
            time.sleep(0.1)
        return found

    def enter(self, frame: Any) -> None:
        """Go on in this frame; None is the page around all."""
        if frame is None:
            self.do("SwitchToFrame", id=None)
        else:
            self.do("SwitchToFrame", element=next(iter(frame.values())))

    def type(self, text: str) -> None:
        """Press the keys of the text, for whatever has the focus."""
        presses = [{"type": kind, "value": key} for key in text for kind in ("keyDown", "keyUp")]
        self.do("PerformActions", actions=[{"type": "key", "id": "keyboard", "actions": presses}])
