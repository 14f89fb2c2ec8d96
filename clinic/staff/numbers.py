"""Numbers at a glance, each with the way to the conversations that it counts."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from clinic.accounts.roles import Right
from clinic.audit import log
from clinic.audit.actions import Action
from clinic.bookings.states import State
from clinic.conversations.models import Conversation
from clinic.handoffs.models import HandOff
from clinic.numbers import chart, figures
from clinic.numbers.period import NoPeriod, Period
from clinic.practice import facts
from clinic.staff.access import member, staff_page
from clinic.staff.bookings import STATES
from clinic.staff.templatetags.staff import words

CHOICES = (7, 30, 90)
NOT_ANSWERED = {"out_of_scope": "Not understood", "clarify": "Asked back"}


def conversations_link(period: Period, **filters: str) -> str:
    """Return the address of the list of a period's conversations, filtered."""
    days = {"from": period.first.isoformat(), "to": period.last.isoformat()}
    return f"{reverse('staff:queue')}?{urlencode({'state': 'any', **days, **filters})}"


@staff_page(Right.NUMBERS)
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Show the figures of a period, the last thirty days unless the address says otherwise."""
    zone = facts.snapshot().hours.zone
    today = timezone.now().astimezone(zone).date()
    slip = ""
    try:
        period = Period.read(request.GET.get("from", ""), request.GET.get("to", ""), today, zone)
    except NoPeriod as error:
        slip, period = str(error), Period.read("", "", today, zone)
    found = figures.of(period)
    log.record(Action.NUMBERS_SEEN, request, first=period.first.isoformat(), last=period.last.isoformat())
    context = {
        "section": "numbers",
        "period": period,
        "slip": slip,
        "choices": [(days, Period.until(today, days, zone)) for days in CHOICES],
        "figures": found,
        "days": _days(period, found),
        "kinds": _kinds(period, found),
        "waits": [(HandOff.Kind(kind).label, one) for kind, one in found.waits if one.taken or one.still_waiting],
        "requests": _requests(found),
        "topics": chart.bars(
            [(words(topic), number, conversations_link(period, intent=topic)) for topic, number in found.topics]
        ),
        "not_answered": _not_answered(period, found),
        "ratings": _ratings(period, found),
        "links": {
            "all": conversations_link(period),
            "after_hours": conversations_link(period, after_hours="1"),
        },
        "may_export": member(request).may(Right.EXPORT),
    }
    return render(request, "staff/numbers.html", context, status=400 if slip else 200)


def _days(period: Period, found: figures.Figures) -> chart.Columns:
    return chart.columns(
        [
            (
                one.in_hours,
                one.after_hours,
                f"{facts.day_text(one.day)}: {one.all}, {one.after_hours} of them after hours",
                conversations_link(Period(one.day, one.day, period.zone)),
            )
            for one in found.days
        ]
    )


def _kinds(period: Period, found: figures.Figures) -> list[chart.Bar]:
    return chart.bars(
        [
            (HandOff.Kind(kind).label, number, conversations_link(period, kind=kind))
            for kind, number in found.kinds
            if number
        ]
    )


def _requests(found: figures.Figures) -> list[chart.Bar]:
    page = reverse("staff:bookings")
    return chart.bars(
        [
            (STATES[State(state)], number, f"{page}?{urlencode({'show': state})}")
            for state, number in found.requests
            if number
        ]
    )


def _not_answered(period: Period, found: figures.Figures) -> list[chart.Bar]:
    return chart.bars(
        [(NOT_ANSWERED[route], number, conversations_link(period, route=route)) for route, number in found.not_answered]
    )


def _ratings(period: Period, found: figures.Figures) -> list[chart.Bar]:
    counted = ((Conversation.Rating.GOOD, found.good), (Conversation.Rating.BAD, found.bad))
    return chart.bars(
        [
            (str(rating.label), number, conversations_link(period, rating=str(rating)))
            for rating, number in counted
            if number
        ]
    )
