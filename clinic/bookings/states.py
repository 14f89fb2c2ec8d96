"""The states of a booking request, and which one may follow which."""

from __future__ import annotations

from django.db import models


class State(models.TextChoices):
    """How far the clinic has come with a request."""

    SUBMITTED = "submitted"
    CONTACTED = "contacted"
    OFFERED = "offered"
    BOOKED = "booked"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


# Another offer and another time keep the state. What has run out can still be taken up; what somebody has ended cannot.
ALLOWED: dict[State, frozenset[State]] = {
    State.SUBMITTED: frozenset(State) - {State.SUBMITTED},
    State.CONTACTED: frozenset(State) - {State.SUBMITTED, State.CONTACTED},
    State.OFFERED: frozenset(State) - {State.SUBMITTED, State.CONTACTED},
    State.BOOKED: frozenset({State.BOOKED, State.DECLINED, State.WITHDRAWN}),
    State.EXPIRED: frozenset(State) - {State.SUBMITTED, State.EXPIRED},
    State.DECLINED: frozenset(),
    State.WITHDRAWN: frozenset(),
}
# The clinic owes an answer.
OPEN = (State.SUBMITTED, State.CONTACTED, State.OFFERED)


def may_follow(to: State) -> list[State]:
    """Return the states that `to` may follow."""
    return [state for state in State if to in ALLOWED[state]]
