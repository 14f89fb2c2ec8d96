"""Tokens that open one conversation, signed by the clinic and good for 30 days."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.core import signing

LIFETIME = timedelta(days=30)
_signer = signing.TimestampSigner(salt="clinic.visitors.tokens")


def issue(conversation: UUID, now: datetime) -> tuple[str, datetime]:
    """Return a token for the conversation and the moment at which it expires."""
    return _signer.sign(conversation.hex), now + LIFETIME


def read(token: str) -> UUID | None:
    """Return the conversation that the token opens, or None when it is forged or expired."""
    try:
        return UUID(hex=_signer.unsign(token, max_age=LIFETIME))
    except (signing.BadSignature, ValueError):
        return None
