"""What turns do for visitors who want an appointment: submit, change, withdraw, ask."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic.accounts.models import User
from clinic.bookings import desk
from clinic.bookings.models import BookingRequest
from clinic.bookings.states import State
from clinic.conversations import responses
from clinic.conversations.models import Conversation
from clinic.handoffs.models import HandOff
from clinic.outbox.models import Delivery
from tests.clinic.bookings.conftest import Requested, Talk, start_talk, wish
from tests.clinic.bookings.test_fields import HARMLESS


def test_a_request_is_written_told_and_brought_to_staff(talk: Talk) -> None:
    message = talk.says(wish(run="one"))
    request = BookingRequest.objects.get()
    assert (request.state, request.name, request.phone, request.email) == (
        "submitted",
        "Ana Ortiz",
        "+19165550100",
        "ana@example.com",
    )
    assert (request.visitor, request.wish, request.reach, request.preferred) == (
        "new",
        "consultation",
        "phone",
        "Thursday afternoon",
    )
    assert request.windows[0]["start"] == "2026-12-03T13:00-08:00"
    assert (request.consent_version, request.consent_at) == ("2026-11", message.created_at)
    assert request.confirm_by is not None
    [heard] = talk.heard()
    assert f"{request.spoken_reference} by " in heard
    matter = HandOff.objects.get()
    assert (matter.kind, matter.entries.get().details) == ("booking", {"booking": request.reference})
    alert = Delivery.objects.filter(type="hand_off").first()
    assert alert is not None
    assert "Ana" not in str(alert.payload)


def test_the_conversations_own_reference_needs_no_proof(talk: Talk) -> None:
    talk.says(wish(run="one", phone="", email=""))
    reference = BookingRequest.objects.get().spoken_reference
    start_talk().says({"type": "booking_withdraw", "reference": reference, "proof": ""})
    assert BookingRequest.objects.get().state == "submitted"
    talk.says({"type": "booking_withdraw", "reference": reference.lower(), "proof": ""})
    assert BookingRequest.objects.get().state == "withdrawn"


def test_the_same_effect_again_does_nothing(talk: Talk) -> None:
    effect = wish(run="one")
    message = talk.says(effect)
    talk.says(effect, message=message)
    talk.says(effect, message=message)
    assert BookingRequest.objects.count() == 1
    assert talk.responses() == ["utter_booking_received"]


def test_a_second_yes_hears_the_same_reference_again(talk: Talk) -> None:
    effect = wish(run="one")
    talk.says(effect)
    talk.says(effect)
    assert BookingRequest.objects.count() == 1
    assert len(talk.heard()) == 2
    assert len(set(talk.heard())) == 1


def test_without_a_run_the_message_counts(talk: Talk) -> None:
    effect = wish(run=None)
    message = talk.says(effect)
    talk.says(effect, message=message)
    assert BookingRequest.objects.count() == 1


def test_two_visitors_with_one_phone_and_one_run_have_two_requests(db: None) -> None:
    effect = wish(run="one")
    start_talk().says(effect)
    start_talk().says(effect)
    assert BookingRequest.objects.values("reference").distinct().count() == 2


def test_a_new_wish_changes_the_open_request_only_if_it_says_so(talk: Talk) -> None:
    talk.says(wish(run="one"))
    talk.says(wish(run="two", update=True, preferred="Friday morning"))
    talk.says(wish(run="two", update=True, preferred="Friday morning"))
    request = BookingRequest.objects.get()
    assert (request.preferred, request.asks_other_time, request.version) == ("Friday morning", True, 1)
    talk.says(wish(run="one"))  # A late repetition of the first yes.
    assert BookingRequest.objects.get().preferred == "Friday morning"
    talk.says(wish(run="three"))
    assert BookingRequest.objects.count() == 2
    BookingRequest.objects.update(state=State.DECLINED)
    talk.says(wish(run="four", update=True))
    assert BookingRequest.objects.count() == 3


@pytest.mark.parametrize("name", HARMLESS)
def test_odd_names_are_kept_as_plain_text(talk: Talk, name: str) -> None:
    talk.says(wish(name=name, preferred=name))
    request = BookingRequest.objects.get()
    assert (request.name, request.preferred) == (name, name)


def test_contact_that_cannot_be_read_is_kept_and_the_visitor_is_told(talk: Talk) -> None:
    talk.says(wish(phone="call my sister", email="ana at home"))
    request = BookingRequest.objects.get()
    assert (request.phone, request.email, request.contact) == ("", "", "call my sister; ana at home")
    assert talk.responses() == ["utter_booking_received_here"]


def test_one_readable_contact_is_enough(talk: Talk) -> None:
    talk.says(wish(phone="none", email="ana@example.com"))
    assert BookingRequest.objects.get().email == "ana@example.com"
    assert talk.responses() == ["utter_booking_received"]


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=20)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=6,
)
KEYS = ("run", "update", "name", "phone", "email", "visitor", "wish", "reach", "preferred", "windows", "consent")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(fields=st.fixed_dictionaries({}, optional=dict.fromkeys(KEYS, JSON)), reference=JSON, proof=JSON)
def test_no_effect_breaks_a_turn(talk: Talk, fields: dict[str, Any], reference: Any, proof: Any) -> None:
    pair = {"reference": reference, "proof": proof, "preferred": fields.get("preferred")}
    talk.says({"type": "booking_submit", **fields})
    for kind in ("booking_change", "booking_status", "booking_withdraw"):
        talk.says({"type": kind, **pair, "windows": fields.get("windows")})


def test_change_and_withdraw_without_a_request_say_so(talk: Talk) -> None:
    talk.says({"type": "booking_change", "preferred": "Friday"})
    talk.says({"type": "booking_withdraw"})
    talk.says({"type": "booking_status"})
    assert talk.responses() == ["utter_booking_none"] * 3


def test_other_times_for_an_open_request(talk: Talk, requested: Requested) -> None:
    request = requested()
    for _ in range(2):
        talk.says({"type": "booking_change", "preferred": "Friday", "windows": []})
    request.refresh_from_db()
    assert (request.preferred, request.asks_other_time, request.state) == ("Friday", True, "submitted")
    assert request.changes.count() == 2
    assert talk.responses()[1:] == ["utter_booking_change_noted"] * 2


def test_another_time_for_an_appointment_is_a_wish_for_staff(talk: Talk, requested: Requested, member: User) -> None:
    request = requested()
    start = timezone.now() + timedelta(days=2)
    desk.confirm(request.reference, 0, member, start, 30)
    talk.says({"type": "booking_change", "preferred": "Friday"})
    request.refresh_from_db()
    assert (request.state, request.starts_at, request.asks_other_time) == ("booked", start, True)
    assert talk.responses()[-1] == "utter_booking_change_asked"
    desk.confirm(request.reference, request.version, member, start + timedelta(days=1), 30)
    request.refresh_from_db()
    assert not request.asks_other_time


def test_withdrawing_is_final_and_said_as_often_as_asked(talk: Talk, requested: Requested) -> None:
    request = requested()
    talk.says({"type": "booking_withdraw"})
    talk.says({"type": "booking_withdraw"})
    talk.says({"type": "booking_change", "preferred": "Friday"})
    request.refresh_from_db()
    assert (request.state, request.changes.count()) == ("withdrawn", 2)
    assert talk.responses()[1:] == [
        "utter_booking_withdrawn",
        "utter_booking_withdrawn",
        "utter_booking_status_withdrawn",
    ]
    assert Delivery.objects.filter(type="hand_off").count() == 2


def test_the_consent_names_the_wording_agreed_to(requested: Requested) -> None:
    wording = responses.renderer().responses["utter_safety"][0].wording_hash
    assert requested(consent="utter_safety").consent_version == f"utter_safety@{wording[:12]}"
    assert requested(consent="").consent_at is None


@pytest.mark.parametrize("state", State)
def test_the_status_is_told_in_every_state(talk: Talk, requested: Requested, state: State) -> None:
    requested()
    BookingRequest.objects.update(state=state)
    talk.says({"type": "booking_status"})
    assert talk.responses()[-1] == f"utter_booking_status_{state}"


def test_while_staff_speak_the_bot_is_silent_and_the_request_is_safe(talk: Talk, member: User) -> None:
    Conversation.objects.filter(pk=talk.pk).update(owner=f"staff:{member.pk}")
    talk.says(wish())
    assert BookingRequest.objects.count() == 1
    assert talk.heard() == []
