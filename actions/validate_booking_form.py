"""Takes a request for a visit, one thing at a time, and sends it only after it was read back and a yes was given."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, Optional

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.forms import REQUESTED_SLOT

from actions import answers
from actions.days import is_over, on_known_day, picked
from actions.effects import context_of, plan_of, send_effect
from rasa_ext.forms import BUTTON, Asking, changed_slot, options_in, plain, stated_option
from rasa_ext.phrases import AGREEING, OPTIONS, STATED

WISH, WHEN, VISITOR, NAME = "booking_wish", "booking_when", "booking_visitor", "booking_name"
REACH, CONSENT, CONFIRM = "booking_reach", "booking_consent", "booking_confirm"
SLOTS = (WISH, WHEN, VISITOR, NAME, REACH, CONSENT, CONFIRM)
CHOICES, RUN, TRIES, KNOWN = "booking_choices", "booking_run", "form_tries", "contact_known"
# The wording that the visitor agrees to.
CONSENT_QUESTION = "utter_ask_booking_consent"
NAME_LENGTH, WORDS_LENGTH = 300, 300
# What a yes-or-no question is left with after answers that are neither.
UNREAD = "unread"
# After so many answers that nobody can read the visitor's own words go to staff.
PATIENCE = 2
# What a slot is filled with that the visitor leaves open.
EMPTY: dict[str, Any] = {WHEN: {"text": "", "windows": []}, NAME: "", REACH: {}}
SAID_WRONG = {
    "past": "utter_booking_when_past",
    "closed": "utter_booking_when_closed",
    "impossible": "utter_booking_when_impossible",
}
# How a correction of the day begins at a question that is about something else.
CORRECTS = re.compile(
    r"(?i)^\W*(?:no|actually|sorry|wait|instead|rather|make (?:it|that)|change|i mean|i meant|can we|could we)\b"
    r"|\b(?:instead|rather)\W*$"
)
Values = dict[str, Any]


class ValidateBookingForm(Action):
    """Fills the form from what the planner calls an answer and from what clinic read in the message."""

    def name(self) -> str:
        """Return the name that the form asks for."""
        return "validate_booking_form"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Values) -> list[EventType]:
        """Return the slots that the message fills, and those that end the form when it is over."""
        plan, asked = plan_of(tracker), tracker.slots.get(REQUESTED_SLOT)
        if plan["form"] == "leave":
            dispatcher.utter_message(response="utter_booking_left")
            return [SlotSet(TRIES, 0), SlotSet(REQUESTED_SLOT, None)]
        if plan["form"] == "change":
            return [SlotSet(slot, None) for slot in (_to_change(tracker), CONFIRM) if slot] + [SlotSet(TRIES, 0)]
        found = _Found(dispatcher, tracker).taken()
        known = {**tracker.slots, **found}
        if UNREAD in (known.get(CONSENT), known.get(CONFIRM)):
            # Nobody knows what is meant: nothing is sent, and nothing is lost.
            dispatcher.utter_message(response="utter_booking_left")
            return [*(SlotSet(slot, None) for slot in (CONSENT, CONFIRM, REQUESTED_SLOT)), SlotSet(TRIES, 0)]
        if known.get(CONSENT) == "no" or known.get(CONFIRM) == "no":
            dispatcher.utter_message(response="utter_booking_not_sent")
            return _forgotten()
        if known.get(CONFIRM) == "yes":
            return _send(dispatcher, tracker, known)
        # Rasa takes a form that set no slot for one that rejects the message.
        tries = found.pop(TRIES, None)
        if tries is None:
            tries = tracker.slots.get(TRIES) if asked and known.get(asked) is None else 0
        return [*(SlotSet(slot, value) for slot, value in found.items()), SlotSet(TRIES, tries or 0)]


class _Found:
    """What one message fills."""

    def __init__(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> None:
        self.dispatcher = dispatcher
        self.slots = tracker.slots
        self.context = context_of(tracker)
        plan = plan_of(tracker)
        self.step, self.text = plan["form"], plan["answer"]
        self.asked = None if self.step == "start" else tracker.slots.get(REQUESTED_SLOT)
        self.choice = self.context.get("choice") or {}
        self.readings = self.context.get("readings") or {}
        self.when = self.context.get("when") or {"status": "nothing"}
        self.title = tracker.latest_message.get("text") or ""
        self.run = tracker.sender_id
        self.found: Values = {}

    def taken(self) -> Values:
        """Return the slots that the message fills, and how often its question was not read."""
        if self.step == "start":
            self._begin()
        else:
            self._note_answer()
        self._note_stated()
        self._drop_day_gone_by()
        return self.found

    def _drop_day_gone_by(self) -> None:
        """Ask for the day again when a visitor resumes, or says yes, after it."""
        known = {**self.slots, **self.found}
        if is_over(known.get(WHEN), self._now()):
            said = {"booking_preferred": known[WHEN]["text"]}
            self.dispatcher.utter_message(response=SAID_WRONG["past"], **said)
            self.found |= {WHEN: None, CONFIRM: None}

    def _now(self) -> datetime:
        """Return when the message was written: a turn that is taken again comes to the same end."""
        return datetime.fromisoformat(self.context["now"])

    def _begin(self) -> None:
        """Take over what was left before, and every option that the first message names."""
        self.found[RUN] = self.slots.get(RUN) or self.run
        known = self.slots.get(KNOWN) or {}
        if self.slots.get(NAME) is None and known.get("name"):
            self.found[NAME] = known["name"]
        reach = {way: known[way] for way in ("phone", "email") if known.get(way)}
        if self.slots.get(REACH) is None and reach:
            self.found[REACH] = reach
        if self.when["status"] == "closed" and self.slots.get(WHEN) is None:
            # Who names a closed day at once is not just asked for a day later on.
            self.dispatcher.utter_message(response=SAID_WRONG["closed"], **self._wrong_day())
        for slot in (WISH, VISITOR):
            options = _stated_options(slot, self.text)
            if len(options) == 1:
                self.found[slot] = options[0]

    def _note_answer(self) -> None:
        """Take the answer to the question that was asked."""
        slot = str(self.asked)
        if self.step == "answer" and slot in EMPTY and AGREEING.fullmatch(plain(self.text)):
            # "Ok" is no name, no day and no number.
            self._unread(slot, EMPTY[slot])
            return
        if slot in (CONSENT, CONFIRM):
            self._note_yes_or_no(slot)
        elif self.step == "skip":
            self.found[slot] = EMPTY.get(slot, "")
        elif self.step != "answer":
            return
        elif slot in OPTIONS:
            self._note_option(slot)
        elif slot == WHEN:
            self._note_when()
        elif slot == NAME and not self._is_other_day() and not self._stated_options():
            self._note_name()
        elif slot == REACH and not self._says_other():
            self._note_reach()

    def _note_reach(self) -> None:
        if address := answers.spelled_address(self.text):
            self.found[REACH] = {"email": address}
        elif not self._has_contact():
            self._unread(REACH, {"phone": answers.shortened(self.text, WORDS_LENGTH)})

    def _note_yes_or_no(self, slot: str) -> None:
        status = self.when["status"]
        if self.step == "yes" or (self.step == "no" and not self.text):
            self.found[slot] = self.step
        elif status in SAID_WRONG and self.step == "answer":
            self._unread(slot, UNREAD, SAID_WRONG[status], self._wrong_day())
        elif self.step == "answer" and not (self._has_contact() or self._is_dated() or self._says_other()):
            self._unread(slot, UNREAD)
        elif self.step == "no" and slot == CONSENT and not self._says_other():
            # "No" and something that nobody understands is no consent.
            self.found[slot] = "no"

    def _note_option(self, slot: str) -> None:
        pressed = BUTTON.fullmatch(self.choice.get("intent", ""))
        options = [pressed[1]] if pressed else options_in(slot, self.text)
        if options:
            self.found[slot] = options[0]
        elif not (self._has_contact() or self._is_dated() or self._says_other()):
            self._unread(slot, "")

    def _note_when(self) -> None:
        if self.choice:
            chosen = picked(self.choice.get("value", ""), self.title, self.slots.get(CHOICES) or [])
            self.found |= {WHEN: chosen, CHOICES: None} if chosen else {}
            return
        status = self.when["status"]
        if status in ("clear", "ambiguous"):
            return
        if status not in SAID_WRONG and (self._says_other() or self._has_only_contact(answers.time_in(self.text))):
            return
        name = SAID_WRONG.get(status, "utter_booking_when_unread")
        own_words = {"text": answers.shortened(self.text, WORDS_LENGTH), "windows": []}
        self._unread(WHEN, own_words, name, self._wrong_day())
        if self.found.get(WHEN) and status in SAID_WRONG:
            # Staff get these words, but the visitor hears what is wrong with them.
            self.dispatcher.utter_message(response=name, **self._wrong_day())

    def _wrong_day(self) -> Values:
        return {"booking_preferred": self.when.get("text", ""), "booking_opens": self.when.get("opens", "")}

    def _has_only_contact(self, besides: str) -> bool:
        return self._has_contact() and not besides

    def _note_name(self) -> None:
        if self._has_contact() and not answers.name_beside_contact(self.text):
            return
        name = answers.name_in(self.text)
        if name:
            self.found[NAME] = answers.shortened(name, NAME_LENGTH)
        else:
            self._unread(NAME, answers.shortened(self.text, NAME_LENGTH))

    def _note_stated(self) -> None:
        """Take what the message says besides: a day, a phone number or an address, a name."""
        if reach := answers.reach_in(self.readings, self.slots.get(REACH)):
            self.found[REACH] = reach
        if NAME not in self.found and (name := self._stated_name()):
            self.found[NAME] = answers.shortened(name, NAME_LENGTH)
        if self.step == "answer":
            self.found |= {slot: option for slot, option in self._stated_options().items() if slot not in self.found}
        if self.choice or WHEN in self.found or not self._is_day_meant():
            return
        if self.when["status"] == "clear":
            read = {"text": self.when["text"], "windows": self.when["windows"]}
            self.found |= {WHEN: on_known_day(read, self.slots.get(WHEN)), CHOICES: None}
        elif self.when["status"] == "ambiguous":
            known = self.slots.get(WHEN)
            self.found |= {WHEN: None, CHOICES: [on_known_day(one, known) for one in self.when["choices"]]}
        if self.asked not in (WHEN, None):
            self.found[CONFIRM] = None

    def _is_day_meant(self) -> bool:
        """Tell whether a day in the message is about the visit: a name such as "April" is none."""
        if not self._is_dated():
            return False
        if self.step == "start" or self.asked == WHEN:
            return True
        return self.step == "answer" and (self.asked not in (NAME, REACH) or self._is_other_day())

    def _is_other_day(self) -> bool:
        return self._is_dated() and bool(CORRECTS.search(self.text))

    def _is_dated(self) -> bool:
        return self.when["status"] in ("clear", "ambiguous")

    def _has_contact(self) -> bool:
        return bool(self.readings.get("phones") or self.readings.get("emails"))

    def _stated_name(self) -> Optional[str]:
        beside = self.step == "start" or self._has_contact()
        known = self.slots.get(NAME) or ""
        corrected = answers.corrected_name(self.text, known) if known and self.asked != NAME else None
        return corrected or answers.stated_name(self.text, beside_contact=beside)

    def _stated_options(self) -> Values:
        """Return the options that a message states beside what was asked."""
        found = {slot: stated_option(slot, self.text) for slot in STATED if slot != self.asked}
        return {slot: option for slot, option in found.items() if option}

    def _says_other(self) -> bool:
        """Tell whether a message says something for another question."""
        return bool(self._is_other_day() or self._stated_name() or self._stated_options())

    def _unread(self, slot: str, own_words: Any, response: str = "", values: Optional[Values] = None) -> None:
        """Say kindly that an answer could not be read, so that it is asked again; then take the visitor's words."""
        tries = int(self.slots.get(TRIES) or 0) + 1
        if tries >= PATIENCE:
            self.found[slot] = own_words
            return
        self.dispatcher.utter_message(response=response or f"utter_{slot}_unread", **(values or {}))
        self.found |= {slot: None, TRIES: tries}


def _stated_options(slot: str, text: str) -> list[str]:
    """Return the options that a first message names; a bare yes, no or "again" is none there."""
    if slot == VISITOR:
        return [option] if (option := stated_option(slot, text)) else []
    return options_in(slot, text)


def _to_change(tracker: Tracker) -> str:
    """Return the slot that the visitor wants to say anew."""
    choice = (context_of(tracker).get("choice") or {}).get("intent", "")
    pressed = BUTTON.fullmatch(choice)
    if pressed:
        return str(pressed[2])
    asking = Asking("booking_form", str(tracker.slots.get(REQUESTED_SLOT)))
    return changed_slot(asking, tracker.latest_message.get("text") or "")


def _send(dispatcher: CollectingDispatcher, tracker: Tracker, known: Values) -> list[EventType]:
    """Send the request; clinic writes it and says what came of it."""
    when, reach = known.get(WHEN) or {}, known.get(REACH) or {}
    contact = {"name": known.get(NAME) or "", "phone": reach.get("phone", ""), "email": reach.get("email", "")}
    send_effect(
        dispatcher,
        {
            "type": "booking_submit",
            "run": known.get(RUN) or tracker.sender_id,
            "update": context_of(tracker).get("booking") in ("submitted", "contacted", "offered"),
            **contact,
            "visitor": known.get(VISITOR) or "",
            "wish": known.get(WISH) or "",
            "reach": "phone" if contact["phone"] else "email" if contact["email"] else "chat",
            "preferred": when.get("text", ""),
            "windows": when.get("windows", []),
            "consent": CONSENT_QUESTION,
        },
    )
    return [*_forgotten(), SlotSet(KNOWN, contact)]


def _forgotten() -> list[EventType]:
    """Return the events that end the form and forget what it was told."""
    return [SlotSet(slot, None) for slot in (*SLOTS, CHOICES, RUN, TRIES, REQUESTED_SLOT)]
