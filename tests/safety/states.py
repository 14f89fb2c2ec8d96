"""Every state that a dialogue can be in, as the turn carries it.

Forms, slots and topics come from `domain.yml`, so that a new one joins by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from rasa_ext.routes import ANSWER, BY_URGENCY, EMERGENCY, route_of

DOMAIN = Path(__file__).parents[2] / "domain.yml"
FRESH = "fresh"
AFTER_ANSWER = "after the answer "
# The routes whose turns leave a conversation with staff.
WAITING = ("staff_medical", "staff_other", "booking")


@dataclass(frozen=True)
class State:
    """A state: what the conversation carries, what goes with the message, and a button that is pressed, if any."""

    carried: dict[str, Any] | None = None
    context: dict[str, Any] = field(default_factory=dict)
    choice: dict[str, str] | None = None

    @property
    def is_emergency(self) -> bool:
        """Tell whether the turn before was an emergency, which nothing but an all-clear ends."""
        return self.context.get("last_route") == EMERGENCY

    def turn(self, text: str, number: int) -> dict[str, Any]:
        """Return the turn of a message in this state."""
        context = {"last_topic": None, "last_route": None, "recent": [], "open": True, "language": "en"}
        return {
            "message_id": f"walk-{number}",
            "text": text,
            "choice": self.choice,
            "state": self.carried,
            "context": {**context, "readings": {"phones": [], "emails": []}, **self.context},
        }


def all_states() -> dict[str, State]:
    """Return every state by its name."""
    domain = yaml.safe_load(DOMAIN.read_text(encoding="utf-8"))
    return {FRESH: State(), **_after_routes(), **_after_topics(domain), **_in_forms(domain), **_others(domain)}


def _after(route: str, topic: str | None = None, **slots: Any) -> State:
    return State({"slots": slots, "active_form": None, "requested_slot": None}, _last(route, topic))


def _last(route: str, topic: str | None = None) -> dict[str, Any]:
    return {"last_route": route, "last_topic": topic}


def _after_routes() -> dict[str, State]:
    """After a turn of each route: with the question back open, while waiting for staff, after an emergency …"""
    found = {f"after {route}": _after(route, "side_effects") for route in BY_URGENCY}
    for route in WAITING:
        for status in ("given", "declined"):
            found[f"after {route}, contact {status}"] = _after(route, contact_status=status)
    return found


def _after_topics(domain: dict[str, Any]) -> dict[str, State]:
    topics = [intent for intent in domain["intents"] if route_of(intent) == ANSWER]
    return {AFTER_ANSWER + topic: _after(ANSWER, topic) for topic in topics}


def _in_forms(domain: dict[str, Any]) -> dict[str, State]:
    """At each question of each form."""
    found = {}
    for form, definition in domain["forms"].items():
        for slot in definition["required_slots"]:
            carried = {"slots": {}, "active_form": form, "requested_slot": slot}
            route = "booking" if form.startswith("booking") else "staff_other"
            found[f"in {form} at {slot}"] = State(carried, _last(route))
    return found


def _others(domain: dict[str, Any]) -> dict[str, State]:
    form, definition = next(iter(domain["forms"].items()))
    at_first = {"slots": {}, "active_form": form, "requested_slot": definition["required_slots"][0]}
    gone = {"slots": {"gone_slot": "x"}, "active_form": "gone_form", "requested_slot": "gone_slot"}
    closed = {"open": False, "next_opening": "2026-11-23T09:00:00-08:00", "now": "2026-11-21T20:00:00-08:00"}
    return {
        "with messages just before": State(context={"recent": ["hi", "are you there?", "i have a question"]}),
        "with a long message just before": State(context={"recent": ["lovely weather today " * 200]}),
        "with a danger just before": State(context={"recent": ["my throat"], **_last("out_of_scope")}),
        "when closed": State(context=closed),
        "in Spanish": State(context={"language": "es"}),
        "with a state of an older version": State(gone, _last(ANSWER, "gone_topic")),
        "with a phone number": State(context={"readings": {"phones": ["+12065550100"], "emails": []}}),
        "as the title of a button": State(None, _last(ANSWER, "safety"), {"intent": "side_effects"}),
        "as the title of a button of a form that is gone": State(
            None, _last(ANSWER), {"intent": f"skip_{at_first['requested_slot']}"}
        ),
        "as the title of a form's button": State(
            at_first, _last("staff_other"), {"intent": f"skip_{at_first['requested_slot']}"}
        ),
        "as the title of a button that nobody knows": State(None, {}, {"intent": "gone_button"}),
    }
