"""The staff pages as staff handle them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from typing import Any

from playwright.sync_api import Page, expect

# The management command that fills the book with what staff pages show.
FILL = ("shell", "--no-imports", "-c", "from tests.e2e.filling import fill; fill()")
# The key of every test account's authenticator app.
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
PERIOD = 30
# How long a code has to be good for: it is typed into a browser first, and the machine may be busy.
MARGIN = 20
# A code works once, and only codes after it work afterwards: the latest period that each account has used, and the
# cookies that its login brought, so that most tests need no login of their own.
_used: dict[tuple[str, str], int] = {}
_cookies: dict[tuple[str, str], Any] = {}


def code(secret: str, counter: int) -> str:
    """Return the code that an authenticator app shows in the period number `counter` (RFC 6238)."""
    digest = hmac.new(base64.b32decode(secret), counter.to_bytes(8, "big"), hashlib.sha1).digest()
    start = digest[-1] & 15
    return f"{(int.from_bytes(digest[start : start + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"


def next_code(account: tuple[str, str], secret: str = TOTP_SECRET) -> str:
    """Return a code that the account has not used yet, waiting for it to count if need be.

    The clinic takes the codes of the periods before and after this one too. The one before is given only while it stays
    good long enough.
    """
    counter = max(_used.get(account, 0) + 1, int(time.time() + MARGIN) // PERIOD - 1)
    while int(time.time()) // PERIOD + 1 < counter:
        time.sleep(0.5)
    _used[account] = counter
    return code(secret, counter)


def log_in(page: Page, name: str, password: str) -> None:
    """Open the staff pages and come in: by the cookies of an earlier login if they are still good, else anew."""
    page.goto("/staff/login/")
    account = (page.evaluate("location.origin"), name)
    if account in _cookies:
        page.context.add_cookies(_cookies[account])
        page.goto("/staff/")
    if "/staff/login/" in page.url:
        log_in_anew(page, name, password)
        _cookies[account] = page.context.cookies()
    expect(page.locator(".logout").first).to_be_attached()


def log_in_anew(page: Page, name: str, password: str, secret: str = TOTP_SECRET) -> None:
    """Come in through the login, with name, password and code."""
    page.goto("/staff/login/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()
    enter_code(page, next_code((page.evaluate("location.origin"), name), secret))
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Your second factor")


def enter_code(page: Page, digits: str) -> None:
    """Type a code of the second factor where it is asked for."""
    page.get_by_label("Code").fill(digits)
    page.get_by_role("button", name="Continue").click()
