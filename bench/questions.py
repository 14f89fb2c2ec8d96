"""Reads labelled questions: one JSON object a line, as `docs/measuring.md` describes them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.taxonomy import ROUTES
from ops.errors import Stop


@dataclass(frozen=True)
class Question:
    """One row: a visitor's text, and what is right for it. `route` is None where the row has no label."""

    text: str
    id: Any = None
    route: str | None = None
    topic: str | None = None
    alt_routes: frozenset[str] = frozenset()
    alt_topics: frozenset[str] = frozenset()
    kind: str | None = None
    cluster: str | None = None


def read_questions(file: Path) -> list[Question]:
    """Return the questions of a file in its order. Raises Stop with one sentence when it cannot be used."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError as problem:
        raise Stop(f"{file} cannot be read: {problem.strerror}.") from None
    except UnicodeDecodeError:
        raise Stop(f"{file} is not UTF-8 text.") from None
    questions = [_question(line, f"{file}, line {number}") for number, line in enumerate(lines, 1) if line.strip()]
    if not questions:
        raise Stop(f"{file} holds no question.")
    return questions


def _question(line: str, where: str) -> Question:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        raise Stop(f"{where} is not JSON.") from None
    if not isinstance(row, dict):
        raise Stop(f"{where} is not a JSON object.")
    text = row.get("text")
    if not isinstance(text, str):
        raise Stop(f'{where} has no "text".')
    route = _name(row, "route", where)
    routes = ({route} if route else set()) | _names(row, "alt_routes", where)
    if unknown := sorted(routes - set(ROUTES)):
        raise Stop(f'{where} names the route "{unknown[0]}", which does not exist.')
    cluster = row.get("cluster")
    return Question(
        text=text,
        id=row.get("id"),
        route=route,
        topic=_name(row, "topic", where),
        alt_routes=frozenset(_names(row, "alt_routes", where)),
        alt_topics=frozenset(_names(row, "alt_topics", where)),
        kind=_name(row, "kind", where),
        cluster=None if cluster is None else str(cluster),
    )


def _name(row: Mapping[str, Any], key: str, where: str) -> str | None:
    value = row.get(key)
    if value is not None and not isinstance(value, str):
        raise Stop(f'{where} has a "{key}" that is not text.')
    return value or None


def _names(row: Mapping[str, Any], key: str, where: str) -> set[str]:
    value = row.get(key) or []
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise Stop(f'{where} has "{key}" that is not a list of names.')
    return set(value)
