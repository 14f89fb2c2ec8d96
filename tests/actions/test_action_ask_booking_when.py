from actions.action_ask_booking_when import ActionAskBookingWhen
from tests.actions.helper import run_ask

MORNING = {"title": "Friday morning", "begins": "2026-11-27T09:00", "ends": "2026-11-27T12:00"}


def test_the_next_open_half_days_are_offered() -> None:
    asked = run_ask(ActionAskBookingWhen(), {}, half_days=[MORNING])
    assert asked["response"] == "utter_ask_booking_when"
    assert asked["buttons"] == [
        {"intent": "pick_booking_when", "title": "Friday morning", "value": "2026-11-27T09:00/2026-11-27T12:00"}
    ]


def test_what_can_mean_two_days_is_asked_about() -> None:
    choices = [{"text": "Friday", "windows": []}, {"text": "Saturday", "windows": []}]
    asked = run_ask(ActionAskBookingWhen(), {"booking_choices": choices}, half_days=[MORNING])
    assert asked["response"] == "utter_ask_booking_when_which"
    assert [(button["title"], button["value"]) for button in asked["buttons"]] == [
        ("Friday", "choice:0"),
        ("Saturday", "choice:1"),
    ]
