import pytest

from actions.action_hand_off import ActionHandOff
from tests.actions.helper import run_action


@pytest.mark.parametrize(
    ("route", "intent", "response"),
    [
        ("emergency", "emergency_breathing", "utter_emergency_staff"),
        ("staff_medical", "medical_eyelid_droop", "utter_staff_medical"),
        ("staff_other", "human_request", "utter_hand_off"),
    ],
)
@pytest.mark.parametrize("is_open", [True, False])
def test_it_hands_off_and_tells_the_truth_about_hours(route: str, intent: str, response: str, is_open: bool) -> None:
    effects, responses = run_action(
        ActionHandOff(), {"route": route, "intents": [intent], "reason": "rules:…"}, {"open": is_open}
    )
    assert effects == [{"type": "hand_off", "kind": route, "reason": "rules:…"}]
    assert responses == [f"{response}_{'open' if is_open else 'closed'}"]


def test_unknown_hours_count_as_closed() -> None:
    _, responses = run_action(ActionHandOff(), {"route": "staff_other", "intents": ["human_request"], "reason": ""}, {})
    assert responses == ["utter_hand_off_closed"]


@pytest.mark.parametrize(
    ("route", "response"), [("staff_other", "utter_bot_off"), ("staff_medical", "utter_staff_medical")]
)
def test_it_says_that_the_bot_is_off(route: str, response: str) -> None:
    plan = {"route": route, "intents": ["safety"], "reason": "bot off"}
    effects, responses = run_action(ActionHandOff(), plan, {"open": True, "bot_off": True})
    assert effects == [{"type": "hand_off", "kind": route, "reason": "bot off"}]
    assert responses == [f"{response}_open"]
