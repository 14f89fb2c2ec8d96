"""`manage.py reset_member`: a way back in for somebody whom no administrator can help, such as the only one."""

import secrets
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from clinic.accounts.models import User
from clinic.audit import log
from clinic.audit.actions import Action

CONSOLE = log.Actor(None, "command line")


class Command(BaseCommand):
    """Give an account a one-time password, or take its second factor away, or both."""

    help = "Give an account a one-time password (--password), or take its second factor away (--factor), or both."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the name and what is lost."""
        parser.add_argument("username")
        parser.add_argument("--password", action="store_true", help="the password is lost: print a one-time password")
        parser.add_argument("--factor", action="store_true", help="the phone is lost: the next login sets up a new one")

    def handle(self, *args: Any, **options: Any) -> None:
        """Change the account and end its sessions; refuse an unknown name, or nothing to do."""
        if not (options["password"] or options["factor"]):
            raise CommandError("Say what is lost: --password, --factor, or both.")
        with transaction.atomic():
            user = User.objects.select_for_update().filter(username=options["username"]).first()
            if user is None:
                raise CommandError(f"There is no account {options['username']}.")
            if options["factor"]:
                user.drop_factor()
                log.record(Action.FACTOR_RESET, CONSOLE, ("user", user.pk))
                self.stdout.write("The second factor is gone; the next login sets up a new one.")
            if options["password"]:
                password = secrets.token_urlsafe(15)
                user.set_password(password)
                user.must_change_password = True
                user.save()
                user.end_sessions()
                log.record(Action.PASSWORD_SET, CONSOLE, ("user", user.pk))
                self.stdout.write(f"One-time password of {user.username}: {password}   (shown only now)")
