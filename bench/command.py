"""How a measurement ends as a command: with its exit code, and one sentence where something is wrong."""

from __future__ import annotations

from collections.abc import Callable

from ops.console import complain
from ops.errors import Stop


def exit_code(measure: Callable[[], None], *problems: type[Exception]) -> int:
    """Carry out `measure` and return 0; Stop and the other `problems` become one sentence and 1, Ctrl-C becomes 130."""
    known: tuple[type[Exception], ...] = (Stop, *problems)
    try:
        measure()
    except known as problem:
        complain(str(problem))
        return 1
    except KeyboardInterrupt:
        complain("Stopped.")
        return 130
    return 0
