"""The names of routes and topics as the measurements use them."""

from __future__ import annotations

ROUTES = (
    "emergency",
    "staff_medical",
    "staff_other",
    "booking",
    "answer",
    "clarify",
    "smalltalk",
    "out_of_scope",
)
TOPICS = {
    "answer": (
        "what_is_dysport",
        "how_it_works",
        "benefits",
        "treatable_areas",
        "wrinkles_not_treated",
        "safety",
        "pain_anesthesia",
        "side_effects",
        "side_effects_duration",
        "recovery_downtime",
        "results_duration",
        "procedure",
        "onset",
        "expected_results",
        "dysport_vs_botox",
        "history_approval",
        "who_performs",
        "candidacy_general",
        "age_limit",
        "preparation_aftercare",
        "repeat_treatments",
        "resistance_antibodies",
        "cost_savings",
        "location_hours_contact",
        "consultation",
    ),
    "booking": ("book", "reschedule_cancel"),
    "staff_other": ("human_request", "complaint_billing"),
    "smalltalk": ("greet", "thanks", "goodbye", "bot_challenge", "affirm", "deny"),
    "out_of_scope": ("out_of_scope",),
}
ROUTE_OF_TOPIC = {topic: route for route, topics in TOPICS.items() for topic in topics}
MEDICAL_ROUTES = ("emergency", "staff_medical")
STAFF_ROUTES = (*MEDICAL_ROUTES, "staff_other")
# Kinds of hand-off that bring the message itself before staff; one for booking only asks for an appointment.
STAFF_HAND_OFFS = (*STAFF_ROUTES, "failed_turn")
# Beside these routes' replies no topic is answered; what they name are the closest topics, offered as buttons.
OFFERING_ROUTES = ("clarify", "out_of_scope")
