"""Where the project's files are, whatever folder a command was started in."""

from __future__ import annotations

from pathlib import Path

PROJECT_DIR = Path(__file__).resolve().parents[2]


def project_path(path: str | Path) -> Path:
    """Return an absolute path; a relative one counts from the project's folder."""
    return PROJECT_DIR / path
