"""The frame: everybody finds the pages that let them in, and no others."""

from __future__ import annotations

import json
import re

import pytest
from django.test import Client
from django.urls import reverse

from clinic.accounts.models import User
from clinic.accounts.roles import Role
from clinic.practice import facts
from clinic.practice.models import Practice
from clinic.staff.navigation import NAVIGATION
from tests.clinic.staff.conftest import hand_over, make_user

ENTRIES = [entry for group in NAVIGATION for entry in group.entries]


def shown(client: Client) -> set[str]:
    """Return the addresses in the navigation of a page."""
    page = client.get(reverse("staff:account")).content.decode()
    rail = page.partition('<div class="rail">')[2].partition("</nav>")[0]
    return set(re.findall(r'<a href="([^"]+)"', rail))


@pytest.mark.parametrize("role", Role.values)
def test_it_leads_to_what_the_role_may_open_and_to_nothing_else(client: Client, db: None, role: str) -> None:
    client.force_login(make_user("somebody", role))
    there = shown(client)
    for entry in ENTRIES:
        address = reverse(f"staff:{entry.name}")
        assert client.get(address).status_code == (200 if address in there else 403), entry.name


def test_the_page_that_is_open_is_marked(staff: Client) -> None:
    page = staff.get(reverse("staff:bookings")).content.decode()
    marked = re.findall(r'<a href="([^"]+)" aria-current="page"', page)
    assert set(marked) == {reverse("staff:bookings")}


def test_what_waits_stands_beside_the_queue(staff: Client, talk: object) -> None:
    hand_over(talk("I cannot breathe"), "emergency", urgent=True)  # type: ignore[operator]
    hand_over(talk("A person, please"), "staff_other")  # type: ignore[operator]
    page = staff.get(reverse("staff:account")).content.decode()
    assert '<span class="badge badge--urgent" data-counts="emergency medical failed people"><span>2</span>' in page
    found = re.search(r'data-counts="({[^"]+})"', page)
    assert found
    counts = json.loads(found[1].replace("&quot;", '"'))
    assert (counts["emergency"], counts["people"]) == (1, 1)


def test_a_bot_that_is_off_is_told_on_every_page(staff: Client) -> None:
    Practice.seeded()
    Practice.objects.update(is_bot_off=True, bot_off_reason="New <label>")
    facts.forget()
    page = staff.get(reverse("staff:account")).content.decode()
    assert "The bot is switched off." in page
    assert "New &lt;label&gt;" in page


def test_before_everything_is_set_up_there_is_no_way_to_go(client: Client, member: User) -> None:
    client.force_login(member)
    User.objects.update(must_change_password=True)
    page = client.get(reverse("staff:password")).content.decode()
    assert "<nav" not in page
    assert "console.js" not in page
    assert "Log out" in page


def test_no_page_carries_code_of_its_own(staff: Client) -> None:
    response = staff.get(reverse("staff:account"))
    page = response.content.decode()
    assert not re.search(r"<script(?![^>]*\bsrc=)", page)
    assert not re.search(r"\son\w+=|\sstyle=|hx-on|javascript:", page)
    config = json.loads(re.search(r"name=\"htmx-config\" content='([^']+)'", page)[1])  # type: ignore[index]
    assert (config["allowEval"], config["allowScriptTags"], config["historyCacheSize"]) == (False, False, 0)
    assert (config["selfRequestsOnly"], config["includeIndicatorStyles"]) == (True, False)
    policy = response.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    for part in ("default-src 'none'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
        assert part in policy
