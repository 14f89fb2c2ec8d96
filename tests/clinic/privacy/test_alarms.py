"""Alarms of the audit log leave the program as alerts, in fixed words."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from clinic.audit import chain, refusals
from clinic.audit.actions import Action
from clinic.audit.alarms import Alarm
from clinic.audit.log import CLOCK, record
from clinic.audit.models import Entry
from clinic.outbox.models import Delivery

pytestmark = pytest.mark.django_db


def test_a_damaged_log_is_told() -> None:
    record(Action.CLOSED, CLOCK)
    Entry.objects.update(actor="somebody else")
    chain.verify_daily()
    [delivery] = Delivery.objects.filter(channel="file")
    assert delivery.urgent
    assert delivery.payload["title"] == Alarm.AUDIT_DAMAGED.value


def test_many_refusals_are_told_once_and_name_nobody(client: Client) -> None:
    for number in range(refusals.LIMIT + 5):
        client.get(f"/staff/zyzzyva-{number}/", REMOTE_ADDR="203.0.113.9")
    [delivery] = Delivery.objects.filter(channel="file")
    assert delivery.payload["title"] == Alarm.MANY_REFUSALS.value
    told = json.dumps(delivery.payload)
    assert "203.0.113.9" not in told
    assert "zyzzyva" not in told
