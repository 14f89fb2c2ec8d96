"""Makes the screenshots: `python -m tests.e2e.screenshots [--readme]`.

Every page goes to var/screenshots on a desktop and on a phone, light and dark. With --readme the two pictures of the
README are made anew as well.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.conftest import CLINIC, ROOT, Running
from tests.e2e.chatting import Chat
from tests.e2e.conftest import QUIET, SYSTEM_CHROMIUM
from tests.e2e.staffing import FILL, log_in

SCREENS = {"desktop": {"width": 1280, "height": 860}, "phone": {"width": 390, "height": 844}}
VISITORS = (
    ("How long does Dysport last?", "What are the side effects?"),
    ("I would like to talk to a person",),
    ("how much is it and does it hurt",),
)
NAME, PASSWORD = "morgan", "a calm orchard 71"
README_SCREEN = {"width": 1040, "height": 680}


@contextmanager
def running_stack() -> Iterator[Running]:
    """Give a stack that has a member of staff."""
    if url := os.environ.get("STACK_URL"):
        stack = Running(url, os.environ["MEASURING_KEY"], {})
        make_staff(stack)
        yield stack
        return
    from ops.stack import Stack

    with Stack(env={**CLINIC, "CLINIC_HOLIDAYS": "US"}) as own:
        stack = Running(own.url, own.measuring_key, dict(own.environment))
        make_staff(stack)
        yield stack


def make_staff(stack: Running) -> None:
    """Make the account that looks at the staff pages."""
    account = (f"--username={NAME}", "--email=")
    stack.manage("createsuperuser", "--noinput", *account, DJANGO_SUPERUSER_PASSWORD=PASSWORD)


def visitors_come(browser: Browser, url: str) -> None:
    """Fill the book with a few conversations."""
    for texts in VISITORS:
        context = browser.new_context(base_url=url)
        page = context.new_page()
        page.goto("/")
        chat = Chat(page).open()
        for text in texts:
            chat.ask(text)
        context.close()


def settle(page: Page) -> None:
    """Let what moves come to rest."""
    page.evaluate("Promise.all(document.getAnimations().map((one) => one.finished.catch(() => {})))")


def take_all(browser: Browser, url: str, folder: Path) -> None:
    """Take every page on every screen in both colour schemes."""
    for screen, viewport in SCREENS.items():
        for scheme in ("light", "dark"):
            context = browser.new_context(
                base_url=url, viewport=viewport, color_scheme=scheme, has_touch=screen == "phone"
            )
            page = context.new_page()

            def take(name: str, page: Page = page, suffix: str = f"{screen}-{scheme}", whole: bool = False) -> None:
                settle(page)
                page.screenshot(path=folder / f"{name}-{suffix}.png", full_page=whole)

            page.goto("/")
            take("home", whole=True)
            chat = Chat(page).open()
            take("chat-greeting")
            chat.ask("What are the side effects?")
            expect(chat.answers).to_have_count(3)
            take("chat-answer")
            chat.ask("I would like to talk to a person")
            expect(chat.button("Skip")).to_be_visible()
            take("chat-contact")
            page.goto("/staff/")
            take("login")
            log_in(page, NAME, PASSWORD)
            take("staff-list", whole=True)
            page.locator(".line a").first.click()
            take("staff-conversation", whole=True)
            for name in ("alerts", "bookings", "hours", "password", "wording"):
                page.goto(f"/staff/{name}/")
                take(f"staff-{name}", whole=True)
            page.goto("/staff/bookings/")
            page.locator(".line a").first.click()
            page.get_by_text("Offer times").first.click()
            take("staff-booking", whole=True)
            context.close()


def take_readme(browser: Browser, url: str, folder: Path) -> None:
    """Take the two pictures of the README."""
    context = browser.new_context(base_url=url, viewport=README_SCREEN)
    page = context.new_page()
    page.goto("/")
    chat = Chat(page).open()
    chat.ask("How long does Dysport last?")
    chat.log.locator("summary").last.click()
    chat.box.blur()
    settle(page)
    page.screenshot(path=folder / "screenshot-chat.png")
    log_in(page, NAME, PASSWORD)
    page.screenshot(path=folder / "screenshot-staff.png")
    context.close()


def main() -> None:
    """Make the screenshots."""
    parser = argparse.ArgumentParser(description="Makes screenshots of every page.")
    parser.add_argument("--readme", action="store_true", help="make docs/screenshot-*.png as well")
    wanted = parser.parse_args()
    folder = ROOT / "var" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    expect.set_options(timeout=15_000)
    with running_stack() as stack, sync_playwright() as playwright:
        system = str(SYSTEM_CHROMIUM) if SYSTEM_CHROMIUM.exists() else None
        browser = playwright.chromium.launch(executable_path=system, args=list(QUIET))
        visitors_come(browser, stack.url)
        if wanted.readme:
            take_readme(browser, stack.url, ROOT / "docs")
        stack.manage(*FILL)
        take_all(browser, stack.url, folder)
        browser.close()


if __name__ == "__main__":
    main()
