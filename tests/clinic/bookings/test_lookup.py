"""Finding a request by reference and proof: five tries, and a wrong pair reveals nothing."""

from __future__ import annotations

import uuid

import httpx
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic.bookings import lookup
from clinic.bookings.models import BookingRequest
from clinic.handoffs.models import HandOff
from tests.clinic.bookings.conftest import Requested, Talk, start_talk, wish
from tests.clinic.conftest import FakeBrain, Visitor, answer


@pytest.mark.parametrize("proof", ["0100", "916 555 0100", "ending in 0100", "ana@example.com", " ANA@example.com "])
def test_the_right_pair_finds_it(requested: Requested, proof: str) -> None:
    request = requested()
    assert lookup.find(uuid.uuid4(), request.spoken_reference.lower(), proof) == request


@pytest.mark.parametrize("proof", ["", "0101", "100", "ana@example.org", "x0100@example.com", None, 100, "a" * 5000])
def test_a_wrong_proof_finds_nothing(requested: Requested, proof: object) -> None:
    assert lookup.find(uuid.uuid4(), requested().reference, proof) is None


def test_a_request_without_contact_has_no_proof(requested: Requested) -> None:
    request = requested(phone="", email="")
    for proof in ("", "0000", "@", None):
        assert lookup.find(uuid.uuid4(), request.reference, proof) is None


def test_unknown_references_and_wrong_proofs_look_the_same(requested: Requested) -> None:
    reference = requested().reference
    asking, answers, queries = start_talk(), [], []
    for typed in (reference, "222222", "nonsense", 7):
        with CaptureQueriesContext(connection) as captured:
            asking.says({"type": "booking_status", "reference": typed, "proof": "9999"})
        queries.append(len(captured))
        answers.append(asking.heard()[-1])
    assert len(set(answers)) == 1
    assert set(asking.responses()) == {"utter_booking_not_found"}
    assert len(set(queries)) == 1


def test_five_tries_and_then_not_even_the_right_pair(requested: Requested) -> None:
    reference = requested().reference
    asking = start_talk()
    for _ in range(5):
        asking.says({"type": "booking_withdraw", "reference": reference, "proof": "9999"})
    asking.says({"type": "booking_withdraw", "reference": reference, "proof": "0100"})
    assert asking.responses() == ["utter_booking_not_found"] * 5 + ["utter_booking_too_many_tries"]
    assert BookingRequest.objects.get().state == "submitted"
    other = start_talk()
    other.says({"type": "booking_withdraw", "reference": reference, "proof": "0100"})
    assert other.responses() == ["utter_booking_withdrawn"]


def test_tries_count_for_the_address_too(requested: Requested) -> None:
    reference = requested().reference
    for _ in range(5):
        conversation = uuid.uuid4()
        lookup.remember_address(conversation, "203.0.113.7")
        assert lookup.find(conversation, reference, "9999") is None
    last = uuid.uuid4()
    lookup.remember_address(last, "203.0.113.7")
    with pytest.raises(lookup.TooManyTries):
        lookup.find(last, reference, "0100")
    elsewhere = uuid.uuid4()
    lookup.remember_address(elsewhere, "203.0.113.8")
    assert lookup.find(elsewhere, reference, "0100") is not None


def test_an_address_has_five_tries_through_the_visitor_api(
    transactional_db: None, clinic: httpx.Client, fake_brain: FakeBrain
) -> None:
    start_talk().says(wish())
    pair = {"reference": BookingRequest.objects.get().reference, "proof": "9999"}
    fake_brain.reply = lambda _: answer(route="booking", effects=[{"type": "booking_status", **pair}])
    heard = [Visitor(clinic).say("my status")[-1]["text"] for _ in range(6)]
    assert heard == ["Utter_booking_not_found"] * 5 + ["Utter_booking_too_many_tries"]


def test_right_pairs_use_no_tries_up(requested: Requested) -> None:
    request = requested()
    conversation = uuid.uuid4()
    for _ in range(12):
        assert lookup.find(conversation, request.reference, "0100") == request


def test_a_request_of_another_conversation_is_changed_but_told_only_here(talk: Talk, requested: Requested) -> None:
    request = requested()
    asking = start_talk()
    asking.says({"type": "booking_change", "preferred": "Friday", "reference": request.reference, "proof": "0100"})
    request.refresh_from_db()
    assert request.preferred == "Friday"
    matter = HandOff.objects.get(conversation=asking.pk)
    assert matter.entries.get().details == {"booking": request.reference}
    assert matter.messages.get().conversation_id == asking.pk
    assert asking.responses() == ["utter_booking_change_noted"]
    assert talk.responses() == ["utter_booking_received"]
