"""The plain page as a visitor without scripts handles it."""

from __future__ import annotations

import re
from typing import Self

from playwright.sync_api import Locator, Page, expect

PLACE = "/chat/plain/"


class PlainChat:
    """The plain page in one tab."""

    def __init__(self, page: Page) -> None:
        """Work with this tab."""
        self.page = page
        self.log = page.get_by_role("list").first
        self.answers = page.locator(".plain-entry--bot .plain-bubble > p:first-child")
        self.questions = page.locator(".plain-entry--visitor .plain-bubble > p")
        self.newest = page.locator("#newest")
        self.box = page.get_by_label("Your message")
        self.problem = page.get_by_role("alert")

    def open(self, query: str = "") -> Self:
        """Go there and see the greeting."""
        self.page.goto(PLACE + query)
        expect(self.answers.first).to_be_visible()
        return self

    def button(self, title: str | re.Pattern[str]) -> Locator:
        """Return the button with this title."""
        return self.page.get_by_role("button", name=title, exact=True)

    def press(self, title: str | re.Pattern[str]) -> list[str]:
        """Press a button, and return the texts of the answers that came with the next page."""
        before = self.answers.count()
        with self.page.expect_navigation():
            self.button(title).click()
        return self.answers.all_inner_texts()[before:]

    def ask(self, text: str) -> list[str]:
        """Send a text, and return the texts of the answers that came with the next page."""
        self.box.fill(text)
        return self.press("Send")
