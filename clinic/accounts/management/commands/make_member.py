"""`manage.py make_member`: an account with a role, for set-up by script; its password comes from STAFF_PASSWORD."""

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from clinic.accounts.models import User
from clinic.accounts.roles import Role


class Command(BaseCommand):
    """Make an account with a role."""

    help = "Make an account with a role; its password is the environment variable STAFF_PASSWORD."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the name and the role."""
        parser.add_argument("username")
        parser.add_argument("--role", choices=Role.values, required=True)
        parser.add_argument("--first-name", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        """Create the account; refuse a name that is taken or an empty password."""
        password = os.environ.get("STAFF_PASSWORD", "")
        if not password:
            raise CommandError("Set STAFF_PASSWORD to the account's password.")
        if User.objects.filter(username=options["username"]).exists():
            raise CommandError(f"There is an account {options['username']} already.")
        User.objects.create_user(
            options["username"], password=password, role=options["role"], first_name=options["first_name"]
        )
