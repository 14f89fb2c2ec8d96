"""Opening hours: public holidays and what the clinic does on them, days with other hours, and closures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from clinic.accounts.roles import Right
from clinic.audit.actions import Action
from clinic.audit.log import record
from clinic.practice import facts, hours, public_holidays
from clinic.practice.models import Closure, DayException
from clinic.staff.access import member, staff_page
from clinic.threads import writing

# The public holidays that the page shows.
HOLIDAYS_AHEAD = timedelta(days=365)
# How far ahead a date may lie; further away it is a slip.
FURTHEST = timedelta(days=3 * 366)
LONGEST_TEXT = 200


class Slip(ValueError):
    """What somebody typed cannot be used; the text is one sentence for them, `field` the input's name."""

    def __init__(self, name: str, sentence: str) -> None:
        """Keep the input's name beside the sentence."""
        super().__init__(sentence)
        self.field = name


@dataclass(frozen=True)
class Form:
    """What was typed into a form that was refused: which form, its values, and the input that is wrong."""

    name: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    wrong: str = ""


@dataclass(frozen=True)
class Holiday:
    """A public holiday as the page shows it: what was decided, or typed just now."""

    date: date
    name: str
    choice: str
    spans: str
    is_wrong: bool

    @property
    def form(self) -> str:
        """Return the name of this day's form."""
        return f"holiday-{self.date.isoformat()}"


def _today() -> date:
    return timezone.now().astimezone(facts.snapshot().hours.zone).date()


def _holidays(today: date, typed: Form) -> list[Holiday]:
    """Return the public holidays of the next twelve months with what counts for each."""
    decided = {one.date: one for one in DayException.objects.filter(date__gte=today)}
    region = facts.snapshot().practice.holidays
    found = []
    for day, name in public_holidays.between(region, today, today + HOLIDAYS_AHEAD):
        row = decided.get(day)
        choice, spans = (row.choice, row.spans) if row else (DayException.Choice.CLOSED, "")
        is_wrong = typed.name == f"holiday-{day.isoformat()}"
        if is_wrong:
            choice, spans = typed.values.get("choice", ""), typed.values.get("spans", "")
        found.append(Holiday(day, name, choice, spans, is_wrong))
    return found


def _page(request: HttpRequest, typed: Form, status: int = 200) -> HttpResponse:
    practice, current = facts.snapshot().practice, facts.snapshot().hours
    today = _today()
    holidays = _holidays(today, typed)
    context = {
        "section": "hours",
        "may_edit": member(request).may(Right.EDIT_PRACTICE),
        "week": [
            (name, " and ".join(f"{facts.time_text(one.start)} to {facts.time_text(one.end)}" for one in spans))
            for name, spans in zip(hours.DAY_NAMES, current.week, strict=True)
        ],
        "zone": current.zone.key,
        "region": practice.holidays,
        "holidays": holidays,
        "choices": DayException.Choice.choices,
        "days": DayException.objects.filter(date__gte=today).exclude(date__in=[one.date for one in holidays]),
        "closures": [_shown(one) for one in Closure.objects.filter(ends_at__gt=timezone.now())],
        "typed": typed,
        "today": today.isoformat(),
        "furthest": (today + FURTHEST).isoformat(),
    }
    return render(request, "staff/closures.html", context, status=status)


@dataclass(frozen=True)
class Shown:
    """A closure as the page lists it."""

    pk: int
    text: str
    note: str


def _shown(closure: Closure) -> Shown:
    """Return a closure in words; whole days are named without times."""
    zone = facts.snapshot().hours.zone
    begins, ends = closure.begins_at.astimezone(zone), closure.ends_at.astimezone(zone)
    last = (ends.astimezone(UTC) - timedelta(microseconds=1)).astimezone(zone)
    whole = all(hours.moment(moment.date(), time.min, zone) == moment.astimezone(UTC) for moment in (begins, ends))
    if whole and begins.date() == last.date():
        text = _day(begins)
    elif whole:
        text = f"{_day(begins)} to {_day(last)}"
    else:
        text = f"{_day(begins)}, {facts.time_text(begins.time())} to {_day(ends)}, {facts.time_text(ends.time())}"
    return Shown(closure.pk, text, closure.note)


def _day(moment: date) -> str:
    return f"{moment:%A, %B} {moment.day}, {moment.year}"


@staff_page(Right.READ)
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Show the week, the public holidays of the next twelve months, other days, and closures."""
    facts.forget()
    return _page(request, Form())


Edit = Callable[[Mapping[str, str]], str]


def _edit(edit: Edit) -> Callable[..., HttpResponse]:
    """Make a view of an edit, which returns what to say; a slip shows the page again with what was typed."""

    @staff_page(Right.EDIT_PRACTICE)
    @require_POST
    @wraps(edit)
    def view(request: HttpRequest) -> HttpResponse:
        values = {name: request.POST.get(name, "").strip() for name in request.POST}
        try:
            with writing():
                done = edit(values)
                record(Action.HOURS_EDITED, request, _about(values), deed=edit.__name__, **_recorded(values))
        except Slip as slip:
            messages.error(request, str(slip))
            return _page(request, Form(values.get("form", ""), values, slip.field), status=400)
        facts.forget()
        messages.success(request, done)
        return redirect("staff:hours")

    return view


# What an edit says without anybody's words.
RECORDED = ("choice", "spans", "first", "begins", "last", "ends")


def _about(values: Mapping[str, str]) -> tuple[str, str]:
    return ("day", values["date"]) if "date" in values else ("closure", values.get("closure", ""))


def _recorded(values: Mapping[str, str]) -> dict[str, Any]:
    return {name: values[name] for name in RECORDED if values.get(name)}


def _date(values: Mapping[str, str], name: str, what: str) -> date:
    """Read a date that is not over and not far away; raises `Slip`."""
    try:
        found = date.fromisoformat(values.get(name, ""))
    except ValueError:
        raise Slip(name, f"{what} has to be a date such as {_today().isoformat()}.") from None
    if not _today() <= found <= _today() + FURTHEST:
        raise Slip(name, f"{what} has to be today or later, and within the next three years.")
    return found


def _time(values: Mapping[str, str], name: str, what: str) -> time | None:
    """Read a time that may be left empty; raises `Slip`."""
    text = values.get(name, "")
    if not text:
        return None
    try:
        return datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007
    except ValueError:
        raise Slip(name, f"{what} has to be a time such as 14:30, or empty.") from None


def _note(values: Mapping[str, str]) -> str:
    note = values.get("note", "")
    if len(note) > LONGEST_TEXT or any(ord(character) < 32 for character in note):
        raise Slip("note", f"The note has to be one line of at most {LONGEST_TEXT} characters.")
    return note


def _spans(values: Mapping[str, str]) -> str:
    text = values.get("spans", "")
    if not text:
        raise Slip("spans", "Please say which hours, such as 10:00-12:00, 13:00-16:00.")
    try:
        hours.parse_spans(text)
    except ValueError as error:
        raise Slip("spans", f"The hours {error}.") from None
    if len(text) > LONGEST_TEXT:
        raise Slip("spans", f"The hours have to fit into {LONGEST_TEXT} characters.")
    return text


@_edit
def decide(values: Mapping[str, str]) -> str:
    """Save what the clinic does on a public holiday; closed is what counts without a decision."""
    day, choice = _date(values, "date", "The day"), values.get("choice", "")
    if choice not in DayException.Choice.values:
        raise Slip("choice", "Please choose closed, open as usual, or other hours.")
    if choice == DayException.Choice.CLOSED and public_holidays.name(facts.snapshot().practice.holidays, day):
        DayException.objects.filter(date=day).delete()
        return f"{_day(day)}: closed."
    spans = _spans(values) if choice == DayException.Choice.OTHER else ""
    DayException.objects.update_or_create(date=day, defaults={"choice": choice, "spans": spans})
    return f"{_day(day)}: {f'open {spans}' if spans else DayException.Choice(choice).label.lower()}."


@_edit
def add_day(values: Mapping[str, str]) -> str:
    """Give a single date hours of its own."""
    day, spans, note = _date(values, "date", "The day"), _spans(values), _note(values)
    decided = {"choice": DayException.Choice.OTHER, "spans": spans, "note": note}
    DayException.objects.update_or_create(date=day, defaults=decided)
    return f"{_day(day)}: open {spans}."


@_edit
def remove_day(values: Mapping[str, str]) -> str:
    """Let the week, or the public holiday, count again on a date."""
    day = _date(values, "date", "The day")
    DayException.objects.filter(date=day).delete()
    return f"{_day(day)} has no hours of its own any more."


@_edit
def add_closure(values: Mapping[str, str]) -> str:
    """Close the clinic from a date, or a time on it, to another; without a time the last day is included."""
    first, last = _date(values, "first", "The first day"), _date(values, "last", "The last day")
    begins, ends = (
        _time(values, "begins", "The time on the first day"),
        _time(values, "ends", "The time on the last day"),
    )
    note = _note(values)
    zone = facts.snapshot().hours.zone
    begins_at = hours.moment(first, begins or time.min, zone)
    ends_at = hours.moment(last, ends, zone) if ends else hours.moment(last + timedelta(days=1), time.min, zone)
    if ends_at <= begins_at:
        raise Slip("last", "The closure has to end after it begins.")
    if ends_at <= timezone.now():
        raise Slip("last", "The closure has to end later than now.")
    closure, _ = Closure.objects.update_or_create(begins_at=begins_at, ends_at=ends_at, defaults={"note": note})
    return f"Closed: {_shown(closure).text}."


@_edit
def remove_closure(values: Mapping[str, str]) -> str:
    """Take a closure back; one that is gone already stays gone."""
    number = values.get("closure", "")
    if number.isascii() and number.isdigit() and len(number) < 19:
        Closure.objects.filter(pk=int(number)).delete()
    return "The closure is removed."
