"""Which route an intent takes, and how urgent each route is."""

from __future__ import annotations

EMERGENCY = "emergency"
STAFF_MEDICAL = "staff_medical"
STAFF_OTHER = "staff_other"
BOOKING = "booking"
ANSWER = "answer"
CLARIFY = "clarify"
SMALLTALK = "smalltalk"
OUT_OF_SCOPE = "out_of_scope"

# Most urgent first: the most urgent route of a message decides what happens next.
BY_URGENCY = (EMERGENCY, STAFF_MEDICAL, STAFF_OTHER, BOOKING, ANSWER, CLARIFY, SMALLTALK, OUT_OF_SCOPE)

_NAMED = {
    "human_request": STAFF_OTHER,
    "complaint_billing": STAFF_OTHER,
    "book": BOOKING,
    "reschedule_cancel": BOOKING,
    "greet": SMALLTALK,
    "thanks": SMALLTALK,
    "goodbye": SMALLTALK,
    "bot_challenge": SMALLTALK,
    "affirm": SMALLTALK,
    "deny": SMALLTALK,
    "not_emergency": SMALLTALK,
    "all_well": SMALLTALK,
    "out_of_scope": OUT_OF_SCOPE,
}
_FAMILIES = {"emergency_": EMERGENCY, "medical_": STAFF_MEDICAL}


def route_of(intent: str) -> str:
    """Return the route of an intent; an intent that is named nowhere here is a topic that the documents answer."""
    for prefix, route in _FAMILIES.items():
        if intent.startswith(prefix):
            return route
    return _NAMED.get(intent, ANSWER)


def most_urgent(routes: list[str]) -> str:
    """Return the most urgent of `routes`.

    Raises:
        ValueError: `routes` is empty.
    """
    return min(routes, key=BY_URGENCY.index)
