"""Makes the screenshots: `python -m tests.e2e.screenshots [--widget | --readme]`.

Every page goes to var/screenshots on a desktop and on a phone, light and dark, and every state of the widget to
var/screenshots/widget. With --widget those alone are taken; with --readme the pictures of README and docs are made anew
as well.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

from bench.member import Member
from tests.conftest import CLINIC, ROOT, Running
from tests.e2e.booking import fill_in
from tests.e2e.chatting import Chat
from tests.e2e.conftest import QUIET, SYSTEM_CHROMIUM
from tests.e2e.staffing import FILL, TOTP_SECRET, log_in
from tests.e2e.visiting import addresses
from tests.e2e.widget_states import SCENES, Stage, enlarge_text, states, turn, without_scripts

SCREENS = {"desktop": {"width": 1280, "height": 860}, "phone": {"width": 390, "height": 844}}
VISITORS = (
    ("How long does Dysport last?", "What are the side effects?"),
    ("I would like to talk to a person",),
    ("how much is it and does it hurt",),
    ("I cannot breathe and my throat is swelling",),
    ("I am pregnant, can I still have it?",),
)
BOOKING = "Zoë Example"
NAME, PASSWORD = "morgan", "a calm orchard 71"
DOCS_SCREEN = {"width": 1040, "height": 680}


class Take(Protocol):
    """Takes a picture of a page under a name, of its whole length if wanted."""

    def __call__(self, name: str, page: Page, whole: bool = False) -> None: ...


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
    stack.manage(
        "make_member",
        NAME,
        "--role=administrator",
        "--clinician",
        "--first-name=Morgan",
        STAFF_PASSWORD=PASSWORD,
        STAFF_TOTP_SECRET=TOTP_SECRET,
    )


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
    """Let what moves come to rest, with the pointer on nothing."""
    page.mouse.move(0, 0)
    page.evaluate("Promise.all(document.getAnimations().map((one) => one.finished.catch(() => {})))")


def take_all(browser: Browser, url: str, pages: dict[str, str], folder: Path) -> None:
    """Take every page on every screen in both colour schemes; `pages` are those of the staff, by name."""
    for screen, viewport in SCREENS.items():
        for scheme in ("light", "dark"):

            def take(name: str, page: Page, whole: bool = False, suffix: str = f"{screen}-{scheme}") -> None:
                settle(page)
                page.screenshot(path=folder / f"{name}-{suffix}.png", full_page=whole)

            context = browser.new_context(base_url=url, viewport=viewport, color_scheme=scheme)
            page = context.new_page()
            page.goto("/")
            take("home", page, whole=True)
            walk_through_staff_pages(page, take, pages)
            context.close()


def take_widget(browser: Browser, stack: Running, folder: Path) -> None:
    """Take every state of the widget on every screen: light and dark, and as others have it."""
    folder.mkdir(parents=True, exist_ok=True)
    with Member.of(stack, "Ann") as ann:
        for screen, viewport in SCREENS.items():
            page = browser.new_page(base_url=stack.url, viewport=viewport, has_touch=screen == "phone")
            for state in states(Stage(Chat(page), ann)):
                for look in ("light", "dark", "forced", "rtl"):
                    take_look(page, look, folder / f"{state}-{screen}-{look}.png")
            page.close()
        large = browser.new_page(base_url=stack.url, viewport=SCREENS["phone"], has_touch=True)
        enlarge_text(large)
        for state in states(Stage(Chat(large), ann)):
            take_look(large, "light", folder / f"{state}-phone-large-text.png")
        large.close()
        spanish = browser.new_page(base_url=stack.url, viewport=SCREENS["phone"], has_touch=True)
        spanish.route(f"{stack.url}/", in_spanish)
        chat = Chat(spanish)
        chat.box = chat.panel.get_by_label("Su mensaje")
        for state in states(Stage(chat, ann), tuple(scene for scene in SCENES if scene is not without_scripts)):
            take_look(spanish, "light", folder / f"{state}-phone-spanish.png")
        spanish.close()


def take_look(page: Page, look: str, file: Path) -> None:
    """Take the page in one look, and leave it in the usual one."""
    page.emulate_media(color_scheme="dark" if look == "dark" else "light")
    if look == "forced":
        page.emulate_media(forced_colors="active")
    if look == "rtl":
        turn(page, "rtl")
    settle(page)
    page.screenshot(path=file)
    if look == "forced":
        page.emulate_media(forced_colors="null")
    if look == "rtl":
        turn(page, "ltr")


def in_spanish(route: Route) -> None:
    """Answer with the clinic's page as if it were in Spanish, which the chat then speaks as well."""
    answer = route.fetch()
    route.fulfill(response=answer, body=answer.text().replace('lang="en"', 'lang="es"', 1))


def walk_through_staff_pages(page: Page, take: Take, pages: dict[str, str]) -> None:
    """Take what staff see: the login, every page, the menu, the list of keys, and a conversation that is taken over."""
    page.goto("/staff/login/")
    take("login", page)
    log_in(page, NAME, PASSWORD)
    for name, address in pages.items():
        page.goto(address)
        take(f"staff-{name}", page, whole=True)
    page.goto(pages["queue"])
    if (menu := page.locator(".menu > summary")).is_visible():
        menu.click()
        take("staff-menu", page)
        menu.click()
    page.keyboard.press("?")
    take("staff-keys", page)
    page.goto(pages["conversation"])
    if (take_over := page.locator("#take")).is_visible():
        take_over.click()
        expect(page.locator("#reply-text")).to_be_visible()
    take("staff-reply", page)
    page.goto(pages["booking"])
    page.get_by_text("Offer times").first.click()
    take("staff-booking-offer", page, whole=True)


def take_docs(browser: Browser, url: str, folder: Path) -> None:
    """Take the pictures of the documentation."""
    context = browser.new_context(base_url=url, viewport=DOCS_SCREEN)
    page = context.new_page()
    page.goto("/")
    chat = Chat(page).open()
    chat.ask("How long does Dysport last?")
    chat.log.locator("summary").last.click()
    chat.box.blur()
    settle(page)
    page.screenshot(path=folder / "screenshot-chat.png")
    log_in(page, NAME, PASSWORD)
    page.goto("/staff/")
    settle(page)
    page.screenshot(path=folder / "screenshot-staff.png")
    context.close()


def take_docs_of_booking(browser: Browser, url: str, folder: Path) -> None:
    """Take the pictures of a request: read back in the chat, and as staff find it."""
    context = browser.new_context(base_url=url, viewport=DOCS_SCREEN)
    page = context.new_page()
    page.goto("/")
    chat = Chat(page).open()
    fill_in(chat, BOOKING)
    chat.box.blur()
    settle(page)
    page.screenshot(path=folder / "screenshot-booking.png")
    chat.press("Yes, send it")
    log_in(page, NAME, PASSWORD)
    page.goto("/staff/bookings/")
    page.locator(".line a", has_text=BOOKING).click()
    page.screenshot(path=folder / "screenshot-staff-booking.png")
    context.close()


def main() -> None:
    """Make the screenshots."""
    parser = argparse.ArgumentParser(description="Makes screenshots of every page.")
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--widget", action="store_true", help="take the states of the widget alone")
    only.add_argument("--readme", action="store_true", help="make docs/screenshot-*.png as well")
    wanted = parser.parse_args()
    folder = ROOT / "var" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    expect.set_options(timeout=15_000)
    with running_stack() as stack, sync_playwright() as playwright:
        system = str(SYSTEM_CHROMIUM) if SYSTEM_CHROMIUM.exists() else None
        browser = playwright.chromium.launch(executable_path=system, args=list(QUIET))
        if wanted.widget:
            take_widget(browser, stack, folder / "widget")
            return
        visitors_come(browser, stack.url)
        if wanted.readme:
            take_docs(browser, stack.url, ROOT / "docs")
            take_docs_of_booking(browser, stack.url, ROOT / "docs")
        stack.manage(*FILL)
        take_all(browser, stack.url, addresses(stack, NAME), folder)
        take_widget(browser, stack, folder / "widget")


if __name__ == "__main__":
    main()
