"""What a link opens: a new account for somebody who was invited, or a new password for somebody who lost theirs."""

from __future__ import annotations

from allauth.account.utils import perform_login
from django import forms
from django.contrib import messages
from django.contrib.auth.forms import SetPasswordForm, UserCreationForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from clinic.accounts.models import Invitation, User
from clinic.audit import log
from clinic.audit.actions import Action
from clinic.threads import writing

IN_SESSION = "join_link"


class JoinForm(UserCreationForm):
    """A new colleague's names and password."""

    first_name = forms.CharField(max_length=150)

    class Meta:
        model = User
        fields = ("username", "first_name", "last_name", "spoken_name")
        labels = {"spoken_name": "Name that visitors read", "last_name": "Last name (optional)"}
        help_texts = {"username": "", "spoken_name": "Empty means your first name."}


class Spent(Exception):
    """The link was used meanwhile."""


@never_cache
@require_safe
def open_link(request: HttpRequest, token: str) -> HttpResponse:
    """Take the token out of the address, where histories and referrers would keep it."""
    request.session[IN_SESSION] = token
    return redirect("staff:joining")


@never_cache
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest) -> HttpResponse:
    """Ask for what the link is for; a link that is over, withdrawn or used opens nothing."""
    invitation = Invitation.find(request.session.get(IN_SESSION, ""), timezone.now())
    if invitation is None:
        return render(request, "staff/join_over.html", status=404)
    if request.user.is_authenticated:
        return render(request, "staff/join_elsewhere.html", status=409)
    try:
        if invitation.user:
            return _set_password(request, invitation, invitation.user)
        return _make_account(request, invitation)
    except Spent:
        return render(request, "staff/join_over.html", status=404)


def _spend(invitation: Invitation) -> None:
    if not Invitation.objects.filter(pk=invitation.pk).delete()[0]:
        raise Spent


def _make_account(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    form = JoinForm(request.POST or None, initial={"first_name": invitation.name.split(" ")[0]})
    if request.method != "POST" or not form.is_valid():
        return render(request, "staff/join.html", {"form": form, "invitation": invitation})
    with writing():
        _spend(invitation)
        user = form.save(commit=False)
        user.email, user.role, user.is_clinician = invitation.email, invitation.role, invitation.is_clinician
        user.save()
        by = log.Actor(user.pk, user.username, log.actor(request).address)
        log.record(Action.JOINED, by, ("user", user.pk), invitation=invitation.pk, role=user.role)
    del request.session[IN_SESSION]
    # Nobody has seen the password, and there is no second factor yet: its set-up comes next, before anything else.
    return perform_login(request, user, redirect_url="/staff/")


def _set_password(request: HttpRequest, invitation: Invitation, user: User) -> HttpResponse:
    form = SetPasswordForm(user, request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "staff/join.html", {"form": form, "invitation": invitation})
    with writing():
        _spend(invitation)
        user.must_change_password = False
        form.save()
        user.end_sessions()
        by = log.Actor(user.pk, user.username, log.actor(request).address)
        log.record(Action.PASSWORD_SET, by, ("user", user.pk))
    del request.session[IN_SESSION]
    messages.success(request, "Your new password counts from now on. Log in with it and with your second factor.")
    return redirect("staff:login")
