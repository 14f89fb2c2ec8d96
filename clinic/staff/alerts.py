"""What the outbox could not deliver: read it, try again, or take it off the list."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from clinic.accounts.roles import Right
from clinic.audit.actions import Action
from clinic.audit.log import record
from clinic.outbox import post
from clinic.staff.access import staff_page
from clinic.threads import writing

ON_A_PAGE = 50
SETTLED_ALREADY = "Somebody else has already taken care of that one."
# What staff may do with one: how it is done, and what they read afterwards.
CHOICES = {
    "retry": (post.try_again, "It is being tried again. If that fails too, it comes back to this page."),
    "dismiss": (post.dismiss, "It is off the list and will not be tried again."),
}


@staff_page(Right.READ)
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Show what was given up, newest first, and nothing of what it says."""
    context = {"failures": post.undelivered()[:ON_A_PAGE], "count": post.undelivered().count()}
    return render(request, "staff/alerts.html", context)


@staff_page(Right.ANSWER)
@require_POST
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Try a delivery again or dismiss it, whichever button was pressed."""
    if request.POST.get("do") not in CHOICES:
        raise Http404
    act, done = CHOICES[request.POST["do"]]
    with writing():
        is_settled = act(pk)
        if is_settled:
            record(Action.DELIVERY_SETTLED, request, ("delivery", pk), deed=request.POST["do"])
    if is_settled:
        messages.success(request, done)
    else:
        messages.error(request, SETTLED_ALREADY)
    return redirect("staff:alerts")
