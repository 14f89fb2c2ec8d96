"""The policy that runs a turn's plan: each planned intent's rule, in order, the form or its question, then listen."""

from __future__ import annotations

import json
import logging
from typing import Any, Optional

from rasa.core.policies.policy import Policy, PolicyPrediction, SupportedData
from rasa.core.policies.rule_policy import RulePolicy
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, UserUttered
from rasa.shared.core.generator import TrackerWithCachedStates
from rasa.shared.core.trackers import DialogueStateTracker

logger = logging.getLogger(__name__)

# RulePolicy has 6 and runs a form before any rule; a message with an emergency must not end in a form's slot. So this
# policy runs forms too, where the plan names them.
PRIORITY = 10


def plan_of(tracker: DialogueStateTracker) -> Optional[dict[str, Any]]:
    """Return the plan of the visitor's last message, or None when nothing was understood."""
    return (tracker.latest_message.parse_data or {}).get("plan") if tracker.latest_message else None


def actions_by_intent(trackers: list[TrackerWithCachedStates]) -> dict[str, list[str]]:
    """Read from rule trackers which actions follow each intent.

    Args:
        trackers: one for each rule, each with a message's intent and the actions up to the next listen.

    Raises:
        ValueError: two rules start with the same intent.
    """
    learned: dict[str, list[str]] = {}
    for tracker in trackers:
        intent: Optional[str] = None
        actions: list[str] = []
        for event in tracker.events:
            if isinstance(event, UserUttered):
                intent, actions = event.intent_name, []
            elif isinstance(event, ActionExecuted) and intent and event.action_name:
                if event.action_name == ACTION_LISTEN_NAME:
                    break
                actions.append(event.action_name)
        if not intent or not actions:
            continue
        if learned.setdefault(intent, actions) != actions:
            raise ValueError(f"Two rules say what follows the intent '{intent}'.")
    return learned


def done_since_message(tracker: DialogueStateTracker) -> int:
    """Return how many actions ran since the visitor's last message."""
    done = 0
    for event in reversed(tracker.events):
        if isinstance(event, UserUttered):
            break
        if isinstance(event, ActionExecuted):
            done += 1
    return done


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class TurnPolicy(Policy):
    """Runs what `rasa_ext.plan.TurnPlanner` planned, with the actions that `data/rules/` gives each intent.

    RulePolicy runs one rule for a message; a visitor who asks two things gets two rules run, in order.
    """

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        actions: Optional[dict[str, list[str]]] = None,
    ) -> None:
        super().__init__(config, model_storage, resource, execution_context)
        self._actions = actions or {}

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the default settings."""
        return {"priority": PRIORITY}

    @staticmethod
    def supported_data() -> SupportedData:
        """Train on rules only."""
        return SupportedData.RULE_DATA

    def train(self, training_trackers: list[TrackerWithCachedStates], domain: Domain, **kwargs: Any) -> Resource:
        """Learn from the rules which actions follow each intent, and keep that as JSON."""
        rules = SupportedData.trackers_for_supported_data(self.supported_data(), training_trackers)
        self._actions = actions_by_intent(rules)
        with self._model_storage.write_to(self._resource) as folder:
            (folder / "actions.json").write_text(json.dumps(self._actions, indent=1))
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> TurnPolicy:
        """Load what `train` kept. A missing file stops the start: a bot that knows no rule must not run."""
        with model_storage.read_from(resource) as folder:
            actions = json.loads((folder / "actions.json").read_text())
        return cls(config, model_storage, resource, execution_context, actions)

    def predict_action_probabilities(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        rule_only_data: Optional[dict[str, Any]] = None,
        **kwargs: Any,
    ) -> PolicyPrediction:
        """Predict the next step of the plan with certainty, or nothing where there is none."""
        plan = plan_of(tracker)
        if not plan:
            return self._prediction(self._default_predictions(domain))
        steps = self._steps(plan)
        done = done_since_message(tracker)
        name = steps[done] if done < len(steps) else ACTION_LISTEN_NAME
        probabilities = self._default_predictions(domain)
        probabilities[domain.index_for_action(name)] = 1.0
        return self._prediction(probabilities)

    def _steps(self, plan: dict[str, Any]) -> list[str]:
        steps: list[str] = list(plan["actions"])
        for intent in plan["intents"]:
            steps += [action for action in self._actions[intent] if action not in steps]
        return [*steps, *plan["after"]]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class FormPolicy(RulePolicy):
    """RulePolicy, which Rasa wants beside a form; asked only where there is no plan, for TurnPolicy outvotes it else.

    Its search through all rules for every step is a seventh of what a turn costs.
    """

    def predict_action_probabilities(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        rule_only_data: Optional[dict[str, Any]] = None,
        **kwargs: Any,
    ) -> PolicyPrediction:
        """Predict as RulePolicy does where there is no plan, and nothing where one runs."""
        if plan_of(tracker):
            return self._prediction([0.0] * domain.num_actions)
        return super().predict_action_probabilities(tracker, domain, rule_only_data, **kwargs)
