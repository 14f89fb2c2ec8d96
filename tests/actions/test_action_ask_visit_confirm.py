from actions.action_ask_visit_confirm import ActionAskVisitConfirm
from tests.actions.helper import run_ask


def test_the_new_time_is_read_back() -> None:
    asked = run_ask(ActionAskVisitConfirm(), {"visit_what": "move", "visit_when": {"text": "Friday", "windows": []}})
    assert (asked["response"], asked["booking_preferred"]) == ("utter_ask_visit_change", "Friday")


def test_nothing_is_withdrawn_unasked() -> None:
    assert run_ask(ActionAskVisitConfirm(), {"visit_what": "withdraw"})["response"] == "utter_ask_visit_withdraw"
