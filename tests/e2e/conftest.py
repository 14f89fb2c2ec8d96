"""A real browser in front of the real stack."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from tests.e2e.chatting import Chat
from tests.e2e.watching import Watch

ROOT = Path(__file__).parents[2]
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
CLINIC = {
    "CLINIC_NAME": "Willow Street Skin Clinic",
    "CLINIC_PHONE": "555-0142",
    "CLINIC_EMAIL": "hello@willow-street.example",
    "CLINIC_ADDRESS": "12 Willow Street",
    "CLINIC_HOURS": "mon-fri 09:00-17:00; sat 10:00-14:00",
    "CLINIC_URGENT_PHONE": "555-0199",
    "LIMIT_MESSAGES_PER_MINUTE": "10000",
    "LIMIT_MESSAGES_PER_MINUTE_AND_ADDRESS": "10000",
    "LIMIT_CONVERSATIONS_PER_HOUR_AND_ADDRESS": "10000",
}
# The machine may be busy with other things.
expect.set_options(timeout=15_000)
STAFF_NAME, STAFF_PASSWORD = "morgan", "a calm orchard 71"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything in this folder."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.stack)


@dataclass(frozen=True)
class Running:
    """A stack that answers: its address, and the environment of its clinic."""

    url: str
    environment: dict[str, str]

    def manage(self, *arguments: str, **more: str) -> str:
        """Run a management command on the stack's database and return what it prints."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env={**os.environ, **self.environment, **more},
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout


@pytest.fixture(scope="session")
def stack() -> Iterator[Running]:
    """The stack that `python -m ops stack -- pytest tests/e2e` has started, else one of our own."""
    if url := os.environ.get("STACK_URL"):
        yield Running(url, {})
        return
    from ops.stack import Stack

    with Stack(env=CLINIC) as own:
        yield Running(own.url, dict(own.environment))


@pytest.fixture(scope="session")
def staff(stack: Running) -> tuple[str, str]:
    """Name and password of a member of staff who may do everything."""
    stack.manage(
        "createsuperuser",
        "--noinput",
        f"--username={STAFF_NAME}",
        "--email=",
        DJANGO_SUPERUSER_PASSWORD=STAFF_PASSWORD,
    )
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
