"""Watches what a browser does besides what it was told to do."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, WebError

NO_REQUEST = ("data", "blob", "about")


class Watch:
    """Requests that left our origin, violations of the content security policy, and errors in scripts."""

    def __init__(self, *urls: str) -> None:
        """Everything that is not of one of these origins is foreign."""
        self._homes = {urlsplit(url).netloc for url in urls}
        self.foreign: list[str] = []
        self.complaints: list[str] = []

    def follow(self, context: BrowserContext) -> None:
        """Watch every page of the context."""
        context.on("request", self._note_request)
        context.on("console", self._note_console)
        context.on("weberror", self._note_error)

    def _note_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in NO_REQUEST and parts.netloc not in self._homes:
            self.foreign.append(request.url)

    def _note_console(self, message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            self.complaints.append(message.text)

    def _note_error(self, error: WebError) -> None:
        self.complaints.append(str(error.error))

    def check(self) -> None:
        """Fail when anything was noted."""
        assert self.foreign == []
        assert self.complaints == []
