"""Privacy: one person's data, how long what is kept, legal holds, and what the last runs have deleted."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from clinic.accounts.roles import Right
from clinic.audit import terms
from clinic.audit.actions import Action
from clinic.audit.log import actor, record
from clinic.conversations.models import Conversation
from clinic.privacy import erase, person, retention, rules
from clinic.privacy.models import LegalHold, Rule, Run
from clinic.privacy.person import Found, Key, NotAKey
from clinic.staff.access import member, recently_confirmed, staff_page
from clinic.staff.book import owner_names
from clinic.threads import writing

RUNS_SHOWN = 14
# Why somebody's data is exported or erased; fixed words, so that the audit log may repeat them.
REASONS = {
    "person": "The person asked for it",
    "law": "The law asks for it",
    "mistake": "It should not be here",
    "other": "Another reason, kept in the clinic's own files",
}
LIFTED = {
    "settled": "It is settled",
    "mistake": "It was set by mistake",
    "other": "Another reason, kept in the clinic's own files",
}
COUNT_NAMES = {
    **dict(Rule.Kind.choices),
    retention.HELD: "Conversations that stayed: legal hold",
    retention.STILL_OPEN: "Conversations that stayed: still open",
}


class KeyForm(forms.Form):
    """Whose data."""

    key = forms.CharField(
        max_length=254, label="Phone number, e-mail address or booking reference", widget=forms.TextInput()
    )

    def clean_key(self) -> Key:
        """Read it as one of the three."""
        try:
            return Key.read(self.cleaned_data["key"])
        except NotAKey:
            raise forms.ValidationError(
                "This is no phone number, no e-mail address and no booking reference."
            ) from None


class EraseForm(KeyForm):
    """Which of the found conversations, why, and how many, typed by hand."""

    conversations = forms.TypedMultipleChoiceField(
        coerce=UUID, error_messages={"required": "Please choose at least one."}
    )
    reason = forms.ChoiceField(choices=list(REASONS.items()))
    count = forms.IntegerField(min_value=1, label="Number of conversations")

    def __init__(self, *args: Any, found: list[Found], **kwargs: Any) -> None:
        """Allow what was found."""
        super().__init__(*args, **kwargs)
        allowed = self.fields["conversations"]
        allowed.choices = [(str(one.conversation.pk), "") for one in found]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Compare the number that was typed with the number that was chosen."""
        data = dict(super().clean() or {})
        chosen = data.get("conversations")
        if chosen and data.get("count") is not None and len(chosen) != data["count"]:
            self.add_error("count", f"{len(chosen)} are chosen. Please type that number to confirm.")
        return data


@staff_page(Right.PRIVACY)
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Show where to look for a person, the rules, the holds, and the last runs."""
    return _page(request, KeyForm())


@staff_page(Right.PRIVACY)
@require_POST
def find(request: HttpRequest) -> HttpResponse:
    """Show what is kept of a person. The key comes in the body, so that no address and no history holds it."""
    form = KeyForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=400)
    key = form.cleaned_data["key"]
    found = person.find(key)
    terms.record_search(request, key.value, scope="person", found=len(found))
    return _found_page(request, key, found)


@staff_page(Right.PRIVACY)
@recently_confirmed
@require_POST
def export(request: HttpRequest) -> HttpResponse:
    """Hand everything that is kept of a person over as a file, which is kept nowhere."""
    form = KeyForm(request.POST)
    reason = request.POST.get("reason", "")
    if not form.is_valid() or reason not in REASONS:
        return _page(request, form, status=400)
    key = form.cleaned_data["key"]
    found = person.find(key)
    with writing():
        record(
            Action.PERSON_EXPORTED,
            request,
            (terms.SEARCH, terms.fingerprint(key.value)),
            key=key.kind,
            reason=reason,
            conversations=[str(one.conversation.pk) for one in found],
            count=len(found),
        )
    content = {
        "exported_at": timezone.now().isoformat(timespec="seconds"),
        "found_by": {key.kind: key.value},
        "conversations": [person.exported(one.conversation) for one in found],
    }
    body = json.dumps(content, ensure_ascii=False, indent=1)
    response = HttpResponse(body, content_type="application/json; charset=utf-8")
    name = f"person-{timezone.now():%Y%m%d-%H%M%S}.json"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@staff_page(Right.PRIVACY)
@recently_confirmed
@require_POST
def erase_person(request: HttpRequest) -> HttpResponse:
    """Erase the chosen conversations of a person for good; those under a legal hold stay."""
    key_form = KeyForm(request.POST)
    if not key_form.is_valid():
        return _page(request, key_form, status=400)
    key = key_form.cleaned_data["key"]
    found = person.find(key)
    form = EraseForm(request.POST, found=found)
    if not form.is_valid():
        return _found_page(request, key, found, form, status=400)
    chosen, reason = form.cleaned_data["conversations"], form.cleaned_data["reason"]
    erased, held = 0, 0
    for pk in chosen:
        try:
            erased += erase.conversation(pk, actor(request), reason)
        except erase.Held:
            held += 1
    erase.leave_no_trace()
    about = (terms.SEARCH, terms.fingerprint(key.value))
    record(Action.PERSON_ERASED, request, about, key=key.kind, reason=reason, erased=erased, held=held)
    messages.success(request, f"Erased for good: {_count(erased)}.")
    if held:
        messages.error(request, f"Kept because of a legal hold: {_count(held)}.")
    return redirect("staff:privacy")


def _count(number: int) -> str:
    return f"{number} conversation{'' if number == 1 else 's'}"


@staff_page(Right.PRIVACY)
@recently_confirmed
@require_POST
def change_rule(request: HttpRequest) -> HttpResponse:
    """Keep a kind for another number of days from the next run on."""
    kind, typed = request.POST.get("kind", ""), request.POST.get("days", "").strip()
    if kind not in rules.BOUNDS:
        raise Http404
    bounds = rules.BOUNDS[kind]
    try:
        number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 7 else -1
        with writing():
            before = rules.choose(kind, number)
            record(Action.RETENTION_CHANGED, request, ("retention", kind), before=before, after=number)
    except rules.OutOfBounds:
        messages.error(request, f"Please choose between {bounds.least} and {bounds.most} days. Nothing has changed.")
    else:
        messages.success(request, f"{Rule.Kind(kind).label}: {number} days from the next run on.")
    return redirect("staff:privacy")


@staff_page(Right.PRIVACY)
@require_POST
def hold(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Set a legal hold on a conversation, or lift it."""
    conversation = get_object_or_404(Conversation.objects.only("pk"), pk=pk)
    do, reason = request.POST.get("do", ""), request.POST.get("reason", "")
    if reason not in {"set": LegalHold.Reason.values, "lift": list(LIFTED)}.get(do, []):
        raise Http404
    about = ("conversation", pk)
    with writing():
        if do == "set":
            defaults = {"reason": reason, "set_by": member(request), "set_at": timezone.now()}
            LegalHold.objects.get_or_create(conversation=conversation, defaults=defaults)
            record(Action.HOLD_SET, request, about, reason=reason)
            messages.success(request, "This conversation is kept until the legal hold is lifted.")
        else:
            LegalHold.objects.filter(conversation=conversation).delete()
            record(Action.HOLD_LIFTED, request, about, reason=reason)
            messages.success(request, "The legal hold is lifted.")
    return redirect("staff:conversation", pk=pk)


def _page(request: HttpRequest, form: KeyForm, status: int = 200) -> HttpResponse:
    days, ahead = rules.days(), retention.preview(timezone.now())
    context = {
        "form": form,
        "rules": [
            {"kind": kind, "title": Rule.Kind(kind).label, "days": days[kind], "bounds": bounds, "due": ahead[kind]}
            for kind, bounds in rules.BOUNDS.items()
        ],
        "ahead": ahead,
        "audit_years": rules.AUDIT_YEARS,
        "runs": [(run, _counts(run)) for run in Run.objects.order_by("-started_at")[:RUNS_SHOWN]],
        "holds": LegalHold.objects.select_related("set_by").order_by("-set_at"),
        "section": "privacy",
    }
    return render(request, "staff/privacy.html", context, status=status)


def _counts(run: Run) -> list[tuple[str, int]]:
    return [(COUNT_NAMES[name], run.counts[name]) for name in retention.COUNTED if run.counts.get(name)]


def _found_page(
    request: HttpRequest, key: Key, found: list[Found], form: EraseForm | None = None, status: int = 200
) -> HttpResponse:
    owners = owner_names([one.conversation.owner for one in found])
    rows = [
        {"found": one, "owner": owners[one.conversation.owner], "hold": getattr(one.conversation, "hold", None)}
        for one in found
    ]
    context = {
        "key": key,
        "rows": rows,
        "erasable": sum(1 for row in rows if row["hold"] is None),
        "others": person.other_keys(found, key),
        "reasons": REASONS.items(),
        "form": form,
        "section": "privacy",
    }
    return render(request, "staff/privacy_person.html", context, status=status)
