from actions.action_ask_visit_when import ActionAskVisitWhen
from tests.actions.helper import run_ask


def test_a_pressed_half_day_answers_the_form_about_a_request_sent_before() -> None:
    half_day = {"title": "Friday morning", "begins": "2026-11-27T09:00", "ends": "2026-11-27T12:00"}
    [button] = run_ask(ActionAskVisitWhen(), {}, half_days=[half_day])["buttons"]
    assert button["intent"] == "pick_visit_when"
