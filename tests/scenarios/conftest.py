"""A stack for what would disturb others: processes that die, and hours of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ops.stack import Stack
from tests.conftest import CLINIC, Running

SETTINGS = {
    **CLINIC,
    "CLINIC_HOURS": "mon-sun 00:00-24:00",
    # A turn whose process died waits for its lease, twice this and a little.
    "TURN_TIMEOUT_SECONDS": "4",
}


@pytest.fixture(scope="session")
def own() -> Iterator[Stack]:
    """A stack of our own that is open day and night."""
    with Stack(env=SETTINGS) as stack:
        yield stack


@pytest.fixture(scope="session")
def running(own: Stack) -> Running:
    """The same stack as a test talks to it."""
    return Running(own.url, own.measuring_key, dict(own.environment))
