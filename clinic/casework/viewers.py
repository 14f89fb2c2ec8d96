"""Who else has a conversation open. A note of a minute's life; losing one does no harm."""

from __future__ import annotations

from datetime import datetime, timedelta

from clinic.accounts.models import User
from clinic.casework.models import Viewer
from clinic.conversations.models import Conversation
from clinic.threads import writing

# The page asks again every half minute, and at every news.
LASTS = timedelta(seconds=60)
# Nothing is written again before that.
FRESH = timedelta(seconds=20)


def note(conversation: Conversation, user: User, now: datetime) -> None:
    """Note that this person has the conversation open."""
    mine = Viewer.objects.filter(conversation=conversation, user=user)
    if not mine.filter(at__gt=now - FRESH).exists():
        with writing():
            Viewer.objects.filter(user=user, at__lte=now - LASTS).delete()
            Viewer.objects.update_or_create(conversation=conversation, user=user, defaults={"at": now})


def others(conversation: Conversation, user: User, now: datetime) -> list[str]:
    """Return the names of everybody else who has it open."""
    found = Viewer.objects.filter(conversation=conversation, at__gt=now - LASTS, user__is_active=True)
    return [one.user.staff_name for one in found.exclude(user=user).select_related("user").order_by("at")]
