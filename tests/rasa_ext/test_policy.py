"""What the policy learns from rules, and the steps it takes."""

from __future__ import annotations

from typing import Any

import pytest
from rasa.core.policies.policy import PolicyPrediction
from rasa.core.policies.rule_policy import RulePolicy
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, UserUttered
from rasa.shared.core.generator import TrackerWithCachedStates
from rasa.shared.core.trackers import DialogueStateTracker

from rasa_ext.policy import FormPolicy, TurnPolicy, actions_by_intent

DOMAIN = Domain.from_yaml(
    """
    version: "3.1"
    intents: [safety, onset]
    actions: [action_hand_off]
    forms: {a_form: {required_slots: []}}
    responses:
      utter_safety: [{text: a}]
      utter_safety_label: [{text: b}]
      utter_onset: [{text: c}]
      utter_clarify: [{text: d}]
    """
)


def rule(intent: str, *actions: str) -> TrackerWithCachedStates:
    events = [UserUttered("", {"name": intent}), *map(ActionExecuted, actions), ActionExecuted("action_listen")]
    tracker = TrackerWithCachedStates.from_events(intent, events, DOMAIN.slots)
    tracker.is_rule_tracker = True
    return tracker


RULES = [rule("safety", "utter_safety", "utter_safety_label"), rule("onset", "utter_onset")]


@pytest.fixture
def policy(tmp_path: Any) -> TurnPolicy:
    storage = LocalModelStorage.create(tmp_path)
    context = ExecutionContext(GraphSchema({}))
    resource = Resource("turn_policy")
    TurnPolicy(TurnPolicy.get_default_config(), storage, resource, context).train(RULES, DOMAIN)
    return TurnPolicy.load(TurnPolicy.get_default_config(), storage, resource, context)


def steps_taken(policy: TurnPolicy, plan: dict[str, Any] | None) -> list[str]:
    message = UserUttered("hi", {"name": "safety"}, parse_data={"plan": plan} if plan else {})  # type: ignore[typeddict-item]
    tracker = DialogueStateTracker.from_events("c", [ActionExecuted("action_listen"), message], DOMAIN.slots)
    taken: list[str] = []
    while len(taken) < 9:
        prediction = policy.predict_action_probabilities(tracker, DOMAIN)
        if max(prediction.probabilities) == 0.0:
            return taken
        name = DOMAIN.action_names_or_texts[prediction.max_confidence_index]
        taken.append(name)
        if name == "action_listen":
            return taken
        tracker.update(ActionExecuted(name))
    raise AssertionError("The policy never listened.")


def plan(*intents: str, actions: tuple[str, ...] = (), after: tuple[str, ...] = ()) -> dict[str, Any]:
    base = {"intents": list(intents), "actions": list(actions), "after": list(after)}
    return {**base, "buttons": [], "route": "answer", "topics": []}


def test_it_reads_the_rules() -> None:
    assert actions_by_intent(RULES) == {"safety": ["utter_safety", "utter_safety_label"], "onset": ["utter_onset"]}


def test_two_rules_for_one_intent_are_refused() -> None:
    with pytest.raises(ValueError, match="onset"):
        actions_by_intent([*RULES, rule("onset", "utter_safety")])


def test_it_runs_the_rules_of_all_planned_intents_in_order(policy: TurnPolicy) -> None:
    taken = steps_taken(policy, plan("onset", "safety"))
    assert taken == ["utter_onset", "utter_safety", "utter_safety_label", "action_listen"]


def test_nothing_is_said_twice_in_a_turn(policy: TurnPolicy) -> None:
    assert steps_taken(policy, plan("onset", "onset")) == ["utter_onset", "action_listen"]


def test_actions_without_a_rule_come_first(policy: TurnPolicy) -> None:
    assert steps_taken(policy, plan(actions=("utter_clarify",))) == ["utter_clarify", "action_listen"]


def test_the_form_or_its_question_comes_last(policy: TurnPolicy) -> None:
    taken = steps_taken(policy, plan("onset", actions=("utter_clarify",), after=("a_form",)))
    assert taken == ["utter_clarify", "utter_onset", "a_form", "action_listen"]


def test_without_a_plan_it_leaves_the_turn_to_others(policy: TurnPolicy) -> None:
    assert steps_taken(policy, None) == []


def test_it_stands_above_rasas_own_policies(policy: TurnPolicy) -> None:
    assert policy.priority > 6


def test_rules_are_searched_only_where_no_plan_was_made(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    policy = FormPolicy(
        FormPolicy.get_default_config(),
        LocalModelStorage.create(tmp_path),
        Resource("form_policy"),
        ExecutionContext(GraphSchema({})),
    )
    searched = PolicyPrediction.for_action_name(DOMAIN, "utter_onset")
    monkeypatch.setattr(RulePolicy, "predict_action_probabilities", lambda *_, **__: searched)

    def prediction(parsed: dict[str, Any]) -> PolicyPrediction:
        message = UserUttered("", {"name": "safety"}, parse_data=parsed)  # type: ignore[arg-type]
        return policy.predict_action_probabilities(DialogueStateTracker.from_events("c", [message]), DOMAIN)

    assert max(prediction({"plan": {"intents": ["onset"]}}).probabilities) == 0.0
    assert prediction({}) is searched
