"""The work queue: what needs staff, every other list of conversations, and the search, all at one address."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from clinic.accounts.models import User
from clinic.accounts.roles import Right
from clinic.audit.actions import Action
from clinic.audit.log import record
from clinic.audit.terms import record_search
from clinic.casework.models import Tag
from clinic.conversations import responses
from clinic.conversations.models import Conversation
from clinic.handoffs.models import HandOff
from clinic.practice import facts
from clinic.queue import counts, read
from clinic.queue.filters import FLAGS, ME, NOBODY, Filters, State
from clinic.queue.keys import BadKey, Key
from clinic.staff import wording
from clinic.staff.access import is_partial, member, staff_page
from clinic.staff.templatetags.staff import words

# What the filters are called.
TITLES = {
    "state": "State",
    "unanswered": "Unanswered",
    "opened": "Opened, not answered",
    "after_hours": "After hours",
    "low_confidence": "Low confidence",
    "kind": "Hand-off",
    "from": "From",
    "to": "To",
    "intent": "Intent",
    "route": "Route",
    "tag": "Tag",
    "assignee": "Assigned to",
    "rating": "Rating",
    "q": "Search",
}
# What stands at the top of the page: a count's name, its title, and the filters that lead to what it counts.
COUNTED = (
    ("emergency", "Emergencies", Filters(kind=HandOff.Kind.EMERGENCY)),
    ("medical", "Medical", Filters(kind=HandOff.Kind.STAFF_MEDICAL)),
    ("failed", "Not answered", Filters(kind=HandOff.Kind.FAILED_TURN)),
    ("people", "Asked for staff", Filters(kind=HandOff.Kind.STAFF_OTHER)),
    ("booking", "Appointments", Filters(kind=HandOff.Kind.BOOKING)),
    ("unanswered", "Unanswered", Filters(unanswered=True)),
    ("mine", "With me", Filters(state=State.MINE)),
)
# What the session remembers: the list that was opened last.
LISTED = "queue_listed"


@staff_page(Right.READ)
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Show a list; the script asks for it again, without the frame, when there is news."""
    user = member(request)
    filters = Filters.read(request.GET)
    raw = request.GET.get("after", "")
    try:
        after = Key.read(raw) if raw else None
    except BadKey:
        raise Http404 from None
    page = read.page(filters, after, user, timezone.now())
    if not _is_passive(request, filters):
        _note(request, filters, len(page.rows))
    context = _list(filters, page, is_start=after is None)
    if is_partial(request):
        return render(request, "staff/_queue.html", context)
    context |= _around(filters, user) | {"section": "queue"}
    return render(request, "staff/queue.html", context)


@staff_page(Right.READ)
@require_safe
def show_counts(request: HttpRequest) -> HttpResponse:
    """Show how much waits, for the page that asks when there is news."""
    return render(request, "staff/_counts.html", {"counted": _counted(counts(member(request)))})


def _is_passive(request: HttpRequest, filters: Filters) -> bool:
    """Tell whether the page only asks for what is new in a list that its reader has opened, which was noted then."""
    return is_partial(request) and request.session.get(LISTED) == filters.address()


def _note(request: HttpRequest, filters: Filters, found: int) -> None:
    """Note who looked at what; what was searched for only as a fingerprint."""
    named = filters.values()
    typed = named.pop("q", "")
    if typed:
        record_search(request, typed, found=found, filters=named)
        request.session.pop(LISTED, None)
    else:
        record(Action.QUEUE_LISTED, request, filters=named, found=found)
        request.session[LISTED] = filters.address()


def _list(filters: Filters, page: read.Page, *, is_start: bool) -> dict[str, Any]:
    parts = [(part, list(rows)) for part, rows in groupby(page.rows, key=lambda row: row.part)]
    return {
        "parts": parts if filters.is_queue else [("", page.rows)] if page.rows else [],
        "filters": filters,
        "terms": filters.terms,
        "is_start": is_start,
        # A search is not repeated by itself: it would be noted each time.
        "is_live": is_start and not filters.words,
        "here": filters.address(),
        "next": filters.address(after=page.next_key) if page.next_key else "",
    }


def _around(filters: Filters, user: User) -> dict[str, Any]:
    """Return what stands around the list: counts, filters, and what else needs somebody."""
    waiting = counts(user)
    people = User.objects.filter(is_active=True).exclude(role="").order_by("first_name", "last_name", "username")
    chosen = filters.values()
    return {
        "counted": _counted(waiting),
        "undelivered_count": waiting["undelivered"],
        "unsigned_count": wording.unsigned_count(),
        "states": [(title, _with_state(filters, state), filters.state == state) for state, title in State.choices],
        "removals": [
            (TITLES[name], _said(name, value, filters), filters.without(name).address())
            for name, value in chosen.items()
            if name != "state"
        ],
        "ignored": [TITLES[name] for name in filters.ignored],
        "flags": [(name, TITLES[name], name in chosen) for name in FLAGS],
        "kinds": HandOff.Kind.choices,
        "ratings": Conversation.Rating.choices,
        "intents": [(name, words(name)) for name in responses.renderer().intents],
        "tags": Tag.objects.all(),
        "people": [(ME, "Me"), (NOBODY, "Nobody"), *((str(one.pk), one.staff_name) for one in people)],
        "chosen": chosen,
        "export": filters.address(state=str(filters.state)) if user.may(Right.EXPORT) else "",
    }


def _with_state(filters: Filters, state: str) -> str:
    return replace(filters, state=state).address()


def _counted(found: dict[str, int]) -> list[tuple[str, str, int, str]]:
    return [(name, title, found[name], filters.address()) for name, title, filters in COUNTED]


def _said(name: str, value: str, filters: Filters) -> str:
    """Return the value of a filter as people say it; "" for one that is only on or off."""
    if name in FLAGS:
        return ""
    if name == "kind":
        return HandOff.Kind(value).label
    if name == "rating":
        return Conversation.Rating(value).label
    if name in ("intent", "route"):
        return words(value)
    if name in ("from", "to"):
        day = filters.first if name == "from" else filters.last
        return f"{facts.day_text(day)}, {day.year}" if day else ""
    if name == "assignee" and value not in (ME, NOBODY):
        person = User.objects.filter(pk=int(value)).first()
        return person.staff_name if person else "somebody unknown"
    return value
