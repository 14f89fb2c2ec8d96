"""Who works at the clinic, and who is invited to."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Self

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac

from clinic.accounts.roles import Right, Role, rights_of


def new_salt() -> str:
    """Return a value that was never used before."""
    return secrets.token_urlsafe(16)


# What stands for the name of a member of staff who has none to tell visitors.
NAMELESS = "The clinic's team"


class User(AbstractUser):
    """A member of staff.

    `role` decides what they may do; Django's groups, permissions and superusers mean nothing here. `is_clinician` adds
    the sign-off of label wording to any role: in a one-doctor clinic the doctor is also the administrator.
    `must_change_password` holds while the password is one that somebody else has seen. `spoken_name` is what visitors
    read beside this person's messages; empty, it is the first name. Sessions die when `session_salt` changes.
    """

    role = models.CharField(max_length=20, choices=Role.choices, blank=True)
    is_clinician = models.BooleanField(default=False)
    spoken_name = models.CharField(max_length=50, blank=True)
    must_change_password = models.BooleanField(default=False)
    session_salt = models.CharField(max_length=32, default=new_salt)

    def may(self, right: Right) -> bool:
        """Tell whether this person may do something."""
        is_theirs = right in rights_of(self.role) or (right is Right.SIGN_OFF and self.is_clinician and bool(self.role))
        return self.is_active and is_theirs

    @property
    def staff_name(self) -> str:
        """Return the name that colleagues read."""
        return self.get_full_name() or self.username

    @property
    def visitor_name(self) -> str:
        """Return the name that visitors read; never a whole name unless the person chose it."""
        return self.spoken_name or self.first_name or NAMELESS

    @property
    def has_factor(self) -> bool:
        """Tell whether a second factor is set up; recovery codes alone are none."""
        return Authenticator.objects.filter(user=self, type=Authenticator.Type.TOTP).exists()

    def get_session_auth_hash(self) -> str:
        """Return what a session has to know to stay alive: another password, role or salt ends it."""
        state = ":".join((self.password, self.role, str(self.is_clinician), self.session_salt))
        return salted_hmac("clinic.accounts.User.session", state, algorithm="sha256").hexdigest()

    def end_sessions(self) -> None:
        """End every session of this person at once."""
        self.session_salt = new_salt()
        self.save(update_fields=["session_salt"])

    def drop_factor(self) -> None:
        """Forget second factor and recovery codes, and end every session; the next login has to set up new ones."""
        Authenticator.objects.filter(user=self).delete()
        self.end_sessions()


class Invitation(models.Model):
    """A link that works once: for a new account of a role or, with `user`, for a new password of that account.

    The link holds a token of which only the hash is kept.
    """

    VALID = timedelta(days=3)

    token_hash = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=150)
    email = models.EmailField(blank=True)
    role = models.CharField(max_length=20, choices=Role.choices)
    is_clinician = models.BooleanField(default=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="links")
    invited_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="invitations")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"invitation {self.pk}"

    @classmethod
    def make(
        cls, by: User, now: datetime, *, name: str, role: str, email: str = "", is_clinician: bool = False
    ) -> tuple[Self, str]:
        """Store an invitation and return it with its token, which nobody can read again."""
        return cls._store(by, now, name=name, role=role, email=email, is_clinician=is_clinician)

    @classmethod
    def for_password(cls, user: User, by: User, now: datetime) -> tuple[Self, str]:
        """Store a link for a new password, the only one of this account from now on, and return it with its token."""
        cls.objects.filter(user=user).delete()
        return cls._store(by, now, name=user.staff_name, role=user.role, email=user.email, user=user)

    @classmethod
    def _store(cls, by: User, now: datetime, **fields: object) -> tuple[Self, str]:
        token = secrets.token_urlsafe(32)
        made = cls.objects.create(
            token_hash=hash_of(token), invited_by=by, created_at=now, expires_at=now + cls.VALID, **fields
        )
        return made, token

    @classmethod
    def find(cls, token: str, now: datetime) -> Self | None:
        """Return the invitation of a token while it is good: in time, and of an account that is not ended."""
        found = cls.objects.select_related("user").filter(token_hash=hash_of(token), expires_at__gt=now).first()
        return None if found is None or (found.user and not found.user.is_active) else found


def hash_of(token: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()
