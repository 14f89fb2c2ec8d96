"""`manage.py keep_launcher`: keep the sources of the launcher as it is, before it is changed."""

from __future__ import annotations

import json
import shutil
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from clinic.widget import launcher, strings


class Command(BaseCommand):
    """Copy the sources, from which the pinned script of this version is made from then on."""

    help = "Keep the sources of the launcher's present version, before it is changed."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print where they are and what is next. Raises CommandError when they are kept already."""
        folder = launcher.KEPT / f"v{launcher.VERSION}"
        if folder.exists():
            raise CommandError(f"Version {launcher.VERSION} is kept already.")
        folder.mkdir(parents=True)
        for name in (launcher.SOURCE, launcher.STYLE):
            shutil.copyfile(strings.SOURCE / name, folder / name)
        texts = json.dumps(launcher.texts(), ensure_ascii=False, indent=2)
        (folder / launcher.KEPT_TEXTS).write_text(texts + "\n", encoding="utf-8")
        following = launcher.VERSION + 1
        self.stdout.write(
            f"Version {launcher.VERSION} is kept. Now raise VERSION in clinic/widget/launcher.py to {following}."
        )
