"""A request that was sent before: another time, no visit after all, or how far it is; clinic answers."""

from __future__ import annotations

import re
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.forms import REQUESTED_SLOT

from actions import answers
from actions.days import on_known_day, picked
from actions.effects import context_of, plan_of, send_effect
from rasa_ext.forms import BUTTON, options_in, plain, reference_in
from rasa_ext.forms import STATUS as ASKS_STATUS
from rasa_ext.phrases import AGREEING, CANCELLING, REFERENCE_CODE

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
# What a reference or its proof is left with that nobody could read: without them nothing is looked up.
GIVEN_UP = "given up"
# After so many answers that nobody can read the form ends, or staff get the visitor's own words.
PATIENCE = 2
VISIT = re.compile(r"(?i)\b(?:visit|appointment|booking|request|(?:need|have|want) to)\b")
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
        if GIVEN_UP in which.values():
            dispatcher.utter_message(response="utter_booking_not_found")
            return _over()
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
        own, named = context.get("references") or [], reference_in(text).upper()
        if own and (not named or named in own):
            found |= {REFERENCE: named, PROOF: ""}
        if options := options_in(WHAT, text):
            found[WHAT] = options[0]
    if code := reference_in(text):
        found[REFERENCE] = code
    if found.get(PROOF) is None and (proof := _proof_in(text, context)):
        found[PROOF] = proof
    says_own = found or (context.get("when") or {}).get("status") in ("clear", "ambiguous")
    if asked == CONFIRM and step in ("yes", "no"):
        # "No, I mean 0100" and "no, Thursday" say something else instead.
        found[CONFIRM] = None if step == "no" and says_own else step
    elif ASKS_STATUS.search(plain(text)):
        found[WHAT] = STATUS
    elif asked in (WHEN, CONFIRM) and CANCELLING.fullmatch(plain(text)):
        found |= _called_off(tracker, text)
    elif asked in (REFERENCE, PROOF) and (tracker.slots.get(WHAT) is None or VISIT.search(text)):
        found |= {WHAT: options[0]} if (options := options_in(WHAT, text)) else {}
    if asked not in (REFERENCE, PROOF) or found.get(WHAT):
        found |= _when(context, tracker, asked)
    if asked == WHAT and not found.get(WHAT):
        pressed = BUTTON.fullmatch((context.get("choice") or {}).get("intent", ""))
        options = [pressed[1]] if pressed else options_in(WHAT, text)
        found |= {WHAT: options[0]} if options else {}
    if (found.get(WHAT) or tracker.slots.get(WHAT)) in (WITHDRAW, STATUS):
        found.setdefault(WHEN, {})
    others = {WHAT, REFERENCE, PROOF, CONFIRM} - {asked}
    instead = asked == CONFIRM and (CONFIRM in found or found.get(WHEN))
    says_other = found.get(CHOICES) or others & found.keys() or instead
    if asked and step in ("answer", "skip") and found.get(asked) is None and not says_other:
        found |= _unread(dispatcher, tracker, asked, text)
    return found


def _called_off(tracker: Tracker, text: str) -> Values:
    """Return what "cancel it" means where a yes is asked for: a yes to that itself, else a no to another time.

    Who names the visit, or has to cancel, wants no other time but no visit.
    """
    if tracker.slots.get(WHAT) == WITHDRAW:
        return {CONFIRM: "yes"}
    return {WHAT: WITHDRAW} if VISIT.search(text) else {CONFIRM: "no"}


def _proof_in(text: str, context: Values) -> str:
    """Return what only the request's visitor knows: an address, a phone number, or its last four digits."""
    reach = answers.reach_in(context.get("readings") or {}, None)
    digits = FOUR_DIGITS.search(REFERENCE_CODE.sub(" ", text))
    return reach.get("email") or reach.get("phone") or (digits[0] if digits else "")


def _when(context: Values, tracker: Tracker, asked: str | None) -> Values:
    choice, when = context.get("choice") or {}, context.get("when") or {}
    if choice:
        title = tracker.latest_message.get("text") or ""
        chosen = picked(choice.get("value", ""), title, tracker.slots.get(CHOICES) or []) if asked == WHEN else None
        return {WHEN: chosen, CHOICES: None} if chosen else {}
    known = tracker.slots.get(WHEN)
    if when.get("status") == "clear":
        read = {"text": when["text"], "windows": when["windows"]}
        return {WHEN: on_known_day(read, known), CHOICES: None}
    if when.get("status") != "ambiguous":
        return {}
    return {WHEN: None, CHOICES: [on_known_day(one, known) for one in when["choices"]]}


def _unread(dispatcher: CollectingDispatcher, tracker: Tracker, slot: str, text: str) -> Values:
    tries = int(tracker.slots.get(TRIES) or 0) + 1
    when = context_of(tracker).get("when") or {}
    if slot == WHEN and when.get("status") in SAID_WRONG:
        # What is wrong with a day is said even when staff get it as it is.
        said = {"booking_preferred": when.get("text", ""), "booking_opens": when.get("opens", "")}
        dispatcher.utter_message(response=SAID_WRONG[when["status"]], **said)
    elif tries < PATIENCE:
        dispatcher.utter_message(response=f"utter_{slot}_unread")
    if tries < PATIENCE:
        return {slot: None, TRIES: tries}
    words = answers.shortened(text, WORDS_LENGTH)
    if slot == WHEN and AGREEING.fullmatch(plain(text)):
        return {CONFIRM: "no"}
    given_up = {WHEN: {"text": words, "windows": []}, WHAT: STATUS, CONFIRM: "no"}
    return {slot: given_up.get(slot, GIVEN_UP)}


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
