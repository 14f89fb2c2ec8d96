"""The state of a dialogue as the brain leaves it with a conversation: the little that clinic itself reads in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

State = Mapping[str, Any]
CONTACT_FORM, CONTACT_STATUS, GIVEN = "contact_form", "contact_status", "given"


def without_form(state: State | None) -> dict[str, Any] | None:
    """Return the state with no form open, so that the next message is read as a question and not as an answer."""
    return None if state is None else {**state, "active_form": None, "requested_slot": None}


def emptied(state: State | None) -> dict[str, Any] | None:
    """Return the state without a form and without any value: nobody goes on from here."""
    return None if state is None else {"slots": {}, "active_form": None, "requested_slot": None}


def was_asked_for_contact(state: State | None) -> bool:
    """Tell whether the visitor has been asked how to be reached, whether or not they have answered."""
    return _contact_status(state) is not None or (state or {}).get("active_form") == CONTACT_FORM


def has_given_contact(state: State | None) -> bool:
    """Tell whether the visitor has left a way to be reached."""
    return _contact_status(state) == GIVEN


def _contact_status(state: State | None) -> Any:
    return ((state or {}).get("slots") or {}).get(CONTACT_STATUS)
