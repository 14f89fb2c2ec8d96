"""The demo page: a clinic's home page that carries the chat with one line, as any website does."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from clinic.practice import facts
from clinic.practice.hours import DAY_NAMES, Week

# The days, today included, of which the page says how they differ from the table of opening hours.
UNUSUAL_DAYS = 14

# One press puts these into the chat's box.
QUESTIONS = (
    "How long does Dysport last?",
    "Does it hurt?",
    "What are the side effects?",
    "How soon will I see a difference?",
    "Is Dysport the same as Botox?",
    "How do I prepare for it?",
)


@dataclass(frozen=True)
class Day:
    """One line of the table of opening hours; `times` is "" on a day without opening."""

    name: str
    times: str
    is_today: bool


def week_days(week: Week, today: int) -> list[Day]:
    """Return the seven days, Monday first; `today` is 0 for Monday."""
    return [
        Day(
            name=name,
            times=", ".join(f"{facts.time_text(span.start)} – {facts.time_text(span.end)}" for span in spans),
            is_today=number == today,
        )
        for number, (name, spans) in enumerate(zip(DAY_NAMES, week, strict=True))
    ]


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show the clinic's home page; every fact on it comes from the practice."""
    now = timezone.now()
    hours = facts.snapshot().hours
    values = facts.values(now)
    context = {
        "facts": values,
        "clinic_name": values["clinic_name"][:1].upper() + values["clinic_name"][1:],
        "is_open": hours.is_open(now),
        "days": week_days(hours.week, now.astimezone(hours.zone).weekday()) if any(hours.week) else [],
        "unusual_days": facts.unusual_days(hours, now, UNUSUAL_DAYS),
        "questions": QUESTIONS,
    }
    return render(request, "visitors/home.html", context)
