"""What axe-core finds on every page that people see and in every state of the widget, and what it cannot find."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page, ViewportSize, expect

from bench.member import Member
from tests.e2e.chatting import Chat
from tests.e2e.conftest import Running
from tests.e2e.staffing import FILL, log_in
from tests.e2e.visiting import addresses
from tests.e2e.watching import Watch
from tests.e2e.widget_states import Stage, enlarge_text, states, turn

AXE = Axe().axe_script
SCREENS = {"desktop": {"width": 1280, "height": 860}, "phone": {"width": 390, "height": 844}}
NARROW = {"width": 320, "height": 640}


# WCAG 2.2, 2.5.8: 24 pixels, but for links in a line of text; a label belongs to its control.
SMALL_TARGETS = """
[...document.querySelectorAll("a[href], button, summary, select, textarea, input:not([type=hidden])")]
  .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.closest(".skip, .sr"))
  .filter((one) => !(one.matches("a") && getComputedStyle(one).display === "inline"))
  .filter((one) => {
    const places = [one, ...(one.labels ?? [])].map((each) => each.getBoundingClientRect());
    return !places.some((place) => place.width >= 24 && place.height >= 23.5);
  })
  .map((one) => one.outerHTML.slice(0, 160))
"""


# Of the chat: what stands beside the window, buttons whose text does not fit, and a log too low to read in.
CUT_OFF = """(() => {
    const seen = (one) => one.checkVisibility({ visibilityProperty: true });
    const found = [...document.querySelectorAll(".chat-header, .chat-foot, #chat-box, .chat-send, .chat-tool")]
        .filter(seen)
        .filter((one) => {
            const { left, right, top, bottom } = one.getBoundingClientRect();
            return left < 0 || top < 0 || right > innerWidth + 0.5 || bottom > innerHeight + 0.5;
        });
    found.push(...[...document.querySelectorAll("button, p")]
        .filter((one) => seen(one) && !one.closest(".chat-who") && one.scrollWidth > one.clientWidth + 1));
    if (document.getElementById("chat-log").clientHeight < 48) found.push(document.getElementById("chat-log"));
    return found.map((one) => one.outerHTML.slice(0, 120));
})()"""
# Of an English text: the last character stands right of the first and of the one before it, if they are on one line,
# in whatever direction the page runs.
SCRAMBLED = """(() => {
    const place = ([node, at]) => {
        const range = document.createRange();
        range.setStart(node, at);
        range.setEnd(node, at + 1);
        return range.getBoundingClientRect();
    };
    const isScrambled = (one) => {
        const letters = [];
        const nodes = document.createTreeWalker(one, NodeFilter.SHOW_TEXT);
        while (nodes.nextNode()) {
            [...nodes.currentNode.data].forEach((letter, at) => letter.trim() && letters.push([nodes.currentNode, at]));
        }
        const last = letters.length ? place(letters.at(-1)) : null;
        return [letters[0], ...letters.slice(-2, -1)].filter(Boolean).map(place)
            .some((one) => Math.abs(one.top - last.top) < 4 && last.left < one.left);
    };
    return [...document.querySelectorAll("p:not(:has(time, button)), p *, li li, summary, legend, label, button, h1")]
        .filter((one) => one.checkVisibility({ visibilityProperty: true }) && isScrambled(one))
        .map((one) => one.outerHTML.slice(0, 160));
})()"""
# What can differ where only colours or directions do.
LOOKS = ["color-contrast", "link-in-text-block", "target-size", "scrollable-region-focusable"]
# Targets of the size that the guidelines ask for are not looked for unless one says so.
EVERYTHING = {"resultTypes": ["violations", "incomplete"], "rules": {"target-size": {"enabled": True}}}
FITS = "document.documentElement.scrollWidth <= innerWidth"


def violations(page: Page, options: dict[str, Any] | None = None) -> list[Any]:
    """Return what axe finds on the page and in its frames, in its own words, best practices included."""
    for frame in page.frames:
        if not frame.evaluate("'axe' in window"):
            frame.evaluate(AXE)
    found = page.evaluate("(options) => axe.run(options)", options or EVERYTHING)
    # A frame that has not come has nothing to test.
    is_whole = not any(frame.url.startswith("chrome-error:") for frame in page.frames)
    untested = [one for one in found["incomplete"] if one["id"] == "frame-tested" and is_whole]
    return [(one["id"], [node["html"][:300] for node in one["nodes"]]) for one in found["violations"] + untested]


def assert_accessible(page: Page) -> None:
    """Fail when axe finds anything, or when the page is wider than its window."""
    assert violations(page) == []
    assert page.evaluate(FITS), "The page scrolls sideways."


def flaws(page: Page) -> list[Any]:
    """Return what is wrong with the state that the widget is in, beside its colours in other schemes."""
    found = violations(page)
    for frame in page.frames:
        found += frame.evaluate(SMALL_TARGETS)
        if not frame.evaluate(FITS):
            found.append("It scrolls sideways.")
    return found


def flaws_of_looks(page: Page, **media: Any) -> list[Any]:
    """Return what is wrong with the same state in another scheme, where nothing but the look differs."""
    page.emulate_media(**media)
    found = violations(page, {"runOnly": LOOKS})
    page.emulate_media(**dict.fromkeys(media, "null"))
    return [(media, one) for one in found]


def flaws_from_right_to_left(page: Page) -> list[Any]:
    """Return what is wrong with the same state as readers of Arabic or Hebrew have it."""
    turn(page, "rtl")
    found = violations(page, {"runOnly": LOOKS})
    if not all(frame.evaluate(FITS) for frame in page.frames):
        found.append("It scrolls sideways.")
    # What the clinic's website says is not ours.
    for frame in page.frames:
        if "/chat/" in frame.url:
            found += frame.evaluate(SCRAMBLED)
    turn(page, "ltr")
    return [("rtl", one) for one in found]


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(params=SCREENS)
def page(request: pytest.FixtureRequest, scheme: str, browser: Browser, stack: Running, watch: Watch) -> Iterator[Page]:
    """An empty page in each scheme on each screen."""
    context = browser.new_context(base_url=stack.url, viewport=SCREENS[request.param], color_scheme=scheme)
    watch.follow(context)
    yield context.new_page()
    context.close()


def test_the_home_page(page: Page) -> None:
    page.goto("/")
    assert_accessible(page)


@pytest.fixture(scope="module")
def ann(stack: Running) -> Iterator[Member]:
    with Member.of(stack, "Ann") as member:
        yield member


@pytest.mark.parametrize("screen", SCREENS)
def test_every_state_of_the_widget(screen: str, browser: Browser, stack: Running, watch: Watch, ann: Member) -> None:
    context = browser.new_context(base_url=stack.url, viewport=SCREENS[screen], has_touch=screen == "phone")
    watch.follow(context)
    page = context.new_page()
    problems = {}
    for state in states(Stage(Chat(page), ann)):
        found = flaws(page)
        found += flaws_of_looks(page, color_scheme="dark")
        if screen == "desktop":
            found += flaws_of_looks(page, forced_colors="active")
            found += flaws_from_right_to_left(page)
        if found:
            problems[state] = found
    assert problems == {}, json.dumps(problems, indent=1)
    context.close()


@pytest.fixture(scope="module")
def pages(browser: Browser, stack: Running, staff: tuple[str, str]) -> dict[str, str]:
    """Every page of the staff, with something on each."""
    page = browser.new_page(base_url=stack.url)
    page.goto("/")
    Chat(page).open().ask("I would like to talk to a person")
    page.close()
    stack.manage(*FILL)
    return addresses(stack, staff[0])


@pytest.mark.parametrize("viewport", [SCREENS["desktop"], NARROW], ids=["desktop", "narrow"])
def test_the_staff_pages(
    viewport: ViewportSize,
    pages: dict[str, str],
    browser: Browser,
    stack: Running,
    staff: tuple[str, str],
    watch: Watch,
) -> None:
    context = browser.new_context(base_url=stack.url, viewport=viewport, color_scheme="light")
    watch.follow(context)
    page = context.new_page()
    log_in(page, *staff)
    problems = {}
    for name, address in pages.items():
        answer = page.goto(address)
        assert answer
        page.evaluate("document.querySelectorAll('main details').forEach((one) => (one.open = true))")
        found = violations(page)
        page.emulate_media(color_scheme="dark")
        # Nothing but the colours differs.
        found += violations(page, {"runOnly": LOOKS[:2]})
        page.emulate_media(color_scheme="light")
        if not answer.ok:
            found.append(answer.status)
        if not page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
            found.append("The page scrolls sideways.")
        if small := page.evaluate(SMALL_TARGETS):
            found.append(small)
        if found:
            problems[name] = found
    assert problems == {}, json.dumps(problems, indent=1)
    context.close()


@pytest.mark.parametrize("address", ["/staff/login/", "/staff/nothing-is-here/"])
def test_pages_without_a_login(address: str, page: Page) -> None:
    page.goto(address)
    assert_accessible(page)


def test_the_open_menu_and_the_list_of_keys(page: Page, staff: tuple[str, str]) -> None:
    log_in(page, *staff)
    page.goto("/staff/wording/")
    if (menu := page.locator(".menu > summary")).is_visible():
        menu.click()
        assert_accessible(page)
        page.goto("/staff/wording/")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    assert_accessible(page)


# ------------------------------------------------------------------------------------------- small screens, large text


@pytest.fixture
def small(browser: Browser, stack: Running, watch: Watch) -> Iterator[Page]:
    """The clinic's page on the smallest phone, for somebody who wants nothing to move."""
    context = browser.new_context(
        base_url=stack.url, viewport={"width": 320, "height": 568}, has_touch=True, reduced_motion="reduce"
    )
    watch.follow(context)
    opened = context.new_page()
    opened.goto("/")
    yield opened
    context.close()


def cut_off(chat: Chat) -> list[str]:
    """Return what cannot be seen or reached although it should stand on the screen."""
    return chat.evaluate(CUT_OFF)


def test_text_of_twice_the_size_on_a_small_screen(small: Page) -> None:
    enlarge_text(small)
    launcher = Chat(small).launcher.bounding_box()
    assert launcher
    assert launcher["x"] >= 0
    assert launcher["x"] + launcher["width"] <= 320
    chat = Chat(small).open()
    assert chat.evaluate("getComputedStyle(document.body).fontSize") == "32px"
    assert cut_off(chat) == []
    chat.ask("What are the side effects?")
    chat.log.locator("summary").last.click()
    assert cut_off(chat) == []
    chat.say(" ")
    expect(chat.problem).not_to_be_empty()
    assert cut_off(chat) == []
    chat.panel.get_by_role("button", name="More").click()
    chat.panel.get_by_role("button", name="End conversation").click()
    assert cut_off(chat) == []
    chat.panel.get_by_role("button", name="End it").click()
    expect(chat.panel.get_by_role("button", name="Start a new conversation")).to_be_visible()
    assert cut_off(chat) == []


def test_the_phones_keyboard_hides_neither_box_nor_button(small: Page) -> None:
    chat = Chat(small).open()
    chat.box.tap()
    small.set_viewport_size({"width": 320, "height": 300})
    expect(chat.window).to_have_css("height", "300px")
    assert cut_off(chat) == []
    small.set_viewport_size({"width": 320, "height": 568})
    expect(chat.window).to_have_css("height", "568px")


def test_what_is_used_most_is_easy_to_hit(small: Page) -> None:
    chat = Chat(small)
    heights = [height_of(chat.launcher)]
    chat.open()
    heights += [height_of(chat.panel.get_by_role("button", name=name)) for name in ("Send", "Close chat")]
    heights.append(height_of(chat.box))
    assert min(heights) >= 44, heights


def height_of(target: Locator) -> float:
    """Return the height of something to press, or its width if that is less."""
    place = target.bounding_box()
    assert place
    return min(place["width"], place["height"])


@pytest.mark.parametrize("height", [500, 650])
def test_a_low_window_holds_the_whole_chat(context: BrowserContext, height: int) -> None:
    page = context.new_page()
    page.set_viewport_size({"width": 1280, "height": height})
    page.goto("/")
    place = Chat(page).open().window.bounding_box()
    assert place
    assert place["y"] >= 0
    assert place["y"] + place["height"] <= height


def test_nothing_moves_for_those_who_want_it_so(small: Page) -> None:
    chat = Chat(small).open()
    chat.ask("Does it hurt?")
    assert chat.evaluate("document.getAnimations().length") == 0
    # A phone makes a page larger whose text box has smaller text than this.
    assert chat.evaluate("getComputedStyle(document.getElementById('chat-box')).fontSize") == "16px"


def test_a_printed_chat_is_whole(context: BrowserContext) -> None:
    page = context.new_page()
    page.set_viewport_size({"width": 700, "height": 400})
    page.goto("/chat/")
    page.get_by_label("Your message").fill("What are the side effects?")
    page.keyboard.press("Enter")
    expect(page.locator(".chat-row--bot")).to_have_count(3)
    page.emulate_media(media="print")
    expect(page.get_by_label("Your message")).to_be_hidden()
    assert page.evaluate("(log => log.scrollHeight <= log.clientHeight)(document.getElementById('chat-log'))")
    assert page.evaluate("document.documentElement.scrollHeight > innerHeight")
