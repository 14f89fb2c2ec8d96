"""Who works here: roles, links for new accounts and new passwords, and ending somebody's access.

Every change asks for a fresh code of the second factor and is on record.
"""

from __future__ import annotations

from collections.abc import Callable

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from clinic.accounts.models import Invitation, User
from clinic.accounts.roles import RIGHTS, Right, Role
from clinic.accounts.sealing import seal
from clinic.audit import log
from clinic.audit.actions import Action
from clinic.outbox import post
from clinic.outbox.channels import EMAIL
from clinic.practice import facts
from clinic.staff.access import member, recently_confirmed, staff_page
from clinic.threads import writing

MAIL = "staff_link"
CLINICIAN_HELP = "Licensed: may sign off wording from the product's label, whatever the role."


class Refused(ValueError):
    """Something cannot be done to an account; the text is one sentence for the administrator."""


class InvitationForm(forms.ModelForm):
    """Who is invited, and as what."""

    role = forms.ChoiceField(choices=Role.choices, initial=Role.FRONT_DESK)

    class Meta:
        model = Invitation
        fields = ("name", "email", "role", "is_clinician")
        labels = {"email": "E-mail (optional)", "is_clinician": "Clinician"}
        help_texts = {"is_clinician": CLINICIAN_HELP}


class RoleForm(forms.ModelForm):
    """What somebody may do."""

    role = forms.ChoiceField(choices=Role.choices)

    class Meta:
        model = User
        fields = ("role", "is_clinician")
        labels = {"is_clinician": "Clinician"}
        help_texts = {"is_clinician": CLINICIAN_HELP}


def _page(request: HttpRequest, form: InvitationForm, status: int = 200) -> HttpResponse:
    has_factor = Authenticator.objects.filter(user=OuterRef("pk"), type=Authenticator.Type.TOTP)
    people = User.objects.annotate(is_safe=Exists(has_factor)).order_by("-is_active", "first_name", "username")
    context = {
        "section": "people",
        "people": people,
        "invitations": Invitation.objects.filter(expires_at__gt=timezone.now()).select_related("invited_by", "user"),
        "form": form,
        "has_mail": bool(settings.ENV["EMAIL_URL"]),
        "roles": [(role.label, [right.value for right in Right if right in RIGHTS[role]]) for role in Role],
    }
    return render(request, "staff/people.html", context, status=status)


@staff_page(Right.PEOPLE)
@require_safe
def show_list(request: HttpRequest) -> HttpResponse:
    """List the people with their roles, and the links that are still good."""
    return _page(request, InvitationForm())


def _show_link(request: HttpRequest, invitation: Invitation, token: str) -> HttpResponse:
    """Show a link, this once, after mailing it if there is somewhere to mail it to."""
    link = settings.PUBLIC_URL + reverse("staff:join", args=[token])
    is_mailed = bool(invitation.email and settings.ENV["EMAIL_URL"])
    if is_mailed:
        clinic = facts.snapshot().practice.name
        title = f"A new password for {clinic}" if invitation.user else f"Your account at {clinic}"
        days = Invitation.VALID.days
        post.put(MAIL, {"title": title, "sealed_link": seal(link), "days": days}, [(EMAIL, invitation.email)])
    context = {"section": "people", "invitation": invitation, "link": link, "is_mailed": is_mailed}
    return render(request, "staff/people_link.html", context)


@staff_page(Right.PEOPLE)
@recently_confirmed
@require_POST
def invite(request: HttpRequest) -> HttpResponse:
    """Make a link for a new account and show it."""
    form = InvitationForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    with writing():
        invitation, token = Invitation.make(member(request), timezone.now(), **form.cleaned_data)
        on = ("invitation", invitation.pk)
        log.record(Action.INVITED, request, on, role=invitation.role, is_clinician=invitation.is_clinician)
        return _show_link(request, invitation, token)


@staff_page(Right.PEOPLE)
@recently_confirmed
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a link work no more."""
    with writing():
        invitation = get_object_or_404(Invitation, pk=pk)
        invitation.delete()
        log.record(Action.INVITATION_WITHDRAWN, request, ("invitation", pk))
    messages.success(request, "The link works no more.")
    return redirect("staff:people")


def _person(request: HttpRequest, user: User, form: RoleForm, status: int = 200) -> HttpResponse:
    context = {
        "section": "people",
        "person": user,
        "is_self": user == request.user,
        "form": form,
        "rights": [right.value for right in Right if user.may(right)],
        "sessions": len(UserSession.objects.purge_and_list(user)),
    }
    return render(request, "staff/colleague.html", context, status=status)


@staff_page(Right.PEOPLE)
@require_safe
def show_one(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one person and what can be done about their access."""
    user = get_object_or_404(User, pk=pk)
    return _person(request, user, RoleForm(instance=user))


def _locked(pk: int) -> User:
    """Return a person, with every administrator locked so that two of them cannot remove each other at once."""
    list(User.objects.select_for_update().filter(role=Role.ADMINISTRATOR).order_by("pk"))
    return get_object_or_404(User.objects.select_for_update(), pk=pk)


def _keep_an_administrator() -> None:
    if not User.objects.filter(role=Role.ADMINISTRATOR, is_active=True).exists():
        raise Refused("Somebody has to remain who can manage people: this is the last administrator.")


def _not_oneself(request: HttpRequest, user: User, sentence: str) -> None:
    if user == request.user:
        raise Refused(sentence)


@staff_page(Right.PEOPLE)
@recently_confirmed
@require_POST
def change_role(request: HttpRequest, pk: int) -> HttpResponse:
    """Give somebody another role; their sessions end. Nobody changes their own."""
    try:
        with writing():
            user = _locked(pk)
            before = user.role
            form = RoleForm(request.POST, instance=user)
            if not form.is_valid():
                return _person(request, get_object_or_404(User, pk=pk), form, status=422)
            if user.role != before:
                _not_oneself(request, user, "You cannot change your own role. Another administrator can.")
            form.save()
            _keep_an_administrator()
            if form.changed_data:
                is_clinician = user.is_clinician
                on = ("user", pk)
                log.record(Action.ROLE_CHANGED, request, on, before=before, role=user.role, is_clinician=is_clinician)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("staff:person", pk=pk)
    if user == request.user:
        # Whoever ticks themselves stays logged in; a change of somebody else's rights ends their sessions.
        update_session_auth_hash(request, user)
    messages.success(request, "Saved.")
    return redirect("staff:person", pk=pk)


def _end_access(request: HttpRequest, user: User) -> str:
    _not_oneself(request, user, "You cannot end your own access. Another administrator can.")
    user.is_active = False
    user.save(update_fields=["is_active"])
    user.end_sessions()
    # Whoever has left lets nobody in any more either.
    Invitation.objects.filter(invited_by=user).delete()
    _keep_an_administrator()
    log.record(Action.ACCESS_ENDED, request, ("user", user.pk))
    return "Their access has ended, and every session with it."


def _restore_access(request: HttpRequest, user: User) -> str:
    user.is_active = True
    user.save(update_fields=["is_active"])
    log.record(Action.ACCESS_RESTORED, request, ("user", user.pk))
    return "They may come in again."


def _end_sessions(request: HttpRequest, user: User) -> str:
    _not_oneself(request, user, "End your own sessions on the page Sessions.")
    user.end_sessions()
    log.record(Action.SESSIONS_ENDED, request, ("user", user.pk))
    return "Every session of theirs has ended."


def _reset_factor(request: HttpRequest, user: User) -> str:
    _not_oneself(request, user, "Change your own second factor on its page.")
    user.drop_factor()
    log.record(Action.FACTOR_RESET, request, ("user", user.pk))
    return "Their second factor is gone. The next login sets up a new one, before anything else opens."


DEEDS: dict[str, Callable[[HttpRequest, User], str]] = {
    "end": _end_access,
    "restore": _restore_access,
    "sessions": _end_sessions,
    "factor": _reset_factor,
}


@staff_page(Right.PEOPLE)
@recently_confirmed
@require_POST
def change_access(request: HttpRequest, pk: int) -> HttpResponse:
    """End or restore somebody's access, end their sessions, or take their second factor away."""
    deed = DEEDS.get(request.POST.get("deed", ""))
    if deed is None:
        return redirect("staff:person", pk=pk)
    try:
        with writing():
            messages.success(request, deed(request, _locked(pk)))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("staff:person", pk=pk)


@staff_page(Right.PEOPLE)
@recently_confirmed
@require_POST
def password_link(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a link by which somebody sets a new password; the second factor stays as it is."""
    with writing():
        user = get_object_or_404(User, pk=pk, is_active=True)
        invitation, token = Invitation.for_password(user, member(request), timezone.now())
        log.record(Action.PASSWORD_LINK, request, ("user", pk))
        return _show_link(request, invitation, token)
