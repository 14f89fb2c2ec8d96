"""Coming in for the first time, inviting a colleague, and ending their access, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.conftest import Running
from tests.e2e import staffing
from tests.e2e.watching import Watch

FIRST, SECOND = "a calm orchard 71", "two green lanterns 8"


@pytest.fixture
def visit(browser: Browser, stack: Running, watch: Watch) -> Iterator[Callable[[], Page]]:
    """Open a browser profile of its own each time."""
    opened: list[BrowserContext] = []

    def open_one() -> Page:
        opened.append(browser.new_context(base_url=stack.url, viewport={"width": 390, "height": 844}))
        watch.follow(opened[-1])
        return opened[-1].new_page()

    yield open_one
    for one in opened:
        one.close()


def set_up_factor(page: Page, url: str, name: str) -> str:
    """Set an authenticator app up, with the key as its text, and return the key."""
    picture = page.get_by_role("img", name="QR code")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    secret = page.locator("code.secret").inner_text().replace(" ", "")
    page.get_by_label("Code").fill(staffing.next_code((url, name), secret))
    page.get_by_role("button", name="Set up").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    expect(page.locator(".codes li")).to_have_count(10)
    page.get_by_role("link", name="I have kept them").click()
    expect(page).to_have_url(f"{url}/staff/")
    return secret


def test_from_the_first_login_to_the_end_of_a_colleagues_access(stack: Running, visit: Callable[[], Page]) -> None:
    stack.manage("make_member", "founder", "--role=administrator", STAFF_PASSWORD=FIRST)
    password = re.findall(r"password of founder: (\S+)", stack.manage("reset_member", "founder", "--password"))[0]
    admin = visit()
    admin.goto("/staff/")
    admin.get_by_label("Username").fill("founder")
    admin.get_by_label("Password").fill(password)
    admin.get_by_role("button", name="Log in").click()
    admin.get_by_label("Old password").fill(password)
    admin.get_by_label("New password", exact=True).fill(FIRST)
    admin.get_by_label("New password confirmation").fill(FIRST)
    admin.get_by_role("button", name="Save password").click()
    set_up_factor(admin, stack.url, "founder")

    admin.goto("/staff/people/")
    admin.get_by_label("Name", exact=True).fill("Pat Moss")
    admin.get_by_label("Role").select_option("front_desk")
    admin.get_by_role("button", name="Make the link").click()
    link = admin.locator("code.secret").inner_text()

    colleague = visit()
    colleague.goto(stack.url + link[link.index("/staff/") :])
    expect(colleague).to_have_url(f"{stack.url}/staff/join/")
    colleague.get_by_label("Username").fill("patmoss")
    colleague.get_by_label("Password", exact=True).fill(SECOND)
    colleague.get_by_label("Password confirmation").fill(SECOND)
    colleague.get_by_role("button", name="Make my account").click()
    secret = set_up_factor(colleague, stack.url, "patmoss")

    elsewhere = visit()
    staffing.log_in_anew(elsewhere, "patmoss", SECOND, secret)
    elsewhere.goto("/staff/sessions/")
    expect(elsewhere.locator(".lines .line")).to_have_count(2)

    admin.goto("/staff/people/")
    admin.locator("main").get_by_role("link", name="patmoss").click()
    admin.get_by_role("button", name="End their access").click()
    admin.get_by_role("button", name="Yes").click()
    expect(admin.get_by_text("Their access has ended")).to_be_visible()
    for page in (colleague, elsewhere):
        page.goto("/staff/")
        expect(page).to_have_url(f"{stack.url}/staff/login/?next=/staff/")
