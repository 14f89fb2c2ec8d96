"""The four processes of the product: how each is started, and with which environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ops.paths import MODEL, python_of
from ops.settings import Ports
from ops.training import RASA_ENVIRONMENT


@dataclass(frozen=True)
class Service:
    """One process to keep alive: its name, its command, and what it gets on top of our environment."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


def services(ports: Ports, clinic: Mapping[str, str], model: Path = MODEL) -> list[Service]:
    """rasa, actions, clinic web and clinic worker on these ports; ``clinic`` is extra environment for the last two."""
    rasa, django = str(python_of("rasa")), str(python_of("clinic"))
    brain = RASA_ENVIRONMENT | {
        "PYTHONUNBUFFERED": "1",
        "ACTION_ENDPOINT_URL": f"http://127.0.0.1:{ports.actions}/webhook",
        # One message is too little work to share: a second thread would only wait, and take a core while it does.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
    book = clinic_environment(ports, clinic)
    return [
        Service(
            "rasa",
            (rasa, "-m", "rasa_ext.serve", "--model", str(model), "--port", str(ports.rasa)),
            brain,
        ),
        Service("actions", (rasa, "-m", "actions", "--port", str(ports.actions)), brain),
        Service("web", (django, "-m", "clinic.serve"), book),
        Service("worker", (django, "manage.py", "work"), book),
    ]


def clinic_environment(ports: Ports, additions: Mapping[str, str]) -> dict[str, str]:
    """What every process of clinic gets: its port, where the brain is, and the additions, which win."""
    return {
        "PYTHONUNBUFFERED": "1",
        "PORT": str(ports.web),
        "RASA_URL": f"http://127.0.0.1:{ports.rasa}",
        **additions,
    }
