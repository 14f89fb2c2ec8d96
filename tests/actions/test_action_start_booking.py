import pytest

from actions.action_start_booking import ActionStartBooking
from tests.actions.helper import run_action


@pytest.mark.parametrize(
    ("intents", "response"),
    [
        (["book"], "utter_booking_open"),
        (["cost_savings", "book"], "utter_booking_open"),
        (["reschedule_cancel"], "utter_reschedule_open"),
    ],
)
def test_it_passes_the_wish_on(intents: list[str], response: str) -> None:
    effects, responses = run_action(
        ActionStartBooking(),
        {"route": "booking", "intents": intents, "reason": "intent:…", "after": []},
        {"open": True},
    )
    assert effects == [{"type": "hand_off", "kind": "booking", "reason": "intent:…"}]
    assert responses == [response]


def test_closed_hours_have_their_own_reply() -> None:
    _, responses = run_action(
        ActionStartBooking(), {"route": "booking", "intents": ["book"], "reason": "", "after": []}, {"open": False}
    )
    assert responses == ["utter_booking_closed"]


def test_where_the_form_follows_it_says_that_questions_come() -> None:
    plan = {"route": "booking", "intents": ["book"], "reason": "", "after": ["booking_form"]}
    effects, responses = run_action(ActionStartBooking(), plan, {"open": True})
    assert effects == [{"type": "hand_off", "kind": "booking", "reason": ""}]
    assert responses == ["utter_booking_start_open"]
