import pytest

from rasa_ext.routes import most_urgent, route_of


@pytest.mark.parametrize(
    ("intent", "route"),
    [
        ("emergency_breathing", "emergency"),
        ("medical_eyelid_droop", "staff_medical"),
        ("human_request", "staff_other"),
        ("complaint_billing", "staff_other"),
        ("book", "booking"),
        ("reschedule_cancel", "booking"),
        ("greet", "smalltalk"),
        ("out_of_scope", "out_of_scope"),
        ("side_effects", "answer"),
        ("a_topic_added_tomorrow", "answer"),
    ],
)
def test_every_intent_has_a_route(intent: str, route: str) -> None:
    assert route_of(intent) == route


def test_the_most_urgent_route_decides() -> None:
    assert most_urgent(["smalltalk", "answer", "staff_medical", "booking"]) == "staff_medical"
    assert most_urgent(["answer", "emergency"]) == "emergency"


def test_no_routes_is_an_error() -> None:
    with pytest.raises(ValueError, match="empty"):
        most_urgent([])
