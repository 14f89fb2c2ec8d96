"""Editing the rules for alerts, each edit once, and trying a rule out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import F

from clinic.alerting import rules
from clinic.alerting.models import Rule
from clinic.alerting.tell import when_and_where
from clinic.audit.actions import Action
from clinic.audit.log import Actor, record
from clinic.outbox import post
from clinic.threads import writing

TEST = "alert_test"
PAGE = "/staff/settings/alerts/"
FIELDS = (
    "name",
    "kinds",
    "emails",
    "roles",
    "webhook",
    "quiet_from",
    "quiet_until",
    "is_quiet_for_urgent",
    "is_active",
)


class Stale(Exception):
    """Somebody else has edited or removed the rule since it was read."""


def add(values: Mapping[str, Any], by: Actor) -> Rule:
    """Make a rule of checked values."""
    with writing():
        rule = Rule.objects.create(version=1, **values)
        _note(rule.pk, {name: [None, _plain(values[name])] for name in FIELDS}, by, rule.name)
    return rule


def save(pk: int, values: Mapping[str, Any], version: int, by: Actor) -> None:
    """Write checked values over the rule that stands at `version`; raises `Stale`."""
    with writing():
        rule = Rule.objects.filter(pk=pk, version=version).first()
        if rule is None:
            raise Stale
        old = {name: getattr(rule, name) for name in FIELDS}
        changed = {name: [_plain(old[name]), _plain(values[name])] for name in FIELDS if old[name] != values[name]}
        if not changed:
            return
        if not Rule.objects.filter(pk=pk, version=version).update(version=F("version") + 1, **values):
            raise Stale
        _note(pk, changed, by, rule.name)


def remove(pk: int, by: Actor) -> bool:
    """Remove a rule, with what it holds back; the one that follows the settings stays. Return whether it was there."""
    with writing():
        rule = Rule.objects.filter(pk=pk, follows_settings=False).first()
        if rule is None:
            return False
        _note(pk, {"is_active": [rule.is_active, None]}, by, rule.name)
        rule.delete()
    return True


def try_out(rule: Rule, now: datetime, by: Actor) -> int:
    """Send a test alert to everybody whom the rule reaches, quiet hours or not; return how many addresses that are."""
    targets = rules.targets(rule)
    payload = when_and_where(now, PAGE) | {"title": "A test alert", "kind": "test", "urgent": False}
    with writing():
        post.put(TEST, payload, targets)
        record(Action.ALERTS_EDITED, by, ("alert_rule", rule.pk), name=rule.name, tested=len(targets))
    return len(targets)


def _plain(value: Any) -> Any:
    return value.isoformat(timespec="minutes") if hasattr(value, "isoformat") else value


def _note(pk: int, changes: Mapping[str, Any], by: Actor, name: str) -> None:
    record(Action.ALERTS_EDITED, by, ("alert_rule", pk), name=name, changes=dict(changes))
