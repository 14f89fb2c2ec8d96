"""Booking requests: the list by state, one request with its history, and the buttons that change its state."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from clinic.accounts.models import User
from clinic.accounts.roles import Right
from clinic.audit.actions import Action as Deed
from clinic.audit.log import record
from clinic.bookings import desk, fields
from clinic.bookings.models import BookingRequest
from clinic.bookings.states import OPEN, State, may_follow
from clinic.outbox.models import Delivery
from clinic.outbox.webhook import WEBHOOK
from clinic.practice import facts
from clinic.queue.keys import moment_of
from clinic.staff.access import member, staff_page
from clinic.threads import writing

ON_A_PAGE = 25
FURTHEST = timedelta(days=2 * 366)
PENDING, UNDELIVERED = "pending", "undelivered"

STATES: dict[str, str] = {
    State.SUBMITTED: "New",
    State.CONTACTED: "Contacted",
    State.OFFERED: "Times offered",
    State.BOOKED: "Booked",
    State.DECLINED: "Declined",
    State.EXPIRED: "Expired",
    State.WITHDRAWN: "Withdrawn by the visitor",
}
# What the address may ask for, with what the filter is called.
FILTERS: dict[str, str] = {
    "open": "Open",
    "change": "Other time wanted",
    "undelivered": "Not delivered",
    **STATES,
    "all": "All",
}


def _local_time() -> forms.DateTimeInput:
    return forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


class NoteForm(forms.Form):
    """A note that only staff see."""

    note = forms.CharField(required=False, max_length=fields.TEXT_LENGTH, label="Note for staff")


class _TimesForm(NoteForm):
    """Times are the clinic's own wall clock: fill and check the form while that zone is current."""

    @staticmethod
    def _ahead(at: datetime | None) -> datetime | None:
        now = timezone.now()
        if at is not None and not now < at < now + FURTHEST:
            raise forms.ValidationError("This time is in the past, or more than two years ahead.")
        return at


class OfferForm(_TimesForm):
    """Up to three times to offer."""

    first = forms.DateTimeField(label="First time", widget=_local_time())
    second = forms.DateTimeField(label="Second time (optional)", required=False, widget=_local_time())
    third = forms.DateTimeField(label="Third time (optional)", required=False, widget=_local_time())
    field_order = ("first", "second", "third", "note")

    def clean(self) -> dict[str, Any]:
        """Check every time, and bring them into order without repetitions as `starts`."""
        found = dict(super().clean() or {})
        for name in ("first", "second", "third"):
            try:
                self._ahead(found.get(name))
            except forms.ValidationError as error:
                self.add_error(name, error)
        found["starts"] = sorted({found[name] for name in ("first", "second", "third") if found.get(name)})
        return found


class ConfirmForm(_TimesForm):
    """The appointment that the clinic confirms."""

    start = forms.DateTimeField(label="Appointment", widget=_local_time())
    minutes = forms.IntegerField(label="Minutes", min_value=5, max_value=480, initial=30)
    field_order = ("start", "minutes", "note")

    def clean_start(self) -> datetime | None:
        """Check that the appointment lies ahead."""
        return self._ahead(self.cleaned_data["start"])


@dataclass(frozen=True)
class Action:
    """One button: the state it leads to, what it says, and the form that goes with it."""

    name: str
    to: State
    label: str
    form: type[NoteForm]


ACTIONS = {
    action.name: action
    for action in (
        Action("confirm", State.BOOKED, "Confirm the appointment", ConfirmForm),
        Action("offer", State.OFFERED, "Offer times", OfferForm),
        Action("contacted", State.CONTACTED, "Mark as contacted", NoteForm),
        Action("decline", State.DECLINED, "Decline", NoteForm),
    )
}
LABELS_WHEN_BOOKED = {"confirm": "Move the appointment", "decline": "Cancel the appointment"}


@dataclass(frozen=True)
class Line:
    """One request in the list, with how its webhook deliveries fare: "", "pending" or "undelivered"."""

    request: BookingRequest
    state: str
    delivery: str
    is_late: bool


def _line(request: BookingRequest, deliveries: dict[str, str], now: datetime) -> Line:
    is_late = request.is_open and request.confirm_by is not None and request.confirm_by < now
    return Line(request, STATES[request.state], deliveries.get(request.reference, ""), is_late)


def _deliveries(requests: Iterable[BookingRequest]) -> dict[str, str]:
    """Return for each reference whether events of its request wait for delivery or could not be delivered."""
    found: dict[str, str] = {}
    states = (Delivery.State.WAITING, Delivery.State.UNDELIVERED)
    waiting = Delivery.objects.filter(channel=WEBHOOK, state__in=states, type__startswith="booking.")
    conversations = {request.conversation_id for request in requests}
    for state, payload in waiting.filter(conversation__in=conversations).values_list("state", "payload"):
        is_lost = state == Delivery.State.UNDELIVERED
        found[payload["reference"]] = UNDELIVERED if is_lost else found.get(payload["reference"], PENDING)
    return found


def _filtered(show: str) -> QuerySet[BookingRequest]:
    found = BookingRequest.objects.all()
    if show == "open":
        return found.filter(state__in=OPEN)
    if show == "change":
        return found.filter(state__in=(*OPEN, State.BOOKED), asks_other_time=True)
    if show == "undelivered":
        lost = Delivery.objects.filter(channel=WEBHOOK, state=Delivery.State.UNDELIVERED, type__startswith="booking.")
        return found.filter(reference__in=list(lost.values_list("payload__reference", flat=True)))
    return found if show == "all" else found.filter(state=show)


def _key(text: str) -> tuple[datetime, int]:
    """Read where a page begins; raises `Http404`."""
    moment, _, number = text.rpartition("_")
    try:
        at = moment_of(moment)
    except ValueError:
        raise Http404 from None
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        raise Http404
    return at, int(number)


@staff_page(Right.READ)
@require_safe
def show_list(request: HttpRequest) -> HttpResponse:
    """Show a page of requests: open ones with the longest wait first, all others with the latest change first."""
    show = request.GET.get("show", "open")
    if show not in FILTERS:
        raise Http404
    found = _filtered(show)
    oldest_first = show in ("open", "change", *OPEN)
    if raw := request.GET.get("after", ""):
        at, number = _key(raw)
        beyond = "gt" if oldest_first else "lt"
        same = Q(touched_at=at, **{f"id__{beyond}": number})
        found = found.filter(Q(**{f"touched_at__{beyond}": at}) | same)
    sign = "" if oldest_first else "-"
    shown = list(found.order_by(f"{sign}touched_at", f"{sign}id")[: ON_A_PAGE + 1])
    more, shown = len(shown) > ON_A_PAGE, shown[:ON_A_PAGE]
    record(Deed.BOOKINGS_LISTED, request, show=show, page="later" if raw else "first", found=len(shown))
    deliveries, now = _deliveries(shown), timezone.now()
    context = {
        "lines": [_line(one, deliveries, now) for one in shown],
        "next_key": f"{shown[-1].touched_at.isoformat()}_{shown[-1].pk}" if more else "",
        "is_start": not raw,
        "show": show,
        "filters": FILTERS.items(),
        "section": "bookings",
    }
    return render(request, "staff/bookings.html", context)


@staff_page(Right.READ)
@require_safe
def show_one(request: HttpRequest, reference: str) -> HttpResponse:
    """Show a request with its history and what may be done next."""
    booking = get_object_or_404(BookingRequest, reference=reference)
    record(Deed.BOOKING_SEEN, request, ("booking", booking.reference), conversation=str(booking.conversation_id))
    return _page(request, booking, {})


@staff_page(Right.BOOK)
@require_POST
def change(request: HttpRequest, reference: str) -> HttpResponse:
    """Carry out one action; whoever comes second is told so and sees how the request stands now."""
    user = member(request)
    booking = get_object_or_404(BookingRequest, reference=reference)
    action, version = ACTIONS.get(request.POST.get("do", "")), request.POST.get("version", "")
    if action is None or not (version.isascii() and version.isdigit() and len(version) < 10):
        raise Http404
    with timezone.override(facts.snapshot().hours.zone):
        form = action.form(request.POST, prefix=action.name)
        if not form.is_valid():
            return _page(request, booking, {action.name: form})
    try:
        with writing():
            _carry_out(action, booking.reference, int(version), user, form.cleaned_data)
            about = ("booking", booking.reference)
            record(Deed.BOOKING_CHANGED, request, about, deed=action.name, was=booking.state, is_now=action.to)
    except desk.Conflict:
        messages.error(request, "Somebody else changed this request before you. This is how it stands now.")
    except desk.NotAllowed:
        messages.error(request, "This is not possible any more. This is how the request stands now.")
    else:
        messages.success(request, "Done. The history below has it.")
    return redirect("staff:booking", reference=booking.reference)


def _carry_out(action: Action, reference: str, version: int, user: User, data: dict[str, Any]) -> None:
    note = data["note"]
    if action.name == "confirm":
        desk.confirm(reference, version, user, data["start"], data["minutes"], note)
    elif action.name == "offer":
        desk.offer(reference, version, user, data["starts"], note)
    elif action.name == "contacted":
        desk.contacted(reference, version, user, note)
    else:
        desk.decline(reference, version, user, note)


def _page(request: HttpRequest, booking: BookingRequest, filled: dict[str, NoteForm]) -> HttpResponse:
    """Show a request, with a form that was filled in wrongly in place of the fresh one."""
    is_booked = booking.state == State.BOOKED
    possible = [
        {
            "name": action.name,
            "label": LABELS_WHEN_BOOKED.get(action.name, action.label) if is_booked else action.label,
            "form": filled.get(action.name) or action.form(prefix=action.name),
            "is_open": action.name in filled,
        }
        for action in ACTIONS.values()
        if State(booking.state) in may_follow(action.to)
    ]
    context = {
        "line": _line(booking, _deliveries([booking]), timezone.now()),
        "booking": booking,
        "changes": [(one, STATES[one.to_state]) for one in booking.changes.select_related("user").order_by("-id")],
        "actions": possible if member(request).may(Right.BOOK) else [],
        "may_change": member(request).may(Right.BOOK),
        "section": "bookings",
    }
    with timezone.override(facts.snapshot().hours.zone):
        return render(request, "staff/booking.html", context)
