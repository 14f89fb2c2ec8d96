"""`/widget.js`, the one line's script: a button, and the frame that it opens.

It comes in two ways. `/widget.js` is the newest, with the clinic's look in it. `/widget/v1.js` and its successors are
pinned: their bytes never change, so that a page may name their hash (subresource integrity); the look of these is that
of the page's `data-` options. The newest is built from `widget/`, each version before it from its own sources in
`widget/launchers/`, which `manage.py keep_launcher` has put there.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from functools import cache
from hashlib import sha384
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from clinic.widget import bundle, look, models, sending, strings

SOURCE, STYLE, KEPT_TEXTS = "launcher.js", "launcher.css", "texts.json"
# The version that the source in `widget/` is. Raised by one whenever the launcher changes, once the one before is kept.
VERSION = 1
KEPT = strings.SOURCE / "launchers"
# The texts in the order in which the script takes them.
TEXTS = ("open", "unread", "slow", "instead", "retry", "close")
KIND = "text/javascript; charset=utf-8"
# Scripts of other sites' pages may be loaded by them.
SHARED = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}


@dataclass(frozen=True)
class Pinned:
    """An address of the launcher that never changes, and its hash as pages name it."""

    url: str
    integrity: str


def texts() -> dict[str, list[str]]:
    """Return the texts of each language as the script of today takes them."""
    return {name: [strings.of("launcher", name)[text] for text in TEXTS] for name in strings.by_language()}


def built(found: look.Look | None = None, kept: Path | None = None) -> str:
    """Return the launcher as its source is now, or as an earlier version's `kept` folder has it.

    It has this look, without one the look before the first edit.
    """
    found = found or look.of(models.Look())
    folder = kept or strings.SOURCE
    values = {
        '/* css */ ""': bundle.style(folder / STYLE) + _colours(found),
        '/* corner */ ""': found.position,
        "/* texts */ {}": json.loads((kept / KEPT_TEXTS).read_bytes()) if kept else texts(),
    }
    source = (folder / SOURCE).read_text(encoding="utf-8")
    for place, value in values.items():
        source = source.replace(place, json.dumps(value, ensure_ascii=False))
    return bundle.script(source)


def _colours(found: look.Look) -> str:
    """Return the rule for the button; browsers that do not know it keep their own colours."""
    accent = f"light-dark({found.accent},{found.accent_dark})"
    text = f"light-dark({found.accent_text},{found.accent_dark_text})"
    return f"dialog+button{{background:{accent};color:{text}}}"


_newest = cache(built)


@cache
def released() -> dict[int, str]:
    """Return every pinned launcher by its version."""
    earlier = {int(folder.name[1:]): built(kept=folder) for folder in KEPT.glob("v*")}
    return earlier | {VERSION: built()}


def integrity(script: str) -> str:
    """Return the hash of a script as pages name it."""
    return f"sha384-{base64.b64encode(sha384(script.encode()).digest()).decode()}"


def pinned() -> Pinned:
    """Return where the newest of the pinned launchers is, and its hash."""
    address = reverse("widget:pinned_launcher", kwargs={"version": VERSION})
    return Pinned(settings.PUBLIC_URL + address, integrity(released()[VERSION]))


@require_safe
def newest(request: HttpRequest) -> HttpResponse:
    """`/widget.js`."""
    caching = {"Cache-Control": "public, max-age=300, stale-while-revalidate=86400"}
    return sending.answer(request, _newest(look.current()), KIND, caching | SHARED)


@require_safe
def pinned_script(request: HttpRequest, version: int) -> HttpResponse:
    """`/widget/v1.js` and its successors."""
    if version not in released():
        raise Http404
    caching = {"Cache-Control": "public, max-age=31536000, immutable"}
    return sending.answer(request, released()[version], KIND, caching | SHARED)
