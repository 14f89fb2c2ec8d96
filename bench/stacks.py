"""The stack that is measured: one that a surrounding command has made, else one of our own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from ops.errors import Stop
from ops.paths import ROOT
from ops.stack import Stack


@contextmanager
def measured_stack() -> Iterator[tuple[str, str]]:
    """Give address and measuring key of a stack with a throw-away database. Raises Stop when it does not start.

    `python -m ops stack -- COMMAND` names its stack in the environment; several measurements can share it.
    """
    url, key = os.environ.get("STACK_URL"), os.environ.get("MEASURING_KEY")
    if url and key:
        yield url, key
        return
    with Stack() as stack:
        yield stack.url, stack.measuring_key


@dataclass(frozen=True)
class Managed:
    """A stack whose database can be worked on; `environment` is what its management commands need besides ours."""

    url: str
    environment: Mapping[str, str]

    def manage(self, *arguments: str) -> str:
        """Run a management command and return what it prints. Raises Stop."""
        command = [sys.executable, "manage.py", *arguments]
        environment = {**os.environ, **self.environment}
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Stop(f"manage.py {arguments[0]} failed: {''.join(done.stderr.splitlines()[-1:])}")
        return done.stdout


@contextmanager
def managed_stack() -> Iterator[Managed]:
    """Give the stack that `measured_stack` would give, with a hand on its database. Raises Stop."""
    if url := os.environ.get("STACK_URL"):
        yield Managed(url, {})
        return
    with Stack() as stack:
        yield Managed(stack.url, stack.environment)
