"""Every staff page that can be looked at, found through the URL configuration, so that a new page is never forgotten.

Run by `manage.py shell`, see `tests.e2e.visiting`; `tell` prints a JSON object {URL name: address}.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator

from django.conf import settings
from django.test import Client
from django.urls import URLPattern, reverse

from clinic.accounts.models import User
from clinic.alerting.models import Rule
from clinic.bookings.models import BookingRequest
from clinic.casework.models import Note
from clinic.conversations.models import Conversation, Message
from clinic.practice.models import CannedReply
from clinic.staff import urls

# Without its object a page answers 404 or, where only changes are taken, 405.
NOTHING = {"uuid": uuid.UUID(int=0), "int": 0, "slug": "x", "str": "x"}
NO_PAGE, NOT_THERE, DONE, FAILED = 405, 404, 200, 500


def _shown() -> Conversation:
    """Return the conversation that pages are looked at with: the newest with a hand-off, else the newest."""
    found = Conversation.objects.order_by("-last_message_at")
    return found.filter(handoffs__isnull=False).first() or found.earliest("-last_message_at")


def _conversation() -> dict[str, object]:
    return {"pk": _shown().pk}


def _message() -> dict[str, object]:
    return {"pk": _shown().pk, "seq": Message.objects.filter(conversation=_shown(), sender="visitor").latest("seq").seq}


def _booking() -> dict[str, object]:
    return {"reference": BookingRequest.objects.filter(state="submitted").latest("pk").reference}


def _note() -> dict[str, object]:
    note = Note.objects.latest("pk")
    return {"pk": note.conversation_id, "note": note.pk}


def _canned() -> dict[str, object]:
    return {"pk": CannedReply.objects.latest("pk").pk}


def _alert_rule() -> dict[str, object]:
    return {"pk": Rule.objects.latest("pk").pk}


def _person() -> dict[str, object]:
    return {"pk": User.objects.earliest("pk").pk}


# What the pages about one thing are looked at with.
SAMPLES: dict[str, Callable[[], dict[str, object]]] = {
    "conversation": _conversation,
    "conversation_messages": _conversation,
    "conversation_message": _message,
    "conversation_panel": _conversation,
    "note_edit": _note,
    "booking": _booking,
    "canned_edit": _canned,
    "alert_rule_edit": _alert_rule,
    "person": _person,
}


def patterns() -> Iterator[tuple[str, dict[str, object]]]:
    """Yield the name of every address below /staff/ with arguments that fit it and stand for nothing."""
    for pattern in urls.urlpatterns:
        assert isinstance(pattern, URLPattern)
        assert pattern.name, "Every staff address has a name."
        found = pattern.pattern.converters.items()
        yield pattern.name, {name: NOTHING[_kind(converter)] for name, converter in found}


def _kind(converter: object) -> str:
    return type(converter).__name__.removesuffix("Converter").lower().replace("string", "str")


def pages(client: Client) -> dict[str, str]:
    """Return the addresses at which a whole page answers; fails for a page that nobody has named an example for."""
    found = {}
    for name, nothing in patterns():
        status = client.get(reverse(f"staff:{name}", kwargs=nothing)).status_code
        if status == NO_PAGE:
            continue
        if nothing and name in SAMPLES:
            nothing = SAMPLES[name]()
        elif nothing and status == NOT_THERE:
            raise SystemExit(f"Say in tests/e2e/pages.py what the page staff:{name} is looked at with.")
        address = reverse(f"staff:{name}", kwargs=nothing)
        answer = client.get(address)
        # A page that fails is a page too: whoever visits it finds that out.
        if answer.status_code == FAILED or (answer.status_code == DONE and b"<html" in answer.getvalue()):
            found[name] = address
    return found


def tell(name: str) -> None:
    """Print the pages that the member of staff with this name can look at."""
    client = Client(
        raise_request_exception=False,
        SERVER_NAME=next(host for host in settings.ALLOWED_HOSTS if host not in ("*", ".localhost")),
    )
    client.force_login(User.objects.get(username=name))
    print(json.dumps(pages(client)))  # noqa: T201
