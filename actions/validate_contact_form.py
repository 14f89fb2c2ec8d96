"""Takes a way to be reached, one thing at a time, each of which the visitor may refuse."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.forms import REQUESTED_SLOT, FormValidationAction

from actions import answers
from actions.effects import context_of, hours_of, plan_of, send_effect

NAME, REACH, TIME, CONSENT = "contact_name", "contact_reach", "contact_time", "contact_consent"
STATUS, TRIES = "contact_status", "form_tries"
GIVEN, DECLINED = "given", "declined"
# The wording that the visitor agrees to.
CONSENT_QUESTION = "utter_ask_contact_consent"
# The other responses that end the form offer more answers.
SAVED_OFF = "utter_contact_saved_off"
NAME_LENGTH, TIME_LENGTH = 100, 200
# After so many answers that nobody can read a question counts as refused.
PATIENCE = 2

Values = dict[str, Any]


class ValidateContactForm(FormValidationAction):
    """Fills the form from what the planner calls an answer, and ends it with the visitor's yes or no."""

    def name(self) -> str:
        """Return the name that the form asks for."""
        return "validate_contact_form"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Values) -> list[EventType]:
        """Return the slots that the message fills, and those that end the form when it is over."""
        if plan_of(tracker)["form"] == "leave":
            return self._end(dispatcher, tracker, "utter_contact_none")
        events = await super().run(dispatcher, tracker, domain)
        if tracker.slots.get(REACH) == {}:
            return self._end(dispatcher, tracker, "utter_contact_none")
        if tracker.slots.get(CONSENT) == "no":
            return self._end(dispatcher, tracker, "utter_contact_refused")
        if tracker.slots.get(CONSENT) == "yes":
            return self._save(dispatcher, tracker)
        asked = tracker.slots.get(REQUESTED_SLOT)
        # Rasa takes a form that set no slot for one that rejects the message.
        tries = tracker.slots.get(TRIES) if asked and tracker.slots.get(asked) is None else 0
        return [*events, SlotSet(TRIES, tries or 0)]

    def domain_slots(self, domain: Values) -> list[str]:
        """Return the form's slots, in the order asked; the domain, which has them too, does not come along."""
        return [NAME, REACH, TIME, CONSENT]

    def extract_contact_name(self, _: CollectingDispatcher, tracker: Tracker, __: Values) -> Values:
        """Take a name in answer to the question, or one that the visitor states at any time."""
        text = plan_of(tracker)["answer"]
        if _is_refused(tracker, NAME):
            return {NAME: ""}
        if _is_answered(tracker, NAME):
            # Who answers with a number, alone or with a time, is asked for the name again.
            no_name = _readings(tracker) and not answers.name_beside_contact(text)
            return {} if no_name else {NAME: answers.name_in(text)}
        stated = answers.stated_name(text, beside_contact=bool(_readings(tracker)))
        return {NAME: stated} if stated else {}

    def validate_contact_name(
        self, value: str, dispatcher: CollectingDispatcher, tracker: Tracker, _: Values
    ) -> Values:
        """Shorten a name; ask once more for one without letters."""
        if not value and not _is_refused(tracker, NAME):
            return _unread(dispatcher, tracker, NAME, given_up="")
        return {NAME: answers.shortened(value, NAME_LENGTH)}

    def extract_contact_reach(self, _: CollectingDispatcher, tracker: Tracker, __: Values) -> Values:
        """Take the phone number and the e-mail address that clinic read in the message, whatever was asked."""
        found = answers.reach_in(_readings(tracker), tracker.slots.get(REACH))
        if found:
            return {REACH: found}
        if _is_refused(tracker, REACH):
            return {REACH: {}}
        return {REACH: plan_of(tracker)["answer"]} if _is_answered(tracker, REACH) else {}

    def validate_contact_reach(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, _: Values
    ) -> Values:
        """Ask once more for something that is neither number nor address, then take it for a wish to write again."""
        if isinstance(value, dict):
            return {REACH: value}
        if answers.stated_name(value, beside_contact=False):
            return {REACH: None}
        return _unread(dispatcher, tracker, REACH, given_up={})

    def extract_contact_time(self, _: CollectingDispatcher, tracker: Tracker, __: Values) -> Values:
        """Take a time in answer to the question, or one that stands beside a number or an address."""
        text = plan_of(tracker)["answer"]
        if _is_refused(tracker, TIME):
            return {TIME: ""}
        if _is_answered(tracker, TIME):
            return {TIME: answers.time_in(text)} if answers.without_contacts(text) else {}
        stated = answers.stated_time(text) if _readings(tracker) else None
        return {TIME: stated} if stated else {}

    def validate_contact_time(
        self, value: str, dispatcher: CollectingDispatcher, tracker: Tracker, _: Values
    ) -> Values:
        """Shorten a time; ask once more for one without letters and digits."""
        if not value and not _is_refused(tracker, TIME):
            return _unread(dispatcher, tracker, TIME, given_up="")
        return {TIME: answers.shortened(value, TIME_LENGTH)}

    def extract_contact_consent(self, _: CollectingDispatcher, tracker: Tracker, __: Values) -> Values:
        """Take a yes or a no; a correction of a detail is neither."""
        if tracker.slots.get(REQUESTED_SLOT) != CONSENT:
            return {}
        step = plan_of(tracker)["form"]
        if step in ("yes", "no"):
            return {CONSENT: step}
        corrected = _readings(tracker) or answers.stated_name(plan_of(tracker)["answer"], beside_contact=False)
        return {} if corrected or step != "answer" else {CONSENT: "unread"}

    def validate_contact_consent(
        self, value: str, dispatcher: CollectingDispatcher, tracker: Tracker, _: Values
    ) -> Values:
        """Ask once more for what is neither yes nor no, then take it for a no."""
        return {CONSENT: value} if value in ("yes", "no") else _unread(dispatcher, tracker, CONSENT, given_up="no")

    def _save(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        reach = tracker.slots[REACH]
        values = {
            "name": tracker.slots.get(NAME) or "",
            "phone": reach.get("phone", ""),
            "email": reach.get("email", ""),
            "best_time": tracker.slots.get(TIME) or "",
        }
        send_effect(dispatcher, {"type": "contact", **values, "consent_text": CONSENT_QUESTION})
        if context_of(tracker).get("bot_off"):
            dispatcher.utter_message(response=SAVED_OFF)
        else:
            _say(dispatcher, tracker, "utter_contact_saved")
        known = {name: values[name] for name in ("name", "phone", "email")}
        # The booking form need not ask for them again.
        return [*_over(GIVEN), SlotSet("contact_known", known)]

    def _end(self, dispatcher: CollectingDispatcher, tracker: Tracker, response: str) -> list[EventType]:
        send_effect(dispatcher, {"type": "contact", "declined": True})
        _say(dispatcher, tracker, response)
        return _over(DECLINED)


def _say(dispatcher: CollectingDispatcher, tracker: Tracker, response: str) -> None:
    """Say a response in its form for the clinic's hours."""
    dispatcher.utter_message(response=f"{response}_{hours_of(tracker)}")


def _over(status: str) -> list[EventType]:
    """Return the events that end the form and forget what it was told."""
    forgotten = [SlotSet(slot, None) for slot in (NAME, REACH, TIME, CONSENT, TRIES)]
    return [*forgotten, SlotSet(STATUS, status), SlotSet(REQUESTED_SLOT, None)]


def _readings(tracker: Tracker) -> dict[str, list[str]]:
    """Return the phone numbers and e-mail addresses of the message; {} when it has none."""
    readings: dict[str, list[str]] = context_of(tracker).get("readings") or {}
    return readings if readings.get("phones") or readings.get("emails") else {}


def _is_refused(tracker: Tracker, slot: str) -> bool:
    return bool(tracker.slots.get(REQUESTED_SLOT) == slot and plan_of(tracker)["form"] == "skip")


def _is_answered(tracker: Tracker, slot: str) -> bool:
    plan = plan_of(tracker)
    return bool(tracker.slots.get(REQUESTED_SLOT) == slot and plan["form"] == "answer" and plan["answer"])


def _unread(dispatcher: CollectingDispatcher, tracker: Tracker, slot: str, given_up: Any) -> Values:
    """Say kindly that an answer could not be read, so that it is asked again; the second time give up quietly."""
    tries = int(tracker.slots.get(TRIES) or 0) + 1
    if tries >= PATIENCE:
        return {slot: given_up}
    dispatcher.utter_message(response=f"utter_{slot}_unread")
    return {slot: None, TRIES: tries}
