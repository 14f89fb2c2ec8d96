"""What a message does to a form's question: it answers, refuses, leaves, asks why, or turns to another matter.

Inside a form the classifier is weak evidence: it was trained on questions, and a name, a number or a time is none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Optional

from rasa_ext.routes import ANSWER as ANSWER_ROUTE
from rasa_ext.routes import BOOKING, SMALLTALK, STAFF_MEDICAL, STAFF_OTHER, route_of

Reading = Mapping[str, Any]

CONTACT_FORM = "contact_form"
# Whoever gets to staff on these routes is asked this afterwards, once for a conversation.
FORM_OF_ROUTE = {STAFF_MEDICAL: CONTACT_FORM, STAFF_OTHER: CONTACT_FORM, BOOKING: CONTACT_FORM}
FORMS = frozenset(FORM_OF_ROUTE.values())
# What each slot of a form asks for. Its value leaves with the form: a state without the form does not keep it.
NAME, REACH, TIME, YES_OR_NO = "name", "reach", "time", "yes or no"
KINDS = {"contact_name": NAME, "contact_reach": REACH, "contact_time": TIME, "contact_consent": YES_OR_NO}
TRIES = "form_tries"
# Whether a way to be reached was left ("given") or not ("declined"); stays with the conversation.
CONTACT_STATUS, GIVEN = "contact_status", "given"

# What happens to a form in a turn: the steps.
START, ANSWER, SKIP, YES, NO, LEAVE, RESUME = "start", "answer", "skip", "yes", "no", "leave", "resume"
# A form's own button, such as `skip_contact_name`: the step and the slot.
BUTTON = re.compile(rf"({SKIP}|{YES}|{NO})_(\w+)")

_BEFORE = r"(?:(?:please|pls|ok|okay|no|nah|oh|um+|hm+|well|actually|sorry|hey|just|thanks|thank you|but)[\s,.!]+)*"
_AFTER = r"(?:[\s,.!]+(?:please|pls|thanks|thank you|now|for now|ok|okay|then|anymore|any more|already|sorry))*"
_DETAIL = (
    r"(?:(?:full|real|last|first|phone|cell|mobile|e-?mail|personal|contact)\ )*"
    r"(?:name|names|number|numbers|phone|e-?mail|address|details?|info|information|data)"
)
_WHICH = rf"(?:(?:\ (?:you|it|that|this|them|out))*(?:\ (?:my|a|any|the|your)\ {_DETAIL})?)"
_TELLING = r"(?:say|tell|give|giving|share|sharing|answer|answering|leave|leaving|provide|providing|disclose)"
_REFUSALS = rf"""
    no | nope | nah | no\ thanks? | no\ thank\ you | no\ way | not\ now | not\ really | not\ today
    | skip{_WHICH} | skip\ (?:this|that)\ (?:one|question) | pass | next(?:\ question)?
    | (?:i'd\ |i\ would\ |i'll\ |i\ )?(?:rather|prefer|better)\ not(?:\ to)?(?:\ {_TELLING}{_WHICH})?
    | i\ (?:do\ not|don't|dont|won't|wont|will\ not|am\ not)\ (?:want\ |like\ |wish\ |going\ |feel\ like\ |
      feel\ comfortable\ |wanna\ )?(?:to\ )?{_TELLING}{_WHICH}
    | i'm\ not\ (?:going\ to\ |gonna\ |comfortable\ )?(?:with\ )?{_TELLING}{_WHICH}
    | i\ (?:don't|dont|do\ not)\ want\ (?:to|this|that|it)
    | not\ comfortable(?:\ with\ (?:that|this|it))? | (?:please\ )?(?:don't|do\ not)
    | (?:i'd\ like\ to\ |i\ want\ to\ |(?:i'd\ |i\ )?prefer\ to\ |(?:i'd\ )?rather\ )?(?:stay|remain|be)\ anonymous
    | anonymous
    | none\ of\ your\ business | not\ telling(?:\ you)? | not\ saying | no\ comment | (?:that's\ |it's\ )?private
    | no\ gracias | prefiero\ no(?:\ decir(?:lo)?)? | no\ quiero(?:\ (?:dar|decir|compartir)(?:lo|te|le)?)?
      (?:\ mi\ (?:nombre|número|numero|teléfono|telefono|correo))?
"""
_LEAVING = r"""
    stop(?:\ (?:it|this|that|asking(?:\ me)?|the\ questions))? | cancel(?:\ (?:it|this|that))? | quit | exit
    | end(?:\ (?:this|that))? | leave\ (?:it|this|that)(?:\ (?:there|be|alone))? | leave\ me\ alone
    | never\ ?mind(?:\ (?:it|this|that))? | nvm | forget\ (?:about\ )?(?:it|this|that) | drop\ it
    | let's\ (?:stop|leave\ it|not)(?:\ (?:here|there))? | (?:i\ )?changed\ my\ mind | that's\ enough
    | enough(?:\ (?:questions|of\ this))? | no\ more\ questions | (?:i'm\ )?not\ interested | i'm\ done
    | i\ (?:don't|dont|do\ not)\ want\ (?:to\ do\ this|to\ be\ (?:contacted|called)|a\ call|any\ contact)
    | (?:don't|dont|do\ not)\ (?:contact|call|text)\ me | (?:i'll\ )?(?:come\ back|write\ again|maybe)\ later
    | i'll\ (?:just\ )?(?:come\ back|write\ (?:here\ )?again|write\ here\ again)
"""
_AGREEING = r"""
    y | yes | yeah | yep | yup | sure | of\ course | ok | okay | fine
    | (?:that's|that\ is|it's)\ (?:fine|ok|okay|all\ right)
    | go\ ahead | please\ do | (?:yes\ |sure\ )?(?:they|you)\ (?:may|can) | i\ (?:agree|consent|do) | agreed
    | absolutely | definitely | certainly | no\ problem | sounds\ good | that\ works
    | yes\ (?:please|sure|ok|of\ course|go\ ahead)
"""


def _spoken(alternatives: str) -> re.Pattern[str]:
    return re.compile(rf"{_BEFORE}(?x:{alternatives}){_AFTER}")


REFUSING, LEAVING, AGREEING = _spoken(_REFUSALS), _spoken(_LEAVING), _spoken(_AGREEING)
AGREES_FIRST = re.compile(r"(?:yes|yeah|yep|sure|of course|okay?|fine)\b")
# "Sure, but don't call": whether that is a yes has to be asked.
NEGATED = re.compile(r"\b(?:no|not|never|don'?t|won'?t|can'?t)\b")
REFUSES_FIRST = re.compile(r"(?:no|nope|nah|please don'?t|don'?t|do not)\b")
WHY = re.compile(
    r"^why(?: not| though| so)?$|^what for$"
    r"|\bwhy (?:do|would|should|are|must|does|is)(?: you| u| they| i| we| it| that| this| staff| the clinic)\b"
    r".*\b(?:need|needed|want|ask|asking|know|give|tell|necessary|required|my (?:name|number|phone|email|details))\b"
    r"|\bwhat (?:do|will|would|are) (?:you|they) (?:need|want|do|doing|use|using|going to do)\b"
    r".*\b(?:it|that|this|them|name|number|phone|email|details|data|info)\b"
    r"|^(?:do|must) i (?:have|need) to(?: (?:answer|give|say|tell|share|leave|provide|do)\b.*)?$"
    r"|\bis (?:it|this|that)(?: really)? (?:necessary|required|mandatory|needed|private|confidential)$"
    r"|\bwho (?:sees|will see|gets|can see|reads|has access to)\b.*\b(?:this|that|it|name|number|details|data|email)\b"
    r"|\b(?:will|do) you (?:spam|(?:sell|share) (?:it|this|that|them|my))\b"
    r"|\bwhat happens (?:to|with) my (?:data|details|number|name|email|info)"
)
# A question that does not begin the message: "sorry, how long does it last".
INQUIRY = re.compile(
    r"\b(?:how|what|when|where|why|who|which)(?: \w+){0,3} (?:do|does|did|is|are|was|can|will|would|should)\b"
    r"|\b(?:do|does|is|are|can|will|would|should) (?:i|you|it|they|he|she|the|this|that|there|we)\b"
)
TIME_WORD = re.compile(
    r"\d|\b(?:morning|afternoon|evening|night|noon|midday|lunch|day|week|weekday|weekend|today|tonight|tomorrow|"
    r"mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun|monday|tuesday|wednesday|thursday|friday|saturday|sunday|anytime|"
    r"time|before|after|work|later|early|late|hour|whenever|now|soon|asap|preference)s?\b|^when\b[^?]*$"
)
# An e-mail address, or seven digits and more as in a phone number.
CONTACT = re.compile(r"[^\s@]{1,64}@[^\s@]{1,190}\.[^\s@]+|\d(?:[\s().+-]*\d){6,}")
_PARTICLES = frozenset(
    [
        "de",
        "del",
        "della",
        "da",
        "di",
        "do",
        "dos",
        "la",
        "las",
        "le",
        "los",
        "el",
        "y",
        "e",
        "van",
        "von",
        "der",
        "den",
    ]
).union(["bin", "bint", "al"])
LONGEST_NAME = 8
CALL_ME = re.compile(r"(?:please |just |you can )*call me \w+(?: \w+)?")
_APOSTROPHES = str.maketrans("’‘ʼ`´", "'''''")

# The probability from which a sentence that is no question is another matter, and a question is; in a slot for a time
# "would 5 pm work?" is an answer, so a question about times has to be plainer.
OTHER_MATTER, QUESTION, QUESTION_OF_TIME = 0.9, 0.5, 0.75
# "Thanks" is written like a name; "Sue" is one.
GREETING_NOT_NAME = 0.97
# Shorter questions than this are answers with a question mark: "Ana?".
QUESTION_WORDS = 3
LONGEST_FOREIGN_ANSWER = 4
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
        answer: what of the message answers the question.
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
    if not match or match[2] not in KINDS:
        return None
    return match[1] if asking and asking.slot == match[2] else RESUME


def plain(text: str) -> str:
    """Return a text in lower case, with simple apostrophes and blanks, without the marks at its ends."""
    return " ".join(text[:LONGEST_ANSWER].translate(_APOSTROPHES).lower().split()).strip(" .!?,;:…\"'()-")


def without_contacts(text: str) -> str:
    """Return a text without the phone numbers and e-mail addresses in it."""
    return CONTACT.sub(" ", text)


def talk(asking: Asking, text: str) -> str:
    """Return the step of a message that is nothing but an everyday refusal, leave or yes, else "".

    These say nothing of a person's health, and the classifier, which never saw them, may take them for a crisis.
    """
    said = plain(text)
    yes_or_no = asking.kind == YES_OR_NO
    if LEAVING.fullmatch(said):
        return LEAVE
    if REFUSING.fullmatch(said):
        return NO if yes_or_no else SKIP
    if AGREEING.fullmatch(said):
        return YES if yes_or_no else RESUME
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


def hear(asking: Asking, understood: Mapping[str, Any]) -> Heard:
    """Return what a message without any danger says to the question."""
    whole, parts = understood["whole"], understood["parts"]
    said, step = plain(whole["text"]), talk(asking, whole["text"])
    if step:
        return Heard(step)
    if WHY.search(said):
        return Heard(RESUME, actions=(f"utter_explain_{asking.form}",))
    pieces = parts if len(parts) > 1 else [whole]
    heard = [(piece, _matter(asking, piece)) for piece in pieces]
    answers = [piece["text"] for piece, matter in heard if matter == ""]
    topics = tuple(dict.fromkeys(m for _, m in heard if m and m != "?" and route_of(m) != SMALLTALK))
    unknown = any(matter == "?" for _, matter in heard) and not topics
    if asking.kind == YES_OR_NO and not CONTACT.search(said):
        if AGREES_FIRST.match(said) and not NEGATED.search(said):
            return Heard(YES, "", topics, (), unknown)
        if REFUSES_FIRST.match(said):
            return Heard(NO, "", topics, (), unknown)
    if answers:
        answer = whole["text"] if len(answers) == len(pieces) else " ".join(answers)
        return Heard(ANSWER, answer[:LONGEST_ANSWER], topics, (), unknown)
    if topics or unknown:
        return Heard(RESUME, "", topics, (), unknown)
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
