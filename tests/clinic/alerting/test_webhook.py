"""Alerts to a webhook: signed with a secret of their own, and without it not sent."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.conf import settings

from clinic.alerting.models import Rule
from clinic.alerting.tell import tell
from clinic.outbox import post
from clinic.outbox.models import Delivery
from clinic.outbox.webhook import ALERT_WEBHOOK
from tests.clinic.bookings.test_webhook import Receiver

SECRET = "another secret that both sides know"
NOON = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)


@pytest.fixture
def receiver(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """Return a receiver that a rule sends alerts to."""
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    monkeypatch.setitem(settings.ENV, "ALERT_WEBHOOK_SECRET", SECRET)
    monkeypatch.setitem(settings.ENV, "ALERT_WEBHOOK_ALLOW_PRIVATE", True)
    Rule.objects.create(name="Pager", webhook=server.url)
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_an_alert_arrives_signed(receiver: Receiver) -> None:
    tell("hand_off", "emergency", {"title": "Urgent: Emergency"}, NOON, urgent=True)
    assert post.deliver_due(ALERT_WEBHOOK) == 1
    [(_, headers, body)] = receiver.got
    signed = f"{headers['X-Clinic-Timestamp']}.".encode() + body
    assert headers["X-Clinic-Signature"] == f"v1={hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()}"
    assert json.loads(body)["payload"] == {"title": "Urgent: Emergency"}
    assert json.loads(body)["event"] == headers["X-Clinic-Event"]


@pytest.mark.parametrize(
    ("setting", "value", "error"),
    [("SECRET", "", "no secret to sign with"), ("ALLOW_PRIVATE", False, "private address, not allowed")],
)
def test_without_its_settings_nothing_is_sent(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch, setting: str, value: object, error: str
) -> None:
    monkeypatch.setitem(settings.ENV, f"ALERT_WEBHOOK_{setting}", value)
    # The secret of the booking webhook is none of theirs.
    monkeypatch.setitem(settings.ENV, "BOOKING_WEBHOOK_SECRET", SECRET)
    monkeypatch.setitem(settings.ENV, "BOOKING_WEBHOOK_ALLOW_PRIVATE", True)
    tell("hand_off", "emergency", {"title": "Urgent: Emergency"}, NOON)
    post.deliver_due(ALERT_WEBHOOK)
    assert receiver.got == []
    assert Delivery.objects.get(type="hand_off", channel=ALERT_WEBHOOK).last_error == error
