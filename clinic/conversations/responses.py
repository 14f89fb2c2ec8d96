"""The one renderer: response ids become text, buttons and sources, from `domain.yml` and the practice's facts.

Of a response's variants the first one counts whose placeholders can all be filled; the last one must need only facts
that are never empty, which `load` makes sure of before the first visitor comes.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

from clinic.practice import facts

logger = logging.getLogger(__name__)

PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
WELCOME, TURN_FAILED, EMERGENCY = "utter_welcome", "utter_turn_failed", "utter_emergency"
# While the clinic has switched the bot off.
WELCOME_OFF, BOT_OFF_OPEN, BOT_OFF_CLOSED = "utter_welcome_off", "utter_bot_off_open", "utter_bot_off_closed"
# What clinic says without the brain: a domain that lacks one of these stops the start.
REQUIRED = (
    WELCOME,
    TURN_FAILED,
    EMERGENCY,
    WELCOME_OFF,
    BOT_OFF_OPEN,
    BOT_OFF_CLOSED,
    "utter_error_message_empty",
    "utter_error_message_too_long",
    "utter_error_rate_limited",
    "utter_error_conversation_gone",
    "utter_error_invalid_request",
)
# What apps above this one say by themselves; missing in the real domain, they stop the start too.
_required: set[str] = set()
# Offered under the greeting when the domain gives it no buttons of its own.
WELCOME_TOPICS = ("what_is_dysport", "side_effects", "results_duration", "cost_savings", "human_request")


class DomainError(Exception):
    """The responses cannot be used; the text is one sentence for whoever edits `domain.yml`."""


class UnknownResponse(Exception):
    """The brain named a response that the domain does not have."""


@dataclass(frozen=True)
class Variant:
    """One wording of a response, with what its metadata says."""

    text: str
    placeholders: frozenset[str]
    buttons: tuple[str, ...] = ()
    title: str = ""
    sources: tuple[dict[str, str], ...] = ()
    wording_hash: str = ""
    is_label: bool = False


@dataclass(frozen=True)
class Rendered:
    """One answer as the book stores it and the visitor reads it."""

    response: str
    text: str
    buttons: list[dict[str, str]] = field(default_factory=list)
    sources: list[dict[str, str]] = field(default_factory=list)
    label_pending: bool = False


def _variant(response: str, raw: Any) -> Variant:
    if not isinstance(raw, dict) or not isinstance(raw.get("text"), str) or not raw["text"].strip():
        raise DomainError(f"The response {response} in domain.yml has a variant without text.")
    metadata = raw.get("metadata") or {}
    source = metadata.get("source") or []
    text = raw["text"].strip()
    return Variant(
        text=text,
        placeholders=frozenset(PLACEHOLDER.findall(text)),
        buttons=tuple(str(button.get("payload", "")).lstrip("/") for button in raw.get("buttons") or []),
        title=str(metadata.get("title") or ""),
        sources=tuple({"document": str(one["document"]), "passage": str(one["passage"])} for one in source),
        wording_hash=hashlib.sha256(text.encode()).hexdigest(),
        is_label=bool(metadata.get("label")),
    )


class Renderer:
    """The responses of one domain."""

    def __init__(self, domain: Mapping[str, Any]) -> None:
        """Read the responses and check that each can always be said; raises `DomainError`."""
        raw = domain.get("responses") or {}
        # In the domain's order; one with settings of its own is a mapping of one entry.
        self.intents: tuple[str, ...] = tuple(
            str(next(iter(one))) if isinstance(one, dict) else str(one) for one in domain.get("intents") or ()
        )
        self.responses: dict[str, tuple[Variant, ...]] = {
            response: tuple(_variant(response, one) for one in variants) for response, variants in raw.items()
        }
        self._values = frozenset(domain.get("slots") or {})
        self._check()

    def _check(self) -> None:
        for response in REQUIRED:
            if response not in self.responses:
                raise DomainError(f"The response {response} is missing in domain.yml.")
        for response, variants in self.responses.items():
            for variant in variants:
                for name in sorted(variant.placeholders - facts.NAMES - self._values):
                    raise DomainError(f"The response {response} in domain.yml uses {{{name}}}, which nothing can fill.")
            if not variants:
                raise DomainError(f"The response {response} in domain.yml has no text.")
            for name in sorted(variants[-1].placeholders - facts.NEVER_EMPTY):
                raise DomainError(
                    f"The last variant of {response} in domain.yml uses {{{name}}}, which may be empty;"
                    " end with a variant that does without it."
                )

    def title(self, intent: str) -> str:
        """Return what a button for `intent` says, or "" when no response gives it a title."""
        variants = self.responses.get(f"utter_{intent}")
        return variants[0].title if variants else ""

    def wording_hash(self, response: str) -> str:
        """Return the hash of a response's first wording as it stands today, "" when there is no such response."""
        variants = self.responses.get(response)
        return variants[0].wording_hash if variants else ""

    def labels(self) -> list[tuple[str, Variant]]:
        """Return (response id, variant) of every wording that goes back to the product's label."""
        return [(name, one) for name, variants in self.responses.items() for one in variants if one.is_label]

    def render(
        self,
        response: str,
        at: datetime,
        values: Mapping[str, Any] | None = None,
        buttons: Sequence[str] = (),
        titled: Sequence[Mapping[str, str]] = (),
        practice: facts.Snapshot | None = None,
    ) -> Rendered:
        """Return `response` as it is said at the moment `at`.

        `values` fill placeholders that no fact fills; `buttons` are intents and replace the variant's own;
        `titled` are buttons that bring their title along and come first; `practice` stands in for the clinic's facts as
        they are now. Raises `UnknownResponse`.
        """
        if response not in self.responses:
            raise UnknownResponse(response)
        known = {name: str(value) for name, value in (values or {}).items() if value is not None}
        known |= facts.values(at, practice)
        filled = {name for name, value in known.items() if value}
        variant = next(one for one in self.responses[response] if one.placeholders <= filled)
        text = PLACEHOLDER.sub(lambda match: known[match[1]], variant.text)
        return Rendered(
            response=response,
            # A fact such as "the clinic" may begin the sentence.
            text=text[:1].upper() + text[1:],
            buttons=[*map(dict, titled), *self._buttons(buttons or variant.buttons)],
            sources=[dict(source) for source in variant.sources],
            label_pending=variant.is_label and (response, variant.wording_hash) not in facts.signed_wordings(),
        )

    def _buttons(self, intents: Sequence[str]) -> list[dict[str, str]]:
        shown = []
        for intent in intents:
            if title := self.title(intent):
                shown.append({"title": title, "intent": intent})
            else:
                logger.warning("The button for %s was left out: utter_%s has no title.", intent, intent)
        return shown

    def welcome(self, at: datetime) -> Rendered:
        """Return the greeting of a new conversation, with buttons for topics unless the bot is off."""
        if facts.snapshot().practice.is_bot_off:
            return self.render(WELCOME_OFF, at)
        offered = [intent for intent in WELCOME_TOPICS if self.title(intent)]
        own = self.responses[WELCOME][0].buttons
        return self.render(WELCOME, at, buttons=own or offered)


def load(file: Path) -> Renderer:
    """Return the renderer for a domain file; raises `DomainError` with one sentence when it cannot be used."""
    try:
        domain = yaml.load(file.read_bytes(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    except OSError as error:
        raise DomainError(f"The file {file.name} cannot be read: {error.strerror}.") from None
    except yaml.YAMLError as error:
        where = getattr(error, "problem_mark", None)
        line = f" (line {where.line + 1})" if where else ""
        raise DomainError(f"The file {file.name} is not valid YAML{line}.") from None
    if not isinstance(domain, dict):
        raise DomainError(f"The file {file.name} holds no domain.")
    return Renderer(domain)


@cache
def renderer() -> Renderer:
    """Return the renderer of this process, loaded once; raises `DomainError` also for what apps require."""
    loaded = load(settings.DOMAIN_FILE)
    for response in sorted(_required - set(loaded.responses)):
        raise DomainError(f"The response {response} is missing in domain.yml.")
    return loaded


def require(names: Iterable[str]) -> None:
    """Let the start stop when the domain lacks one of these responses."""
    _required.update(names)
