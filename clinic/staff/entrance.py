"""Login in two steps, and what everybody does with their own account: name, password, second factor, sessions."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from allauth.account import signals
from allauth.account.forms import LoginForm
from allauth.account.internal.stagekit import clear_login
from allauth.account.views import LoginView
from allauth.core.exceptions import ReauthenticationRequired
from allauth.decorators import rate_limit
from allauth.mfa import app_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.views import AuthenticateView, ReauthenticateView
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal import flows as recovery
from allauth.mfa.totp.internal import auth, flows
from allauth.usersessions.internal.flows.sessions import end_other_sessions
from allauth.usersessions.models import UserSession
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import views
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import PasswordChangeForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.generic.edit import FormView

from clinic.accounts import sessions
from clinic.accounts.models import User
from clinic.audit import log
from clinic.audit.actions import Action
from clinic.staff import factor
from clinic.staff.access import member, own_page, recently_confirmed
from clinic.staff.adapters import TOO_MANY, WINDOW_MINUTES
from clinic.threads import writing


def too_many(request: HttpRequest, _: Exception | None = None) -> HttpResponse:
    """Answer somebody who asks too often; the handler of status 429."""
    return _wait(render(request, "staff/too_many.html", status=HTTPStatus.TOO_MANY_REQUESTS))


def _wait(response: HttpResponse) -> HttpResponse:
    response.status_code = HTTPStatus.TOO_MANY_REQUESTS
    response.headers["Retry-After"] = str(WINDOW_MINUTES * 60)
    return response


class NameAndPassword(LoginForm):
    """The first step of a login."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Show labels instead of placeholders."""
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
            field.help_text = ""
        self.fields["login"].widget.attrs |= {"autofocus": True, "autocapitalize": "none", "spellcheck": "false"}


class Login(LoginView):
    """Asks for name and password; after too many failures it does not even look at them for a while."""

    template_name = "staff/login.html"
    form_class = NameAndPassword

    def form_invalid(self, form: forms.Form) -> HttpResponse:
        """Show the form again."""
        response = super().form_invalid(form)
        return _wait(response) if form.has_error("__all__", TOO_MANY) else response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Say why the last session ended."""
        ended_by = self.request.session.pop(sessions.ENDED_BY, "")
        limits = {"idle_minutes": settings.STAFF_IDLE_MINUTES, "session_hours": settings.STAFF_SESSION_HOURS}
        return super().get_context_data(**kwargs) | {"ended_by": ended_by} | limits


class Code(AuthenticateView):
    """Asks for a code of the second factor after name and password."""

    template_name = "staff/code.html"

    def form_invalid(self, form: forms.Form) -> HttpResponse:
        """Show the form again."""
        response = super().form_invalid(form)
        return _wait(response) if form.has_error("code", TOO_MANY) else response


@never_cache
@require_POST
def start_again(request: HttpRequest) -> HttpResponse:
    """Forget the first step of a login."""
    clear_login(request)
    return redirect("staff:login")


@method_decorator([never_cache, own_page], name="dispatch")
class Confirm(ReauthenticateView):
    """Asks for a code in the middle of a session, then goes on with what it was asked for."""

    template_name = "staff/confirm.html"

    def form_invalid(self, form: forms.Form) -> HttpResponse:
        """Show the form again."""
        response = super().form_invalid(form)
        return _wait(response) if form.has_error("code", TOO_MANY) else response


class NewPasswordForm(PasswordChangeForm):
    """Asks for the old password and twice for another one."""

    def clean_new_password1(self) -> str:
        """Refuse the old password as the new one."""
        new = str(self.cleaned_data.get("new_password1", ""))
        if self.user.check_password(new):
            raise forms.ValidationError("The new password has to differ from the old one.")
        return new


@method_decorator([never_cache, login_required, rate_limit(action="change_password")], name="dispatch")
class ChangePassword(views.PasswordChangeView):
    """Changes the password of whoever is logged in, and ends their other sessions."""

    template_name = "staff/password.html"
    form_class = NewPasswordForm
    success_url = reverse_lazy("staff:queue")
    extra_context = {"section": "password"}

    def form_valid(self, form: Any) -> HttpResponse:
        """Save the password; it is now known to its owner alone."""
        form.user.must_change_password = False
        with writing():
            response = super().form_valid(form)
            log.record(Action.PASSWORD_CHANGED, self.request, ("user", form.user.pk))
        # Its receiver keeps the list of sessions: this one goes on under another key.
        signals.password_changed.send(sender=User, request=self.request, user=form.user)
        messages.success(self.request, "Your new password counts from now on.")
        return response


def _totp(user: User) -> Authenticator | None:
    return Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()


@own_page
@require_safe
def second_factor(request: HttpRequest) -> HttpResponse:
    """Show what the second factor is and how many recovery codes are left."""
    codes = Authenticator.objects.filter(user=member(request), type=Authenticator.Type.RECOVERY_CODES).first()
    left = len(codes.wrap().get_unused_codes()) if codes else 0
    context = {"section": "second_factor", "factor": _totp(member(request)), "left": left}
    return render(request, "staff/second_factor.html", context)


@method_decorator([never_cache, login_required], name="dispatch")
class SetUpFactor(FormView):
    """Sets up an authenticator app: the first one, or another one in place of the one that is there."""

    template_name = "staff/second_factor_setup.html"
    form_class = factor.SetUpForm
    extra_context = {"section": "second_factor"}

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Let in who has a password of their own and, to replace a factor, has just shown it."""
        if member(request).must_change_password:
            return redirect("staff:password")
        if member(request).has_factor and not sessions.is_confirmed(request.session):
            raise ReauthenticationRequired
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        """Hand the form its user."""
        return super().get_form_kwargs() | {"user": self.request.user}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Show the secret as text too, in groups that can be typed."""
        context = super().get_context_data(**kwargs)
        secret = context["form"].secret
        groups = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
        return context | {"secret": groups, "is_replaced": member(self.request).has_factor}

    def form_valid(self, form: factor.SetUpForm) -> HttpResponse:
        """Keep the app's secret, make recovery codes unless there are some, and end every other session."""
        user = member(self.request)
        with writing():
            if old := _totp(user):
                old.delete()
            made, codes = flows.activate_totp(self.request, form)
            factor.use(made, form.cleaned_data["code"])
        # Whoever sets a factor up has just shown it.
        sessions.confirm(self.request, reauthenticated=True)
        end_other_sessions(self.request, user)
        messages.success(self.request, "Your second factor is set up.")
        return redirect("staff:recovery_codes" if codes else "staff:second_factor")


@never_cache
@login_required
@require_safe
def second_factor_picture(request: HttpRequest) -> HttpResponse:
    """Draw the secret that is being set up as a QR code, for an authenticator app's camera."""
    secret = request.session.get(auth.SECRET_SESSION_KEY)
    if not secret:
        raise Http404
    adapter = get_adapter()
    picture = adapter.build_totp_svg(adapter.build_totp_url(member(request), secret))
    return HttpResponse(picture, content_type="image/svg+xml")


@own_page
@recently_confirmed
@require_safe
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Show the recovery codes, once; later only how many are left."""
    found, may_show = recovery.view_recovery_codes(request)
    if found is None:
        return redirect("staff:second_factor")
    left = found.get_unused_codes()
    context = {"section": "second_factor", "codes": left if may_show else [], "left": len(left)}
    return render(request, "staff/recovery_codes.html", context | {"total": app_settings.RECOVERY_CODE_COUNT})


@own_page
@recently_confirmed
@require_POST
def new_recovery_codes(request: HttpRequest) -> HttpResponse:
    """Make new recovery codes; the old ones work no more."""
    recovery.generate_recovery_codes(request)
    return redirect("staff:recovery_codes")


@own_page
@require_http_methods(["GET", "POST"])
def own_sessions(request: HttpRequest) -> HttpResponse:
    """List where the reader is logged in, and end all of it but this session."""
    user = member(request)
    if request.method == "POST":
        with writing():
            end_other_sessions(request, user)
            log.record(Action.SESSIONS_ENDED, request, ("user", user.pk))
        messages.success(request, "All other sessions have ended.")
        return redirect("staff:sessions")
    found = sorted(UserSession.objects.purge_and_list(user), key=lambda one: one.last_seen_at, reverse=True)
    rows = [(one, one.session_key == request.session.session_key) for one in found]
    context = {
        "section": "sessions",
        "rows": rows,
        "has_others": any(not is_this for _, is_this in rows),
        "idle_minutes": settings.STAFF_IDLE_MINUTES,
        "session_hours": settings.STAFF_SESSION_HOURS,
    }
    return render(request, "staff/sessions.html", context)


class NamesForm(forms.ModelForm):
    """The names that colleagues and visitors read."""

    class Meta:
        model = User
        fields = ("first_name", "last_name", "spoken_name")
        labels = {"spoken_name": "Name that visitors read"}
        help_texts = {"spoken_name": "Such as a first name. Empty means your first name."}


@own_page
@require_http_methods(["GET", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """Show and change the reader's own names."""
    form = NamesForm(request.POST or None, instance=User.objects.get(pk=member(request).pk))
    if request.method == "POST" and form.is_valid():
        with writing():
            form.save()
            log.record(Action.ACCOUNT_EDITED, request, ("user", form.instance.pk), fields=form.changed_data)
        messages.success(request, "Saved.")
        return redirect("staff:account")
    return render(request, "staff/account.html", {"section": "account", "form": form})
