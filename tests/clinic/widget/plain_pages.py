"""The plain page as a browser without scripts has it: what it shows, and its form filled in and sent."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import httpx

PLACE = "/chat/plain/"


class _Reader(HTMLParser):
    """Reads the fields of the one form, the buttons, the title, and the texts by their element's class or id."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden: dict[str, str] = {}
        self.buttons: dict[str, str] = {}
        self.box: str | None = None
        self.title = ""
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.action = ""
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "form":
            self.action = given["action"]
        if tag == "input":
            fields = self.buttons if given["type"] == "submit" else self.hidden
            fields[given["name"]] = given["value"]
        if tag in ("textarea", "title"):
            self._inside = tag
            self.box = "" if tag == "textarea" else self.box

    def handle_endtag(self, tag: str) -> None:
        if tag == self._inside:
            self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "title":
            self.title += data
        elif self._inside == "textarea" and self.box is not None:
            self.box += data


class Plain:
    """One page that was answered, and what can be done on it."""

    def __init__(self, http: httpx.Client, answer: httpx.Response) -> None:
        """Read the answer."""
        self.http, self.answer = http, answer
        self.html = answer.text
        self.read = _Reader()
        self.read.feed(self.html)

    @classmethod
    def open(cls, http: httpx.Client, **query: str) -> Plain:
        """GET the page."""
        return cls(http, http.get(PLACE, params=query))

    @property
    def box(self) -> str | None:
        """Return what stands in the box, None where there is none. Browsers drop its first line's end."""
        return None if self.read.box is None else self.read.box.removeprefix("\n")

    @property
    def buttons(self) -> dict[str, str]:
        """Return the buttons' titles by name."""
        return self.read.buttons

    def press(self, name: str, text: str = "", headers: dict[str, str] | None = None, **changed: Any) -> Plain:
        """Press the button of this name with this text in the box, as a browser sends it; `changed` forges fields."""
        title = self.buttons.get(name, "x")
        fields = {**self.read.hidden, "text": text.replace("\n", "\r\n"), name: title, **changed}
        place = self.read.action.partition("#")[0]
        return Plain(self.http, self.http.post(place, data=fields, headers=headers))

    def send(self, text: str, **changed: Any) -> Plain:
        """Send a text."""
        return self.press("send", text, **changed)
