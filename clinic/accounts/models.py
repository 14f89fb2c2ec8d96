"""Who works at the clinic."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models

from clinic.accounts.roles import Right, Role, rights_of


class User(AbstractUser):
    """A member of staff.

    `role` decides alone what they may do; Django's groups, permissions and superusers mean nothing here.
    `must_change_password` holds while the password is one that somebody else has seen. `spoken_name` is what visitors
    read beside this person's messages; empty, it is the first name.
    """

    role = models.CharField(max_length=20, choices=Role.choices, blank=True)
    spoken_name = models.CharField(max_length=50, blank=True)
    must_change_password = models.BooleanField(default=False)

    def may(self, right: Right) -> bool:
        """Tell whether this person may do something."""
        return self.is_active and right in rights_of(self.role)

    @property
    def staff_name(self) -> str:
        """Return the name that colleagues read."""
        return self.get_full_name() or self.username

    @property
    def visitor_name(self) -> str:
        """Return the name that visitors read; never a whole name unless the person chose it."""
        return self.spoken_name or self.first_name or "The clinic's team"
