"""The list of conversations, and one conversation with everything that was understood in it."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from clinic.accounts.roles import Right
from clinic.conversations.models import Conversation
from clinic.outbox import post
from clinic.staff import book, wording
from clinic.staff.access import staff_page

LARGEST_SEQ = 2**31 - 1


@staff_page(Right.READ)
@require_safe
def show_list(request: HttpRequest) -> HttpResponse:
    """Show a page of conversations; the first page also says what waits for staff."""
    raw = request.GET.get("after", "")
    try:
        after = book.Key.read(raw) if raw else None
    except book.BadKey:
        raise Http404 from None
    context: dict[str, object] = {"page": book.conversations(after), "is_start": after is None}
    if after is None:
        context |= {
            "waiting": book.waiting_matters(),
            "waiting_count": book.waiting_count(),
            "undelivered_count": post.undelivered().count(),
            "unsigned_count": wording.unsigned_count(),
        }
    return render(request, "staff/list.html", context | {"section": "conversations"})


@staff_page(Right.READ)
@require_safe
def show_one(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show the messages of a conversation, the newest ones unless `before` asks for earlier ones."""
    conversation = get_object_or_404(Conversation.objects.defer("state"), pk=pk)
    raw = request.GET.get("before", "")
    if raw and not (raw.isascii() and raw.isdigit() and 0 < int(raw) <= LARGEST_SEQ):
        raise Http404
    context = {
        "conversation": conversation,
        "owner": book.owner_names([conversation.owner])[conversation.owner],
        "matters": book.matters_of(conversation),
        "stretch": book.messages(conversation, int(raw) if raw else None),
        "is_newest": not raw,
    }
    return render(request, "staff/conversation.html", context)
