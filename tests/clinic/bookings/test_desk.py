"""Two at once: of two clicks one wins, whoever clicks. And what work on a request means for staff's queue."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from clinic.accounts.models import User
from clinic.bookings import desk, expiry
from clinic.bookings.models import BookingChange, BookingRequest
from clinic.conversations.models import Conversation
from clinic.handoffs.models import HandOff
from clinic.outbox.models import Delivery
from tests.clinic.bookings.conftest import Requested, Talk, start_talk, wish


def at_once(*works: Callable[[], object]) -> list[str]:
    """Run each work in a thread of its own at the same moment; return what became of them, in order of the works."""
    outcomes = [""] * len(works)
    gate = threading.Barrier(len(works))

    def run(number: int) -> None:
        gate.wait()
        try:
            works[number]()
            outcomes[number] = "done"
        except (desk.Conflict, desk.NotAllowed) as refusal:
            outcomes[number] = type(refusal).__name__
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


@pytest.mark.django_db(transaction=True)
def test_two_staff_at_once_give_one_result_and_the_second_is_told() -> None:
    one, other = User.objects.create_user("morgan"), User.objects.create_user("robin")
    for _ in range(10):
        talk = start_talk()
        talk.says(wish())
        reference = BookingRequest.objects.latest("id").reference
        start = timezone.now() + timedelta(days=2)
        outcomes = at_once(
            lambda ref=reference, at=start: desk.confirm(ref, 0, one, at, 30),
            lambda ref=reference: desk.decline(ref, 0, other),
        )
        assert sorted(outcomes) == ["Conflict", "done"]
        request = BookingRequest.objects.get(reference=reference)
        confirmed = outcomes[0] == "done"
        assert request.state == ("booked" if confirmed else "declined")
        assert request.changes.count() == 2
        assert talk.responses()[1:] == ["utter_booking_confirmed" if confirmed else "utter_booking_declined"]
        mails = Delivery.objects.filter(type="booking_appointment", conversation=talk.pk).count()
        assert mails == (1 if confirmed else 0)


@pytest.mark.django_db(transaction=True)
def test_a_visitor_a_colleague_and_the_clock_at_once() -> None:
    user = User.objects.create_user("morgan")
    for _ in range(10):
        talk = start_talk()
        talk.says(wish())
        request = BookingRequest.objects.latest("id")
        late = timezone.now() + timedelta(days=30)
        outcomes = at_once(
            lambda here=talk: here.says({"type": "booking_withdraw"}),
            lambda ref=request.reference: desk.contacted(ref, 0, user),
            lambda at=late: expiry.expire(at),
        )
        assert set(outcomes[1:]) <= {"done", "Conflict"}
        request.refresh_from_db()
        history = list(request.changes.order_by("id").values_list("from_state", "to_state"))
        assert [before for before, _ in history[1:]] == [after for _, after in history[:-1]]
        assert request.state == history[-1][1] == "withdrawn"
        assert BookingChange.objects.filter(request=request, to_state="expired").count() <= 1


def _matter(talk: Talk) -> tuple[str, int | None, bool]:
    """The state of the conversation's latest matter, and whether somebody waits for staff."""
    conversation = Conversation.objects.get(pk=talk.pk)
    state = HandOff.objects.filter(conversation=talk.pk).latest("id").state
    return state, conversation.urgency, conversation.waiting_since is not None


@pytest.mark.parametrize("deed", ["contacted", "offer", "confirm", "decline"])
def test_who_works_on_a_request_settles_its_matter(talk: Talk, requested: Requested, member: User, deed: str) -> None:
    reference, start = requested().reference, timezone.now() + timedelta(days=2)
    assert _matter(talk) == ("open", 4, True)
    more = {"offer": ([start],), "confirm": (start, 30)}.get(deed, ())
    getattr(desk, deed)(reference, 0, member, *more)
    assert _matter(talk) == ("resolved", None, False)
    assert HandOff.objects.get().claimed_by == member


def test_the_matter_stays_while_another_request_is_untouched(talk: Talk, requested: Requested, member: User) -> None:
    first, second = requested(), requested()
    desk.contacted(first.reference, 0, member)
    assert _matter(talk) == ("open", 4, True)
    desk.contacted(second.reference, 0, member)
    assert _matter(talk) == ("resolved", None, False)


def test_a_change_that_the_visitor_wants_is_a_new_matter(talk: Talk, requested: Requested, member: User) -> None:
    desk.contacted(requested().reference, 0, member)
    talk.says({"type": "booking_change", "preferred": "Friday morning"})
    assert _matter(talk) == ("open", 4, True)


def test_other_matters_wait_on(talk: Talk, requested: Requested, member: User) -> None:
    reference = requested().reference
    talk.says({"type": "hand_off", "kind": "staff_medical", "reason": "rules:a/b"})
    desk.contacted(reference, 0, member)
    conversation = Conversation.objects.get(pk=talk.pk)
    assert (conversation.owner, conversation.urgency) == ("waiting", 1)
    assert conversation.waiting_since is not None


def test_an_expired_request_still_waits(talk: Talk, requested: Requested) -> None:
    requested()
    HandOff.objects.update(state="resolved")
    Conversation.objects.update(urgency=None, waiting_since=None)
    assert expiry.expire(timezone.now() + timedelta(days=30)) == 1
    assert _matter(talk) == ("open", 4, True)
