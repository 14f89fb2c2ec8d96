"""The settings of bookings: strict, one clear sentence each."""

from __future__ import annotations

import pytest
from django.conf import settings

from clinic import env
from clinic.bookings import adapters
from clinic.bookings.models import BookingRequest
from clinic.outbox.models import Delivery
from clinic.practice import facts
from tests.clinic.bookings.conftest import Requested

SECRET = "s" * 32
WEBHOOK = {"BOOKING_ADAPTER": "webhook", "BOOKING_WEBHOOK_SECRET": SECRET}


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"BOOKING_ADAPTER": "fax"}, "The setting BOOKING_ADAPTER must be one of request, link, webhook, ics."),
        ({"BOOKING_ADAPTER": "link"}, "The setting BOOKING_URL must not be empty when BOOKING_ADAPTER is link."),
        ({"BOOKING_ADAPTER": "ics"}, "The setting CLINIC_EMAIL must not be empty when BOOKING_ADAPTER is ics."),
        (
            {"BOOKING_ADAPTER": "ics", "CLINIC_EMAIL": "desk at example.com"},
            "The setting CLINIC_EMAIL must be an e-mail address such as desk@clinic.example.",
        ),
        (
            {"BOOKING_ADAPTER": "webhook"},
            "The setting BOOKING_WEBHOOK_URL must not be empty when BOOKING_ADAPTER is webhook.",
        ),
        (
            {"BOOKING_ADAPTER": "webhook", "BOOKING_WEBHOOK_URL": "https://hooks.example.com"},
            "The setting BOOKING_WEBHOOK_SECRET must not be empty when BOOKING_ADAPTER is webhook.",
        ),
        (
            {"BOOKING_WEBHOOK_SECRET": "short"},
            "The setting BOOKING_WEBHOOK_SECRET must have at least 32 characters, or be empty.",
        ),
        (
            WEBHOOK | {"BOOKING_WEBHOOK_URL": "http://hooks.example.com"},
            "The setting BOOKING_WEBHOOK_URL must begin with https:// unless BOOKING_WEBHOOK_ALLOW_PRIVATE is true.",
        ),
        (
            WEBHOOK | {"BOOKING_WEBHOOK_URL": "https://127.0.0.1/hook"},
            "The setting BOOKING_WEBHOOK_URL must not lead into a private network"
            " unless BOOKING_WEBHOOK_ALLOW_PRIVATE is true.",
        ),
        (
            WEBHOOK | {"BOOKING_WEBHOOK_URL": "https://me:pw@hooks.example.com"},
            "The setting BOOKING_WEBHOOK_URL must be an address that begins with https:// and has neither a password"
            " nor a #.",
        ),
        ({"BOOKING_EXPIRY_HOURS": "0"}, "The setting BOOKING_EXPIRY_HOURS must be a whole number from 1 to 10000."),
        (
            {"BOOKING_WEBHOOK_ALLOW_PRIVATE": "maybe"},
            "The setting BOOKING_WEBHOOK_ALLOW_PRIVATE must be true or false.",
        ),
        ({"BOOKING_ADAPTOR": "link"}, "The setting BOOKING_ADAPTOR does not exist; did you mean BOOKING_ADAPTER?"),
    ],
)
def test_a_wrong_setting_is_one_clear_sentence(values: dict[str, str], sentence: str) -> None:
    with pytest.raises(env.SettingError) as error:
        env.read(values)
    assert str(error.value) == sentence


@pytest.mark.parametrize("url", ["https://[::1", "https://x:99999/", "ftp://x.example.com", "https://x.example.com/#a"])
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(env.SettingError, match="BOOKING_WEBHOOK_URL must be an address"):
        env.read({"BOOKING_WEBHOOK_URL": url})


def test_settings_that_go_together() -> None:
    assert env.read({})["BOOKING_ADAPTER"] == "request"
    private = WEBHOOK | {"BOOKING_WEBHOOK_URL": "http://10.0.0.5/hook/", "BOOKING_WEBHOOK_ALLOW_PRIVATE": "true"}
    assert env.read(private)["BOOKING_WEBHOOK_URL"] == "http://10.0.0.5/hook/"
    assert env.read(WEBHOOK | {"BOOKING_WEBHOOK_URL": "https://hooks.example.com/x?y=1"})
    assert env.read({"BOOKING_ADAPTER": "link", "BOOKING_URL": "https://book.example.com"})
    assert env.read({"BOOKING_ADAPTER": "ics", "CLINIC_EMAIL": "desk@example.com"})


def test_only_the_clinics_own_page_has_an_address(requested: Requested, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(settings.ENV, "BOOKING_URL", "https://book.example.com/start")
    facts.forget()
    assert adapters.chosen().page == ""
    monkeypatch.setitem(settings.ENV, "BOOKING_ADAPTER", "link")
    assert adapters.chosen().page == "https://book.example.com/start"
    requested()
    assert BookingRequest.objects.count() == 1
    assert set(Delivery.objects.values_list("type", flat=True)) == {"hand_off"}
