"""What quiet hours held back, told at their end: one message for each rule, with how many of each kind."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from django.utils import timezone

from clinic.alerting import rules
from clinic.alerting.models import Held, Kind, Rule
from clinic.alerting.tell import when_and_where
from clinic.outbox import post
from clinic.practice import facts
from clinic.threads import writing

EVENT = "alert_digest"
LOOK_SECONDS = 30.0
QUEUE = "/staff/"


def send_due() -> int:
    """Tell every rule whose quiet hours are over what they held back; return how many digests went out."""
    now = timezone.now()
    wall = now.astimezone(facts.snapshot().hours.zone).time()
    waiting = Rule.objects.filter(held__isnull=False).distinct()
    return sum(_send(rule, now) for rule in waiting if not rule.is_quiet(wall, urgent=False))


def _send(rule: Rule, now: datetime) -> bool:
    """Put the digest of a rule into the outbox and forget what was held; one that is off or reaches nobody drops it."""
    with writing():
        # Another worker may have sent it since.
        held = list(Held.objects.select_for_update().filter(rule=rule).values_list("pk", "kind"))
        Held.objects.filter(pk__in=[number for number, _ in held]).delete()
        targets = rules.targets(rule) if rule.is_active else []
        if not held or not targets:
            return False
        payload = when_and_where(now, QUEUE) | _counted([kind for _, kind in held])
        post.put(EVENT, payload, targets)
    return True


def _counted(kinds: list[str]) -> dict[str, object]:
    counts = Counter(kinds)
    lines = [f"{Kind(kind).label}: {counts[kind]}" for kind in Kind.values if kind in counts]
    title = f"{len(kinds)} during quiet hours" if len(kinds) > 1 else "One matter during quiet hours"
    return {"title": title, "kind": "digest", "urgent": False, "counts": dict(counts), "lines": lines}
