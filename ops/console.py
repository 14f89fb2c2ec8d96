"""What the person at the keyboard sees: short lines, and how long a step took."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

HEARTBEAT_SECONDS = 15.0


def say(line: str) -> None:
    """Print one line at once, also when the output is a pipe."""
    print(line, flush=True)


def complain(line: str) -> None:
    """Print one line to the error output at once."""
    print(line, file=sys.stderr, flush=True)


@contextmanager
def step(what: str) -> Iterator[None]:
    """Announce a long step, say now and then that it still goes on, and say how long it took."""
    say(f"{what} …")
    begun = time.monotonic()
    over = threading.Event()

    def beat() -> None:
        while not over.wait(HEARTBEAT_SECONDS):
            say(f"  … still at it after {time.monotonic() - begun:.0f} s")

    heart = threading.Thread(target=beat, daemon=True)
    heart.start()
    try:
        yield
    finally:
        over.set()
        heart.join()
    say(f"  done in {time.monotonic() - begun:.1f} s")
