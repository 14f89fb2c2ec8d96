"""The audit log's page: who did, saw or searched what. Reading it leaves an entry too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from clinic.accounts.models import User
from clinic.accounts.roles import Right
from clinic.audit import chain, terms
from clinic.audit.actions import Action
from clinic.audit.log import CLOCK, NOBODY, actor, record
from clinic.audit.models import Entry
from clinic.practice import facts
from clinic.practice.hours import moment
from clinic.staff.access import staff_page

ON_A_PAGE = 50
LONGEST_TERMS = 200
# What entries are about: what the log calls it, what the page calls it, and the page of one, if there is one.
OBJECTS = {
    "conversation": ("Conversation", "staff:conversation"),
    "booking": ("Booking request", "staff:booking"),
    "user": ("Colleague", ""),
    "invitation": ("Invitation", ""),
    "delivery": ("Delivery", ""),
    "export": ("Export", ""),
    "response": ("Wording", ""),
    "day": ("Day", ""),
    "closure": ("Closure", ""),
    "canned_reply": ("Canned reply", ""),
    "alert_rule": ("Rule of the alerts", ""),
    "retention": ("Retention", ""),
    "address": ("Address", ""),
    "person": ("Account", ""),
    terms.SEARCH: ("Search", ""),
}
# Those who are no member of staff.
OTHERS = {CLOCK.name: "The program's clock", NOBODY: "Nobody logged in"}
THINGS = {
    "login": "Logging in",
    "access": "Access",
    "conversation": "Conversations",
    "message": "Messages",
    "note": "Notes",
    "hand_off": "Hand-offs",
    "booking": "Booking requests",
    "delivery": "Deliveries",
    "wording": "Wording",
    "practice": "Settings",
    "queue": "Queue",
    "numbers": "Numbers",
    "export": "Export",
    "audit": "Audit log",
    "privacy": "Privacy",
    "people": "People",
}


@dataclass(frozen=True)
class Filters:
    """What the address asks for; an empty field asks for everything."""

    person: str = ""
    action: str = ""
    kind: str = ""
    object_id: str = ""
    day: date | None = None
    result: str = ""

    @classmethod
    def read(cls, query: QueryDict) -> Filters:
        """Read the address; raises `Http404` for what no link or form of ours asks for."""
        found = cls(
            person=query.get("person", ""),
            action=query.get("action", ""),
            kind=query.get("kind", ""),
            object_id=query.get("id", "").strip()[:64].replace("\0", ""),
            day=_day(query.get("day", "")),
            result=query.get("result", ""),
        )
        allowed = {
            found.person: found.person in OTHERS or _is_number(found.person),
            found.action: found.action in Action.values,
            found.kind: found.kind in OBJECTS,
            found.result: found.result in Entry.Result.values,
        }
        if not all(is_known for value, is_known in allowed.items() if value):
            raise Http404
        return found

    def entries(self) -> QuerySet[Entry]:
        """Return what they let through, newest first."""
        found = Entry.objects.order_by("-number")
        if self.person:
            is_other = self.person in OTHERS
            found = found.filter(Q(actor_id=None, actor=self.person) if is_other else Q(actor_id=int(self.person)))
        if self.action:
            found = found.filter(action=self.action)
        if self.kind:
            found = found.filter(object_kind=self.kind)
        if self.object_id:
            found = found.filter(object_id=self.object_id)
        if self.result:
            found = found.filter(result=self.result)
        if self.day:
            zone = facts.snapshot().hours.zone
            begins, ends = (moment(day, time.min, zone) for day in (self.day, self.day + timedelta(days=1)))
            found = found.filter(at__gte=begins, at__lt=ends)
        return found

    def given(self) -> dict[str, str]:
        """Return the filters that are set, as the address names them."""
        values = {
            "person": self.person,
            "action": self.action,
            "kind": self.kind,
            "id": self.object_id,
            "day": self.day.isoformat() if self.day else "",
            "result": self.result,
        }
        return {name: value for name, value in values.items() if value}


@dataclass(frozen=True)
class Line:
    """One entry as the page shows it."""

    entry: Entry
    who: str
    deed: str
    about: str
    link: str
    details: list[tuple[str, str]]


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise Http404 from None
    if not 2000 <= found.year <= datetime.now(UTC).year + 1:
        raise Http404
    return found


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_shown(one) for one in value) or "none"
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_shown(one)}" for name, one in value.items())
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None or value == "" else str(value)


def _line(entry: Entry, names: dict[int, str]) -> Line:
    title, page = OBJECTS.get(entry.object_kind, (entry.object_kind, ""))
    try:
        link = reverse(page, args=[entry.object_id]) if page else ""
    except NoReverseMatch:
        link = ""
    who = OTHERS.get(entry.actor, entry.actor) if entry.actor_id is None else names.get(entry.actor_id, entry.actor)
    deed = Action(entry.action).label if entry.action in Action.values else entry.action
    given = ((name, value) for name, value in entry.details.items() if value not in ("", None, {}, []))
    details = [(name.replace("_", " "), _shown(value)) for name, value in given]
    about = f"{title} {entry.object_id[:13]}".strip() if entry.object_kind == terms.SEARCH else ""
    return Line(entry, who, deed, about or f"{title} {entry.object_id}".strip(), link, details)


def _choices() -> dict[str, Any]:
    """Return what the form's lists offer."""
    by_thing = groupby(Action.choices, key=lambda choice: choice[0].partition(".")[0])
    people = [(str(one.pk), one.staff_name) for one in User.objects.order_by("first_name", "last_name", "username")]
    return {
        "people": [*people, *OTHERS.items()],
        "actions": _merged([(THINGS.get(thing, thing), list(choices)) for thing, choices in by_thing]),
        "kinds": [(kind, title) for kind, (title, _) in OBJECTS.items()],
        "results": [
            (value, {"done": "Done", "denied": "Refused", "failed": "Failed"}[value]) for value in Entry.Result.values
        ],
    }


def _merged(groups: list[tuple[str, list[tuple[str, str]]]]) -> dict[str, list[tuple[str, str]]]:
    """Bring groups of the same name together."""
    found: dict[str, list[tuple[str, str]]] = {}
    for title, choices in groups:
        found.setdefault(title, []).extend(choices)
    return found


@staff_page(Right.AUDIT)
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Show a page of the log, newest first, as the address filters it."""
    filters = Filters.read(request.GET)
    before = request.GET.get("before", "")
    if before and not _is_number(before):
        raise Http404
    found = filters.entries()
    shown = list((found.filter(number__lt=int(before)) if before else found)[: ON_A_PAGE + 1])
    more, shown = len(shown) > ON_A_PAGE, shown[:ON_A_PAGE]
    record(
        Action.AUDIT_READ, request, filters=filters.given(), before=int(before) if before else None, found=len(shown)
    )
    names = {one.pk: one.staff_name for one in User.objects.filter(pk__in={one.actor_id for one in shown})}
    context = {
        "lines": [_line(one, names) for one in shown],
        "filters": filters,
        "given": filters.given(),
        "address": urlencode(filters.given()),
        "next": shown[-1].number if more else None,
        "is_start": not before,
        "section": "audit",
        **_choices(),
    }
    return render(request, "staff/audit.html", context)


@staff_page(Right.AUDIT)
@require_POST
def check(request: HttpRequest) -> HttpResponse:
    """Check the chain and say what came of it."""
    found = chain.verify(actor(request))
    if found.is_whole:
        messages.success(
            request, f"The log is whole: {found.checked} entries, the last one with the hash {found.hash}."
        )
    else:
        messages.error(request, f"The log is damaged from entry {found.broken} on: {found.why}. An alarm was raised.")
    return redirect("staff:audit")


@staff_page(Right.AUDIT)
@require_POST
def asked_for(request: HttpRequest) -> HttpResponse:
    """Go to the searches for some terms. They come in the body, so that no address and no history holds them."""
    wanted = request.POST.get("terms", "")[:LONGEST_TERMS]
    if not terms.normalised(wanted):
        messages.error(request, "Please type what may have been searched for.")
        return redirect("staff:audit")
    query = urlencode({"kind": terms.SEARCH, "id": terms.fingerprint(wanted)})
    return redirect(f"{reverse('staff:audit')}?{query}")
