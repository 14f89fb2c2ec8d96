"""The ASGI entry: the visitor API and the staff's stream are applications of their own, all else is Django's."""

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")

from django.core.asgi import get_asgi_application

pages: Any = get_asgi_application()

from clinic.conversations.responses import DomainError, renderer  # noqa: E402 - needs the apps
from clinic.staff import stream  # noqa: E402
from clinic.streaming import Receive, Send  # noqa: E402
from clinic.visitors import api  # noqa: E402
from clinic.visitors.http import Scope  # noqa: E402

try:
    renderer()
except DomainError as error:
    raise SystemExit(str(error)) from None


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Send each request to its application."""
    if scope["type"] == "http" and scope["path"].startswith(f"{api.ROOT}/"):
        await api.application(scope, receive, send)
    elif scope["type"] == "http" and scope["path"] == stream.PATH:
        await stream.application(scope, receive, send)
    else:
        await pages(scope, receive, send)
