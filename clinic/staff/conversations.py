"""One conversation: what was said and understood, who has it, and what may be done with it.

The page's parts come by themselves too: new messages, the panel, one message. The reply box stands outside of what the
panel refreshes, so that nothing takes away what somebody is typing; only a deed of their own renews it.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import get_language_info
from django.views.decorators.http import require_safe

from clinic.accounts.models import User
from clinic.accounts.roles import Right
from clinic.audit.actions import Action
from clinic.audit.log import record
from clinic.casework import intents, viewers
from clinic.casework.models import NOTE_LENGTH, TAG_LENGTH, Tag
from clinic.conversations.models import BOT, CLOSED, STAFF_PREFIX, WAITING, Conversation, Understanding
from clinic.conversations.takeover import TEXT_LIMIT
from clinic.practice import canned
from clinic.practice.models import CannedReply
from clinic.staff import book, related
from clinic.staff.access import member, staff_page
from clinic.staff.bookings import STATES
from clinic.threads import writing

LARGEST_SEQ = 2**31 - 1
# Answers to a deed carry this event, at which the page asks for what is new.
CHANGED = "conversation-changed"
# What differs each time though the panel shows the same.
TOKEN = re.compile(r'(?<=name="csrfmiddlewaretoken" value=")[^"]*')


@staff_page(Right.READ)
@require_safe
def show_one(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a conversation, with its newest messages unless `before` asks for earlier ones."""
    conversation = find(pk)
    before = number(request.GET.get("before", ""))
    with writing():
        Conversation.objects.filter(pk=pk).update(opened_at=timezone.now())
        record(Action.CONVERSATION_SEEN, request, ("conversation", pk))
    return page(request, conversation, before)


@staff_page(Right.READ)
@require_safe
def show_messages(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show what came after a message, to be appended to the page."""
    conversation = find(pk)
    stretch = book.messages_after(conversation, number(request.GET.get("after", ""), least=0) or 0)
    context = {"conversation": conversation, "stretch": stretch, "is_newest": True}
    return render(request, "staff/_messages.html", context | _rights(request))


@staff_page(Right.READ)
@require_safe
def show_message(request: HttpRequest, pk: UUID, seq: int) -> HttpResponse:
    """Show one message anew, when its turn is over."""
    conversation = find(pk)
    message = book.message(conversation, seq) if seq <= LARGEST_SEQ else None
    if message is None:
        raise Http404
    context = {"conversation": conversation, "message": message, "is_newest": True}
    return render(request, "staff/_message.html", context | _rights(request))


@staff_page(Right.READ)
@require_safe
def show_panel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show the panel as it stands now, or nothing when the page shows that already (`state`).

    So a selected telephone number stays selected, and a screen reader is not told the same again.
    """
    return panel(request, find(pk))


def find(pk: UUID) -> Conversation:
    """Return a conversation without the brain's state; raises `Http404`."""
    return get_object_or_404(Conversation.objects.defer("state").select_related("assignee", "contact"), pk=pk)


def number(raw: str, least: int = 1) -> int | None:
    """Read the number of a message in an address, None when it is empty; raises `Http404`."""
    if not raw:
        return None
    if not (raw.isascii() and raw.isdigit() and len(raw) < 12 and least <= int(raw) <= LARGEST_SEQ):
        raise Http404
    return int(raw)


def is_htmx(request: HttpRequest) -> bool:
    """Tell whether the page's script asks for a part of the page."""
    return request.headers.get("HX-Request") == "true"


def after(
    request: HttpRequest, conversation: Conversation, done: str = "", problem: str = "", renew: str = "reply"
) -> HttpResponse:
    """Answer a deed: `done` or `problem` is one sentence about it.

    A script gets the panel (with status 409 for a problem) and, emptied or with what was typed, the part of the page
    that it sent, `renew`. Without one the conversation opens again; a text that could not be sent is not lost.
    """
    status = 409 if problem else 200
    if is_htmx(request):
        response = panel(request, conversation, problem, status, done=done, renew=renew)
        response["HX-Trigger"] = CHANGED
        return response
    if problem and "text" in request.POST:
        return page(request, find(conversation.pk), None, problem, status, renew=renew)
    if problem or done:
        (messages.error if problem else messages.success)(request, problem or done)
    return redirect("staff:conversation", pk=conversation.pk)


def panel(
    request: HttpRequest,
    conversation: Conversation,
    problem: str = "",
    status: int = 200,
    *,
    done: str = "",
    renew: str = "reply",
) -> HttpResponse:
    """Return the panel as it stands now, for a script; see `after`.

    When nobody did anything the reply box is left alone as long as the page shows one (`mine=1`).
    """
    conversation = find(conversation.pk)
    is_deed = request.method == "POST"
    context = _context(request, conversation, problem, renew if is_deed else "")
    if not is_deed and request.GET.get("state") == context["state"]:
        return HttpResponse(status=204)
    context |= {
        "is_partial": True,
        "is_deed": is_deed,
        # The box in which somebody may be typing stays as it is, so it is said beside it.
        "is_ended_meanwhile": context["is_ended"] and not is_deed and request.GET.get("mine") == "1",
        "done": done,
        "renew": renew if is_deed else "reply" if request.GET.get("mine") == "0" else "",
    }
    return render(request, "staff/_conversation_panel.html", context, status=status)


def page(
    request: HttpRequest,
    conversation: Conversation,
    before: int | None,
    problem: str = "",
    status: int = 200,
    renew: str = "",
) -> HttpResponse:
    """Return the whole page; with a problem, what was typed stands where it was typed."""
    context = _context(request, conversation, problem, renew) | {
        "stretch": book.messages(conversation, before),
        "is_newest": before is None,
        "intents": intents.offered(),
        "section": "queue",
    }
    return render(request, "staff/conversation.html", context, status=status)


def _rights(request: HttpRequest) -> dict[str, Any]:
    user = member(request)
    rights = {"may_answer": Right.ANSWER, "may_annotate": Right.ANNOTATE, "may_hold": Right.PRIVACY}
    return {name: user.may(right) for name, right in rights.items()}


def _context(request: HttpRequest, conversation: Conversation, problem: str, typed: str) -> dict[str, Any]:
    """Return what the panel and the forms show; `typed` names the form whose text stays after a problem."""
    user, now, owner = member(request), timezone.now(), conversation.owner
    viewers.note(conversation, user, now)
    contact = getattr(conversation, "contact", None)
    requests = related.bookings(conversation)
    is_mine = owner == f"{STAFF_PREFIX}{user.pk}"
    context = _rights(request) | {
        "conversation": conversation,
        "owner": book.owner_names([owner])[owner],
        "is_mine": is_mine,
        "is_with_colleague": conversation.is_with_staff and not is_mine,
        "is_waiting": owner == WAITING,
        "is_with_bot": owner == BOT,
        "is_closed": owner == CLOSED,
        "is_ended": conversation.ended_at is not None,
        "consent_language": _language(conversation.consent_language),
        "viewers": viewers.others(conversation, user, now),
        "matters": book.matters_of(conversation),
        "contact": contact,
        "bookings": [(one, STATES[one.state]) for one in requests],
        "others": related.others(conversation, contact, requests),
        "notes": conversation.notes.order_by("id"),
        "tags": conversation.tags.select_related("tag").order_by("tag__key"),
        "problem": problem,
        "reply": _reply(request, conversation, problem, typed == "reply"),
        "note": _kept(request, problem, typed == "note"),
        "new_tag": _kept(request, problem, typed == "tag"),
        "known_tags": Tag.objects.all(),
        "colleagues": [one for one in User.objects.order_by("first_name", "username") if one.may(Right.ANSWER)],
        "note_length": NOTE_LENGTH,
        "tag_length": TAG_LENGTH,
    }
    return context | {"state": _state(request, context)}


def _language(code: str) -> str:
    """Return what a language is called in English, "" for none."""
    try:
        return str(get_language_info(code)["name"]) if code else ""
    except KeyError:
        return code


def _state(request: HttpRequest, context: dict[str, Any]) -> str:
    """Return a mark of all that the panel shows."""
    shown = render_to_string("staff/_conversation_panel.html", context | {"is_partial": True}, request)
    return hashlib.sha256(TOKEN.sub("", shown).encode()).hexdigest()[:32]


def _kept(request: HttpRequest, problem: str, is_typed: bool) -> dict[str, Any]:
    """Return what a form holds: what was typed if it could not be taken, and the id that makes it one however often."""
    if problem and is_typed and "text" in request.POST:
        return {"text": request.POST.get("text", ""), "client_id": _id(request), "problem": problem}
    return {"text": "", "client_id": uuid4(), "problem": ""}


def _id(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("client_id", ""))
    except ValueError:
        return uuid4()


def _reply(request: HttpRequest, conversation: Conversation, problem: str, is_typed: bool) -> dict[str, Any]:
    reply = _kept(request, problem, is_typed) | {"limit": TEXT_LIMIT, "canned": _canned(conversation)}
    if is_typed and not problem and request.resolver_match and request.resolver_match.url_name == "take":
        # Taken back from the colleague who came in between: what was typed before goes on.
        reply |= {"text": request.POST.get("text", ""), "client_id": _id(request)}
    chosen = request.GET.get("canned", "")
    if not reply["text"] and chosen.isascii() and chosen.isdigit() and len(chosen) < 10:
        found: CannedReply | None = next((one for one in reply["canned"] if one.pk == int(chosen)), None)
        reply["text"] = found.text if found else ""
    return reply


def _canned(conversation: Conversation) -> list[CannedReply]:
    """Return the canned replies, those on what the visitor asked last before the others."""
    heard = Understanding.objects.filter(message__conversation=conversation).order_by("-message__seq")
    topics: list[str] = heard.values_list("topics", flat=True).first() or []
    return sorted(canned.replies(), key=lambda one: one.topic not in topics)
