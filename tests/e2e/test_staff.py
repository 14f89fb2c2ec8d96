"""Staff see in their browser what a visitor wrote in hers."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Page, expect

from tests.e2e.chatting import Chat
from tests.e2e.conftest import Running
from tests.e2e.staffing import log_in

NASTY = '<img src=x onerror="window.harmed=1"> how long does it last?'


def test_staff_log_in_and_read_a_conversation(
    chat: Chat, staff: tuple[str, str], browser: Browser, stack: Running
) -> None:
    chat.ask(NASTY)
    chat.ask("I would like to talk to a person")
    context = browser.new_context(base_url=stack.url)
    page = context.new_page()
    log_in(page, *staff)
    expect(page.get_by_role("region", name=re.compile("Waiting for staff")).locator("li").first).to_be_visible()
    newest = page.get_by_role("region", name=re.compile("newest first")).locator(".line").first
    expect(newest).to_contain_text("Waiting for staff")
    expect(newest).to_contain_text("Asked for staff")
    newest.get_by_role("link").click()
    said = page.locator(".said--visitor")
    expect(said.first.locator(".said-text")).to_have_text(NASTY)
    assert page.locator(".talk img").count() == 0
    assert page.evaluate("window.harmed") is None
    expect(said.last).to_contain_text("human request")
    expect(said.last).to_contain_text(re.compile(r"\d+ %"))
    expect(said.last).to_contain_text("Asked for staff")
    page.get_by_role("button", name="Log out").click()
    expect(page).to_have_url(re.compile("/staff/login/"))
    context.close()


def test_a_one_time_password_opens_nothing_but_its_own_change(page: Page, stack: Running) -> None:
    printed = stack.manage("make_administrator")
    found = re.search(r"Staff login: (\S+)\s+one-time password: (\S+)", printed)
    assert found
    name, password = found.groups()
    log_in(page, name, password)
    expect(page).to_have_url(re.compile("/staff/password/"))
    page.goto("/staff/wording/")
    expect(page).to_have_url(re.compile("/staff/password/"))
    page.get_by_label("Old password").fill(password)
    page.get_by_label("New password", exact=True).fill("seven quiet herons 4")
    page.get_by_label("New password confirmation").fill("seven quiet herons 4")
    page.get_by_role("button", name="Save password").click()
    expect(page.get_by_role("heading", name="Conversations", exact=True)).to_be_visible()
