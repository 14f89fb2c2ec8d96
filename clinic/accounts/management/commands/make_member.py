"""`manage.py make_member`: an account with a role, for set-up by script; its secrets come from the environment."""

import binascii
import os
from base64 import b32decode
from typing import Any

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from clinic.accounts.models import User
from clinic.accounts.roles import Role


class Command(BaseCommand):
    """Make an account with a role."""

    help = (
        "Make an account with a role. Its password is the environment variable STAFF_PASSWORD, the key of its"
        " authenticator app STAFF_TOTP_SECRET; without a key the first login has to set a second factor up."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the name, the role and what goes with it."""
        parser.add_argument("username")
        parser.add_argument("--role", choices=Role.values, required=True)
        parser.add_argument("--first-name", default="")
        parser.add_argument("--clinician", action="store_true", help="licensed: may sign off label wording")

    def handle(self, *args: Any, **options: Any) -> None:
        """Create the account; refuse a name that is taken, an empty password, or a key that is none."""
        password, secret = os.environ.get("STAFF_PASSWORD", ""), os.environ.get("STAFF_TOTP_SECRET", "")
        if not password:
            raise CommandError("Set STAFF_PASSWORD to the account's password.")
        try:
            b32decode(secret)
        except binascii.Error:
            raise CommandError("STAFF_TOTP_SECRET must be a key in base 32, or be empty.") from None
        with transaction.atomic():
            if User.objects.filter(username=options["username"]).exists():
                raise CommandError(f"There is an account {options['username']} already.")
            user = User.objects.create_user(
                options["username"],
                password=password,
                role=options["role"],
                first_name=options["first_name"],
                is_clinician=options["clinician"],
            )
            if secret:
                TOTP.activate(user, secret)
                RecoveryCodes.activate(user)
