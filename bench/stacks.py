"""The stack that is measured: one that a surrounding command has made, else one of our own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

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
