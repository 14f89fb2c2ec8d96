"""Visits to every staff page."""

from __future__ import annotations

import json

from tests.conftest import Running

TELL = "from tests.e2e.pages import tell; tell({name!r})"


def addresses(stack: Running, name: str) -> dict[str, str]:
    """Return the address of every page that this member of staff can look at, by its URL name."""
    printed = stack.manage("shell", "--no-imports", "-c", TELL.format(name=name))
    return json.loads(printed.splitlines()[-1])
