"""What all tests may share: one real stack for every folder that talks to it.

This file is read in both environments, so it imports nothing that only one of them has.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def free_port() -> int:
    """Return a port of this machine that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


# Where the websites stand that carry the chat, see tests/e2e/hosting.py: the bot has to know before it starts. Whoever
# brings a stack along (STACK_URL) has told it another one.
WEBSITE_PORT = int(os.environ.get("WEBSITE_PORT") or free_port())
CLINIC = {
    "ALLOWED_ORIGINS": f"http://localhost:{WEBSITE_PORT},http://127.0.0.1:{WEBSITE_PORT}",
    "CLINIC_NAME": "Willow Street Skin Clinic",
    "CLINIC_PHONE": "555-0142",
    "CLINIC_EMAIL": "hello@willow-street.example",
    "CLINIC_ADDRESS": "12 Willow Street",
    "CLINIC_HOURS": "mon-fri 09:00-17:00; sat 10:00-14:00",
    "CLINIC_URGENT_PHONE": "555-0199",
    "LIMIT_MESSAGES_PER_MINUTE": "10000",
    "LIMIT_MESSAGES_PER_MINUTE_AND_ADDRESS": "10000",
    "LIMIT_CONVERSATIONS_PER_HOUR_AND_ADDRESS": "10000",
}


@dataclass(frozen=True)
class Running:
    """A stack that answers: its address, the key that lets a test measure, and the environment of its clinic."""

    url: str
    measuring_key: str
    environment: dict[str, str]

    def manage(self, *arguments: str, **more: str) -> str:
        """Run a management command on the stack's database and return what it prints."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env={**os.environ, **self.environment, **more},
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout


@pytest.fixture(scope="session")
def stack() -> Iterator[Running]:
    """The stack that `python -m ops stack -- pytest tests/e2e tests/scenarios` has started, else one of our own."""
    if url := os.environ.get("STACK_URL"):
        yield Running(url, os.environ["MEASURING_KEY"], {})
        return
    from ops.stack import Stack

    with Stack(env=CLINIC) as own:
        yield Running(own.url, own.measuring_key, dict(own.environment))
