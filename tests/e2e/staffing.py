"""The staff pages as staff handle them."""

from __future__ import annotations

from playwright.sync_api import Page, expect

# The management command that fills the book with what staff pages show.
FILL = ("shell", "--no-imports", "-c", "from tests.e2e.filling import fill; fill()")


def log_in(page: Page, name: str, password: str) -> None:
    """Open the staff pages and come in through the login."""
    page.goto("/staff/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("button", name="Log out")).to_be_visible()
