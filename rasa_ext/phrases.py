"""What people write when a form asks them something: yes, no, stop, why, another day; as regular expressions.

All but those marked `(?i)` are for what `rasa_ext.forms.plain` makes of a text.
"""

from __future__ import annotations

import re

# The options that a slot offers as buttons, `treatment_booking_wish`, and the words that choose them.
OPTIONS = {
    "booking_wish": {
        "consultation": r"consult\w*|consulta|advice first|just (?:a )?talk|talk first",
        "treatment": r"treatments?|injections?|session|dysport|tratamiento|get it done|appointment for treatment",
    },
    "booking_visitor": {
        "returning": r"returning|been (?:there|here|to (?:you|your clinic))(?: before)?|existing|regular|"
        r"not (?:my|the) first|not new|came before|second time|again|yes|yeah|yep|i have|i am a patient|i'm a patient",
        "new": r"new|first (?:time|visit)|never|no|nope|not yet|haven'?t|have not",
    },
    "visit_what": {
        "withdraw": r"cancel\w*|withdraw|(?:do not|don'?t|no longer) (?:need|want)|call (?:it )?off|delete|"
        r"can(?:'?t|not) (?:come|make it)",
        "status": r"status|update|news|heard|progress|how far|going on",
        "move": r"change|move|reschedule|resched\w*|another|other|different|later|earlier|instead|postpone|push",
    },
}
# Words of the buttons that are long enough to be mistyped.
BUTTON_WORDS = ("consultation", "treatment", "returning", "reschedule", "withdraw", "cancel", "status")
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
# Only while a request is made: elsewhere these are about a request that was sent before.
_CALLING_OFF = r"(?:cancel|forget|drop|stop) (?:my|the|this) (?:booking|appointment|visit|request)"
_NO_WAY_TO_REACH = r"""
    (?:i\ have\ )?no\ e-?mail\ or\ (?:phone|number) |
    (?:i\ )?(?:don't|dont|do\ not|haven't)\ (?:have|got|own|use)\ (?:(?:a|an|any|my|one|either)\ ?)?(?:\ ?PHONE)?
    | (?:i\ have\ |i've\ )?(?:no|got\ no)\ (?:PHONE) | (?:i\ have\ )?none | neither
    | (?:just\ |please\ |you\ can\ |they\ can\ )*(?:answer|reply|respond|write|message|contact|reach)(?:\ to)?(?:\ me)?
      \ (?:here|(?:in|on|through|by|via)\ (?:this\ |the\ )?chat)
    | (?:just\ )?(?:here|in\ (?:this|the)\ chat|(?:this\ |the\ )?chat)(?:\ is\ (?:fine|ok|okay|best|good))?
""".replace("PHONE", r"(?:cell\ |mobile\ )?(?:phone|e-?mail|number)s?(?:\ (?:number|address)|\ (?:or|and)\ e-?mail)?")
_AGREEING = r"""
    y | yes+ | ye+a+h* | yep+ | yup | ya | sure(?:\ thing)? | of\ course | ok+ | okay | k | fine
    | (?:that's|that\ is|thats|it's|its)\ (?:all\ )?(?:fine|ok|okay|all\ right|right|correct|good|it|perfect)
    | (?:all\ |looks\ |that\ looks\ |it\ looks\ |everything\ is\ |yes\ )?(?:good|right|correct|perfect|great)
      (?:\ to\ me)? | alright | all\ right
    | (?:yes\ )?(?:go\ ahead\ and\ )?(?:send|submit|confirm)(?:\ (?:it|that|this|the\ request|my\ request))?
    | go\ ahead | please\ do | (?:yes\ |sure\ )?(?:they|you)\ (?:may|can) | i\ (?:agree|consent|do) | agreed
    | absolutely | definitely | certainly | no\ problem | sounds\ good | that\ works
    | yes\ (?:please|sure|ok|of\ course|go\ ahead)
"""


def _spoken(alternatives: str) -> re.Pattern[str]:
    return re.compile(rf"{_BEFORE}(?x:{alternatives}){_AFTER}")


REFUSING, LEAVING, AGREEING = _spoken(_REFUSALS), _spoken(_LEAVING), _spoken(_AGREEING)
CALLING_OFF, NO_WAY_TO_REACH = re.compile(rf"{_BEFORE}{_CALLING_OFF}{_AFTER}"), _spoken(_NO_WAY_TO_REACH)
# What visitors call the request that they want to have no more.
CANCELLING = re.compile(
    rf"{_BEFORE}(?:i (?:need|want|would like|have) to )?(?:cancel|withdraw|delete|drop)"
    rf"(?: (?:it|that|this|(?:my|the|this) (?:booking|appointment|visit|request)))?{_AFTER}"
)
AGREES_FIRST = re.compile(r"(?:yes|yeah|yep|sure|of course|okay?|fine)\b")
# "Sure, but don't call": whether that is a yes has to be asked.
NEGATED = re.compile(r"\b(?:no|not|never|don'?t|won'?t|can'?t)\b")
# "Yes, but change the day": nothing is sent on such a yes.
HESITATES = re.compile(r"\b(?:but|wait|hold on|except|wrong|change|instead|unless)\b")
REFUSES_FIRST = re.compile(r"(?:no|nope|nah|please don'?t|don'?t|do not)\b")
# "No, Ana Lopes" corrects what was read back; "no, don't" and "no, that's all right" refuse it.
CORRECTS_FIRST = re.compile(
    r"(?:no|nope|nah|not)\b(?!.*\b(?:no|not|never|don'?t|won'?t|can'?t|thanks?|mind|later|cancel|stop|forget|send|use|"
    r"share|need|want|ok|okay|fine|all right|right now)\b).*\w"
)
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
MY_NAME = re.compile(r"\bname(?: is|'s)\b")
# "Sorry, it's John, not Jon": the right one and the wrong one.
NAME_AND_NOT = re.compile(
    r"(?i)(?:\b(?:it'?s|it’s|i'?m|i’m|i am|name is|spelled|meant?|say|put|no|actually|sorry|should be)[\s,]+)?"
    r"(?P<right>[^\W\d_][\w'’.-]*)[\s,]+(?:and )?not (?P<wrong>[^\W\d_][\w'’.-]*)[\s.!]*$"
)
_FIELD = (
    r"(?:(?:the|my|this|that|your|a) )?(?:preferred |phone |e-?mail |first |last |full )*"
    r"(?:day|date|time|when|name|number|phone|e-?mail|contact|address|visit|treatment|consultation|new|returning)s?"
    r"(?: (?:or|and) (?:time|email|phone|returning|date))?"
)
CHANGING = re.compile(
    r"(?:(?:no|yes|yeah|ok|but|actually|sorry|wait|please|first|can i|could i|can we|i want to|i need to|i'd like to|"
    r"i would like to|let me|there's|there is)[ ,]+)*(?:"
    r"(?:change|correct|edit|fix|update|redo)\b(?P<what>.{0,60})|"
    rf"(?P<wrong>{_FIELD}|it|that|that's|thats|this|this is|something|something's)(?: is| was|'s)? (?:all )?"
    r"(?:wrong|not right|not correct|incorrect|misspell?ed)|not (?:right|correct|quite right)|wrong (?P<named>\w+)|"
    rf"(?P<field>{_FIELD})|wait|hold on)"
)
CHANGED = {
    "booking_when": r"days?|dates?|times?|when",
    "booking_name": r"names?",
    "booking_reach": r"numbers?|phone|e-?mail|contact|address",
    "booking_wish": r"visit|treatment|consultation",
    "booking_visitor": r"new|returning",
}
_INSTEAD = (
    r"(?:(?:no|actually|sorry|wait|rather|make it|i meant?|just|use|i want|i'd like|let's do|(?:switch|change)(?: it)?"
    r" to)[ ,]+)+(?:a |the )?"
)
# An option that is said where another question was asked.
STATED = {
    "booking_visitor": {
        "new": r"\b(?:i'm|i am|im|as a|a) new\b|\bfirst[ -](?:time|visit|timer)\b|^new(?: here| patient| client)?$|"
        r"\b(?:not a|never been a) (?:patient|client)\b|\bnever been (?:there|here|to you)\b",
        "returning": r"\breturning\b|\bi've been\b|(?<!never )\bbeen (?:there|here|to you)\b",
    },
    "booking_wish": {
        "consultation": rf"^{_INSTEAD}consult(?:ation)?\b|^(?:a )?consultation(?: please)?$",
        "treatment": rf"^{_INSTEAD}treatment\b|^(?:a )?treatment(?: please)?$",
    },
}
NEVER_BEEN = re.compile(r"^(?:no|nope|nah)\b|\bnever\b|\bnot (?:yet|been)\b|\bhaven'?t\b|\bhave not\b")
NOT_NEW = re.compile(r"\bnot (?:new|(?:my|the) first)\b|\breturning\b|^no\b.*\bi(?:'ve| have) been\b")
UNSURE = re.compile(r"\b(?:sure|know|idea|idk)\b")
NO_PREFERENCE = re.compile(
    r"(?:i have )?no idea\b.{0,30}|idk\b.{0,30}|(?:it's |it is )?up to you|you (?:choose|decide|pick)(?: for me)?|"
    r"(?:i'm |i am )?(?:not|un)\s?sure(?: yet)?|(?:i )?(?:do not|don't|dont) know(?: yet)?|either(?: one)?|"
    r"(?:i'm |i am )?not sure (?:which|what)\b.{0,40}|(?:i )?(?:do not|don't|dont) know (?:which|what)\b.{0,40}|"
    r"no preference|(?:it )?(?:does not|doesn't|doesnt) matter|whichever|whatever|both"
)
# Who asks how far a request is.
STATUS = re.compile(
    r"^(?:what(?:'s| is|s) the |any )?(?:status|update|news)(?: please| pls| yet)?$"
    r"|\bwhat(?:'s| is|s) (?:going on|happening|up|new) with my (?:visit|appointment|request|booking)\b"
    r"|\bwhen is my (?:visit|appointment|booking)\b"
    r"|\bwhen (?:will|do|are) (?:you|they|the clinic|staff|i) (?:going to )?(?:confirm|get (?:a|my) confirmation)\b"
    r"|\b(?:am i|are we) (?:already |all )?(?:booked|confirmed|set|scheduled)\b"
    r"|\bis my (?:visit|appointment|request|booking) (?:already )?(?:confirmed|booked|approved|set)\b"
    r"|\bis it (?:already )?(?:confirmed|booked)\b"
    r"|\b(?:status|update|news|progress|hear(?:d)?)\b.{0,40}\b(?:request|booking|appointment|visit)\b"
    r"|\b(?:request|booking|appointment|visit)(?:'s)?\b.{0,20}\b(?:status|update|news|progress)\b"
    r"|\b(?:did|have|has) (?:you|they|anyone|somebody|someone|the clinic|staff) (?:get|got|gotten|seen|receive[d]?|"
    r"read|look(?:ed)? at|confirm(?:ed)?) (?:to )?my (?:request|booking|appointment|visit)\b"
)
# An e-mail address, or seven digits and more as in a phone number.
CONTACT = re.compile(r"[^\s@]{1,64}@[^\s@]{1,190}\.[^\s@]+|\d(?:[\s().+-]*\d){6,}")
# A request's reference in two halves, or sign by sign with something between, as people spell it: "K7M-5QX",
# "k7m 5qx", "K 7 M - 5 Q X".
_SIGN = "[25679cdfghjkmnpqrtwx]"
_BETWEEN = r"(?:[\s._/–—-]|\b(?:dash|hyphen|minus)\b)"
_REFERENCE = rf"(?<!\w)(?:{_SIGN}{{3}}{_BETWEEN}{{0,3}}{_SIGN}{{3}}|{_SIGN}(?:{_BETWEEN}{{1,3}}{_SIGN}){{5}})(?!\w)"
REFERENCE_CODE = re.compile(f"(?i){_REFERENCE}")
REFERENCE_GAP = re.compile(f"(?i){_BETWEEN}")
# Nothing but the reference.
SAYS_REFERENCE = re.compile(
    rf"(?:(?:it's|its|it is|my|the|reference|ref|code|number|is|yes|ok|sure|sorry|here)[\s:,.]+)*{_REFERENCE}"
)
CALL_ME = re.compile(r"(?:please |just |you can )*call me \w+(?: \w+)?")
