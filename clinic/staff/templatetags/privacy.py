"""What the partial of the legal hold needs, so that a page can include it with the conversation alone."""

from __future__ import annotations

from django import template

from clinic.conversations.models import Conversation
from clinic.privacy.models import LegalHold
from clinic.staff.privacy import LIFTED

register = template.Library()


@register.filter
def hold(conversation: Conversation) -> LegalHold | None:
    """Return the legal hold of a conversation, or None."""
    return LegalHold.objects.select_related("set_by").filter(conversation=conversation.pk).first()


@register.simple_tag
def hold_reasons(hold: LegalHold | None) -> list[tuple[str, str]]:
    """Return why a conversation may be held, or why its hold may be lifted."""
    return list(LIFTED.items() if hold else LegalHold.Reason.choices)
