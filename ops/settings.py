"""The few settings that ops itself needs. clinic reads and checks all the others."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from ops.console import say
from ops.errors import Stop
from ops.paths import ROOT

DEFAULT_PORTS = {"PORT": 8000, "RASA_PORT": 5005, "ACTIONS_PORT": 5055}


@dataclass(frozen=True)
class Ports:
    """The three ports of the stack, all on loopback unless clinic's own settings say otherwise."""

    web: int
    rasa: int
    actions: int

    def by_setting(self) -> dict[str, int]:
        """Each port under the name of its setting."""
        return {"PORT": self.web, "RASA_PORT": self.rasa, "ACTIONS_PORT": self.actions}


def copy_example(root: Path = ROOT) -> None:
    """Make ``.env`` from ``.env.example`` when there is none yet and ENV_FILE names no other file."""
    target, example = root / ".env", root / ".env.example"
    if not target.exists() and example.exists() and not os.environ.get("ENV_FILE"):
        shutil.copyfile(example, target)
        target.chmod(0o600)
        say("Made .env from .env.example; every setting is explained there.")


def read_env_file(path: Path) -> dict[str, str]:
    """The plain ``NAME=value`` lines of an env file; comments, ``export`` and quotes are understood."""
    values: dict[str, str] = {}
    if not path.is_file():
        return values
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if not equals or name.startswith("#"):
            continue
        values[name.strip()] = _unquoted(value.strip())
    return values


def _unquoted(value: str) -> str:
    if value[:1] in {"'", '"'}:
        return value[1:].partition(value[0])[0]
    return value.partition(" #")[0].strip()


def read_ports(root: Path = ROOT) -> Ports:
    """The ports from the environment, else ``.env``, else the defaults. Raises Stop on a value that is no port."""
    file = read_env_file(Path(os.environ.get("ENV_FILE") or root / ".env"))
    found = {name: os.environ.get(name) or file.get(name) or str(usual) for name, usual in DEFAULT_PORTS.items()}
    numbers = {name: _port(name, value) for name, value in found.items()}
    if len(set(numbers.values())) < len(numbers):
        raise Stop("PORT, RASA_PORT and ACTIONS_PORT have to be three different numbers.")
    return Ports(numbers["PORT"], numbers["RASA_PORT"], numbers["ACTIONS_PORT"])


def _port(name: str, value: str) -> int:
    if not value.isdecimal() or not 0 < int(value) < 65536:
        raise Stop(f'{name} is "{value}", but has to be a number from 1 to 65535.')
    return int(value)
