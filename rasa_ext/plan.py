"""What to do with a message that was understood: which route, which topics, which question back.

The plan is made inside the NLU pipeline, so that the policy runs it and the channel reports it without a second opinion.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Optional

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from rasa_ext import routes
from rasa_ext.routes import route_of

Reading = dict[str, Any]

SUGGESTIONS = 3
OFFERS = ("human_request", "book")
GENERAL = {routes.EMERGENCY: "emergency_allergic", routes.STAFF_MEDICAL: "medical_worry_after"}


@dataclass(frozen=True)
class Limits:
    """The planner's thresholds, all probabilities between 0 and 1; set in `config.yml`."""

    # Summed probability of the emergency sub-topics from which a message counts as an emergency.
    emergency: float = 0.5
    # Summed probability of the medical and emergency sub-topics from which staff have to answer. It leans to staff.
    medical: float = 0.4
    # A second topic is answered too when it is at least this sure.
    second_topic: float = 0.6
    # The bot asks back when the best two topics are closer than this …
    clarify_margin: float = 0.08
    # … the better one is no surer than this …
    clarify_below: float = 0.5
    # … and together they hold at least this much.
    clarify_together: float = 0.5


@dataclass(frozen=True)
class Plan:
    """One turn's plan.

    Attributes:
        route: the most urgent route of the message.
        topics: the topics answered, in the order asked; the closest ones where the route is `clarify` or `out_of_scope`.
        intents: the intents whose rules run, in order.
        actions: actions that no intent's rule names, run before those.
        buttons: the intents offered as buttons with the last action.
    """

    route: str
    topics: list[str] = field(default_factory=list)
    intents: list[str] = field(default_factory=list)
    actions: list[str] = field(default_factory=list)
    buttons: list[str] = field(default_factory=list)


def plan_turn(understood: dict[str, Any], context: dict[str, Any], limits: Limits) -> Plan:
    """Plan a turn.

    Args:
        understood: what `TopicClassifier` writes: `whole` and `parts`, each a reading with `ranking`, `known`,
            `question`, `medical`, `emergency`.
        context: the turn's context; `choice` is a pressed button, `last_route` the route of the turn before.
        limits: the thresholds.
    """
    choice = context.get("choice")
    if choice:
        return _plan_choice(choice["intent"])
    whole, parts = understood["whole"], understood["parts"]
    danger = _plan_danger(whole, parts, limits)
    if danger:
        return danger
    wanted = _wanted(whole, parts, limits)
    if not wanted:
        return _plan_unknown(whole)
    near = _near_topics(whole, wanted, context, limits)
    if near:
        return Plan(routes.CLARIFY, topics=near, actions=["utter_clarify"], buttons=[*near, "human_request"])
    route = routes.most_urgent([route_of(intent) for intent in wanted])
    return Plan(route, topics=wanted, intents=wanted)


def _plan_choice(intent: str) -> Plan:
    return Plan(route_of(intent), topics=[intent], intents=[intent])


def _top(reading: Reading) -> Optional[str]:
    return reading["ranking"][0]["name"] if reading["ranking"] else None


def _together(whole: Reading, parts: list[Reading], key: str) -> float:
    """Return how medical a message is: the mean of the whole's probability and the most medical part's.

    A symptom in one sentence of many lifts it; a stray word in a sentence of chatter does not carry it alone.
    """
    return (whole[key] + max([part[key] for part in parts], default=whole[key])) / 2


def _plan_danger(whole: Reading, parts: list[Reading], limits: Limits) -> Optional[Plan]:
    """The gate: what is medical enough decides, however harmless the rest of the message is."""
    emergency, medical = (_together(whole, parts, key) for key in ("emergency", "medical"))
    readings = [whole, *parts]
    if emergency >= limits.emergency:
        intent = _likeliest(readings, routes.EMERGENCY)
        return Plan(routes.EMERGENCY, topics=[intent], intents=[intent])
    if emergency + medical >= limits.medical:
        intent = _likeliest(readings, routes.STAFF_MEDICAL)
        return Plan(routes.STAFF_MEDICAL, topics=[intent], intents=[intent])
    return None


def _likeliest(readings: list[Reading], route: str) -> str:
    """Return the likeliest medical sub-topic of a route."""
    entries = [
        entry for reading in readings for entry in reading["medical_ranking"] if route_of(entry["name"]) == route
    ]
    # No reading has one among its likeliest when the probability is spread thin: then the general one stands in.
    return str(max(entries, key=lambda entry: entry["confidence"], default={"name": GENERAL[route]})["name"])


def _wanted(whole: Reading, parts: list[Reading], limits: Limits) -> list[str]:
    """Return the intents to serve, in the order asked, without repeats; small talk only where it stands alone."""
    found: list[str] = []
    if len(parts) > 1:
        sure = [p for p in parts if p["known"] and p["ranking"][0]["confidence"] >= limits.second_topic]
        found = list(dict.fromkeys(name for p in sure if (name := _top(p))))
        serious = [name for name in found if route_of(name) != routes.SMALLTALK]
        found = serious or found
    top = _top(whole)
    if whole["known"] and top and (not found or len(found) == 1):
        return [top]
    return found


def _near_topics(whole: Reading, wanted: list[str], context: dict[str, Any], limits: Limits) -> list[str]:
    """Return the two topics to ask between, or nothing. The bot never asks back twice in a row."""
    if len(wanted) != 1 or context.get("last_route") == routes.CLARIFY or len(whole["ranking"]) < 2:
        return []
    first, second = whole["ranking"][:2]
    both_answers = route_of(first["name"]) == route_of(second["name"]) == routes.ANSWER
    close = (
        first["confidence"] < limits.clarify_below
        and first["confidence"] - second["confidence"] < limits.clarify_margin
        and first["confidence"] + second["confidence"] >= limits.clarify_together
    )
    return [first["name"], second["name"]] if both_answers and close else []


def _plan_unknown(whole: Reading) -> Plan:
    closest = [e["name"] for e in whole["ranking"] if route_of(e["name"]) == routes.ANSWER][:SUGGESTIONS]
    return Plan(routes.OUT_OF_SCOPE, topics=closest, intents=["out_of_scope"], buttons=[*closest, *OFFERS])


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
                plan = plan_turn(understood, message.get("metadata") or {}, self._limits)
                message.set("plan", asdict(plan), add_to_output=True)
        return messages
