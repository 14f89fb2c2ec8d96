"""The launcher on websites of others, in a real browser: its cost, what it survives, what it says when it cannot."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, FloatRect, Locator, Page, Route, expect

from tests.conftest import WEBSITE_PORT, Running
from tests.e2e.chatting import Chat, beginnings
from tests.e2e.hosting import STRICT, Website
from tests.e2e.takeover import wait_for
from tests.e2e.watching import Watch

LASTING = "How long does Dysport last?"
DESK, PHONE = {"width": 1280, "height": 860}, {"width": 390, "height": 844}
SLOW = "Not loaded yet."
# A frame that keeps to the protocol and tells the page's test what it heard.
FRAME = """<!doctype html><title>stand-in</title><input id="box"><pre id="heard"></pre><script>
onmessage = ({data, ports: [port]}) => {
  port.onmessage = ({data}) => { heard.textContent += JSON.stringify(data) + "\\n"; };
  port.postMessage({ready: 1, unread: 3, active: true});
  document.onkeydown = ({key}) => { if (key === "Escape") port.postMessage({close: 1}); };
};
</script>"""


@pytest.fixture(scope="module")
def website(stack: Running) -> Iterator[Website]:
    """A website that the bot knows."""
    with Website(stack.url, WEBSITE_PORT) as running:
        yield running


@pytest.fixture
def watch(stack: Running, website: Website) -> Iterator[Watch]:
    """Nothing is asked of anybody but the website and the bot, and no policy is violated."""
    watch = Watch(stack.url, website.url, website.near)
    yield watch
    watch.check()


@pytest.fixture
def context(browser: Browser, watch: Watch) -> Iterator[BrowserContext]:
    """A fresh browser profile on a desktop, in which nothing leaves a cookie."""
    opened = browser.new_context(viewport=DESK)
    watch.follow(opened)
    yield opened
    assert opened.cookies() == []
    opened.close()


@pytest.fixture
def loose(browser: Browser) -> Iterator[BrowserContext]:
    """A browser profile for pages that violate policies, as they are meant to."""
    opened = browser.new_context(viewport=DESK)
    yield opened
    assert opened.cookies() == []
    opened.close()


@pytest.fixture
def bare(context: BrowserContext, website: Website) -> Page:
    """A page with the one line."""
    page = context.new_page()
    page.goto(website.url + "/bare.html")
    return page


def stand_in(page: Page) -> None:
    """Put a frame of ours in the chat's place."""
    page.route("**/chat/?*", lambda route: route.fulfill(body=FRAME, content_type="text/html"))


def asked(page: Page, of: str) -> list[str]:
    """Return the list that will hold every address that the page asks of this origin."""
    found: list[str] = []
    page.on("request", lambda request: found.append(request.url) if request.url.startswith(of) else None)
    return found


def focused(page: Page) -> str:
    """Return what has the focus in the page, looked at within the launcher too."""
    return page.evaluate("() => (document.activeElement.shadowRoot || document).activeElement.localName")


def notice(page: Page) -> Locator:
    """Return what the launcher says in the chat's place."""
    return page.locator("clinic-chat").get_by_role("alert")


@pytest.mark.parametrize("name", ["bare", "strict", "rtl"])
def test_one_request_before_intent_and_at_most_three_until_it_is_open(
    context: BrowserContext, website: Website, stack: Running, name: str
) -> None:
    page = context.new_page()
    requests = asked(page, stack.url)
    page.goto(f"{website.url}/{name}.html")
    chat = Chat(page)
    expect(chat.launcher).to_be_visible()
    page.wait_for_timeout(500)
    assert requests == [f"{stack.url}/widget.js"]
    chat.launcher.click()
    expect(chat.box).to_be_focused()
    assert len(requests) <= 3


def test_a_question_is_answered_on_a_hostile_page(loose: BrowserContext, website: Website) -> None:
    page = loose.new_page()
    page.add_init_script(
        "document.addEventListener('securitypolicyviolation', (event) =>"
        " { (window.violations ||= []).push(event.sourceFile); });"
    )
    page.goto(website.url + "/hostile.html")
    expect(page.locator("#seen")).to_have_text("jQuery 1.12.4 has run.")
    chat = Chat(page)
    expect(chat.launcher).to_have_css("transform", "none")
    expect(chat.launcher).to_have_css("font-size", "16px")
    chat.open()
    assert chat.ask(LASTING)[0].startswith(beginnings("utter_results_duration"))
    chat.box.press("Escape")
    expect(chat.window).not_to_have_attribute("open", "")
    assert page.title() == "A hostile page"
    assert page.evaluate("() => [button, frame, dialog, port]") == ["the page's own", 7, None, 80]
    others = page.evaluate("() => (window.violations || []).filter((file) => !file.endsWith('/jquery.js'))")
    assert others == []


def test_by_keyboard_the_focus_goes_into_the_box_and_back(bare: Page) -> None:
    chat = Chat(bare)
    expect(chat.launcher).to_have_attribute("aria-expanded", "false")
    expect(chat.launcher).to_have_attribute("aria-haspopup", "dialog")
    bare.keyboard.press("Tab")
    expect(chat.launcher).to_be_focused()
    bare.keyboard.press("Enter")
    expect(chat.box).to_be_focused()
    expect(chat.launcher).to_have_attribute("aria-expanded", "true")
    expect(chat.launcher).to_be_hidden()
    bare.keyboard.press("Escape")
    expect(chat.launcher).to_be_focused()
    expect(chat.launcher).to_have_attribute("aria-expanded", "false")


def test_an_opener_of_the_page_gets_the_focus_back_and_its_draft_is_not_sent(
    context: BrowserContext, website: Website
) -> None:
    page = context.new_page()
    page.goto(website.url + "/strict.html")
    chat = Chat(page)
    expect(chat.launcher).to_be_visible()
    opener = page.get_by_role("link", name="Ask whether it hurts")
    opener.press("Enter")
    expect(chat.box).to_have_value("Does it hurt?")
    expect(chat.questions).to_have_count(0)
    chat.box.press("Escape")
    expect(opener).to_be_focused()
    assert page.url.endswith("/strict.html")


def test_scripts_of_the_page_open_close_and_count(bare: Page) -> None:
    stand_in(bare)
    bare.evaluate("() => { window.counts = []; window.stop = ClinicChat.onUnread((count) => counts.push(count)); }")
    bare.evaluate("() => ClinicChat.open('A draft')")
    heard = bare.frame_locator("clinic-chat iframe").locator("#heard")
    expect(heard).to_contain_text('{"open":true,"draft":"A draft"}')
    wait_for(lambda: bare.evaluate("() => counts.length"))
    assert bare.evaluate("() => counts") == [3]
    bare.evaluate("() => { stop(); ClinicChat.close(); }")
    chat = Chat(bare)
    expect(chat.launcher).to_have_accessible_name("Questions? Chat with us. New messages: 3")
    expect(chat.launcher).to_have_text("Questions? Chat with us3")
    expect(heard).to_contain_text('{"open":false}')
    assert heard.inner_text().count("A draft") == 1
    assert bare.evaluate("() => localStorage.clinicChat") == "1"
    assert bare.evaluate("() => sessionStorage.clinicChat") == ""


@pytest.mark.parametrize("option", ["async", "defer", ""])
def test_it_stands_on_the_page_once_however_often_it_is_loaded(
    context: BrowserContext, website: Website, stack: Running, option: str
) -> None:
    line = website.line(option)
    pinned = f'<script src="{stack.url}/widget/v1.js" {option}></script>'
    page = context.new_page()
    page.goto(website.add("/twice.html", head=line + pinned, body="<p>Text</p>" + line))
    chat = Chat(page)
    expect(chat.launcher).to_be_visible()
    page.evaluate(
        "(address) => new Promise((done) => { const script = document.createElement('script'); script.src = address;"
        " script.onload = done; document.body.appendChild(script); })",
        stack.url + "/widget.js",
    )
    expect(page.locator("clinic-chat")).to_have_count(1)
    chat.launcher.click()
    expect(chat.box).to_be_focused()


def test_a_pinned_line_is_held_to_its_hash(context: BrowserContext, website: Website, stack: Running) -> None:
    from clinic.widget import launcher

    held = launcher.pinned().integrity
    line = '<script src="{}/widget/v1.js" integrity="{}" crossorigin="anonymous" async></script>'
    page = context.new_page()
    page.goto(website.add("/pinned.html", head=line.format(stack.url, held)))
    expect(Chat(page).launcher).to_be_visible()
    page.goto(website.add("/other.html", head=line.format(stack.url, "sha384-" + "A" * 64), body="Text"))
    expect(page.locator("clinic-chat")).to_have_count(0)


def test_loaded_as_a_module_it_warns_once_and_does_nothing(context: BrowserContext, website: Website) -> None:
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(website.add("/module.html", head=website.line('type="module"'), body="Text"))
    page.wait_for_timeout(500)
    expect(page.locator("clinic-chat")).to_have_count(0)
    assert len(said) == 1
    assert "Needs <script src>" in said[0]


def test_it_comes_back_when_the_page_has_removed_it(bare: Page) -> None:
    stand_in(bare)
    bare.evaluate("() => document.querySelector('clinic-chat').remove()")
    bare.evaluate("() => ClinicChat.open()")
    expect(bare.locator("clinic-chat dialog")).to_be_visible()
    expect(bare.locator("clinic-chat")).to_have_count(1)


def test_it_survives_a_page_that_writes_itself_anew(bare: Page, website: Website) -> None:
    bare.evaluate(
        "(line) => { document.open(); document.write('<!doctype html><p>New</p>' + line); document.close(); }",
        website.line(""),
    )
    chat = Chat(bare)
    expect(bare.locator("clinic-chat")).to_have_count(1)
    chat.launcher.click()
    expect(chat.box).to_be_focused()


def _unlisted(page: Page, website: Website) -> str:
    return website.url.replace("localhost", "stranger.localhost") + "/bare.html"


def _failing(page: Page, website: Website) -> str:
    page.route("**/chat/?*", lambda route: route.fulfill(status=500, body="no"))
    return website.url + "/bare.html"


def _silent(page: Page, website: Website) -> str:
    def never(route: Route) -> None:
        """Let the request wait for ever."""

    page.route("**/chat/?*", never)
    return website.url + "/bare.html"


def _cut(page: Page, website: Website) -> str:
    page.route("**/chat/?*", lambda route: route.abort())
    return website.url + "/bare.html"


def _forbidden(page: Page, website: Website) -> str:
    policy = STRICT.replace("frame-src {service}", "frame-src 'none'")
    return website.add("/no-frames.html", head=website.line(), policy=policy)


def hurried(context: BrowserContext) -> Page:
    """Return a page whose animations take a tenth of their time, the sentence that comes after a while among them."""
    page = context.new_page()
    line = context.new_cdp_session(page)
    line.send("Animation.enable")
    line.send("Animation.setPlaybackRate", {"playbackRate": 10})
    return page


def within_border(box: FloatRect) -> FloatRect:
    """Return the place that a border of one pixel leaves."""
    return {"x": box["x"] + 1, "y": box["y"] + 1, "width": box["width"] - 2, "height": box["height"] - 2}


@pytest.mark.parametrize("why", [_unlisted, _failing, _silent, _cut, _forbidden])
def test_where_the_chat_cannot_come_a_sentence_says_so(
    loose: BrowserContext, website: Website, stack: Running, why: Callable[[Page, Website], str]
) -> None:
    page = hurried(loose)
    problems: list[str] = []
    page.on("pageerror", lambda problem: problems.append(str(problem)))
    page.goto(why(page, website))
    chat = Chat(page)
    chat.launcher.click()
    expect(notice(page)).to_contain_text(SLOW, timeout=8_000)
    link = notice(page).get_by_role("link", name="Open in a new tab")
    expect(link).to_have_attribute("href", re.compile(f"^{re.escape(stack.url)}/chat/plain/"))
    expect(link).to_have_attribute("target", "_blank")
    # The frame, which shows an error or nothing, is not seen beside it.
    inner, outer = notice(page).bounding_box(), chat.window.bounding_box()
    assert inner
    assert outer
    assert inner == pytest.approx(within_border(outer))
    # The sentence has the focus when it is there for good.
    expect(chat.window).to_be_focused()
    page.keyboard.press("Escape")
    expect(chat.launcher).to_be_focused()
    page.keyboard.press("Enter")
    notice(page).get_by_role("button", name="Close").click(timeout=8_000)
    expect(chat.launcher).to_be_visible()
    assert problems == []


def test_it_is_tried_again_on_request(loose: BrowserContext, website: Website) -> None:
    page = loose.new_page()
    page.goto(_failing(page, website))
    chat = Chat(page)
    chat.launcher.click()
    again = notice(page).get_by_role("button", name="Try again")
    expect(again).to_be_visible(timeout=8_000)
    page.unroute("**/chat/?*")
    again.click()
    expect(chat.box).to_be_focused()
    expect(notice(page)).to_be_hidden()


def test_it_opens_where_nothing_can_be_stored(context: BrowserContext, website: Website) -> None:
    context.add_init_script(
        "for (const name of ['localStorage', 'sessionStorage'])"
        " Object.defineProperty(window, name, {get() { throw new DOMException('blocked', 'SecurityError'); }});"
    )
    page = context.new_page()
    page.goto(website.url + "/bare.html")
    chat = Chat(page)
    chat.launcher.click()
    expect(chat.box).to_be_focused()


def test_an_open_chat_is_open_on_the_next_page_and_leaves_the_focus_alone(bare: Page, website: Website) -> None:
    stand_in(bare)
    chat = Chat(bare)
    chat.launcher.click()
    expect(chat.window).to_have_attribute("open", "")
    bare.goto(website.url + "/strict.html")
    expect(chat.window).to_have_attribute("open", "")
    expect(notice(bare)).to_be_hidden()
    assert focused(bare) == "body"
    bare.evaluate("() => ClinicChat.close()")
    expect(chat.launcher).to_be_focused()


def test_where_a_conversation_goes_on_the_frame_is_loaded_after_the_page(bare: Page) -> None:
    stand_in(bare)
    bare.evaluate("() => { localStorage.clinicChat = '1'; }")
    bare.reload()
    chat = Chat(bare)
    expect(chat.launcher).to_have_accessible_name("Questions? Chat with us. New messages: 3")
    expect(chat.launcher).to_be_visible()


def test_on_a_phone_it_takes_the_screen_and_on_a_desk_its_corner(bare: Page) -> None:
    stand_in(bare)
    bare.set_viewport_size(PHONE)
    bare.evaluate("() => { document.documentElement.style.overflow = 'clip'; }")
    chat = Chat(bare)
    chat.launcher.click()
    expect(chat.window).to_have_css("width", f"{PHONE['width']}px")
    expect(chat.window).to_have_css("height", f"{PHONE['height']}px")
    is_modal = "(dialog) => dialog.matches(':modal')"
    assert chat.window.evaluate(is_modal)
    overflow = "() => document.documentElement.style.overflow"
    assert bare.evaluate(overflow) == "hidden"
    # The style sheet is in force before the script hears of the change.
    bare.set_viewport_size(DESK)
    expect(chat.window).to_have_css("width", "392px")
    wait_for(lambda: not chat.window.evaluate(is_modal))
    wait_for(lambda: bare.evaluate(overflow) == "clip")
    bare.set_viewport_size(PHONE)
    expect(chat.window).to_have_css("width", f"{PHONE['width']}px")
    wait_for(lambda: chat.window.evaluate(is_modal))
    bare.keyboard.press("Escape")
    expect(chat.window).to_be_hidden()
    expect(chat.launcher).to_be_focused()
    wait_for(lambda: bare.evaluate(overflow) == "clip")


def test_it_fits_a_narrow_screen_with_text_of_twice_the_size(context: BrowserContext, website: Website) -> None:
    page = context.new_page()
    page.set_viewport_size({"width": 320, "height": 640})
    context.new_cdp_session(page).send("Page.setFontSizes", {"fontSizes": {"standard": 32, "fixed": 26}})
    page.goto(website.url + "/bare.html")
    chat = Chat(page)
    expect(chat.launcher).to_have_css("font-size", "32px")
    box = chat.launcher.bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 320
    assert page.evaluate("() => document.documentElement.scrollWidth") == 320


def test_options_of_the_tag_count_and_wrong_ones_are_named(context: BrowserContext, website: Website) -> None:
    options = (
        'data-position="left" data-accent="#702" data-accent-text="#ffeedd" data-label="Ask Willow" data-lang="es"'
    )
    page = context.new_page()
    stand_in(page)
    page.goto(website.add("/options.html", head=website.line(options)))
    chat = Chat(page)
    expect(chat.launcher).to_have_css("left", "20px")
    expect(chat.launcher).to_have_css("background-color", "rgb(119, 0, 34)")
    expect(chat.launcher).to_have_css("color", "rgb(255, 238, 221)")
    expect(chat.launcher).to_have_accessible_name("Ask Willow")
    chat.launcher.click()
    expect(chat.window).to_have_css("left", "20px")
    expect(page.locator("clinic-chat iframe")).to_have_attribute("src", re.compile(r"lang=es&dir=ltr$"))

    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    wrong = 'data-position="top" data-accent="red;position:static"'
    page.goto(website.add("/wrong.html", head=website.line(wrong)))
    expect(chat.launcher).to_have_css("background-color", "rgb(47, 93, 86)")
    assert said == ["Ignored position top", "Ignored accent red;position:static"]


def test_the_dark_look_is_for_those_who_want_dark(context: BrowserContext, website: Website) -> None:
    page = context.new_page()
    page.emulate_media(color_scheme="dark")
    page.goto(website.url + "/bare.html")
    expect(Chat(page).launcher).to_have_css("background-color", "rgb(156, 201, 189)")


def test_it_is_not_printed(bare: Page) -> None:
    expect(Chat(bare).launcher).to_be_visible()
    bare.emulate_media(media="print")
    expect(Chat(bare).launcher).to_be_hidden()


def test_a_page_from_right_to_left_keeps_its_direction(context: BrowserContext, website: Website) -> None:
    page = context.new_page()
    page.goto(website.url + "/rtl.html")
    chat = Chat(page)
    expect(chat.launcher).to_have_css("direction", "rtl")
    expect(chat.launcher).to_have_css("left", "20px")
    chat.launcher.click()
    expect(page.frame_locator("clinic-chat iframe").locator("html")).to_have_attribute("dir", "rtl")


def test_nothing_but_the_list_of_sites_may_show_the_chat(stack: Running, website: Website) -> None:
    policy = httpx.get(stack.url + "/chat/").headers["Content-Security-Policy"]
    allowed = policy.partition("frame-ancestors ")[2].partition(";")[0].split()
    assert sorted(allowed) == sorted(["'self'", website.url, website.near])
