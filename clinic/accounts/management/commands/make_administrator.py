"""`manage.py make_administrator`: the first account, with a password that works once."""

import secrets
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from clinic.accounts.models import User
from clinic.accounts.roles import Role

NAME = "administrator"


class Command(BaseCommand):
    """Make the account `administrator` unless it exists; print its one-time password, this once."""

    help = "Make the account `administrator` with a one-time password, printed once; do nothing if it exists."

    def handle(self, *args: Any, **options: Any) -> None:
        """Create the account and print name and password, or say nothing when there is one already."""
        with transaction.atomic():
            if User.objects.filter(username=NAME).exists():
                return
            password = secrets.token_urlsafe(15)
            User.objects.create_user(NAME, password=password, role=Role.ADMINISTRATOR, must_change_password=True)
        self.stdout.write(f"Staff login: {NAME}   one-time password: {password}   (shown only now)")
