"""What staff add to a conversation: notes, tags, an assignee, and verdicts on what was understood."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from clinic.accounts.models import User
from clinic.accounts.roles import Right
from clinic.audit.log import actor
from clinic.casework import desk, intents
from clinic.casework.models import NOTE_LENGTH, TAG_LENGTH, Note, Verdict
from clinic.conversations.models import Conversation, Message
from clinic.staff import book
from clinic.staff.access import member, staff_page
from clinic.staff.conversations import LARGEST_SEQ, after, find, is_htmx

LARGEST_KEY = 2**63 - 1


class _Text(forms.CharField):
    """A text of several lines. Browsers count a line's end as one character and send two."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        return super().to_python(value.replace("\r\n", "\n") if isinstance(value, str) else value) or ""


def _length(field: str, most: int) -> dict[str, str]:
    return {
        "required": f"Please write the {field} first.",
        "max_length": f"A {field} can have at most {most:,} characters; this one has %(show_value)s.",
    }


class NoteForm(forms.Form):
    """A note; `version` is that of the note when its text was shown, `client_id` that of a new one."""

    text = _Text(label="Note", max_length=NOTE_LENGTH, error_messages=_length("note", NOTE_LENGTH))


class NewNoteForm(NoteForm):
    """A note that is not there yet."""

    client_id = forms.UUIDField(widget=forms.HiddenInput)


class TagForm(forms.Form):
    """A tag to set."""

    text = forms.CharField(label="Tag", max_length=TAG_LENGTH, error_messages=_length("tag", TAG_LENGTH))


def _problem(form: forms.Form) -> str:
    """Return the first thing that is wrong; what no browser sends is not found."""
    if "text" not in form.errors:
        raise Http404
    return str(form.errors["text"][0])


@staff_page(Right.ANNOTATE)
@require_POST
def add_note(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Write a note."""
    conversation = find(pk)
    form = NewNoteForm(request.POST)
    if not form.is_valid():
        return after(request, conversation, problem=_problem(form), renew="note")
    data = form.cleaned_data
    desk.add_note(conversation, data["text"], data["client_id"], member(request), actor(request))
    return after(request, conversation, renew="note")


@staff_page(Right.ANNOTATE)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_note(request: HttpRequest, pk: UUID, note: int) -> HttpResponse:
    """Show a note to be changed, and change it; whoever comes second is told, and keeps what they typed."""
    found = _note(pk, note)
    if request.method != "POST":
        return _note_page(request, found, NoteForm(initial={"text": found.text}))
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _note_page(request, found, form, 422)
    try:
        desk.edit_note(found, _version(request), form.cleaned_data["text"], actor(request))
    except desk.Conflict:
        found = _note(pk, note)
        return _note_page(request, found, form, 409)
    messages.success(request, "The note is saved.")
    return redirect("staff:conversation", pk=pk)


@staff_page(Right.ANNOTATE)
@require_POST
def delete_note(request: HttpRequest, pk: UUID, note: int) -> HttpResponse:
    """Delete a note, unless somebody has changed it since it was shown."""
    found = _note(pk, note)
    try:
        desk.delete_note(found, _version(request), actor(request))
    except desk.Conflict:
        return after(request, found.conversation, problem="Somebody has just changed this note. It is still there.")
    return after(request, found.conversation, done="The note is deleted.", renew="")


def _note(pk: UUID, note: int) -> Note:
    if note > LARGEST_KEY:
        raise Http404
    return get_object_or_404(Note.objects.select_related("conversation"), pk=note, conversation=pk)


def _version(request: HttpRequest) -> int:
    raw = request.POST.get("version", "")
    if not (raw.isascii() and raw.isdigit() and len(raw) < 10):
        raise Http404
    return int(raw)


def _note_page(request: HttpRequest, note: Note, form: NoteForm, status: int = 200) -> HttpResponse:
    """Show a note's form. After a conflict it stands beside the note as it is now, whose version the form then has."""
    # What is wrong may be the text alone: whoever changed the note meanwhile is still found out.
    version = _version(request) if status == 422 else note.version
    context = {"note": note, "form": form, "version": version, "is_conflict": status == 409, "section": "queue"}
    return render(request, "staff/note.html", context, status=status)


@staff_page(Right.ANNOTATE)
@require_POST
def add_tag(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Set a tag."""
    conversation = find(pk)
    form = TagForm(request.POST)
    if not form.is_valid():
        return after(request, conversation, problem=_problem(form), renew="tag")
    desk.add_tag(conversation, form.cleaned_data["text"], member(request), actor(request))
    return after(request, conversation, renew="tag")


@staff_page(Right.ANNOTATE)
@require_POST
def remove_tag(request: HttpRequest, pk: UUID, tag: int) -> HttpResponse:
    """Take a tag off."""
    conversation = find(pk)
    if tag > LARGEST_KEY:
        raise Http404
    desk.remove_tag(conversation, tag, actor(request))
    return after(request, conversation, renew="")


@staff_page(Right.ANNOTATE)
@require_POST
def assign(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Make the conversation somebody's matter, or nobody's."""
    conversation = find(pk)
    raw = request.POST.get("assignee", "")
    if raw and not (raw.isascii() and raw.isdigit() and len(raw) < 19):
        raise Http404
    assignee = get_object_or_404(User, pk=int(raw)) if raw else None
    if assignee and not assignee.may(Right.ANSWER):
        raise Http404
    desk.assign(conversation, assignee, actor(request))
    return after(request, conversation, renew="assign")


@staff_page(Right.ANNOTATE)
@require_POST
def judge(request: HttpRequest, pk: UUID, seq: int) -> HttpResponse:
    """Say whether a message was understood rightly: `value`, and for a wrong one `should_be`."""
    conversation = find(pk)
    found = book.message(conversation, seq) if seq <= LARGEST_SEQ else None
    value = request.POST.get("value", "")
    if found is None or found.sender != Message.Sender.VISITOR or value not in Verdict.Value.values:
        raise Http404
    problem, typed = "", request.POST.get("should_be", "")
    try:
        found.verdict = desk.judge(found, value, typed, member(request), actor(request))
    except intents.UnknownIntent:
        problem = "Please choose one of the list." if typed.strip() else "Please say what it should have been."
    if is_htmx(request):
        context = {"conversation": conversation, "message": found, "problem": problem, "typed": typed[:100]}
        context["may_annotate"] = True
        return render(request, "staff/_verdict.html", context, status=422 if problem else 200)
    if problem:
        messages.error(request, problem)
    return redirect(_place(conversation, seq))


def _place(conversation: Conversation, seq: int) -> str:
    """Return the address of a message on the page of the conversation that has it."""
    is_old = conversation.last_seq - seq >= book.MESSAGES_ON_A_PAGE
    address = reverse("staff:conversation", args=[conversation.pk])
    return f"{address}{f'?before={seq + 1}' if is_old else ''}#m{seq}"
