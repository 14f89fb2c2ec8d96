"""The switch "bot off: contact form only"."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from clinic.accounts.roles import Right
from clinic.audit.log import actor
from clinic.practice import editing, facts
from clinic.practice.models import Practice
from clinic.staff.access import member, staff_page

LONGEST_REASON = 200
DONE = {
    True: "The bot is off within five seconds: what visitors write goes to staff.",
    False: "The bot is on again within five seconds.",
}


@staff_page(Right.SWITCH_BOT)
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """Show whether the bot is off, since when, by whom and why; switch it."""
    wrong, reason = "", ""
    if request.method == "POST":
        off, reason = request.POST.get("do") == "off", request.POST.get("reason", "").strip()
        wrong = _wrong(reason) if off else ""
        if not wrong:
            if editing.switch_bot(off, reason, member(request), actor(request)):
                messages.success(request, DONE[off])
            else:
                messages.info(request, f"Somebody else had switched it {'off' if off else 'on'} already.")
            return redirect("staff:bot")
    practice = Practice.objects.select_related("bot_off_by").get(pk=facts.snapshot().practice.pk)
    context = {"section": "bot", "practice": practice, "wrong": wrong, "reason": reason}
    return render(request, "staff/bot.html", context, status=400 if wrong else 200)


def _wrong(reason: str) -> str:
    """Return what is wrong with a reason, "" for nothing."""
    if not reason:
        return "Please say why, so that your colleagues know."
    if len(reason) > LONGEST_REASON or any(ord(character) < 32 for character in reason):
        return f"The reason has to be one line of at most {LONGEST_REASON} characters."
    return ""
