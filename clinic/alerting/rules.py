"""Which rules there are, and whom they reach."""

from __future__ import annotations

from django.conf import settings

from clinic.accounts.models import User
from clinic.alerting.models import Rule
from clinic.outbox.channels import EMAIL
from clinic.outbox.webhook import ALERT_WEBHOOK

Target = tuple[str, str]
DEFAULT_NAME = "Everything"


def seeded() -> list[Rule]:
    """Return every rule, the one that follows the settings made or brought up to date."""
    rule, _ = Rule.objects.get_or_create(
        follows_settings=True, defaults={"name": DEFAULT_NAME, "emails": settings.ALERT_EMAILS}
    )
    if rule.version == 0 and rule.emails != settings.ALERT_EMAILS:
        Rule.objects.filter(pk=rule.pk, version=0).update(emails=settings.ALERT_EMAILS)
    return list(Rule.objects.all())


def of_kind(kind: str) -> list[Rule]:
    """Return the rules that are on and say who hears of `kind`."""
    return [rule for rule in seeded() if rule.is_active and kind in rule.kinds]


def targets(rule: Rule) -> list[Target]:
    """Return the (channel, address) pairs that a rule reaches now."""
    people = User.objects.filter(role__in=rule.roles, is_active=True).exclude(email="") if rule.roles else ()
    addresses = [*rule.emails, *(person.email for person in people)]
    found = [(EMAIL, address) for address in addresses]
    return list(dict.fromkeys([*found, *([(ALERT_WEBHOOK, rule.webhook)] if rule.webhook else [])]))
