"""What to do with a message that was understood: which route, which topics, which question back.

The plan is made inside the NLU pipeline, so that the policy runs it and the channel reports it as it is.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Any, Optional

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from rasa_ext import forms, phrases, routes
from rasa_ext.forms import Asking
from rasa_ext.routes import route_of

Reading = dict[str, Any]
Finding = dict[str, Any]

ENGLISH, SPANISH = "en", "es"
ALL_CLEAR = "not_emergency"
SUGGESTIONS = 3
OFFERS = ("human_request", "book")
# Rasa's own action that ends a form without a word.
DEACTIVATE = "action_deactivate_loop"
# A topic this likely is likelier than all others together.
CLEAR = 0.5
# The reason that staff read beside whatever came while the clinic had switched the bot off.
BOT_OFF = "bot off"
# No probability is as high as this.
NEVER = 2.0
GENERAL = {routes.EMERGENCY: "emergency_allergic", routes.STAFF_MEDICAL: "medical_worry_after"}


@dataclass(frozen=True)
class Limits:
    """The planner's thresholds, all probabilities between 0 and 1; `config.yml` may set others."""

    # Probability of the emergency sub-topics from which a message counts as an emergency.
    emergency: float = 0.4
    # Probability of the medical and emergency sub-topics from which staff have to answer.
    medical: float = 0.55
    # A topic is answered when it is at least this likely …
    answer: float = 0.22
    # … and a further one when it is at least this likely.
    second_topic: float = 0.75
    # Beside a medical matter, a sentence is answered only when it is less likely medical than this.
    harmless: float = 0.1
    # The bot asks back when the best two topics are closer than this and neither is likelier than `clarify_below`.
    clarify_margin: float = 0.07
    clarify_below: float = 0.4
    # A wish to book, move or cancel a visit is served from this likelihood, taken together, when no topic has half.
    booking: float = 0.36
    # A name in answer to the question for it is no sentence; the classifier has to be this sure to call it medical.
    medical_name: float = 0.85


@dataclass(frozen=True)
class Plan:
    """One turn's plan.

    Attributes:
        route: the most urgent route of the message.
        topics: the topics answered, in the order asked; for `clarify` and `out_of_scope` the closest ones.
        intents: the intents whose rules run, in order.
        actions: actions that no intent's rule names, run before those.
        buttons: the intents offered as buttons with the last reply.
        reason: what decided, for staff: the layer and its entry, such as `rules:pregnancy/pregnancy`.
        form: what happens to a form in this turn, one of the steps of `rasa_ext.forms`, or "".
        answer: what of the message a form may take its values from.
        after: actions that run last: the form itself, or its question again.
    """

    route: str
    topics: list[str] = field(default_factory=list)
    intents: list[str] = field(default_factory=list)
    actions: list[str] = field(default_factory=list)
    buttons: list[str] = field(default_factory=list)
    reason: str = ""
    form: str = ""
    answer: str = ""
    after: list[str] = field(default_factory=list)


def plan_turn(understood: dict[str, Any], findings: list[Finding], context: dict[str, Any], limits: Limits) -> Plan:
    """Plan a turn.

    Args:
        understood: what `TopicClassifier` writes: `whole` and `parts`, each a reading with `ranking`, `known`,
            `question`, `medical`, `emergency`; `language`.
        findings: what `MedicalGate` found, most urgent first.
        context: the turn's context; `choice` is a pressed button, `last_route` the route of the turn before,
            `active_form`, `requested_slot` and `contact_status` the dialogue's state, `readings` the phone numbers and
            e-mail addresses in the message; with `bot_off` nothing but an emergency is answered.
        limits: the thresholds.
    """
    asking = forms.asking_of(context)
    plan = _plan(understood, findings, context, limits, asking)
    if context.get("bot_off"):
        plan = _without_answers(plan)
    return _with_form(plan, understood["whole"]["text"], context, asking)


def _without_answers(plan: Plan) -> Plan:
    """Return what is left of a plan while the clinic has switched the bot off.

    The gate's finding stays, and so does an answer to a form that is open. Everything else goes to staff, who hear of
    it by the hand-off; the visitor hears that the bot is off.
    """
    if plan.route == routes.EMERGENCY:
        return plan
    if plan.route == routes.STAFF_MEDICAL:
        medical = [intent for intent in plan.intents if route_of(intent) == routes.STAFF_MEDICAL]
        return replace(plan, topics=medical, intents=medical)
    if plan.form and plan.route == routes.SMALLTALK:
        return replace(plan, intents=[])
    return Plan(routes.STAFF_OTHER, [], [], ["action_hand_off"], [], BOT_OFF, plan.form, plan.answer)


def _plan(
    understood: dict[str, Any],
    findings: list[Finding],
    context: dict[str, Any],
    limits: Limits,
    asking: Optional[Asking],
) -> Plan:
    in_emergency = context.get("last_route") == routes.EMERGENCY
    choice = context.get("choice")
    if choice:
        if in_emergency and choice["intent"] != ALL_CLEAR:
            return _stay_with_emergency()
        return _plan_button(choice["intent"], asking)
    whole, parts, language = understood["whole"], understood["parts"], understood["language"]
    findings = _without_codes(findings, whole["text"], context)
    danger = _plan_danger(whole, parts, findings, language, _limits_for(whole["text"], findings, limits, asking))
    if danger and (danger.route == routes.EMERGENCY or not in_emergency):
        return danger
    wanted = _wanted(whole, parts, limits)
    if not asking and not in_emergency and language == ENGLISH and _is_about_request(whole["text"], wanted):
        return Plan(routes.BOOKING, ["reschedule_cancel"], [], reason="about a request")
    if in_emergency and (danger or wanted != [ALL_CLEAR]):
        return _stay_with_emergency()
    if asking:
        return _plan_in_form(understood, asking, context)
    if language != ENGLISH:
        return _cannot_read(language)
    if _is_contact(whole, context):
        return Plan(routes.SMALLTALK, reason="contact", form=forms.ANSWER)
    if not wanted:
        return _plan_unknown(whole)
    near = _near_topics(whole, wanted, context, limits)
    if near:
        return Plan(routes.CLARIFY, near, [], ["utter_clarify"], [*near, "human_request"])
    route = routes.most_urgent([route_of(intent) for intent in wanted])
    return Plan(route, wanted, wanted, reason=f"intent:{wanted[-1]}")


def _plan_button(intent: str, asking: Optional[Asking]) -> Plan:
    step = forms.pressed(asking, intent)
    if step is None:
        return _one(route_of(intent), intent, "button")
    if asking:
        return Plan(routes.SMALLTALK, reason=f"button:{intent}", form=step)
    return Plan(routes.SMALLTALK, [], [], ["utter_button_closed"], reason=f"button:{intent}")


def _limits_for(text: str, findings: list[Finding], limits: Limits, asking: Optional[Asking]) -> Limits:
    """Return the limits for the classifier's layer: a form's small answers are nothing that it has ever seen."""
    if asking is None or findings:
        return limits
    if forms.talk(asking, text) or forms.changed_slot(asking, text):
        return replace(limits, emergency=NEVER, medical=NEVER)
    if asking.kind == forms.NAME and forms.looks_like_name(text):
        return replace(limits, emergency=limits.medical_name, medical=limits.medical_name)
    return limits


def _without_codes(findings: list[Finding], text: str, context: dict[str, Any]) -> list[Finding]:
    """Drop what is medical only because of a phone number or a request's reference: "…0100 any time" is no age."""
    codes = [phrases.REFERENCE_CODE, *([phrases.CONTACT] if _has_readings(context) else [])]
    numbers = [match.span() for code in codes for match in code.finditer(text)]
    return [
        found
        for found in findings
        if found["level"] != "medical"
        or not any(start < found["end"] and found["start"] < end for start, end in numbers)
    ]


def _plan_in_form(understood: dict[str, Any], asking: Asking, context: dict[str, Any]) -> Plan:
    """Plan a message that comes while a form waits for an answer."""
    is_correction = forms.corrects(asking, understood["whole"]["text"], context)
    heard, language = forms.hear(asking, understood, is_correction), understood["language"]
    if language != ENGLISH and not forms.is_short_answer(asking, heard):
        return _cannot_read(language)
    if heard.unknown:
        unknown = _plan_unknown(understood["whole"])
        return replace(unknown, form=heard.step, answer=heard.answer)
    intents = list(heard.intents)
    route = routes.most_urgent([route_of(intent) for intent in intents] or [routes.SMALLTALK])
    reason = f"intent:{intents[-1]}" if intents else f"form:{asking.slot}/{heard.step}"
    topics = [intent for intent in intents if route_of(intent) != routes.SMALLTALK]
    return Plan(route, topics, intents, list(heard.actions), [], reason, heard.step, heard.answer)


def _is_about_request(text: str, wanted: list[str]) -> bool:
    """Tell whether a message asks how far a request is, or names one by its reference without any other wish."""
    is_wish = any(route_of(intent) == routes.BOOKING for intent in wanted)
    return bool(phrases.STATUS.search(forms.plain(text)) or (forms.reference_in(text) and not is_wish))


def _is_contact(whole: Reading, context: dict[str, Any]) -> bool:
    """Tell whether a message outside a form leaves a way to be reached, or a new one, and asks nothing."""
    was_asked = context.get("contact_status") or context.get("last_route") in forms.FOR_STAFF
    return bool(was_asked and _has_readings(context) and not whole["question"])


def _has_readings(context: dict[str, Any]) -> bool:
    readings = context.get("readings") or {}
    return bool(readings.get("phones") or readings.get("emails"))


def _with_form(plan: Plan, text: str, context: dict[str, Any], asking: Optional[Asking]) -> Plan:
    """Add what happens to a form in this turn. An emergency ends it, everything else comes back to its question."""
    if plan.route == routes.EMERGENCY:
        return replace(plan, after=[DEACTIVATE] if asking else [])
    if asking:
        return _back_to_form(plan, context, asking)
    if plan.route == routes.BOOKING and not context.get("booking_page"):
        return _with_booking(plan, text, context)
    return _with_contact(plan, text, context)


def _back_to_form(plan: Plan, context: dict[str, Any], asking: Asking) -> Plan:
    """Let the form that is open take the message, or ask its question again after another matter."""
    # A number in a message about something else is taken all the same.
    taken = forms.ANSWER if _has_readings(context) else forms.RESUME
    step = taken if plan.form in ("", forms.RESUME) else plan.form
    if plan.reason == f"button:{forms.CHANGE}_booking_confirm":
        return replace(plan, form=step, after=["utter_ask_booking_change"])
    if (asking.slot, step) == ("visit_reference", forms.SKIP):
        # No request of ours: staff have the wish, and need a way to answer.
        is_known = context.get("contact_status") == forms.GIVEN
        return replace(plan, after=[asking.form, "utter_contact_known" if is_known else forms.CONTACT_FORM])
    resumed = forms.ASKED_BY_ACTION.get(asking.slot, f"utter_resume_{asking.slot}")
    return replace(plan, form=step, after=[resumed] if step == forms.RESUME else [asking.form])


def _with_booking(plan: Plan, text: str, context: dict[str, Any]) -> Plan:
    """Add the form for a new request, or the one about a request that was sent before."""
    started = replace(plan, form=forms.START, answer=text[: forms.LONGEST_ANSWER])
    if "book" in plan.intents:
        return replace(started, after=[forms.BOOKING_FORM])
    # Staff hear of a request of this conversation through the request itself.
    own = ["reschedule_cancel"] if context.get("booking") else []
    return replace(started, intents=[one for one in plan.intents if one not in own], after=[forms.VISIT_FORM])


def _with_contact(plan: Plan, text: str, context: dict[str, Any]) -> Plan:
    """Add the form that asks how to be reached after a matter for staff; whoever left that is not asked again."""
    is_for_staff, status = plan.route in forms.FOR_STAFF, context.get("contact_status")
    left = _has_readings(context) and (is_for_staff or plan.form == forms.ANSWER)
    if status == forms.GIVEN:
        known = ["utter_contact_known"] if is_for_staff else []
        return replace(plan, form="", after=["action_update_contact"] if left else known)
    if left or (is_for_staff and not status):
        return replace(plan, form=forms.START, answer=text[: forms.LONGEST_ANSWER], after=[forms.CONTACT_FORM])
    return plan


def _one(route: str, intent: str, reason: str) -> Plan:
    return Plan(route, [intent], [intent], reason=f"{reason}:{intent}")


def _cannot_read(language: str) -> Plan:
    return Plan(routes.STAFF_OTHER, [], ["human_request"], ["utter_cannot_read_language"], [], f"language:{language}")


def _stay_with_emergency() -> Plan:
    """After an emergency nothing but a clear all-clear changes the subject."""
    actions = ["utter_emergency_again", "action_hand_off"]
    return Plan(routes.EMERGENCY, [], [], actions, [ALL_CLEAR], "emergency:not cleared")


def _top(reading: Reading) -> str:
    return str(reading["ranking"][0]["name"])


def _together(whole: Reading, parts: list[Reading], key: str) -> float:
    """Return how medical a message is: the mean of the whole's probability and the most medical part's.

    A symptom in one sentence of many lifts it; a stray word in a sentence of chatter does not carry it alone.
    """
    return (whole[key] + max([part[key] for part in parts], default=whole[key])) / 2


def _plan_danger(
    whole: Reading, parts: list[Reading], findings: list[Finding], language: str, limits: Limits
) -> Optional[Plan]:
    """The gate: two layers, the rules' findings and the classifier; what either calls medical goes to staff."""
    emergency, medical = (_together(whole, parts, key) for key in ("emergency", "medical"))
    # In another language the examples are medical ones only, so a general question looks medical to the classifier.
    medical = medical if language == ENGLISH else 0.0
    first = {finding["level"]: finding for finding in reversed(findings)}
    if "emergency" in first or emergency >= limits.emergency:
        intent, reason = _cause(first.get("emergency"), [whole, *parts], routes.EMERGENCY, emergency)
        spanish = ["utter_emergency_es"] if language == SPANISH else []
        return Plan(routes.EMERGENCY, [intent], [intent], spanish, [ALL_CLEAR], reason)
    if "medical" in first or emergency + medical >= limits.medical:
        intent, reason = _cause(first.get("medical"), [whole, *parts], routes.STAFF_MEDICAL, emergency + medical)
        general = _general_questions(parts, limits)
        return Plan(routes.STAFF_MEDICAL, [intent, *general], [intent, *general], reason=reason)
    return None


def _cause(finding: Optional[Finding], readings: list[Reading], route: str, probability: float) -> tuple[str, str]:
    """Return the medical intent and which layer and entry made it so."""
    if finding:
        return finding["intent"], f"rules:{finding['family']}/{finding['entry']}"
    intent = _likeliest(readings, route)
    return intent, f"classifier:{intent} {probability:.2f}"


def _general_questions(parts: list[Reading], limits: Limits) -> list[str]:
    """Return the topics asked about beside a medical matter, in sentences that have nothing medical about them."""
    harmless = [p for p in parts if p["medical"] + p["emergency"] < limits.harmless and len(parts) > 1]
    sure = [_top(part) for part in harmless if _is_understood(part, limits.second_topic)]
    return [name for name in dict.fromkeys(sure) if route_of(name) == routes.ANSWER]


def _likeliest(readings: list[Reading], route: str) -> str:
    """Return the likeliest medical sub-topic of a route."""
    entries = [
        entry for reading in readings for entry in reading["medical_ranking"] if route_of(entry["name"]) == route
    ]
    # No reading has one among its likeliest when the probability is spread thin: then the general one stands in.
    return str(max(entries, key=lambda entry: entry["confidence"], default={"name": GENERAL[route]})["name"])


def _wanted(whole: Reading, parts: list[Reading], limits: Limits) -> list[str]:
    """Return the intents to serve, in the order asked, without repeats; small talk only where it stands alone."""
    sure = [part for part in parts if _is_understood(part, limits.second_topic)]
    found = list(dict.fromkeys(_top(part) for part in sure)) if len(parts) > 1 else []
    found = [name for name in found if route_of(name) != routes.SMALLTALK] or found
    if len(found) > 1:
        return found
    if wish := _booking_wish(whole, limits):
        return [wish]
    return [_top(whole)] if _is_understood(whole, limits.answer) else found


def _booking_wish(whole: Reading, limits: Limits) -> str:
    """Return the likelier booking intent of a message that the booking intents together make one, or ""."""
    likely = [entry for entry in whole["ranking"] if route_of(entry["name"]) == routes.BOOKING]
    together = sum(entry["confidence"] for entry in likely)
    if not likely or together < limits.booking or whole["ranking"][0]["confidence"] >= CLEAR:
        return ""
    return str(likely[0]["name"])


def _is_understood(reading: Reading, at_least: float) -> bool:
    return bool(reading["known"] and reading["ranking"][0]["confidence"] >= at_least)


def _near_topics(whole: Reading, wanted: list[str], context: dict[str, Any], limits: Limits) -> list[str]:
    """Return the two topics to ask between, or nothing. The bot never asks back twice in a row."""
    if len(wanted) != 1 or context.get("last_route") == routes.CLARIFY or len(whole["ranking"]) < 2:
        return []
    first, second = whole["ranking"][:2]
    both_answers = route_of(first["name"]) == route_of(second["name"]) == routes.ANSWER
    close = first["confidence"] - second["confidence"] < limits.clarify_margin
    vague = first["confidence"] < limits.clarify_below
    return [first["name"], second["name"]] if both_answers and close and vague else []


def _plan_unknown(whole: Reading) -> Plan:
    closest = [e["name"] for e in whole["ranking"] if route_of(e["name"]) == routes.ANSWER][:SUGGESTIONS]
    return Plan(routes.OUT_OF_SCOPE, closest, ["out_of_scope"], [], [*closest, *OFFERS])


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class TurnPlanner(GraphComponent):
    """The last component of the pipeline: writes `plan` beside what was understood."""

    def __init__(self, config: dict[str, Any]) -> None:
        self._limits = Limits(**config)

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the default thresholds."""
        return asdict(Limits())

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> TurnPlanner:
        """Create the component; an unknown or missing threshold raises TypeError."""
        return cls(config)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leave training data alone."""
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Write the plan of each message that was understood."""
        for message in messages:
            understood = message.get("understood")
            if understood is not None:
                plan = plan_turn(understood, message.get("findings") or [], message.get("metadata") or {}, self._limits)
                message.set("plan", asdict(plan), add_to_output=True)
        return messages
