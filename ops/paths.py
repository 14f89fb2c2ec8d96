"""Where things are in the checkout."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "requirements"
VENV = ROOT / ".venv"
VAR = ROOT / "var"
LOGS = VAR / "log"
MODELS = VAR / "models"
MODEL = MODELS / "brain.tar.gz"
ENCODER = VAR / "encoder"


def python_of(environment: str) -> Path:
    """The interpreter of one of our environments: ``clinic``, ``rasa`` or ``setup``."""
    return VENV / environment / "bin" / "python"


def shown(path: Path) -> str:
    """The path as a person in the checkout would type it."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
