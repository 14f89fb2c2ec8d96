"""A request that was sent before: another time, no visit after all, or how far it is; clinic answers."""

from __future__ import annotations

import re
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.forms import REQUESTED_SLOT

from actions import answers
from actions.days import picked
from actions.effects import context_of, plan_of, send_effect
from rasa_ext.forms import BUTTON, options_in

REFERENCE, PROOF, WHAT = "visit_reference", "visit_proof", "visit_what"
WHEN, CONFIRM, CHOICES, TRIES = "visit_when", "visit_confirm", "booking_choices", "form_tries"
MOVE, WITHDRAW, STATUS = "move", "withdraw", "status"
EFFECTS = {MOVE: "booking_change", WITHDRAW: "booking_withdraw", STATUS: "booking_status"}
WORDS_LENGTH = 300
SAID_WRONG = {
    "past": "utter_booking_when_past",
    "closed": "utter_booking_when_closed",
    "impossible": "utter_booking_when_impossible",
}
# After so many answers that nobody can read the form ends, or staff get the visitor's own words.
PATIENCE = 2
CODE = re.compile(r"(?i)\b([25679cdfghjkmnpqrtwx]{3})[\s-]?([25679cdfghjkmnpqrtwx]{3})\b")
FOUR_DIGITS = re.compile(r"(?<!\d)\d{4}(?!\d)")

Values = dict[str, Any]


class ValidateVisitForm(Action):
    """Finds out which request is meant and what about it, and passes that on after a yes."""

    def name(self) -> str:
        """Return the name that the form asks for."""
        return "validate_visit_form"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Values) -> list[EventType]:
        """Return the slots that the message fills, and those that end the form when it is over."""
        step, asked = plan_of(tracker)["form"], tracker.slots.get(REQUESTED_SLOT)
        if step == "skip" and asked == REFERENCE:
            return _over()
        if step == "leave":
            return _keep(dispatcher)
        found = _found(dispatcher, tracker, None if step == "start" else asked, step)
        known = {**tracker.slots, **found}
        if known.get(CONFIRM) == "no":
            return _keep(dispatcher)
        which = {"reference": known.get(REFERENCE), "proof": known.get(PROOF)}
        identified = None not in which.values()
        if identified and (known.get(WHAT) == STATUS or known.get(CONFIRM) == "yes"):
            return _send(dispatcher, known, which)
        tries = found.pop(TRIES, None)
        # Rasa takes a form that set no slot for one that rejects the message.
        return [*(SlotSet(slot, value) for slot, value in found.items()), SlotSet(TRIES, tries or 0)]


def _found(dispatcher: CollectingDispatcher, tracker: Tracker, asked: str | None, step: str) -> Values:
    """Return what one message fills."""
    context, text = context_of(tracker), plan_of(tracker)["answer"]
    found: Values = {}
    if asked is None:
        if context.get("booking"):
            found |= {REFERENCE: "", PROOF: ""}
        if options := options_in(WHAT, text):
            found[WHAT] = options[0]
    if code := CODE.search(text):
        found |= {REFERENCE: code[0]} if found.get(REFERENCE) != "" else {}
    if found.get(PROOF) is None and (proof := _proof_in(text, context)):
        found[PROOF] = proof
    found |= _when(context, tracker, asked)
    if asked == CONFIRM and step in ("yes", "no"):
        found[CONFIRM] = step
    if asked == WHAT:
        pressed = BUTTON.fullmatch((context.get("choice") or {}).get("intent", ""))
        options = [pressed[1]] if pressed else options_in(WHAT, text)
        found |= {WHAT: options[0]} if options else {}
    if (found.get(WHAT) or tracker.slots.get(WHAT)) in (WITHDRAW, STATUS):
        found.setdefault(WHEN, {})
    if asked and step in ("answer", "skip") and found.get(asked) is None and not found.get(CHOICES):
        found |= _unread(dispatcher, tracker, asked, text)
    return found


def _proof_in(text: str, context: Values) -> str:
    """Return what only the request's visitor knows: an address, a phone number, or its last four digits."""
    reach = answers.reach_in(context.get("readings") or {}, None)
    digits = FOUR_DIGITS.search(CODE.sub(" ", text))
    return reach.get("email") or reach.get("phone") or (digits[0] if digits else "")


def _when(context: Values, tracker: Tracker, asked: str | None) -> Values:
    choice, when = context.get("choice") or {}, context.get("when") or {}
    if choice:
        title = tracker.latest_message.get("text") or ""
        chosen = picked(choice.get("value", ""), title, tracker.slots.get(CHOICES) or []) if asked == WHEN else None
        return {WHEN: chosen, CHOICES: None} if chosen else {}
    if asked not in (None, WHEN, CONFIRM):
        return {}
    if when.get("status") == "clear":
        return {WHEN: {"text": when["text"], "windows": when["windows"]}, CHOICES: None}
    return {WHEN: None, CHOICES: when["choices"]} if when.get("status") == "ambiguous" else {}


def _unread(dispatcher: CollectingDispatcher, tracker: Tracker, slot: str, text: str) -> Values:
    tries = int(tracker.slots.get(TRIES) or 0) + 1
    if tries < PATIENCE:
        when = context_of(tracker).get("when") or {}
        is_wrong = slot == WHEN and when.get("status") in SAID_WRONG
        said = {"booking_preferred": when.get("text", ""), "booking_opens": when.get("opens", "")} if is_wrong else {}
        response = SAID_WRONG[when["status"]] if is_wrong else f"utter_{slot}_unread"
        dispatcher.utter_message(response=response, **said)
        return {slot: None, TRIES: tries}
    words = answers.shortened(text, WORDS_LENGTH)
    given_up = {WHEN: {"text": words, "windows": []}, WHAT: STATUS, CONFIRM: "no"}
    return {slot: given_up.get(slot, words)}


def _send(dispatcher: CollectingDispatcher, known: Values, which: Values) -> list[EventType]:
    what, when = known[WHAT], known.get(WHEN) or {}
    wish = {"preferred": when.get("text", ""), "windows": when.get("windows", [])} if what == MOVE else {}
    send_effect(dispatcher, {"type": EFFECTS[what], **which, **wish})
    return _over()


def _keep(dispatcher: CollectingDispatcher) -> list[EventType]:
    dispatcher.utter_message(response="utter_visit_kept")
    return _over()


def _over() -> list[EventType]:
    """Return the events that end the form and forget what it was told."""
    return [SlotSet(slot, None) for slot in (REFERENCE, PROOF, WHAT, WHEN, CONFIRM, CHOICES, TRIES, REQUESTED_SLOT)]
