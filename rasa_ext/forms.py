"""What a message does to a form's question: it answers, refuses, leaves, asks why, or turns to another matter.

Inside a form the classifier is weak evidence: it was trained on questions, and a name, a number or a time is none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Optional

from rasa_ext.phrases import (
    AGREEING,
    AGREES_FIRST,
    BUTTON_WORDS,
    CALL_ME,
    CALLING_OFF,
    CANCELLING,
    CHANGED,
    CHANGING,
    CONTACT,
    CORRECTS_FIRST,
    HESITATES,
    INQUIRY,
    LEAVING,
    MY_NAME,
    NAME_AND_NOT,
    NEGATED,
    NEVER_BEEN,
    NO_PREFERENCE,
    NO_WAY_TO_REACH,
    NOT_NEW,
    OPTIONS,
    REFERENCE_CODE,
    REFERENCE_GAP,
    REFUSES_FIRST,
    REFUSING,
    SAYS_REFERENCE,
    STATED,
    STATUS,
    TIME_WORD,
    UNSURE,
    WHY,
)
from rasa_ext.routes import ANSWER as ANSWER_ROUTE
from rasa_ext.routes import BOOKING, SMALLTALK, STAFF_MEDICAL, STAFF_OTHER, route_of

Reading = Mapping[str, Any]

CONTACT_FORM, BOOKING_FORM, VISIT_FORM = "contact_form", "booking_form", "visit_form"
FORMS = frozenset([CONTACT_FORM, BOOKING_FORM, VISIT_FORM])
# Whoever gets to staff on these routes is asked afterwards how to be reached, once for a conversation.
FOR_STAFF = frozenset([STAFF_MEDICAL, STAFF_OTHER, BOOKING])
# What each slot of a form asks for.
NAME, REACH, TIME, YES_OR_NO, OPTION, CODE = "name", "reach", "time", "yes or no", "option", "code"
# What the contact form was told leaves with the form: a state without the form does not keep it.
CONTACT_KINDS = {"contact_name": NAME, "contact_reach": REACH, "contact_time": TIME, "contact_consent": YES_OR_NO}
# What the booking form was told stays until the visitor has sent it or said no, so that it can be resumed.
BOOKING_KINDS = {
    "booking_wish": OPTION,
    "booking_when": TIME,
    "booking_visitor": OPTION,
    "booking_name": NAME,
    "booking_reach": REACH,
    "booking_consent": YES_OR_NO,
    "booking_confirm": YES_OR_NO,
}
# Which request that was sent before, and what about it; leaves with the form too.
VISIT_KINDS = {
    "visit_reference": CODE,
    "visit_proof": CODE,
    "visit_what": OPTION,
    "visit_when": TIME,
    "visit_confirm": YES_OR_NO,
}
KINDS = {**CONTACT_KINDS, **BOOKING_KINDS, **VISIT_KINDS}
# Who says "book" in the middle of booking means what is under way, and so does who wants to cancel there.
OWN = {BOOKING_FORM: ("book",), VISIT_FORM: ("reschedule_cancel",)}
# Questions that come with the turn's own buttons or values: coming back to one asks it again.
ASKED_BY_ACTION = {"booking_when": "action_ask_booking_when", "booking_confirm": "action_ask_booking_confirm"}
ASKED_BY_ACTION |= {"visit_when": "action_ask_visit_when", "visit_confirm": "action_ask_visit_confirm"}
TRIES = "form_tries"
# Whether a way to be reached was left ("given") or not ("declined"); stays with the conversation.
CONTACT_STATUS, GIVEN = "contact_status", "given"

# What happens to a form in a turn: the steps.
START, ANSWER, SKIP, YES, NO, LEAVE, RESUME = "start", "answer", "skip", "yes", "no", "leave", "resume"
CHANGE = "change"
# A form's own button, such as `skip_contact_name`: the step and the slot.
BUTTON = re.compile(r"([a-z]+)_((?:contact|booking|visit)_[a-z]+)")
PICK = "pick"
STEPS = frozenset({SKIP, YES, NO, CHANGE})

# Words longer than this may be a button's word with a slip in it, if they are this much like it.
LONGEST_UNMISTAKABLE, SLIP = 4, 0.84
_PARTICLES = frozenset({"de", "del", "della", "da", "di", "do", "dos", "la", "las", "le", "los", "el", "y", "e"})
_PARTICLES |= {"van", "von", "der", "den", "bin", "bint", "al"}
LONGEST_NAME = 8
_APOSTROPHES = str.maketrans("’‘ʼ`´", "'''''")

# The probability from which a sentence that is no question is another matter, and a question is; in a slot for a time
# "would 5 pm work?" is an answer, so a question about times has to be plainer.
OTHER_MATTER, QUESTION, QUESTION_OF_TIME = 0.9, 0.5, 0.75
# "Thanks" is written like a name; "Sue" is one.
GREETING_NOT_NAME = 0.97
# Shorter questions than this are answers with a question mark: "Ana?".
QUESTION_WORDS = 3
LONGEST_FOREIGN_ANSWER = 4
# More words than this do more than choose an option.
LONGEST_OPTION = 6
# A form reads no further than this, in characters.
LONGEST_ANSWER = 1000


@dataclass(frozen=True)
class Asking:
    """The question that a form has asked and waits for."""

    form: str
    slot: str

    @property
    def kind(self) -> str:
        """Return what the slot asks for."""
        return KINDS[self.slot]


@dataclass(frozen=True)
class Heard:
    """What a message says to a form's question.

    Attributes:
        step: what happens to the form.
        answer: what of the message answers the question; with a no, what the visitor says instead.
        intents: what it asks or says besides, in order.
        actions: what the bot says before those.
        unknown: it also asks something that the bot does not know.
    """

    step: str
    answer: str = ""
    intents: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    unknown: bool = False


def asking_of(context: Mapping[str, Any]) -> Optional[Asking]:
    """Return the question that the conversation's state waits for; one that nobody knows any more counts as none."""
    form, slot = context.get("active_form"), context.get("requested_slot")
    return Asking(form, slot) if form in FORMS and slot in KINDS else None


def pressed(asking: Optional[Asking], intent: str) -> Optional[str]:
    """Return the step of a form's own button, RESUME for one of an earlier question, None for any other button."""
    match = BUTTON.fullmatch(intent)
    if not match or match[2] not in KINDS or match[1] not in {*STEPS, PICK, *OPTIONS.get(match[2], ())}:
        return None
    if asking and match[1] == CHANGE and asking.form == BOOKING_FORM:
        return CHANGE
    if not asking or asking.slot != match[2]:
        return RESUME
    return match[1] if match[1] in STEPS else ANSWER


def plain(text: str) -> str:
    """Return a text in lower case, with simple apostrophes and blanks, without the marks at its ends."""
    return " ".join(text[:LONGEST_ANSWER].translate(_APOSTROPHES).lower().split()).strip(" .!?,;:…\"'()-")


def options_in(slot: str, text: str) -> list[str]:
    """Return the options of a slot that a text names."""
    said = " ".join(_spelled(word) for word in plain(text).split())
    named = [name for name, words in OPTIONS.get(slot, {}).items() if re.search(rf"\b(?:{words})\b", said)]
    # "I have never been there" names both.
    is_new = slot == "booking_visitor" and NEVER_BEEN.search(said) and not NOT_NEW.search(said)
    return sorted(named, key="new".__ne__) if is_new else named


def _spelled(word: str) -> str:
    """Return the word of a button that a word is but for a slip, else the word itself."""
    return (
        next(iter(get_close_matches(word, BUTTON_WORDS, 1, SLIP)), word) if len(word) > LONGEST_UNMISTAKABLE else word
    )


def reference_in(text: str) -> str:
    """Return the reference in a text in two halves, or ""; no piece of a phone number or an address is one."""
    found = REFERENCE_CODE.search(without_contacts(text)) or REFERENCE_CODE.fullmatch(text.strip())
    signs = REFERENCE_GAP.sub("", found[0]) if found else ""
    return f"{signs[:3]}-{signs[3:]}" if signs else ""


def wants_change(asking: Asking, text: str) -> bool:
    """Tell whether a text says that something of the request is to change, but not to what.

    The name of a field by itself says so only where the whole request was read back.
    """
    wish = CHANGING.fullmatch(plain(text)) if asking.form == BOOKING_FORM else None
    if wish is None:
        return False
    said_so = wish["what"] or wish["wrong"] or wish["named"]
    return asking.slot == "booking_confirm" or bool(said_so and changed_slot(asking, text))


def changed_slot(asking: Asking, text: str) -> str:
    """Return which slot of the booking form a text wants to change without saying to what, or ""."""
    wish = CHANGING.fullmatch(plain(text)) if asking.form == BOOKING_FORM else None
    if wish is None:
        return ""
    named = wish["what"] or wish["wrong"] or wish["named"] or wish["field"] or ""
    return next((slot for slot, words in CHANGED.items() if re.search(rf"\b(?:{words})\b", named)), "")


def stated_option(slot: str, text: str) -> str:
    """Return the option of a slot that a text states although something else was asked, or ""."""
    said = plain(text)
    named = [name for name, words in STATED.get(slot, {}).items() if re.search(words, said)]
    return named[0] if len(named) == 1 else ""


def corrects(asking: Asking, text: str, context: Mapping[str, Any]) -> bool:
    """Tell whether a message at a yes-or-no question of the booking form says something of its own instead."""
    if asking.form != BOOKING_FORM or asking.kind != YES_OR_NO:
        return False
    readings, when = context.get("readings") or {}, context.get("when") or {}
    dated = when.get("status", "nothing") != "nothing"
    if dated or readings.get("phones") or readings.get("emails"):
        return True
    if any(stated_option(slot, text) for slot in STATED):
        return True
    return bool(MY_NAME.search(plain(text)) or NAME_AND_NOT.search(text)) and not wants_change(asking, text)


def without_contacts(text: str) -> str:
    """Return a text without the phone numbers and e-mail addresses in it."""
    return CONTACT.sub(" ", text)


def talk(asking: Asking, text: str) -> str:
    """Return the step of a message that is nothing but an everyday refusal, leave or yes, else "".

    These say nothing of a person's health, and the classifier, which never saw them, may take them for a crisis.
    """
    said = plain(text)
    yes_or_no = asking.kind == YES_OR_NO
    is_cancel = CANCELLING.fullmatch(said) and asking.slot not in ("visit_reference", "visit_proof")
    if asking.form == VISIT_FORM and (is_cancel or CALLING_OFF.fullmatch(said) or STATUS.search(said)):
        # Here this is what to do with the request, or a yes to that.
        return ANSWER
    if asking.kind == CODE and SAYS_REFERENCE.fullmatch(said):
        return ANSWER
    if LEAVING.fullmatch(said) or (asking.form == BOOKING_FORM and CALLING_OFF.fullmatch(said)):
        return LEAVE
    if options_in(asking.slot, said) and len(said.split()) <= LONGEST_OPTION:
        return ANSWER
    if REFUSING.fullmatch(said):
        return NO if yes_or_no else SKIP
    # "Whenever" is a time that clinic reads; who does not know yet gives none.
    has_none = asking.kind == OPTION or (asking.slot == "booking_when" and UNSURE.search(said))
    if has_none and NO_PREFERENCE.fullmatch(said):
        return SKIP
    if asking.kind == REACH and NO_WAY_TO_REACH.fullmatch(said):
        return SKIP
    if AGREEING.fullmatch(said):
        # The forms of a visit count a yes to no such question as unread, so that nobody turns in a circle.
        return YES if yes_or_no else RESUME if asking.form == CONTACT_FORM else ANSWER
    return ""


def looks_like_name(text: str) -> bool:
    """Tell whether a text is a few words that are written like a name."""
    words = text.strip(" .,!").split()
    return 0 < len(words) <= LONGEST_NAME and all(
        word in _PARTICLES or (word[0].isalpha() and not word.islower() and (not word.isupper() or len(word) < 3))
        for word in words
    )


def is_short_answer(asking: Asking, heard: Heard) -> bool:
    """Tell whether an answer in another language may stand: a name, in any script, or a few words."""
    is_name = asking.kind == NAME and looks_like_name(heard.answer)
    return heard.step != RESUME and (is_name or len(heard.answer.split()) <= LONGEST_FOREIGN_ANSWER)


def hear(asking: Asking, understood: Mapping[str, Any], is_correction: bool = False) -> Heard:
    """Return what a message without any danger says to the question; a correction is no yes or no."""
    whole, parts = understood["whole"], understood["parts"]
    said, step = plain(whole["text"]), talk(asking, whole["text"])
    if step:
        return Heard(step, whole["text"] if step == ANSWER else "")
    if wants_change(asking, whole["text"]) and not is_correction:
        return Heard(CHANGE)
    # Who asks in the middle of booking whether it is settled hears that nothing is sent yet.
    if WHY.search(said) or (asking.form == BOOKING_FORM and STATUS.search(said)):
        return Heard(RESUME, actions=(f"utter_explain_{asking.form}",))
    pieces = parts if len(parts) > 1 else [whole]
    heard = [(piece, _matter(asking, piece)) for piece in pieces]
    answers = [piece["text"] for piece, matter in heard if matter == ""]
    own = OWN.get(asking.form, ())
    topics = tuple(dict.fromkeys(m for _, m in heard if m and m != "?" and m not in own and route_of(m) != SMALLTALK))
    if is_correction:
        stated = any(stated_option(slot, whole["text"]) for slot in STATED)
        return Heard(ANSWER, whole["text"][:LONGEST_ANSWER], () if stated and not whole["question"] else topics)
    unknown = any(matter == "?" for _, matter in heard) and not topics
    if asking.kind == YES_OR_NO and not CONTACT.search(said):
        doubts = NEGATED.search(said) or (asking.slot == "booking_confirm" and HESITATES.search(said))
        if AGREES_FIRST.match(said) and not doubts:
            return Heard(YES, "", topics, (), unknown)
        if asking.form != CONTACT_FORM and not (topics or unknown) and CORRECTS_FIRST.fullmatch(said):
            return Heard(NO, whole["text"][:LONGEST_ANSWER])
        # "No, how long does it take?" is a question before the answer.
        asks_first = asking.form == BOOKING_FORM and len(pieces) == 1 and (topics or unknown)
        if REFUSES_FIRST.match(said) and not asks_first:
            return Heard(NO, "", topics, (), unknown)
    if answers:
        answer = whole["text"] if len(answers) == len(pieces) else " ".join(answers)
        return Heard(ANSWER, answer[:LONGEST_ANSWER], topics, (), unknown)
    if topics or unknown:
        return Heard(RESUME, "", topics, (), unknown)
    if heard[-1][1] in own:
        return Heard(ANSWER, whole["text"][:LONGEST_ANSWER]) if asking.form == VISIT_FORM else Heard(RESUME)
    return _small_talk(asking, whole["text"], heard[-1][1])


def _small_talk(asking: Asking, text: str, intent: str) -> Heard:
    if asking.kind == YES_OR_NO and intent in ("affirm", "deny"):
        # Consent is taken from plain words only; "I guess" is asked about once more.
        return Heard(ANSWER, text[:LONGEST_ANSWER])
    if intent == "affirm":
        return Heard(RESUME)
    if intent == "deny":
        return Heard(SKIP)
    if intent == "goodbye":
        return Heard(LEAVE, "", (intent,))
    return Heard(RESUME, "", (intent,))


def _matter(asking: Asking, piece: Reading) -> str:
    """Return the intent of a piece that is about something else, "?" for an unknown question, "" for an answer."""
    text = piece["text"]
    words = len(text.split())
    question = (
        bool(piece["question"]) or text.rstrip().endswith("?") or bool(INQUIRY.search(text[:LONGEST_ANSWER].lower()))
    )
    if CONTACT.search(text) and not question:
        return ""
    timely = asking.kind == TIME and bool(TIME_WORD.search(text.lower()))
    top: Reading = piece["ranking"][0] if piece["ranking"] else {"name": "out_of_scope", "confidence": 0.0}
    name, known = str(top["name"]), bool(piece["known"])
    enough = OTHER_MATTER if not question else QUESTION_OF_TIME if timely else QUESTION
    if asking.kind == NAME and looks_like_name(text):
        enough = GREETING_NOT_NAME
    if known and name != "out_of_scope" and top["confidence"] >= enough:
        # "call me after five" is a time, "text me" a way to be reached, "mornings" no greeting.
        wish = name == "human_request" and (
            (asking.kind in (REACH, TIME) and not question)
            or (asking.kind == NAME and bool(CALL_ME.fullmatch(plain(text))))
        )
        if not wish and (not timely or (question and route_of(name) == ANSWER_ROUTE)):
            return name
    is_answer = timely or bool(CONTACT.search(text)) or words < QUESTION_WORDS
    return "?" if question and not is_answer else ""
