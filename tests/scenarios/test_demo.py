"""A few days of the demo month, asked of the real brain."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import timezone

from clinic.accounts.models import User
from clinic.bookings.models import BookingRequest
from clinic.conversations import brain
from clinic.conversations.models import Conversation, Message
from clinic.demo.month import Month
from clinic.handoffs.models import HandOff
from clinic.outbox.models import Delivery
from clinic.practice import facts
from tests.conftest import CLINIC, Running

pytestmark = pytest.mark.stack
# A Monday morning, so that the last night is a Sunday's.
NOW = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
PHONE = re.compile(r"202 555 01\d\d")


@pytest.fixture
def month(stack: Running, db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Month]:
    """Some days that end this morning, in a clinic with opening hours."""
    url = stack.environment.get("RASA_URL") or os.environ["RASA_URL"]
    monkeypatch.setattr(settings, "RASA_URL", url)
    for name in ("CLINIC_NAME", "CLINIC_PHONE", "CLINIC_HOURS"):
        monkeypatch.setitem(settings.ENV, name, CLINIC[name])
    monkeypatch.setattr(settings, "ALERT_EMAILS", ["desk@clinic.example"])
    facts.forget()
    yield Month(NOW)
    brain.hang_up()
    facts.forget()


def test_a_believable_month_goes_into_an_empty_book_and_into_no_other(month: Month) -> None:
    number = month.play(days=4, a_day=4)
    assert month.missed == []
    assert abs(timezone.now() - datetime.now(UTC)) < timedelta(seconds=5), "the clock is the world's again"
    assert Conversation.objects.count() == number
    said = Message.objects.filter(sender="visitor")
    assert said.filter(created_at__gt=NOW + timedelta(minutes=30)).count() == 0
    assert said.exclude(turn="answered").count() == 0
    # The morning finds something of everything that matters, and nobody outside was told of it.
    open_kinds = set(HandOff.objects.exclude(state="resolved").values_list("kind", flat=True))
    assert open_kinds == {"emergency", "staff_medical", "staff_other", "booking"}
    assert BookingRequest.objects.filter(state="submitted").exists()
    assert Conversation.objects.filter(owner=f"staff:{User.objects.get(username='ann.keller').pk}").count() == 1
    assert Delivery.objects.filter(state="waiting").count() == 0
    # Some left by themselves and said how they found it; nobody whom the morning finds.
    assert Conversation.objects.exclude(rating="").exclude(ended_at=None).exists()
    assert not Conversation.objects.filter(ended_at=None).exclude(rating="").exists()
    assert not Conversation.objects.exclude(ended_at=None).exclude(owner="closed").exists()
    assert not Conversation.objects.filter(consent_at=None).exists()
    # Nobody is real: reserved numbers, and accounts that nobody can enter.
    for text in said.values_list("text", flat=True):
        digits = re.findall(r"\d{3} \d{3} \d{4}", text)
        assert all(PHONE.fullmatch(found) for found in digits)
    assert not any(user.has_usable_password() for user in User.objects.all())

    with pytest.raises(CommandError, match="holds conversations already"):
        call_command("fill_demo")
    assert Conversation.objects.count() == number


def test_the_same_seed_is_the_same_month(month: Month) -> None:
    again = Month(NOW)
    assert month.visits(5, 6) == again.visits(5, 6)
    assert Month(NOW, seed=2).visits(5, 6) != Month(NOW).visits(5, 6)
