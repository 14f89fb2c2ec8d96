"""The practice follows the settings until staff edit it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.utils import timezone

from clinic.practice import facts
from clinic.practice.models import Practice

SATURDAY = datetime(2026, 11, 21, 20, tzinfo=UTC)


@pytest.mark.django_db
def test_settings_fill_the_practice_until_staff_edit_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Practice.seeded().phone == ""
    monkeypatch.setitem(settings.ENV, "CLINIC_PHONE", "555 0100")
    assert Practice.seeded().phone == "555 0100"
    Practice.objects.update(phone="555 0111", edited_at=timezone.now())
    assert Practice.seeded().phone == "555 0111"
    assert Practice.objects.count() == 1


@pytest.mark.django_db
def test_every_fact_has_a_value_and_some_are_never_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(settings.ENV, "CLINIC_HOURS", "")
    monkeypatch.setitem(settings.ENV, "CLINIC_PRICE_LINE", "From $10.")
    monkeypatch.setitem(settings.ENV, "CLINIC_DEPOSIT_POLICY", "No deposit.")
    found = facts.values(SATURDAY)
    assert set(found) == facts.NAMES
    assert all(found[name] for name in facts.NEVER_EMPTY)
    assert found["cost_facts"] == "From $10. No deposit."
    assert found["opening_hours"] == found["next_opening"] == ""


@pytest.mark.django_db
def test_the_open_line_names_the_next_opening() -> None:
    assert facts.values(SATURDAY)["open_line"] == "closed until Monday, November 23 at 9:00 am"
    assert facts.values(datetime(2026, 11, 23, 20, tzinfo=UTC))["open_line"] == "open until 5:00 pm today"
