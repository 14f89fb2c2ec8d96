"""Label wording: what waits for a clinician's sign-off, and the sign-off itself."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from clinic.accounts.roles import Right
from clinic.audit.actions import Action
from clinic.audit.log import record
from clinic.conversations.responses import Variant, renderer
from clinic.practice import facts
from clinic.practice.models import SignOff
from clinic.staff.access import member, staff_page
from clinic.threads import writing


@dataclass(frozen=True)
class Wording:
    """One label wording as it stands now, with its sign-off or None."""

    response: str
    title: str
    variant: Variant
    sign_off: SignOff | None


def _topic(response: str) -> str:
    return response.removeprefix("utter_").removesuffix("_label").replace("_", " ").capitalize()


def wordings() -> list[Wording]:
    """Return every label wording, those that wait first."""
    signed = {(one.response, one.wording_hash): one for one in SignOff.objects.select_related("who")}
    found = [
        Wording(response, _topic(response), variant, signed.get((response, variant.wording_hash)))
        for response, variant in renderer().labels()
    ]
    return sorted(found, key=lambda wording: wording.sign_off is not None)


def unsigned_count() -> int:
    """Return how many label wordings no clinician has approved."""
    signed = set(SignOff.objects.values_list("response", "wording_hash"))
    return sum((response, variant.wording_hash) not in signed for response, variant in renderer().labels())


@staff_page(Right.READ)
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Show every label wording and who approved it."""
    context = {
        "wordings": wordings(),
        "section": "wording",
        "may_sign": member(request).may(Right.SIGN_OFF),
        "may_withdraw": member(request).may(Right.WITHDRAW_SIGN_OFF),
    }
    return render(request, "staff/wording.html", context)


@staff_page(Right.WITHDRAW_SIGN_OFF)
@require_POST
def tick(request: HttpRequest) -> HttpResponse:
    """Approve a wording, or take an approval back; a wording that has changed since it was read is refused."""
    withdraw = request.POST.get("do") == "withdraw"
    if not withdraw and not member(request).may(Right.SIGN_OFF):
        raise PermissionDenied
    wanted = (request.POST.get("response", ""), request.POST.get("wording_hash", ""))
    responses = {response for response, _ in renderer().labels()}
    if wanted[0] not in responses:
        raise Http404
    current = {(response, variant.wording_hash) for response, variant in renderer().labels()}
    if wanted not in current:
        messages.error(request, "This wording has changed since you opened the page. Please read it again.")
        return redirect("staff:wording")
    if withdraw:
        with writing():
            SignOff.objects.filter(response=wanted[0], wording_hash=wanted[1]).delete()
            record(Action.SIGN_OFF_WITHDRAWN, request, ("response", wanted[0]), wording=wanted[1])
        messages.success(request, "The sign-off is withdrawn.")
    else:
        with writing():
            SignOff.objects.get_or_create(response=wanted[0], wording_hash=wanted[1], defaults={"who": member(request)})
            record(Action.SIGNED_OFF, request, ("response", wanted[0]), wording=wanted[1])
        messages.success(request, "Signed off. Visitors see the wording without the mark from now on.")
    facts.forget()
    return redirect("staff:wording")
