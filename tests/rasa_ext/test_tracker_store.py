"""State in, state out."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import SlotSet
from rasa.shared.core.trackers import DialogueStateTracker

from rasa_ext.tracker_store import CARRIED, CarriedTrackerStore, CarriedTurn, state_from_tracker

DOMAIN = Domain.from_yaml(
    """
    version: "3.1"
    slots:
      visitor_name: {type: text, mappings: [{type: custom}]}
      contact_name: {type: text, mappings: [{type: custom}]}
      contact_reach: {type: any, influence_conversation: false, mappings: [{type: custom}]}
      contact_status: {type: text, mappings: [{type: custom}]}
      form_tries: {type: any, influence_conversation: false, mappings: [{type: custom}]}
    forms:
      contact_form: {required_slots: [contact_name, contact_reach]}
      booking_form: {required_slots: [visitor_name]}
    """
)


def retrieve(state: dict[str, Any] | None) -> DialogueStateTracker:
    async def within_a_turn() -> DialogueStateTracker:
        CARRIED.set(CarriedTurn(state))
        tracker = await CarriedTrackerStore(DOMAIN).retrieve("m1")
        assert tracker is not None
        return tracker

    return asyncio.run(within_a_turn())


@pytest.mark.parametrize(
    "state",
    [
        {"slots": {}, "active_form": None, "requested_slot": None},
        {"slots": {"visitor_name": "Ana"}, "active_form": None, "requested_slot": None},
        {"slots": {}, "active_form": "booking_form", "requested_slot": "visitor_name"},
    ],
)
def test_a_state_survives_the_round_trip(state: dict[str, Any]) -> None:
    assert state_from_tracker(retrieve(state)) == state


def test_what_a_form_was_told_leaves_with_the_form_and_its_outcome_stays() -> None:
    told = {"slots": {"contact_name": "Ana", "form_tries": 1, "contact_status": "declined"}}
    inside = {**told, "active_form": "contact_form", "requested_slot": "contact_reach"}
    assert state_from_tracker(retrieve(inside)) == inside
    assert state_from_tracker(retrieve(told))["slots"] == {"contact_status": "declined"}


def test_a_first_turn_has_no_state() -> None:
    assert retrieve(None).active_loop_name is None


def test_what_a_later_model_no_longer_has_is_dropped() -> None:
    old = {"slots": {"shoe_size": 42}, "active_form": "shoe_form", "requested_slot": "shoe_size"}
    assert state_from_tracker(retrieve(old)) == {"slots": {}, "active_form": None, "requested_slot": None}


def test_the_state_does_not_grow_with_turns() -> None:
    tracker = retrieve(None)
    for number in range(300):
        tracker.update(SlotSet("visitor_name", f"Ana {number % 10}"))
    assert len(str(state_from_tracker(tracker))) < 200


def test_turns_under_way_do_not_see_each_other() -> None:
    async def turn(name: str) -> str:
        CARRIED.set(CarriedTurn({"slots": {"visitor_name": name}}))
        await asyncio.sleep(0)
        tracker = await CarriedTrackerStore(DOMAIN).retrieve(name)
        assert tracker is not None
        return str(tracker.get_slot("visitor_name"))

    async def both() -> list[str]:
        return list(await asyncio.gather(turn("Ana"), turn("Bo")))

    assert asyncio.run(both()) == ["Ana", "Bo"]


def test_outside_a_turn_there_is_no_tracker() -> None:
    assert asyncio.run(CarriedTrackerStore(DOMAIN).retrieve("anyone")) is None
