"""A tracker store that keeps nothing: the state of a dialogue comes with the turn and leaves with it."""

from __future__ import annotations

from collections.abc import Iterable
from contextvars import ContextVar
from typing import Any, Optional

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME, REQUESTED_SLOT
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SessionStarted, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker

from rasa_ext.forms import CONTACT_KINDS, TRIES, VISIT_KINDS


class CarriedTurn:
    """What one turn brings along and what it leaves behind."""

    def __init__(self, state: Optional[dict[str, Any]]) -> None:
        self.state = state or {}
        self.tracker: Optional[DialogueStateTracker] = None


# Set by the channel for the task that handles one turn; tasks do not see each other's value.
CARRIED: ContextVar[Optional[CarriedTurn]] = ContextVar("carried_turn", default=None)


def events_from_state(state: dict[str, Any]) -> list[Event]:
    """Return the few events that put a fresh tracker into `state`.

    Args:
        state: `{"slots": {name: value}, "active_form": name or None, "requested_slot": name or None}`; may be empty.
    """
    events: list[Event] = [
        ActionExecuted(ACTION_SESSION_START_NAME),
        SessionStarted(),
        ActionExecuted(ACTION_LISTEN_NAME),
    ]
    events += [SlotSet(name, value) for name, value in state.get("slots", {}).items()]
    form = state.get("active_form")
    if form:
        events += [
            ActionExecuted(form),
            ActiveLoop(form),
            SlotSet(REQUESTED_SLOT, state.get("requested_slot")),
            ActionExecuted(ACTION_LISTEN_NAME),
        ]
    return events


def state_from_tracker(tracker: DialogueStateTracker) -> dict[str, Any]:
    """Return the state of `tracker` in the shape that `events_from_state` reads; its size does not grow with turns.

    What a form was told leaves with it, however it ended; only a request for a visit stays until it is sent.
    """
    dropped = {REQUESTED_SLOT} if tracker.active_loop_name else {REQUESTED_SLOT, TRIES, *CONTACT_KINDS, *VISIT_KINDS}
    slots = {
        name: value
        for name, value in tracker.current_slot_values().items()
        if value is not None and name not in dropped
    }
    return {
        "slots": slots,
        "active_form": tracker.active_loop_name,
        "requested_slot": tracker.get_slot(REQUESTED_SLOT) if tracker.active_loop_name else None,
    }


class CarriedTrackerStore(TrackerStore):
    """Reads a tracker from the turn's state and hands the changed one back to the channel."""

    def __init__(self, domain: Optional[Domain] = None, event_broker: Optional[EventBroker] = None, **_: Any) -> None:
        super().__init__(domain, event_broker)

    async def retrieve(self, sender_id: str) -> Optional[DialogueStateTracker]:
        """Return a tracker in the carried state, or None outside a turn."""
        carried = CARRIED.get()
        if carried is None:
            return None
        known = {slot.name for slot in self.domain.slots}
        # A slot that a later model no longer has is dropped: old conversations must survive an update.
        state = {**carried.state, "slots": {k: v for k, v in carried.state.get("slots", {}).items() if k in known}}
        if state.get("active_form") not in self.domain.form_names:
            state["active_form"] = None
        return DialogueStateTracker.from_events(sender_id, events_from_state(state), self.domain.slots)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Leave the tracker with the turn that is under way."""
        carried = CARRIED.get()
        if carried is not None:
            carried.tracker = tracker

    async def keys(self) -> Iterable[str]:
        """Return no conversation: none is kept."""
        return []
