"""Staff step into a conversation and out again: what the visitor reads, and that the bot keeps quiet meanwhile."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import BrowserContext, expect

from bench.member import Member
from tests.conftest import Running
from tests.e2e.chatting import ANSWER_MS, PERSON, Chat, beginnings
from tests.e2e.takeover import Box, age, hanging_brain, replica, says, wait_for
from tests.scenarios import conversation
from tests.scenarios.conversation import Turn, Visitor

LASTING = "How long does it last?"
HURTS = "Does it hurt?"
LAST = ["utter_results_duration"]
PAIN = ["utter_pain_anesthesia"]
ANN_SPEAKS = "You are talking with Ann from the clinic"
# A page that the phone has put to sleep: hidden, and later shown again.
SHOW = """(shown) => {
    Object.defineProperty(document, "hidden", {configurable: true, get: () => !shown});
    Object.defineProperty(document, "visibilityState", {configurable: true, get: () => shown ? "visible" : "hidden"});
    document.dispatchEvent(new Event("visibilitychange"));
}"""


@pytest.fixture(scope="module")
def ann(stack: Running) -> Iterator[Member]:
    with Member.of(stack, "Ann") as member:
        yield member


@pytest.fixture(scope="module")
def bo(stack: Running) -> Iterator[Member]:
    with Member.of(stack, "Bo") as member:
        yield member


@pytest.fixture(scope="module")
def http(stack: Running) -> Iterator[httpx.Client]:
    """A client that may measure."""
    headers = {"Measuring-Key": stack.measuring_key}
    with httpx.Client(base_url=stack.url, headers=headers, timeout=60, trust_env=False) as client:
        yield client


@pytest.fixture
def visitor(http: httpx.Client) -> Visitor:
    """A visitor by HTTP."""
    return Visitor(http, {})


@pytest.fixture
def box(chat: Chat, http: httpx.Client) -> Box:
    """The conversation of the chat box."""
    return Box(chat, http)


@pytest.fixture
def with_ann(chat: Chat, box: Box, ann: Member) -> Chat:
    """A chat box whose conversation Ann has taken over."""
    assert ann.take(box.id).status_code == 200
    expect(chat.panel.get_by_text(ANN_SPEAKS)).to_be_visible()
    return chat


def shown(visitor: Visitor, sender: str) -> list[str]:
    """Return what the visitor has read from one kind of sender."""
    return [message["text"] for message in visitor.everything() if message["sender"] == sender]


# ------------------------------------------------------------------------------------------------- the bot is silent


def test_the_bot_is_silent_from_the_click_on(visitor: Visitor, ann: Member) -> None:
    assert says(visitor, LASTING) == LAST
    before = shown(visitor, "bot")
    ann.take(visitor.conversation)
    for text in (HURTS, "Side effects?", "Can I book a visit?"):
        got = visitor.take(Turn("visitor", text))
        assert (got.replies, got.owner) == ((), "staff")
        assert got.asked
        assert got.asked["understood"], "the gate goes on reading"
    assert shown(visitor, "bot") == before


def test_an_answer_under_way_is_never_shown(chat: Chat, box: Box, ann: Member, stack: Running) -> None:
    with hanging_brain(stack):
        chat.say(LASTING)
        expect(chat.panel.get_by_text("The assistant is typing")).to_be_visible()
        ann.take(box.id)
        expect(chat.panel.get_by_text(ANN_SPEAKS)).to_be_visible()
        expect(chat.panel.get_by_text("The assistant is typing")).to_be_hidden()
    wait_for(lambda: box.is_answered(LASTING))
    ann.reply(box.id, "Hello, Ann here.")
    expect(chat.staff).to_have_count(1)
    expect(chat.answers).to_have_count(1)
    chat.page.reload()
    expect(chat.staff).to_have_count(1)
    expect(chat.answers).to_have_count(1)


def test_an_answer_under_way_is_never_shown_when_another_replica_takes_over(
    visitor: Visitor, ann: Member, stack: Running
) -> None:
    with replica(stack) as other, ann.at(other) as elsewhere:
        with hanging_brain(stack):
            turn = threading.Thread(target=visitor.take, args=(Turn("visitor", LASTING),))
            turn.start()
            wait_for(lambda: shown(visitor, "visitor"))
            elsewhere.take(visitor.conversation)
        turn.join(30)
        assert len(shown(visitor, "bot")) == 1
        elsewhere.reply(visitor.conversation, "Hello, Ann here.")
        assert shown(visitor, "staff") == ["Hello, Ann here."]


def test_of_two_who_click_at_once_one_has_it(http: httpx.Client, ann: Member, bo: Member) -> None:
    for _ in range(10):
        visitor = Visitor(http, {})
        start = threading.Barrier(2)
        answers: dict[str, httpx.Response] = {}

        def click(
            member: Member,
            visitor: Visitor = visitor,
            start: threading.Barrier = start,
            answers: dict[str, httpx.Response] = answers,
        ) -> None:
            start.wait()
            answers[member.name] = member.take(visitor.conversation)

        clicks = [threading.Thread(target=click, args=(member,)) for member in (ann, bo)]
        for one in clicks:
            one.start()
        for one in clicks:
            one.join()
        assert sorted(answer.status_code for answer in answers.values()) == [200, 409]
        [winner] = [name for name, answer in answers.items() if answer.status_code == 200]
        [loser] = set(answers) - {winner}
        assert f"This conversation is with {winner}" in answers[loser].text
        [joined] = shown(visitor, "system")
        assert joined.startswith(winner)
        second = {"Ann": ann, "Bo": bo}[loser]
        assert second.reply(visitor.conversation, "And me.").status_code == 409
        assert shown(visitor, "staff") == []


def test_the_bot_stays_silent_after_an_hour_of_silence(visitor: Visitor, ann: Member, stack: Running) -> None:
    assert says(visitor, LASTING) == LAST
    ann.take(visitor.conversation)
    ann.reply(visitor.conversation, "Hello, Ann here.")
    age(stack, visitor.conversation, 61)
    got = visitor.take(Turn("visitor", HURTS))
    assert (got.replies, got.owner) == ((), "staff")


@pytest.mark.parametrize(
    "text", ["/restart", "restart", "/session_start", "/back", "/human_request", "start over please"]
)
def test_no_command_brings_the_bot_back(visitor: Visitor, ann: Member, text: str) -> None:
    assert says(visitor, LASTING) == LAST
    ann.take(visitor.conversation)
    for _ in range(2):
        got = visitor.take(Turn("visitor", text))
        assert (got.replies, got.owner) == ((), "staff")
    assert says(visitor, HURTS) == []


def test_buttons_of_an_old_bubble_do_not_bring_the_bot_back(visitor: Visitor, ann: Member) -> None:
    ann.take(visitor.conversation)
    for place in (1, 2, 3):
        got = visitor.take(Turn("press", place))
        assert (got.status, got.replies, got.owner) == (202, (), "staff")


def test_buttons_are_not_offered_while_staff_speak(with_ann: Chat) -> None:
    expect(with_ann.log.locator(".chat-choice").first).to_be_hidden()
    expect(with_ann.panel.get_by_role("button", name=PERSON)).to_be_hidden()
    expect(with_ann.panel.get_by_role("button", name="Book a visit")).to_be_hidden()


def test_an_emergency_is_answered_by_an_automatic_notice(with_ann: Chat, box: Box) -> None:
    with_ann.say("I cannot breathe properly")
    expect(with_ann.answers).to_have_count(2, timeout=ANSWER_MS)
    expect(with_ann.answers.last).to_contain_text("911")
    assert box.read()["owner"] == "staff"


# ------------------------------------------------------------------------------------------------- who speaks


def test_the_visitor_sees_who_speaks_and_who_comes_and_goes(chat: Chat, box: Box, ann: Member) -> None:
    expect(chat.panel.get_by_text("Automated assistant", exact=True)).to_be_visible()
    chat.ask(LASTING)
    expect(chat.log.locator(".chat-row--bot .chat-who").first).to_contain_text("Assistant")
    ann.take(box.id)
    expect(chat.notices.last).to_contain_text("Ann has joined this chat")
    expect(chat.panel.get_by_text(ANN_SPEAKS)).to_be_visible()
    ann.type(box.id)
    expect(chat.panel.get_by_text("Ann is typing")).to_be_visible()
    ann.reply(box.id, "About four months for most people.")
    expect(chat.staff).to_have_text(["About four months for most people."])
    expect(chat.panel.get_by_text("Ann is typing")).to_be_hidden()
    row = chat.log.locator(".chat-row--staff")
    expect(row.locator(".chat-who")).to_contain_text("Ann from the clinic")
    expect(row.locator(".chat-who svg")).to_be_visible()
    ann.give_back(box.id)
    expect(chat.notices.last).to_contain_text("Ann has left this chat")
    expect(chat.panel.get_by_text("Automated assistant", exact=True)).to_be_visible()
    assert chat.ask(HURTS)[0].startswith(beginnings("utter_pain_anesthesia"))


def test_who_takes_over_from_a_colleague_is_named(chat: Chat, box: Box, ann: Member, bo: Member) -> None:
    ann.take(box.id)
    ann.reply(box.id, "One moment.")
    ann.give_back(box.id)
    bo.take(box.id)
    bo.reply(box.id, "I can help.")
    expect(chat.panel.get_by_text("You are talking with Bo from the clinic")).to_be_visible()
    who = chat.log.locator(".chat-row--staff .chat-who")
    expect(who).to_contain_text(["Ann from the clinic", "Bo from the clinic"])


def test_nothing_tells_which_account_of_staff_it_is(visitor: Visitor, ann: Member) -> None:
    ann.take(visitor.conversation)
    ann.reply(visitor.conversation, "Hello, Ann here.")
    headers = {"Authorization": f"Bearer {visitor.tokens['own']}"}
    whole = visitor.http.get(f"{conversation.API}/messages", headers=headers)
    assert (whole.json()["owner"], whole.json()["owner_name"]) == ("staff", "Ann")
    assert not re.search(r"staff:\d|ann-[0-9a-f]{8}", whole.text)


@pytest.mark.usefixtures("box")
def test_the_visitor_who_types_is_told_of_seldom_and_without_text(chat: Chat) -> None:
    told: list[str] = []
    chat.page.on("request", lambda request: told.append(request.post_data or "") if "/typing" in request.url else None)
    chat.box.press_sequentially("how much is it", delay=20)
    wait_for(lambda: told)
    chat.box.press("Enter")
    assert chat.answers_after(1)
    assert told == ['{"on":true}', '{"on":false}']


def test_staff_see_that_the_visitor_types(chat: Chat, box: Box, ann: Member) -> None:
    with ann.http.stream("GET", "/staff/stream", params={"conversation": box.id}) as response:
        lines = response.iter_lines()
        assert any(line == "event: conversation" for line in lines)
        chat.box.press_sequentially("how")
        assert any(line == "event: typing" for line in lines)
        told = json.loads(next(lines).removeprefix("data: "))
        assert (told["id"], told["on"]) == (box.id, True)


# ------------------------------------------------------------------------------------------------- the reply arrives


def test_a_reply_is_there_after_a_reload(with_ann: Chat, box: Box, ann: Member) -> None:
    ann.reply(box.id, "First.")
    with_ann.page.goto("about:blank")
    ann.reply(box.id, "Second.")
    with_ann.page.goto("/")
    expect(with_ann.staff).to_have_text(["First.", "Second."])
    expect(with_ann.panel.get_by_text(ANN_SPEAKS)).to_be_visible()


def test_a_reply_is_there_when_a_sleeping_phone_wakes(with_ann: Chat, box: Box, ann: Member) -> None:
    [_, frame] = with_ann.page.frames
    frame.evaluate(SHOW, False)
    ann.reply(box.id, "While you were away.")
    assert with_ann.staff.count() == 0
    frame.evaluate(SHOW, True)
    expect(with_ann.staff).to_have_text(["While you were away."])


def test_a_reply_is_there_when_the_line_is_back(context: BrowserContext, with_ann: Chat, box: Box, ann: Member) -> None:
    context.set_offline(True)
    with_ann.say("Are you there?")
    expect(with_ann.sent(0)).to_contain_text("Will be sent when you are back online")
    ann.reply(box.id, "While you were away.")
    context.set_offline(False)
    expect(with_ann.staff).to_have_text(["While you were away."])
    expect(with_ann.sent(0)).to_contain_text("Sent")


def test_a_reply_through_one_replica_reaches_a_tab_at_another(
    chat: Chat, box: Box, ann: Member, stack: Running
) -> None:
    with replica(stack) as other, ann.at(other) as elsewhere:
        # Sooner than the stream's own look, which comes every 15 seconds.
        elsewhere.take(box.id)
        expect(chat.panel.get_by_text(ANN_SPEAKS)).to_be_visible(timeout=8_000)
        elsewhere.reply(box.id, "From next door.")
        expect(chat.staff).to_have_text(["From next door."], timeout=8_000)
        chat.say(LASTING)
        wait_for(lambda: box.is_answered(LASTING))
        expect(chat.answers).to_have_count(1)


def test_the_newest_reply_is_in_sight(with_ann: Chat, box: Box, ann: Member) -> None:
    with_ann.say(LASTING)
    for number in range(12):
        ann.reply(box.id, f"Number {number}.")
    expect(with_ann.staff.last).to_have_text("Number 11.")
    expect(with_ann.staff.last).to_be_in_viewport(ratio=1)


def test_a_reply_sent_twice_is_shown_once(with_ann: Chat, box: Box, ann: Member) -> None:
    same = "6f1c2f9e-6d5a-4c55-9d4e-0f6f5c9c7a10"
    assert [ann.reply(box.id, "Once.", same).status_code for _ in range(3)] == [200, 200, 200]
    ann.reply(box.id, "Done.")
    expect(with_ann.staff).to_have_text(["Once.", "Done."])


# ------------------------------------------------------------------------------------------------- giving back, closing


def test_given_back_the_bot_is_right_at_once_and_answers_no_backlog(visitor: Visitor, ann: Member) -> None:
    assert says(visitor, "I would like to talk to a person")
    ann.take(visitor.conversation)
    for text in ("Is Ann there?", HURTS, "What areas can be treated?"):
        assert says(visitor, text) == []
    ann.reply(visitor.conversation, "All good now.")
    before = shown(visitor, "bot")
    ann.give_back(visitor.conversation)
    assert says(visitor, LASTING) == LAST
    assert says(visitor, HURTS) == PAIN
    assert len(shown(visitor, "bot")) == len(before) + 2


def test_a_message_under_way_when_staff_give_back_is_left_to_them(
    visitor: Visitor, ann: Member, stack: Running
) -> None:
    ann.take(visitor.conversation)
    with hanging_brain(stack):
        turn = threading.Thread(target=visitor.take, args=(Turn("visitor", LASTING),))
        turn.start()
        wait_for(lambda: shown(visitor, "visitor"))
        ann.give_back(visitor.conversation)
    turn.join(30)
    assert len(shown(visitor, "bot")) == 1
    assert says(visitor, HURTS) == PAIN


def test_a_closed_conversation_shows_its_end_and_offers_a_new_one(with_ann: Chat, box: Box, ann: Member) -> None:
    chat = with_ann
    ann.reply(box.id, "Good bye.")
    chat.box.fill("One more thing")
    ann.close(box.id)
    expect(chat.panel.get_by_text("This conversation has ended", exact=True)).to_be_visible()
    expect(chat.notices.last).to_contain_text("closed")
    expect(chat.panel.get_by_role("group", name="Was this chat helpful?")).to_be_visible()
    chat.box.press("Enter")
    expect(chat.problem).to_contain_text("This conversation has ended")
    expect(chat.box).to_have_value("One more thing")
    chat.page.evaluate("window.stayed = true")
    chat.panel.get_by_role("button", name="Start a new conversation").click()
    expect(chat.answers).to_have_count(1, timeout=ANSWER_MS)
    expect(chat.staff).to_have_count(0)
    expect(chat.box).to_have_value("One more thing")
    chat.box.press("Enter")
    expect(chat.answers).not_to_have_count(1, timeout=ANSWER_MS)
    expect(chat.questions.locator(".chat-text")).to_have_text("One more thing")


def test_what_was_sent_too_late_goes_back_into_the_box(
    context: BrowserContext, with_ann: Chat, box: Box, ann: Member
) -> None:
    chat = with_ann
    context.set_offline(True)
    chat.say("First thing")
    chat.say("Second thing")
    chat.box.fill("Third thing")
    ann.close(box.id)
    context.set_offline(False)
    expect(chat.panel.get_by_role("button", name="Start a new conversation")).to_be_visible()
    expect(chat.box).to_have_value("First thing\nSecond thing\nThird thing")
    expect(chat.questions).to_have_count(0)


def test_a_closed_conversation_is_still_read_after_a_reload(with_ann: Chat, box: Box, ann: Member) -> None:
    ann.reply(box.id, "Good bye.")
    ann.close(box.id)
    expect(with_ann.panel.get_by_text("This conversation has ended", exact=True)).to_be_visible()
    with_ann.page.reload()
    expect(with_ann.staff).to_have_text(["Good bye."])
    expect(with_ann.panel.get_by_role("button", name="Start a new conversation")).to_be_visible()


def test_closing_ends_the_token(visitor: Visitor, ann: Member, stack: Running) -> None:
    ann.take(visitor.conversation)
    ann.close(visitor.conversation)
    got = visitor.take(Turn("visitor", LASTING))
    assert (got.status, got.problem["code"]) == (410, "conversation_closed")
    assert shown(visitor, "system")
    age(stack, visitor.conversation, 15)
    headers = {"Authorization": f"Bearer {visitor.tokens['own']}"}
    for path in ("messages", "stream"):
        gone = visitor.http.get(f"{conversation.API}/{path}", headers=headers)
        assert gone.status_code == 410, gone.text
        assert gone.json()["code"] == "conversation_gone"
