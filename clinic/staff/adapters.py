"""How allauth logs our staff in: what it may decide itself, and what we decide."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.totp.internal.auth import generate_totp_secret
from cryptography.fernet import InvalidToken
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from clinic.accounts import sealing, sessions
from clinic.accounts.models import User
from clinic.practice import facts

TOO_MANY = "too_many_login_attempts"
# Failed tries are counted for this long.
WINDOW_MINUTES = 15


class Accounts(DefaultAccountAdapter):
    """Logging in by name and password: the same sentence whatever was wrong, and limits that nobody gets around."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": "The username or the password is wrong.",
        TOO_MANY: f"Too many tries have failed. Please wait {WINDOW_MINUTES} minutes and try again.",
        "rate_limited": f"Too many tries have failed. Please wait {WINDOW_MINUTES} minutes and try again.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Let nobody sign up."""
        return False

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Say nothing by itself; our pages say what has happened."""

    def send_mail(self, *args: Any, **kwargs: Any) -> None:
        """Send nothing by itself."""

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the caller's address; the server has already looked behind proxies that are trusted."""
        return str(request.META.get("REMOTE_ADDR") or "::")

    def respond_user_inactive(self, request: HttpRequest, user: AbstractBaseUser) -> HttpResponse:
        """Treat an ended account like one that never was."""
        return redirect("staff:login")

    def get_reauthentication_methods(self, user: AbstractBaseUser | AnonymousUser) -> list[dict[str, Any]]:
        """Ask for a code of the second factor: a password may have been looked at over a shoulder."""
        if not isinstance(user, User) or not user.has_factor:
            return []
        return [{"id": "mfa_reauthenticate", "description": "Use a code", "url": reverse("staff:confirm")}]

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Ask again before a factor changes, unless somebody has just proved who they are, or has no factor yet."""
        user = self.request.user
        return isinstance(user, User) and user.has_factor and not sessions.is_confirmed(self.request.session)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        # allauth's own key holds the name of the host that was asked, which the caller chooses.
        return str(credentials.get("username", "")).casefold()


class SecondFactor(DefaultMFAAdapter):
    """The second factor: named after the clinic, its secrets encrypted with the installation's key."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "This code is wrong, too old, or has been used. Please wait for the next one.",
    }

    def get_totp_issuer(self) -> str:
        """Return what authenticator apps show beside the username."""
        return f"{facts.snapshot().practice.name} staff"

    def get_totp_label(self, user: AbstractBaseUser) -> str:
        """Return the username."""
        return user.get_username()

    def encrypt(self, text: str) -> str:
        """Return a secret as it is stored."""
        return sealing.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Return a stored secret or, when the installation's key has changed since, one that no code fits."""
        try:
            return sealing.unseal(encrypted_text)
        except InvalidToken:
            return generate_totp_secret()
