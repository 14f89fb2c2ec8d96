"""Exports: conversations as a file, for those who may, with the reason why."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any

from asgiref.sync import sync_to_async
from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from clinic.accounts.roles import Right
from clinic.audit import log
from clinic.audit.actions import Action
from clinic.numbers import export
from clinic.numbers.period import NoPeriod, Period
from clinic.practice import facts
from clinic.queue.filters import Filters, State
from clinic.staff.access import member, recently_confirmed, staff_page

# More than this is no export any more but a copy of the book, which a back-up makes better.
MOST = 50_000
SHORTEST_REASON = 10


class ExportForm(forms.Form):
    """Which conversations, in which form, and why."""

    first = forms.CharField(label="From", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    last = forms.CharField(label="To", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    form = forms.ChoiceField(
        label="What",
        choices=[(name, label) for name, (label, *_) in export.FORMATS.items()],
        widget=forms.RadioSelect,
    )
    query = forms.CharField(widget=forms.HiddenInput, required=False, max_length=1000)
    reason = forms.CharField(
        label="Why",
        help_text="A sentence for the audit log. Name nobody in it.",
        min_length=SHORTEST_REASON,
        max_length=300,
    )

    def clean(self) -> dict[str, Any]:
        """Make the two days a `period`."""
        found = dict(super().clean() or {})
        try:
            zone = facts.snapshot().hours.zone
            today = timezone.now().astimezone(zone).date()
            found["period"] = Period.read(found.get("first", ""), found.get("last", ""), today, zone)
        except NoPeriod as slip:
            self.add_error("first", str(slip))
        return found


@staff_page(Right.EXPORT)
@recently_confirmed
@require_http_methods(["GET", "POST"])
def show(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """Show the form, or answer it with the file."""
    if request.method != "POST":
        return _page(request, ExportForm(initial=_initial(request.GET)))
    given = ExportForm(request.POST)
    return _file(request, given.cleaned_data) if given.is_valid() else _page(request, given, 400)


def _initial(query: QueryDict) -> dict[str, str]:
    """Return what the form begins with: the filters of a list, or of the numbers, as the address has them."""
    today = timezone.now().astimezone(facts.snapshot().hours.zone).date()
    filters = _filters(query.urlencode())
    first, last = filters.first or today, filters.last or today
    return {"first": first.isoformat(), "last": last.isoformat(), "form": "conversations", "query": query.urlencode()}


def _filters(query: str) -> Filters:
    """Read the filters of an address; without a state they are about all conversations."""
    values = QueryDict(query, mutable=True)
    values.setdefault("state", State.ANY)
    return Filters.read(values)


def _page(request: HttpRequest, form: ExportForm, status: int = 200) -> HttpResponse:
    filters = _filters(str(form["query"].value() or ""))
    kept = replace(filters, first=None, last=None).values()
    narrowed = [(name.replace("_", " "), value) for name, value in kept.items() if name != "state"]
    if filters.state != State.ANY:
        narrowed.insert(0, ("state", State(filters.state).label))
    context = {"form": form, "section": "export", "most": MOST, "narrowed": narrowed}
    return render(request, "staff/export.html", context, status=status)


def _file(request: HttpRequest, asked: dict[str, Any]) -> StreamingHttpResponse:
    period, name = asked["period"], asked["form"]
    filters = replace(_filters(asked["query"]), first=period.first, last=period.last)
    found = filters.queryset(member(request)).order_by("created_at", "pk")
    ids = list(found.values_list("pk", flat=True)[:MOST])
    log.record(
        Action.EXPORTED,
        request,
        ("export", name),
        reason=asked["reason"],
        filters={name: value for name, value in filters.values().items() if name != "q"},
        searched=bool(filters.words),
        conversations=len(ids),
    )
    _, media_type, ending, _, _ = export.FORMATS[name]
    response = StreamingHttpResponse(_in_pieces(export.chunks(ids, name)), content_type=media_type)
    file = f"{name}-{period.first.isoformat()}-{period.last.isoformat()}.{ending}"
    response.headers["Content-Disposition"] = f'attachment; filename="{file}"'
    return response


async def _in_pieces(chunks: Iterator[str]) -> AsyncIterator[bytes]:
    """Return the chunks as the server takes them, each made in a thread that may ask the database."""

    def following() -> str | None:
        return next(chunks, None)

    while (chunk := await sync_to_async(following)()) is not None:
        yield chunk.encode()
