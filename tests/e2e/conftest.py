"""A real browser in front of the real stack."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from tests.conftest import Running
from tests.e2e.chatting import Chat
from tests.e2e.firefox import PROGRAM as FIREFOX
from tests.e2e.staffing import TOTP_SECRET
from tests.e2e.watching import Watch

SYSTEM_CHROMIUM = Path("/usr/bin/chromium")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# The machine may be busy with other things.
expect.set_options(timeout=15_000)
# Where there is no Firefox there is nothing to collect.
collect_ignore = [] if FIREFOX else ["test_firefox.py"]
STAFF_NAME, STAFF_PASSWORD = "morgan", "a calm orchard 71"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything in this folder."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.stack)


@pytest.fixture(scope="session")
def staff(stack: Running) -> tuple[str, str]:
    """Name and password of a member of staff who may do everything."""
    secrets = {"STAFF_PASSWORD": STAFF_PASSWORD, "STAFF_TOTP_SECRET": TOTP_SECRET}
    stack.manage("make_member", STAFF_NAME, "--role=administrator", "--clinician", **secrets)
    return STAFF_NAME, STAFF_PASSWORD


# A running Playwright looks like an event loop to Django, so it ends with this folder's tests.
@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="package")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Debian's Chromium, else the one that Playwright has downloaded."""
    system = str(SYSTEM_CHROMIUM) if SYSTEM_CHROMIUM.exists() else None
    if not system and not Path(playwright.chromium.executable_path).exists() and os.environ.get("CI") != "true":
        pytest.skip("There is no Chromium here: install Debian's package chromium.")
    launched = playwright.chromium.launch(executable_path=system, args=list(QUIET))
    yield launched
    launched.close()


@pytest.fixture
def watch(stack: Running) -> Iterator[Watch]:
    """What the browser asked for and complained about; a foreign request or a policy violation fails the test."""
    watch = Watch(stack.url)
    yield watch
    watch.check()


@pytest.fixture
def context(browser: Browser, stack: Running, watch: Watch) -> Iterator[BrowserContext]:
    """A fresh browser profile on a desktop."""
    opened = browser.new_context(base_url=stack.url, viewport={"width": 1280, "height": 860})
    watch.follow(opened)
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """The clinic's home page."""
    opened = context.new_page()
    opened.goto("/")
    return opened


@pytest.fixture
def chat(page: Page) -> Chat:
    """The open chat box with its greeting."""
    return Chat(page).open()
