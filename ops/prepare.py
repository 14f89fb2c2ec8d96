"""Everything that has to be there before something can run."""

from __future__ import annotations

from collections.abc import Mapping

from ops.commands import run
from ops.encoder import ensure_encoder
from ops.environments import CLINIC, RASA, ensure
from ops.errors import Stop
from ops.machine import setting_up
from ops.paths import python_of
from ops.training import ensure_trained


def prepare_clinic(*, tests: bool = False) -> None:
    """Have the clinic environment."""
    with setting_up():
        ensure(CLINIC, tests=tests)


def prepare(*, tests: bool = False) -> None:
    """Have both environments, the encoder and the trained brain. Raises Stop with what prevents it."""
    with setting_up():
        ensure(CLINIC, tests=tests)
        ensure(RASA, tests=tests)
        ensure_encoder()
        ensure_trained()


def manage(*arguments: str, env: Mapping[str, str] | None = None) -> None:
    """Run one of clinic's management commands; what it says is shown. Raises Stop when it fails."""
    if run([python_of("clinic"), "manage.py", *arguments], env=env) != 0:
        raise Stop(f"The step {arguments[0]} failed; the reason stands above.")
