"""`manage.py fill_demo`: a month of made-up visitors in an empty book."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from clinic.conversations.models import Message
from clinic.demo.month import A_DAY, DAYS, Month, lose_some


class Command(BaseCommand):
    """Fill the book with a month of visitors who never were; refuse a book that holds conversations."""

    help = "Fill an empty book with a believable month, so that the staff pages can be looked at."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the length of the month and how busy it was."""
        parser.add_argument("--days", type=int, default=DAYS)
        parser.add_argument("--a-day", type=int, default=A_DAY)
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, *args: Any, **options: Any) -> None:
        """Play the month, unless somebody has written already."""
        if Message.objects.filter(sender=Message.Sender.VISITOR).exists():
            raise CommandError("The book holds conversations already; the demo month goes into an empty one only.")
        number = Month(timezone.now(), options["seed"]).play(options["days"], options["a_day"])
        lose_some()
        self.stdout.write(f"{number} visitors came in {options['days']} days. Log in at /staff/ to see them.")
