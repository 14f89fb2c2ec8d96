"""The clinic's facts: edited in a form, looked at as a difference, and only then saved; and who changed what before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from clinic.accounts.roles import Right
from clinic.audit.actions import Action
from clinic.audit.log import actor
from clinic.audit.models import Entry
from clinic.conversations import responses
from clinic.practice import editing, facts
from clinic.practice.models import Practice
from clinic.staff.access import staff_page
from clinic.staff.practice_form import Difference, PracticeForm, in_words

PREVIEWS = 6
# What the history shows, and what it calls the thing that was edited; the clinic itself goes without saying.
EDITS = {
    Action.PRACTICE_EDITED: "",
    Action.BOT_SWITCHED: "",
    Action.CANNED_REPLY_EDITED: "Canned reply",
    Action.ALERTS_EDITED: "Alert rule",
    Action.LOOK_EDITED: "Chat on your website",
}
ON_A_PAGE = 50
STALE = (
    "Somebody else has saved the clinic's facts since you opened this page. Below is what you typed against what counts"
    " now: look at the differences again before you save."
)


@dataclass(frozen=True)
class Preview:
    """How an answer reads now and how it would read."""

    title: str
    old: str
    new: str


@staff_page(Right.EDIT_PRACTICE)
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """Show the form; look at what was typed (`check`), go on editing (`edit`), or save it (`save`)."""
    if request.method != "POST":
        facts.forget()
        return _form(request, PracticeForm.of(facts.snapshot().practice))
    form, do = PracticeForm(request.POST), request.POST.get("do")
    if not form.is_valid():
        return _form(request, form, status=400)
    if do == "edit":
        return _form(request, form)
    if do == "save":
        return _save(request, form)
    return _look(request, form)


def _form(request: HttpRequest, form: PracticeForm, status: int = 200) -> HttpResponse:
    context = {"section": "practice", "form": form, "practice": facts.snapshot().practice}
    return render(request, "staff/practice.html", context, status=status)


def _look(request: HttpRequest, form: PracticeForm, status: int = 200) -> HttpResponse:
    """Show what would change, field by field, and how answers would read."""
    facts.forget()
    practice = facts.snapshot().practice
    values = form.values()
    if not (changes := editing.differences(practice, values)):
        messages.info(request, "Nothing is different from what counts already.")
        return _form(request, form)
    if form.cleaned_data["version"] != practice.version:
        messages.error(request, STALE)
        form = PracticeForm({**request.POST.dict(), "version": practice.version})
    context = {
        "section": "practice",
        "form": form,
        "differences": in_words(changes),
        "previews": _previews(values),
    }
    return render(request, "staff/practice_changes.html", context, status=status)


def _save(request: HttpRequest, form: PracticeForm) -> HttpResponse:
    try:
        changes = editing.save(form.values(), form.cleaned_data["version"], actor(request))
    except editing.Stale:
        return _look(request, form, status=409)
    messages.success(request, _saved(in_words(changes)))
    return redirect("staff:practice")


def _saved(done: list[Difference]) -> str:
    if not done:
        return "Nothing was different, so nothing was saved."
    return f"Saved: {', '.join(one.label for one in done)}. It counts within five seconds."


def _previews(values: dict[str, Any]) -> list[Preview]:
    """Return the first answers that would read otherwise, those that visitors can ask for by a button first."""
    now, known = timezone.now(), responses.renderer()
    trial = facts.snapshot_of(Practice(**values))
    found = []
    for response, variants in known.responses.items():
        if not any(variant.placeholders & facts.NAMES for variant in variants):
            continue
        old, new = known.render(response, now).text, known.render(response, now, practice=trial).text
        if old != new:
            found.append(Preview(variants[0].title, old, new))
    return sorted(found, key=lambda one: not one.title)[:PREVIEWS]


@dataclass(frozen=True)
class Change:
    """One edit as the history shows it; `what` is "" for the clinic's facts."""

    at: datetime
    who: str
    what: str
    differences: list[Difference]


@staff_page(Right.EDIT_PRACTICE)
@require_safe
def history(request: HttpRequest) -> HttpResponse:
    """Show who changed what and when, newest first, as the audit log has it."""
    entries = Entry.objects.filter(action__in=EDITS, details__has_any_keys=["changes", "off"]).order_by("-number")
    page = Paginator(entries, ON_A_PAGE).get_page(request.GET.get("page"))
    context = {"section": "practice", "page": page, "changes": [_change(entry) for entry in page]}
    return render(request, "staff/practice_history.html", context)


def _change(entry: Entry) -> Change:
    details = entry.details
    if entry.action == Action.BOT_SWITCHED:
        states = ("on", f"off: {details.get('reason')}" if details.get("reason") else "off")
        old, new = states if details.get("off") else states[::-1]
        return Change(entry.at, entry.actor, "", [Difference("The bot", old.partition(":")[0], new)])
    changes = {name: (pair[0], pair[1]) for name, pair in dict(details.get("changes") or {}).items()}
    what = EDITS[Action(entry.action)]
    named = f"{what} “{details['name']}”" if details.get("name") else what
    return Change(entry.at, entry.actor, named, in_words(changes))
