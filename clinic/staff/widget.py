"""The chat on the clinic's website: how it looks, the line that puts it there, and the sites that may show it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods

from clinic.accounts.roles import Right
from clinic.audit.log import actor
from clinic.practice.editing import Changes
from clinic.staff.access import staff_page
from clinic.staff.practice_form import in_words
from clinic.staff.widget_form import MODES, PICK, WAS, LookForm, chosen
from clinic.widget import contrast, editing, launcher, look, models, palette, strings

STALE = (
    "Somebody else has saved the chat's look since you opened this page. Below is what you typed against what counts"
    " now: look at the differences before you save again."
)
AGAIN = "Pictures are not kept until a save: please choose the picture again."


@staff_page(Right.EDIT_PRACTICE)
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """Show the look; show what was chosen (`check`), the colours suggested for it (`take`), or save it (`save`)."""
    if request.method != "POST":
        return _page(request, LookForm.of(look.saved()))
    form, do = LookForm(chosen(request.POST), request.FILES), request.POST.get("do")
    is_valid = form.is_valid()
    if do == "take":
        form = LookForm(chosen(request.POST, form.suggestions), request.FILES)
        is_valid = form.is_valid()
    if is_valid and do not in ("check", "take"):
        return _save(request, form)
    if request.FILES:
        messages.info(request, AGAIN)
    return _page(request, form, status=200 if is_valid else 400)


def _save(request: HttpRequest, form: LookForm) -> HttpResponse:
    try:
        changes = editing.save(form.values(), form.new_picture(), form.cleaned_data["version"], actor(request))
    except editing.Stale:
        return _stale(request, form)
    messages.success(request, _saved(changes))
    return redirect("staff:widget")


def _saved(changes: Changes) -> str:
    if not changes:
        return "Nothing was different, so nothing was saved."
    named = ", ".join(one.label for one in in_words(changes))
    return f"Saved: {named}. Your website shows it within five minutes."


def _stale(request: HttpRequest, form: LookForm) -> HttpResponse:
    """Show what was typed against what counts now; saving again writes over that."""
    row = look.saved()
    messages.error(request, STALE)
    if request.FILES:
        messages.info(request, AGAIN)
    typed = chosen(request.POST)
    typed["version"] = str(row.version)
    return _page(request, LookForm(typed), status=409, changes=editing.differences(row, form.values()))


def _page(request: HttpRequest, form: LookForm, status: int = 200, changes: Changes | None = None) -> HttpResponse:
    row = look.saved()
    context = {
        "section": "widget",
        "form": form,
        "look": row,
        "modes": [_mode(mode.title, mode.name, (form[mode.accent], form[mode.text]), row) for mode in MODES],
        "differences": in_words(changes or {}),
        "sites": settings.ALLOWED_ORIGINS,
        "line": _line(f"{settings.PUBLIC_URL}/widget.js", ""),
        "pinned_line": _line(launcher.pinned().url, launcher.pinned().integrity),
    }
    return render(request, "staff/widget.html", context, status=status)


def _mode(title: str, name: str, fields: tuple[forms.BoundField, forms.BoundField], row: models.Look) -> dict[str, Any]:
    """Return what the page shows of light or dark: the fields with what is picked, and each pair with its ratio."""
    accent, text = (_shown(field, row) for field in fields)
    shown = [
        {"field": field, "colour": colour, "pick": field.name + PICK, "was": field.name + WAS}
        for field, colour in zip(fields, (accent, text), strict=True)
    ]
    return {"title": title, "name": name, "colours": shown, "pairs": palette.pairs(accent, text, name)}


def _shown(field: forms.BoundField, row: models.Look) -> str:
    """Return the colour of a field; where that holds none, the one that counts."""
    try:
        return contrast.read(str(field.value()))
    except ValueError:
        return str(getattr(row, field.name))


def _line(address: str, integrity: str) -> str:
    """Return what a page needs: the script, held to a hash if there is one, and a link for browsers without scripts."""
    held = format_html(' integrity="{}" crossorigin="anonymous"', integrity) if integrity else ""
    script = format_html('<script src="{}"{} async></script>', address, held)
    plain, words = settings.PUBLIC_URL + reverse("widget:plain"), strings.of("launcher", "en")["open"]
    return script + "\n" + format_html('<noscript><a href="{}">{}</a></noscript>', plain, words)
