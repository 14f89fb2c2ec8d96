"""`manage.py run_retention`: delete now what was kept long enough, or say what that would be."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from clinic.privacy import retention


class Command(BaseCommand):
    """Run the retention, which the worker does once a day by itself."""

    help = "Delete what was kept long enough; with --dry-run only count it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the choice between counting and deleting."""
        parser.add_argument("--dry-run", action="store_true", help="count only; nothing is deleted or recorded")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a count for each kind."""
        now = timezone.now()
        counts = retention.preview(now) if options["dry_run"] else retention.run(now).counts
        self.stdout.write("would go:" if options["dry_run"] else "gone:")
        for name in retention.COUNTED:
            if name == retention.HELD:
                self.stdout.write("stays:")
            self.stdout.write(f"  {name} {counts[name]}")
