"""Stamps: a step that has been done for exactly these inputs is not done again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

IGNORED_FOLDERS = frozenset({"__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache"})


def files_of(path: Path) -> list[Path]:
    """The files that count below ``path`` (or ``path`` itself), sorted; caches and hidden files do not count."""
    if path.is_file():
        return [path]
    return sorted(
        found
        for found in path.rglob("*")
        if found.is_file()
        and not found.name.startswith(".")
        and not IGNORED_FOLDERS.intersection(found.relative_to(path).parts)
    )


def digest(paths: Iterable[Path], base: Path) -> str:
    """SHA-256 over names (relative to ``base``) and contents of all files in ``paths``; a missing path counts too."""
    total = hashlib.sha256()
    for path in paths:
        if not path.exists():
            total.update(f"missing {path.name}\0".encode())
            continue
        for file in files_of(path):
            total.update(f"{file.relative_to(base)}\0{sha256_of(file)}\0".encode())
    return total.hexdigest()


def sha256_of(file: Path) -> str:
    """The SHA-256 of one file, as hexadecimal digits."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def read_stamp(stamp: Path) -> dict[str, Any]:
    """What the stamp says; empty when there is none or it was cut off half-way."""
    try:
        content = json.loads(stamp.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def write_stamp(stamp: Path, content: dict[str, Any]) -> None:
    """Write the stamp in one move, so that an interruption leaves the old one or the new one."""
    stamp.parent.mkdir(parents=True, exist_ok=True)
    half = stamp.with_name(stamp.name + ".half")
    half.write_text(json.dumps(content, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    half.replace(stamp)
