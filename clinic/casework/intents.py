"""The intents that a verdict may name: those of the domain, and none of them."""

from __future__ import annotations

from clinic.casework.models import NONE_OF_THEM
from clinic.conversations import responses


class UnknownIntent(ValueError):
    """No intent of the domain is called so."""


def words(name: str) -> str:
    """Return an intent as people write it."""
    return name.replace("_", " ")


def offered() -> list[tuple[str, str]]:
    """Return each intent as words and the title of its answer, "" where it has none; "none of them" comes last."""
    renderer = responses.renderer()
    return [(words(name), renderer.title(name)) for name in renderer.intents] + [(words(NONE_OF_THEM), "")]


def read(text: str) -> str:
    """Return the intent that was meant by its name, as words or as in the domain; raises `UnknownIntent`."""
    name = "_".join(text.casefold().split())
    if name not in (*responses.renderer().intents, NONE_OF_THEM):
        raise UnknownIntent(name)
    return name
