"""The real domain has every response that bookings use."""

from __future__ import annotations

from django.conf import settings

from clinic.bookings import said
from clinic.conversations import responses


def test_the_domain_has_every_response_of_bookings() -> None:
    assert set(said.RESPONSES) <= set(responses.load(settings.DOMAIN_FILE).responses)
