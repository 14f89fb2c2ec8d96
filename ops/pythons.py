"""Finds a Python 3.10 for rasa, which runs on no newer one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ops.commands import output_of, run
from ops.errors import Stop
from ops.paths import REQUIREMENTS, ROOT, VAR

WANTED = "3.10"
INSTALLED = VAR / "python"
TELL = "import sys; print('%d.%d' % sys.version_info[:2], sys.executable)"
# a version manager that started us hands its choice down, which would outweigh the file
CHOSEN_ALREADY = ("PYENV_VERSION", "PYENV_DIR", "ASDF_PYTHON_VERSION")

Ask = Callable[..., "str | None"]


def find_python(uv: Path, ask: Ask = output_of, fetch: Callable[..., int] = run) -> Path:
    """The path of a Python 3.10: from PATH, from a version manager, from uv's own search, or fetched by uv.

    Raises Stop when none can be had.
    """
    if found := _told(ask(["python3.10", "-c", TELL])):
        return found
    for folder in _pinned_folders():
        if found := _told(ask(["python3.10", "-c", TELL], cwd=folder, without=CHOSEN_ALREADY)):
            return found
    known = {"UV_PYTHON_INSTALL_DIR": str(INSTALLED)}
    if found := _searched(uv, ask, known):
        return found
    fetch([uv, "python", "install", "--no-bin", WANTED], env=known)
    if found := _searched(uv, ask, known):
        return found
    raise Stop(
        "Python 3.10 is missing and could not be fetched: install it so that the command python3.10 works, "
        "or allow this machine to download one."
    )


def _pinned_folders() -> list[Path]:
    """Where a ``.python-version`` file makes a version manager's shim answer."""
    return [folder for folder in (ROOT / "rasa_ext", REQUIREMENTS) if (folder / ".python-version").is_file()]


def _told(answer: str | None) -> Path | None:
    version, _, path = (answer or "").partition(" ")
    return Path(path) if version == WANTED and path else None


def _searched(uv: Path, ask: Ask, known: dict[str, str]) -> Path | None:
    path = ask([uv, "python", "find", "--no-project", WANTED], env=known | {"UV_PYTHON_DOWNLOADS": "never"})
    return _told(ask([path, "-c", TELL])) if path else None
