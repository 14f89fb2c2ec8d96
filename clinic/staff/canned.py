"""Canned replies: reading, adding, editing, ordering and switching them off."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinic.accounts.roles import Right
from clinic.audit.log import actor
from clinic.conversations import responses
from clinic.practice import canned
from clinic.practice.models import CannedReply
from clinic.staff.access import staff_page

LONGEST = 2000
STALE = "Somebody else has changed this reply since you opened it. What you typed is still here: save again to keep it."


def topics() -> list[tuple[str, str]]:
    """Return (name, title) of what a reply may be about: the topics that visitors can choose by a button."""
    known = responses.renderer()
    names = (name.removeprefix("utter_") for name, variants in known.responses.items() if variants[0].sources)
    return sorted(((name, known.title(name)) for name in names if known.title(name)), key=lambda pair: pair[1])


class ReplyForm(forms.Form):
    """A canned reply, as staff type it."""

    version = forms.IntegerField(min_value=0, required=False, widget=forms.HiddenInput)
    title = forms.CharField(
        max_length=80,
        label="Title",
        help_text="What colleagues choose it by.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Please give the reply a title."},
    )
    text = forms.CharField(
        max_length=LONGEST,
        label="Text",
        help_text="What the visitor reads. It is put into the answer, where it can still be changed.",
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": "Please write the text."},
    )
    topic = forms.ChoiceField(required=False, label="What it is about")
    is_active = forms.BooleanField(required=False, initial=True, label="Offer it")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Fill in the topics."""
        super().__init__(*args, **kwargs)
        chosen = str((self.initial or {}).get("topic") or "")
        known = topics()
        # A topic that the bot no longer has stays what it was.
        gone = [(chosen, chosen)] if chosen and chosen not in dict(known) else []
        self.fields["topic"] = forms.ChoiceField(
            required=False, label="What it is about", choices=[("", "Anything"), *known, *gone]
        )

    def clean_title(self) -> str:
        """Refuse what is no single line."""
        title: str = self.cleaned_data["title"]
        if any(ord(character) < 32 for character in title):
            raise forms.ValidationError("This must be a single line of text.")
        return title

    def clean_text(self) -> str:
        """Return the text with plain line ends; refuse what cannot be shown."""
        text: str = self.cleaned_data["text"].replace("\r\n", "\n").replace("\r", "\n")
        if any(ord(character) < 32 and character not in "\n\t" for character in text):
            raise forms.ValidationError("This must not hold control characters.")
        return text

    @classmethod
    def of(cls, reply: CannedReply) -> ReplyForm:
        """Return the form filled with a reply."""
        return cls(initial={name: getattr(reply, name) for name in (*canned.FIELDS, "version")})

    def values(self) -> dict[str, Any]:
        """Return field of the reply → value; the form has to be valid."""
        return {name: self.cleaned_data[name] for name in canned.FIELDS}


@staff_page(Right.EDIT_PRACTICE)
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Show every reply in its order."""
    titles = dict(topics())
    shown = [{"reply": one, "topic": titles.get(one.topic, one.topic)} for one in CannedReply.objects.all()]
    return render(request, "staff/canned.html", {"section": "canned", "replies": shown})


@staff_page(Right.EDIT_PRACTICE)
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Add a reply."""
    form = ReplyForm(request.POST) if request.method == "POST" else ReplyForm()
    if form.is_bound and form.is_valid():
        reply = canned.add(form.values(), actor(request))
        messages.success(request, f"Added: {reply.title}.")
        return redirect("staff:canned")
    return _form(request, form, None)


@staff_page(Right.EDIT_PRACTICE)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a reply."""
    reply = get_object_or_404(CannedReply, pk=pk)
    if request.method != "POST":
        return _form(request, ReplyForm.of(reply), reply)
    form = ReplyForm(request.POST, initial={"topic": reply.topic})
    if not form.is_valid():
        return _form(request, form, reply)
    try:
        canned.save(pk, form.values(), form.cleaned_data["version"] or 0, actor(request))
    except canned.Stale:
        messages.error(request, STALE)
        typed = request.POST.copy()
        typed["version"] = str(reply.version)
        return _form(request, ReplyForm(typed, initial={"topic": reply.topic}), reply, status=409)
    messages.success(request, f"Saved: {form.cleaned_data['title']}.")
    return redirect("staff:canned")


def _form(request: HttpRequest, form: ReplyForm, reply: CannedReply | None, status: int | None = None) -> HttpResponse:
    context = {"section": "canned", "form": form, "reply": reply, "stands": reply if status else None}
    is_wrong = form.is_bound and not form.is_valid()
    return render(request, "staff/canned_reply.html", context, status=status or (400 if is_wrong else 200))


@staff_page(Right.EDIT_PRACTICE)
@require_POST
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Move a reply `up` or `down`, or `remove` it, whichever button was pressed."""
    do = request.POST.get("do")
    if do in ("up", "down"):
        canned.move(pk, do == "up", actor(request))
    elif do == "remove" and canned.remove(pk, actor(request)):
        messages.success(request, "The reply is removed.")
    else:
        messages.error(request, "That reply is gone already.")
    return redirect("staff:canned")
