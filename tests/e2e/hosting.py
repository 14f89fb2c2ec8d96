"""Websites that carry the chat: pages of somebody else's, from an origin of their own.

`python -m tests.e2e.hosting --bot http://127.0.0.1:8000` shows them to people. The bot has to allow the origin that is
printed, by its setting ALLOWED_ORIGINS.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path
from threading import Thread
from typing import Self

FOLDER = Path(__file__).parent / "hosts"
PLACE = "{{ service }}"
KINDS = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}
# What a page has to allow for the chat, and nothing else but its own style and scripts.
STRICT = "default-src 'none'; script-src 'self' {service}; frame-src {service}; style-src 'self'"
POLICIES = {
    "/strict.html": STRICT + "; require-trusted-types-for 'script'; trusted-types 'none'",
}


@dataclass(frozen=True)
class File:
    """What stands at an address."""

    body: bytes
    kind: str = "text/html"
    headers: dict[str, str] = field(default_factory=dict)


class Website:
    """A context manager around a website with the pages of `tests/e2e/hosts/`, and those that a test adds.

    `service` is the address of the bot that the pages carry the chat of.
    """

    def __init__(self, service: str, port: int = 0) -> None:
        """Listen on this port of this machine, on any that is free where it is 0."""
        self.service = service
        self.added: dict[str, File] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, name="website")
        port = self._server.server_address[1]
        # Of another site than a bot at 127.0.0.1, as browsers see it, and of the same one.
        self.url, self.near = f"http://localhost:{port}", f"http://127.0.0.1:{port}"

    def __enter__(self) -> Self:
        """Start."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def line(self, options: str = "async") -> str:
        """Return the one line that a page carries."""
        return f'<script src="{self.service}/widget.js" {options}></script>'

    def add(self, path: str, *, head: str = "", body: str = "", policy: str = STRICT) -> str:
        """Put up a page, and return its address."""
        text = f'<!doctype html><html lang="en"><head><title>A page</title>{head}</head><body>{body}</body></html>'
        self.added[path] = File(text.encode(), headers=self._policy(policy))
        return self.url + path

    def find(self, path: str) -> File | None:
        """Return what stands at a path."""
        if path in self.added:
            return self.added[path]
        if path == "/jquery.js":
            return File(_jquery(), KINDS[".js"])
        name = path.removeprefix("/") or "index.html"
        file = FOLDER / name
        if file.name != name or not file.is_file():
            return None
        text = file.read_text(encoding="utf-8").replace(PLACE, self.service)
        headers = self._policy(POLICIES.get(path, STRICT)) if file.suffix == ".html" else {}
        return File(text.encode(), KINDS[file.suffix], headers)

    def _policy(self, policy: str) -> dict[str, str]:
        return {"Content-Security-Policy": policy.format(service=self.service)} if policy else {}


@cache
def _jquery() -> bytes:
    """Return the last jQuery of the kind that old websites have, 1.12."""
    return (files("jquery") / "static/js/jquery.js").read_bytes()


def _handler(website: Website) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            found = website.find(self.path.partition("?")[0])
            # Browsers ask for an icon by themselves.
            self.send_response(200 if found else 204 if self.path == "/favicon.ico" else 404)
            for name, value in (found.headers if found else {}).items():
                self.send_header(name, value)
            if found:
                self.send_header("Content-Type", f"{found.kind}; charset=utf-8")
            body = found.body if found else b""
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    return Handler


def main() -> None:
    """Show the pages until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.hosting", description="Show websites with the chat.")
    parser.add_argument("--bot", default="http://127.0.0.1:8000", help="the address of the bot")
    parser.add_argument("--port", type=int, default=8010, help="where the websites are shown")
    chosen = parser.parse_args()
    with Website(chosen.bot.rstrip("/"), chosen.port) as website:
        print(f"{website.url}/ (the bot needs ALLOWED_ORIGINS={website.url})", flush=True)  # noqa: T201
        try:
            website._thread.join()
        except KeyboardInterrupt:
            pass


if __name__ == "__main__":
    main()
