"""The logs of the processes: one file each, turned over at start when it has grown, and read for what matters."""

from __future__ import annotations

import re
import time
from pathlib import Path

TURN_OVER_BYTES = 5_000_000
KEPT = 3
IMPORTANT = (" ERROR", "CRITICAL", "[ERROR", "Error:")
REPEAT_SECONDS = 60.0
PARTICULARS = re.compile(r"[0-9a-f]*[0-9][0-9a-f-]*")


def turn_over(log: Path, most: int = TURN_OVER_BYTES) -> None:
    """Move a log that has grown beyond ``most`` bytes aside; the oldest of the kept ones goes."""
    if not log.exists() or log.stat().st_size <= most:
        return
    for number in range(KEPT - 1, 0, -1):
        older = log.with_name(f"{log.name}.{number}")
        if older.exists():
            older.replace(log.with_name(f"{log.name}.{number + 1}"))
    log.replace(log.with_name(f"{log.name}.1"))


def last_lines(log: Path, count: int = 12) -> list[str]:
    """The last lines of a log that are not blank."""
    if not log.exists():
        return []
    with log.open("rb") as content:
        content.seek(max(0, log.stat().st_size - 16_000))
        text = content.read().decode("utf-8", errors="replace")
    return [line for line in text.splitlines() if line.strip()][-count:]


class Watcher:
    """Reads what a growing log gained since the last look and keeps the important lines, each kind once a minute."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self.position = log.stat().st_size if log.exists() else 0
        self.rest = b""
        self.told: dict[str, float] = {}

    def important(self) -> list[str]:
        """New lines that a person should see."""
        try:
            with self.log.open("rb") as content:
                content.seek(self.position)
                gained = content.read()
                self.position = content.tell()
        except FileNotFoundError:
            return []
        *lines, self.rest = (self.rest + gained).split(b"\n")
        texts = (line.decode("utf-8", errors="replace").strip() for line in lines)
        return [text for text in texts if any(sign in text for sign in IMPORTANT) and self._is_news(text)]

    def _is_news(self, text: str) -> bool:
        """Whether no line like this one, but for numbers and ids, was told within the last minute."""
        kind, now = PARTICULARS.sub("#", text), time.monotonic()
        self.told = {known: when for known, when in self.told.items() if now - when < REPEAT_SECONDS}
        return self.told.setdefault(kind, now) == now
