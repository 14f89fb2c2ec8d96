"""Serving the pages' own files: styles, scripts and drawings."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from whitenoise.middleware import WhiteNoiseMiddleware


class StaticFiles(WhiteNoiseMiddleware):
    """Serves the files of the apps' `static` folders, without a step that collects them."""

    @staticmethod
    def serve(static_file: Any, request: HttpRequest) -> HttpResponse:
        """Return the file as a whole: ours are small, and under ASGI a file that streams holds up a thread."""
        streaming = WhiteNoiseMiddleware.serve(static_file, request)
        response = HttpResponse(b"".join(streaming), status=streaming.status_code, headers=dict(streaming.headers))
        streaming.close()
        return response
