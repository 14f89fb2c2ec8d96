from actions.action_ask_booking_confirm import ActionAskBookingConfirm
from tests.actions.helper import run_ask


def test_everything_is_read_back() -> None:
    slots = {
        "booking_wish": "consultation",
        "booking_when": {"text": "Friday morning", "windows": []},
        "booking_visitor": "new",
        "booking_name": "Ana",
        "booking_reach": {"phone": "+19165550100", "email": "ana@example.com"},
    }
    asked = run_ask(ActionAskBookingConfirm(), slots)
    said = {name: value for name, value in asked.items() if name.startswith("booking_")}
    assert said == {
        "booking_kind": "consultation",
        "booking_preferred": "Friday morning",
        "booking_who": "new",
        "booking_called": "Ana",
        "booking_contact": "+19165550100, ana@example.com",
    }


def test_what_was_left_open_shows_as_such() -> None:
    asked = run_ask(ActionAskBookingConfirm(), {"booking_reach": {}})
    assert {value for name, value in asked.items() if name.startswith("booking_")} == {"–"}


def test_who_says_that_something_is_wrong_is_asked_what() -> None:
    slots = {"booking_name": "Ana"}
    for plan in ({"form": "change", "answer": ""}, {"form": "no", "answer": "no, that is odd"}):
        assert run_ask(ActionAskBookingConfirm(), slots, plan)["response"] == "utter_ask_booking_change"
    taken = run_ask(ActionAskBookingConfirm(), slots, {"form": "no", "answer": "no, Ana"})
    assert taken["response"] == "utter_ask_booking_confirm"
