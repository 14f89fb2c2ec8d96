"""`manage.py verify_audit`: is the audit log as it was written?"""

from __future__ import annotations

import re
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand

from clinic.audit.chain import check


def _copy(text: str) -> tuple[int, str]:
    """Read NUMBER:HASH; raises ArgumentTypeError."""
    found = re.fullmatch(r"([0-9]{1,18}):([0-9a-f]{64})", text.strip().lower())
    if not found:
        raise ArgumentTypeError("has to be a number, a colon and a hash of 64 hexadecimal digits")
    return int(found[1]), found[2]


class Command(BaseCommand):
    """Check the audit log's chain; exit code 1 and the first broken number when it is damaged."""

    help = "Check that no entry of the audit log was changed, removed or slipped in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the copy to compare with."""
        parser.add_argument(
            "--copy", type=_copy, metavar="NUMBER:HASH", help="an end of the chain that was noted outside the database"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one line; nothing is written into the log, so that the command may be given read-only access."""
        found = check(options["copy"])
        if not found.is_whole:
            self.stderr.write(
                f"DAMAGED at entry {found.broken}: {found.why}. {found.checked} entries before it are whole."
            )
            raise SystemExit(1)
        self.stdout.write(f"whole: {found.checked} entries, the last one has the hash\n{found.checked}:{found.hash}")
