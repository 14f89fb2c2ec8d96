"""The morning: what came in since the clinic closed, and whom to call."""

from __future__ import annotations

from datetime import date, timedelta

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from clinic.accounts.models import User
from clinic.accounts.roles import Right
from clinic.audit.actions import Action
from clinic.audit.log import record
from clinic.bookings import desk as booking_desk
from clinic.bookings.models import BookingRequest
from clinic.handoffs import desk
from clinic.handoffs.models import HandOff
from clinic.practice import facts
from clinic.queue import night
from clinic.queue.filters import Filters, State
from clinic.staff.access import member, staff_page
from clinic.staff.bookings import STATES
from clinic.threads import writing

PARTS = {
    HandOff.Kind.EMERGENCY: "Emergencies",
    HandOff.Kind.STAFF_MEDICAL: "Medical questions",
    HandOff.Kind.STAFF_OTHER: "Asked for staff",
}
MOST_TICKED = 20


@staff_page(Right.READ)
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Show what came in since closing, or before and on a day that the address names."""
    hours, now = facts.snapshot().hours, timezone.now()
    today = now.astimezone(hours.zone).date()
    day = _day(request.GET.get("day", ""), today)
    window = night.night(hours, now, day)
    came_in, calls = night.came_in(window, now), night.calls(now)
    record(Action.QUEUE_LISTED, request, page="morning", day=day.isoformat() if day else "", calls=len(calls))
    context = {
        "section": "morning",
        "window": window,
        "day": day,
        "before": (day or today) - timedelta(days=1),
        "after": day + timedelta(days=1) if day and day < today else None,
        "came_in": came_in,
        "parts": [
            (title, came_in.matters[kind], kind in came_in.more, _list_address(kind)) for kind, title in PARTS.items()
        ],
        "requests": [(one, STATES[one.state]) for one in came_in.requests],
        "unanswered_count": len(came_in.failed) + len(came_in.unknown),
        "calls": calls,
        "may_tick": member(request).may(Right.ANSWER),
        "is_empty": not (any(came_in.matters.values()) or came_in.requests or came_in.failed or came_in.unknown),
    }
    return render(request, "staff/morning.html", context)


def _list_address(kind: str) -> str:
    return Filters(state=State.ANY, kind=kind).address()


def _day(text: str, today: date) -> date | None:
    """Read a date that is not ahead; raises `Http404`."""
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError:
        raise Http404 from None
    if day and not date(2000, 1, 1) <= day <= today:
        raise Http404
    return day


@staff_page(Right.ANSWER)
@require_POST
def called(request: HttpRequest) -> HttpResponse:
    """Tick somebody off the call list: settle the hand-offs that it shows, and mark its requests as contacted."""
    user = member(request)
    numbers = request.POST.getlist("hand_off")
    requests = [_request(text) for text in request.POST.getlist("booking")]
    if not all(_is_number(one) for one in numbers) or not 0 < len(numbers) + len(requests) <= MOST_TICKED:
        raise Http404
    if requests and not user.may(Right.BOOK):
        raise PermissionDenied
    try:
        with writing():
            for reference, version in requests:
                _contacted(request, reference, version, user)
            for number in numbers:
                _resolve(request, int(number), user)
    except (booking_desk.Conflict, booking_desk.NotAllowed):
        messages.error(request, "A colleague has changed this request meanwhile. This is how the list stands now.")
    else:
        messages.success(request, "Ticked off.")
    return HttpResponseRedirect(f"{reverse('staff:morning')}#calls")


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


def _request(text: str) -> tuple[str, int]:
    reference, _, version = text.partition(":")
    if not (_is_number(version) and len(version) < 10):
        raise Http404
    return reference, int(version)


def _contacted(request: HttpRequest, reference: str, version: int, user: User) -> None:
    try:
        booking_desk.contacted(reference, version, user)
    except BookingRequest.DoesNotExist:
        raise Http404 from None
    record(Action.BOOKING_CHANGED, request, ("booking", reference), deed="contacted", page="morning")


def _resolve(request: HttpRequest, number: int, user: User) -> None:
    try:
        matter = desk.resolve(number, user)
    except HandOff.DoesNotExist:
        raise Http404 from None
    record(Action.HAND_OFF_RESOLVED, request, ("conversation", matter.conversation_id), kind=matter.kind)
