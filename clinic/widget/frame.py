"""`/chat/`, the document in the frame: the whole chat in one answer, so that it costs one round trip."""

from __future__ import annotations

import base64
import re
from datetime import datetime
from functools import cache, lru_cache
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import json_script
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from clinic.conversations.responses import renderer
from clinic.practice import facts
from clinic.visitors import consent, desk
from clinic.widget import bundle, look, sending, strings

STYLES = (settings.BASE_DIR / "clinic/visitors/static/visitors/tokens.css", strings.SOURCE / "chat" / "chat.css")
# The document may be up to this old when it is shown.
FRESH_SECONDS = 60
# The number that a conversation's greeting has, so that a button pressed before the conversation has begun is its own.
GREETING_SEQ = 1
# A declaration, and not a class such as `.chat-row--visitor:not(…)`.
COLOUR_SET = re.compile(r"(?<=[{;])(--[\w-]+):([^;}]*);?")
COLOUR_USED = re.compile(r"var\((--[\w-]+)\)")
TEXT_USED = re.compile(r"(?<![\w`])strings\.(\w+)")


class Compact(DjangoJSONEncoder):
    """JSON without spaces, and with letters as they are: the document is read as UTF-8."""

    def __init__(self, **options: Any) -> None:
        """Take the options of `json.dumps`, but for those two."""
        super().__init__(**options | {"separators": (",", ":"), "ensure_ascii": False})


@cache
def _source() -> str:
    return bundle.joined(strings.SOURCE / "chat" / "main.js")


@cache
def _script() -> str:
    return bundle.script(_source())


@lru_cache(maxsize=4)
def _style(chosen: str = "") -> str:
    """Return the style sheet with the look's own part at its end, without shared colours that are used nowhere then."""
    shared = bundle.style(*STYLES)
    used = set(COLOUR_USED.findall(shared)) - {name for name, _ in COLOUR_SET.findall(chosen)}
    return COLOUR_SET.sub(lambda found: found[0] if found[1] in used else "", shared) + chosen


@cache
def _texts_of_script() -> frozenset[str]:
    """Return the names of the texts that the script shows; all others stand in the document itself."""
    return frozenset(TEXT_USED.findall(_source()))


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}'"


def policy(script: str, style: str) -> str:
    """Return the content security policy of a document with exactly this script and style."""
    sites = " ".join(["'self'", *settings.ALLOWED_ORIGINS])
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {_hash(script)}",
            f"style-src {_hash(style)}",
            "connect-src 'self'",
            "img-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            f"frame-ancestors {sites}",
        )
    )


def _greeting(now: datetime) -> dict[str, Any]:
    """Return what the bot says first; without a time, since nobody has said it yet."""
    welcome = renderer().welcome(now)
    return {
        "seq": GREETING_SEQ,
        "sender": "bot",
        "text": welcome.text,
        "buttons": [{"title": button["title"]} for button in welcome.buttons],
        "sources": welcome.sources,
    }


def _practice() -> dict[str, Any]:
    """Return `desk.practice()` without the present moment: a document that stays the same is compressed but once."""
    return {name: value for name, value in desk.practice().items() if name != "now"}


def _settings(language: str, values: dict[str, str], line: str, now: datetime) -> dict[str, Any]:
    """Return what the chat's script needs to know, see `Settings` in `widget/chat/strings.js`."""
    texts = strings.of("chat", language)
    return {
        "strings": {name: texts[name] for name in sorted(_texts_of_script())},
        "language": language,
        "phones": {
            "phone": values["clinic_phone"],
            "urgent": values["urgent_phone"],
            "emergency": values["emergency_number"],
            "crisis": values["crisis_line"],
        },
        "line": line,
        "greeting": _greeting(now),
        "consent": consent.wording(language),
        "practice": _practice(),
    }


# Its own policy says which pages may hold it, which that older header cannot say.
@xframe_options_exempt
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Show the chat, within a page that the clinic's list allows or in a tab of its own."""
    now = timezone.now()
    language = strings.language(request.GET.get("lang", ""))
    texts = strings.of("chat", language)
    seen, values = look.current(), facts.values(now)
    style = _style(seen.css())
    document = render_to_string(
        "frame.html",
        {
            "language": language,
            "direction": "rtl" if request.GET.get("dir") == "rtl" else strings.by_language()[language]["direction"],
            "clinic": values["clinic_name"][:1].upper() + values["clinic_name"][1:],
            "avatar": seen.avatar,
            "privacy_url": seen.privacy_url,
            "s": texts,
            "notice": texts["notice"].replace("{number}", values["emergency_number"]),
            "settings": json_script(_settings(language, values, seen.greeting, now), "settings", Compact),
            "style": style,
            "script": _script(),
        },
    )
    headers = {
        "Cache-Control": f"private, max-age={FRESH_SECONDS}",
        "Content-Security-Policy": policy(_script(), style),
        "Referrer-Policy": "no-referrer",
    }
    return sending.answer(request, document, "text/html; charset=utf-8", headers)
