"""The chat box as a visitor handles it."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any, Self

import yaml
from playwright.sync_api import Locator, Page, expect

ROOT = Path(__file__).parents[2]
# A first answer may meet a stack that is still warming up.
ANSWER_MS = 15_000
# What the way to staff is called, by day and when the clinic is closed.
PERSON = re.compile("^(Talk to a person|Leave a message)$")


@cache
def _responses() -> dict[str, list[dict[str, str]]]:
    return yaml.load((ROOT / "domain.yml").read_bytes(), Loader=yaml.CSafeLoader)["responses"]


def beginnings(response: str) -> tuple[str, ...]:
    """Return how the variants of a response begin: their text up to the first placeholder, 40 characters at most."""
    return tuple(variant["text"].partition("{")[0][:40] for variant in _responses()[response])


class Chat:
    """The chat of one page: the launcher's button on the page, all else in its frame."""

    def __init__(self, page: Page) -> None:
        """Work with the chat of this page."""
        self.page = page
        self.launcher = page.locator("clinic-chat button[aria-expanded]")
        self.window = page.locator("clinic-chat dialog")
        frame = page.frame_locator("clinic-chat iframe")
        self.panel = frame.get_by_role("main")
        self.log = frame.get_by_role("log")
        self.box = frame.get_by_label("Your message")
        self.problem = frame.get_by_role("alert")
        self.answers = self.log.locator(".chat-row--bot .chat-text")
        self.questions = self.log.locator(".chat-row--visitor")
        self.staff = self.log.locator(".chat-row--staff .chat-text")
        self.notices = self.log.locator(".chat-row--system .chat-text")

    def open(self) -> Self:
        """Press the button in the corner and wait for the greeting."""
        self.launcher.click()
        expect(self.answers.first).to_be_visible(timeout=ANSWER_MS)
        return self

    def reload(self) -> None:
        """Load the page again and wait until everything that was said is back."""
        said = self.log.locator(".chat-text")
        before = said.all_inner_texts()
        self.page.reload()
        expect(said).to_have_text(before, timeout=ANSWER_MS)

    def evaluate(self, expression: str) -> Any:
        """Run a script's expression in the frame."""
        return self.log.evaluate(f"() => {expression}")

    def say(self, text: str) -> None:
        """Type and send."""
        self.box.fill(text)
        self.box.press("Enter")

    def ask(self, text: str) -> list[str]:
        """Say it and return the texts of the answers, once they have all come."""
        before = self.answers.count()
        self.say(text)
        return self.answers_after(before)

    def answers_after(self, before: int) -> list[str]:
        """Wait for answers beyond the first `before` and return their texts."""
        expect(self.answers.nth(before)).to_be_visible(timeout=ANSWER_MS)
        return self.answers.all_inner_texts()[before:]

    def button(self, title: str) -> Locator:
        """Return the button with this title that can be pressed now."""
        return self.log.get_by_role("button", name=title, exact=True)

    def press(self, title: str) -> list[str]:
        """Press a button of the bot's and return the texts of the answers."""
        button = self.button(title)
        expect(button).to_be_visible(timeout=ANSWER_MS)
        before = self.answers.count()
        button.click()
        return self.answers_after(before)

    def press_retired(self, title: str) -> list[str]:
        """Press a button that is offered no longer, as a tab does that has fallen behind; return the new answers."""
        before = self.answers.count()
        old = self.log.locator(".chat-choice", has_text=re.compile(f"^{re.escape(title)}$")).first
        old.evaluate("(button) => button.click()")
        return self.answers_after(before)

    def end(self) -> None:
        """End the conversation and wait until it is over."""
        self.panel.get_by_role("button", name="More").click()
        self.panel.get_by_role("button", name="End conversation").click()
        self.panel.get_by_role("button", name="End it").click()
        expect(self.panel.get_by_text("This conversation has ended", exact=True)).to_be_visible()

    def sent(self, number: int) -> Locator:
        """Return the mark of the visitor's message with this position, from 0."""
        return self.questions.nth(number).locator(".chat-state")
