"""Reads the sentences that the gate is tested with."""

from __future__ import annotations

from pathlib import Path

import yaml

from rasa_ext.safety.rules import read_dangers

HERE = Path(__file__).parent


def sentences(file: str) -> dict[str, list[str]]:
    """Return a test file's groups of sentences."""
    return yaml.safe_load((HERE / file).read_text(encoding="utf-8"))


def pairs(file: str) -> list[tuple[str, str]]:
    """Return (group, sentence) of a test file."""
    return [(group, text) for group, texts in sentences(file).items() for text in texts]


def level_of(text: str, recent: list[str] | None = None) -> str | None:
    """Return the most urgent level found in a text."""
    findings = read_dangers(text, recent or [])
    return findings[0].level if findings else None
