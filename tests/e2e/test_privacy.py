"""What a visitor types stays in the book: no log of any process, no address and no foreign server sees it."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, Request, expect

from tests.conftest import Running
from tests.e2e import staffing
from tests.e2e.chatting import Chat

CANARY = "zyzzyvaplum"
LISTENING, LOOPBACK = "0A", ("0100007F", "00000000000000000000000001000000")


@pytest.fixture
def addresses(context: BrowserContext) -> list[str]:
    """Every address that the browser asks for."""
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    context.on("request", note)
    return asked


def test_what_is_typed_stands_in_no_log_and_no_address(
    stack: Running, staff: tuple[str, str], addresses: list[str], page: Page
) -> None:
    chat = Chat(page).open()
    chat.ask(f"is it safe with {CANARY}")
    chat.ask(f"/restart {CANARY}")
    chat.ask(f"my eyelid droops since the {CANARY}")
    token = page.evaluate("Object.values(localStorage).join(' ') + Object.values(sessionStorage).join(' ')")
    assert CANARY not in token
    staffing.log_in(page, *staff)
    page.goto("/staff/?state=any")
    expect(page.get_by_text(CANARY).first).to_be_visible()
    page.goto("/staff/privacy/")
    page.get_by_label("Phone number, e-mail address or booking reference").fill(f"{CANARY}@example.org")
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_role("heading", name="One person's data")).to_be_visible()
    assert [one for one in addresses if CANARY in one] == []
    secrets = [word for word in token.replace('"', " ").split() if len(word) > 60]
    assert secrets
    assert [one for one in addresses if any(secret in one for secret in secrets)] == []
    logs = list((Path(stack.environment.get("VAR_DIR") or os.environ["VAR_DIR"]) / "log").iterdir())
    assert {"rasa", "actions", "web", "worker"} <= {log.name.partition(".")[0] for log in logs}
    assert [log.name for log in logs if CANARY in log.read_text(errors="replace")] == []


def test_the_whole_stack_listens_on_this_machine_alone(stack: Running) -> None:
    """Every port that one of the stack's processes listens on, by the kernel's own tables."""
    folder = stack.environment.get("VAR_DIR") or os.environ["VAR_DIR"]
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes()
            environment = (process / "environ").read_bytes()
            files = list((process / "fd").iterdir())
        except OSError:
            continue
        if folder.encode() in environment or b"rasa_ext.serve" in command or b"actions" in command.split(b"\0"):
            for file in files:
                # It may be closed by now.
                with contextlib.suppress(OSError):
                    found.add(str(file.readlink()))
    listening = {}
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            _, local, _, state, *rest = line.split()
            if state == LISTENING and f"socket:[{rest[5]}]" in found:
                host, _, port = local.partition(":")
                listening[int(port, 16)] = host
    assert urlsplit(stack.url).port in listening
    assert len(listening) >= 3
    assert set(listening.values()) <= set(LOOPBACK)
