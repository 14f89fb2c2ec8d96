"""Telling staff of something outside the staff pages, as the rules say. Nothing told here says who wrote, or what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.conf import settings

from clinic.alerting import rules
from clinic.alerting.models import Held, Kind
from clinic.alerting.rules import Target
from clinic.conversations.models import Conversation
from clinic.outbox import post
from clinic.outbox.channels import FILE
from clinic.practice import facts
from clinic.threads import writing

SECURITY = "security"


def tell(
    event: str,
    kind: str,
    payload: Mapping[str, Any],
    now: datetime,
    *,
    conversation: Conversation | None = None,
    urgent: bool = False,
    also: Iterable[Target] = (),
) -> None:
    """Put an alert of a kind into the outbox, inside the transaction of what it tells of.

    It goes to the file, to `also`, and to everybody whom a rule names; a rule that is quiet now hears later.
    """
    wall = now.astimezone(facts.snapshot().hours.zone).time()
    found: list[Target] = [(FILE, ""), *also]
    for rule in rules.of_kind(kind):
        if rule.is_quiet(wall, urgent=urgent):
            Held.objects.create(rule=rule, kind=kind, conversation=conversation, created_at=now)
        else:
            found += rules.targets(rule)
    post.put(event, payload, dict.fromkeys(found), conversation=conversation, urgent=urgent)


def when_and_where(now: datetime, address: str) -> dict[str, str]:
    """Return what every alert holds: when, and the address of the page to read it on, given as its path."""
    local = now.astimezone(facts.snapshot().hours.zone)
    return {
        "at": local.isoformat(timespec="seconds"),
        "time": f"{facts.moment_text(local)} {local:%Z}",
        "link": f"{settings.PUBLIC_URL}{address}",
    }


def security(title: str, now: datetime, link: str = "/staff/audit/") -> None:
    """Tell of something that threatens the accounts or the audit log; `title` is fixed words and names nobody."""
    payload = when_and_where(now, link) | {"title": title, "kind": str(Kind.SECURITY), "urgent": True}
    with writing():
        tell(SECURITY, Kind.SECURITY, payload, now, urgent=True)
