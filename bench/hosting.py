"""A website of somebody else's: pages that carry the chat's one line, or do not, from an origin of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Self

PARAGRAPHS = 12
SENTENCE = "Our team sees you in the week and on Saturday morning, and there is room to park behind the house."


def line(service: str) -> str:
    """Return the one line that puts the chat of this service on a page."""
    return f'<script src="{service}/widget.js" async></script>'


def document(in_head: str = "") -> str:
    """Return a small page of a website with a heading and some text."""
    text = "\n".join(f"<p>{SENTENCE}</p>" for _ in range(PARAGRAPHS))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>A clinic</title>{in_head}</head>\n<body><h1>A clinic in town</h1>\n{text}</body></html>\n"
    )


@dataclass(frozen=True)
class Page:
    """What is served at an address: HTML, and headers besides its type."""

    html: str
    headers: Mapping[str, str] = field(default_factory=dict)


class Hosting:
    """A context manager around a server on a free port of this machine; `pages` may change while it runs."""

    def __init__(self, pages: Mapping[str, Page] | None = None) -> None:
        """Serve these pages, by their path."""
        self.pages: dict[str, Page] = dict(pages or {})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self.pages))
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, name="hosting", daemon=True)
        port = self._server.server_address[1]
        # Of the same site as a service at 127.0.0.1, and of another one.
        self.origin, self.foreign = f"http://127.0.0.1:{port}", f"http://localhost:{port}"

    def __enter__(self) -> Self:
        """Start."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _handler_of(pages: Mapping[str, Page]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            page = pages.get(self.path.partition("?")[0])
            body = page.html.encode() if page else b""
            # A browser asks for an icon by itself.
            self.send_response(200 if page else 204 if self.path == "/favicon.ico" else 404)
            for name, value in (page.headers if page else {}).items():
                self.send_header(name, value)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    return Handler
