"""Where a page of a list begins: after this conversation, which need not exist any more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import MAXYEAR, UTC, datetime
from uuid import UUID

LAST_URGENCY = 9


def moment_of(text: str) -> datetime:
    """Read an aware ISO moment, in UTC; raises ValueError, also where another zone's calendar has no such year."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None or not 1 < moment.year < MAXYEAR:
        raise ValueError("no moment of every zone's calendar")
    return moment.astimezone(UTC)


class BadKey(ValueError):
    """The key of a page is none that we made."""


@dataclass(frozen=True)
class Key:
    """How pressing the last conversation of the page before is (0 in lists by time alone), its moment, and itself."""

    urgency: int
    moment: datetime
    conversation: UUID

    @classmethod
    def read(cls, text: str) -> Key:
        """Read what `str` wrote; raises `BadKey`."""
        urgency, _, rest = text.partition("_")
        moment, _, conversation = rest.rpartition("_")
        if not (len(urgency) == 1 and urgency.isascii() and urgency.isdigit()):
            raise BadKey
        try:
            return cls(int(urgency), moment_of(moment), UUID(conversation))
        except ValueError:
            raise BadKey from None

    def __str__(self) -> str:
        return f"{self.urgency}_{self.moment.isoformat()}_{self.conversation}"
