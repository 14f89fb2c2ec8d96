"""The chat as a page without scripts, over a real socket."""

from __future__ import annotations

import re
import threading
from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import httpx
import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError
from django.utils import timezone

from clinic.accounts.models import User
from clinic.conversations import ending, takeover
from clinic.conversations.models import BOT, CLOSED, Conversation, Message
from clinic.visitors import consent, desk, tokens
from clinic.widget import strings
from clinic.widget.plain import form, wait
from tests.clinic.conftest import FakeBrain, answer, wait_for
from tests.clinic.widget.plain_pages import PLACE, Plain

HOSTILE = "</textarea></p><script>alert(1)</script><img src=x onerror=alert(1)>\"'&lt;"
TEXT_LIMIT = 6_000


@pytest.fixture
def http(clinic: httpx.Client, address: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[httpx.Client]:
    """A browser at the running clinic's pages, with limits out of the way."""
    cache.clear()
    for name in list(settings.ENV):
        if name.startswith(("LIMIT_MESSAGES", "LIMIT_CONVERSATIONS")):
            monkeypatch.setitem(settings.ENV, name, 10_000)
    with httpx.Client(base_url=address, timeout=15) as client:
        yield client
    cache.clear()


@pytest.fixture
def fresh(http: httpx.Client) -> Plain:
    """The page before anything was written."""
    return Plain.open(http)


@pytest.fixture
def begun(fresh: Plain) -> Plain:
    """The page after a first answer."""
    page = fresh.send("is it safe")
    assert "Small amounts are used." in page.html
    return page


def only() -> Conversation:
    """Return the one conversation that there is."""
    return Conversation.objects.get()


def said() -> list[str]:
    """Return what visitors have said, in order."""
    return list(Message.objects.filter(sender="visitor").order_by("pk").values_list("text", flat=True))


def newest(page: Plain) -> str:
    """Return what stands at the place that the browser goes to."""
    return page.html.partition('id="newest"')[2].partition("</li>")[0]


def problem(page: Plain) -> str:
    """Return the sentence that says why something was refused."""
    found = re.search(r'role="alert" id="newest">([^<]*)<', page.html)
    return found[1] if found else ""


# Before the first message


def test_the_page_shows_the_greeting_the_notice_topics_and_the_box(fresh: Plain) -> None:
    assert fresh.answer.status_code == 200
    assert "Hello from" in fresh.html
    assert strings.of("chat", "en")["consent"] in fresh.html
    assert fresh.buttons["choice-0-0"] == "Safety"
    assert fresh.box == ""
    assert {"send", "person", "book"} <= set(fresh.buttons)
    assert not {"look", "end", "new"} & set(fresh.buttons)


def test_a_get_stores_nothing(http: httpx.Client) -> None:
    for query in ({}, {"lang": "es"}, {"token": tokens.issue(uuid4(), timezone.now())[0]}):
        Plain.open(http, **query)
    assert not Conversation.objects.exists()
    assert not Message.objects.exists()


def test_every_answer_has_its_headers_and_sets_no_cookie(fresh: Plain, http: httpx.Client) -> None:
    pages = [
        fresh,
        fresh.send("is it safe"),
        fresh.send(" "),
        fresh.send("x", headers={"Origin": "https://evil.example"}),
    ]
    for page in pages:
        headers = page.answer.headers
        style = page.html.partition("<style>")[2].partition("</style>")[0]
        directives = dict(one.split(" ", 1) for one in headers["Content-Security-Policy"].split("; "))
        assert directives.pop("style-src") == f"'sha256-{_base64(style)}'"
        assert directives == {
            "default-src": "'none'",
            "img-src": "'self'",
            "form-action": "'self'",
            "frame-ancestors": "'none'",
            "base-uri": "'none'",
        }
        assert headers["Cache-Control"] == "no-store"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "Set-Cookie" not in headers
        assert "Cookie" not in headers.get("Vary", "")
        assert "script" not in page.read.tags
        assert " on" not in "".join(re.findall(r"<[a-z]+( on[a-z]+)=", page.html))
    assert not http.cookies


def _base64(text: str) -> str:
    return b64encode(sha256(text.encode()).digest()).decode()


def test_other_methods_are_refused(http: httpx.Client) -> None:
    assert http.put(PLACE).status_code == 405
    assert http.head(PLACE).status_code == 200


# Sending


def test_a_question_is_answered_in_the_same_answer(begun: Plain) -> None:
    assert begun.answer.status_code == 200
    assert "Small amounts are used." in newest(begun)
    assert begun.read.title.startswith("New answer")
    assert begun.box == ""
    assert begun.read.ids.count("newest") == 1
    assert said() == ["is it safe"]


def test_the_consent_is_recorded_with_its_language_and_wording(http: httpx.Client) -> None:
    Plain.open(http, lang="es").send("is it safe")
    book = only()
    assert (book.consent_text_id, book.consent_language) == (consent.TEXT_ID, "es")
    assert book.consent_text_version == consent.wording("es")
    assert book.consent_at is not None


def test_the_token_travels_in_the_body_alone(begun: Plain) -> None:
    token = begun.read.hidden["token"]
    assert tokens.read(token) == only().pk
    assert begun.html.count(token) == 1
    assert str(begun.answer.url).endswith(PLACE)
    assert begun.read.action == f"{PLACE}#newest"


def test_a_conversation_goes_on(begun: Plain) -> None:
    page = begun.send("and does it hurt")
    assert said() == ["is it safe", "and does it hurt"]
    assert only().last_seq == 5
    assert page.read.hidden["token"] == begun.read.hidden["token"]
    assert page.read.hidden["page"] != begun.read.hidden["page"]


def test_a_topic_under_the_greeting_is_pressed(fresh: Plain) -> None:
    page = fresh.press("choice-0-0")
    assert said() == ["Safety"]
    assert Message.objects.get(sender="visitor").choice == {"seq": 1, "button": 0, "intent": "safety"}
    assert "choice-1-0" not in page.buttons


def test_a_topic_that_the_stored_greeting_lacks_is_said_instead(fresh: Plain) -> None:
    fresh.press("choice-0-0", **{"choice-0-0": "Something else"})
    assert said() == ["Something else"]
    assert Message.objects.get(sender="visitor").choice is None


def test_every_button_of_the_last_answer_can_be_pressed(fresh: Plain, fake_brain: FakeBrain) -> None:
    buttons = [{"intent": "safety"}, {"intent": "human_request"}]
    fake_brain.reply = lambda turn: answer(replies=[{"response": "utter_safety", "values": {}, "buttons": buttons}])
    page = fresh.send("hello")
    assert page.buttons["choice-3-0"] == "Safety"
    assert page.buttons["choice-3-1"] == "Talk to staff"
    page = page.press("choice-3-1", "still typing this")
    assert said() == ["hello", "Talk to staff"]
    assert page.box == "still typing this"
    assert not {"choice-3-0", "choice-3-1"} & set(page.buttons)


@pytest.mark.parametrize(("button", "text"), [("person", "talkToPersonMessage"), ("book", "bookMessage")])
def test_a_person_and_a_visit_are_one_press_away(fresh: Plain, button: str, text: str) -> None:
    page = fresh.press(button, "my draft")
    assert said() == [strings.of("chat", "en")[text]]
    assert page.box == "my draft"


def test_a_form_without_a_button_sends(fresh: Plain) -> None:
    """Browsers that send a form at the enter key name no button."""
    fields = {**fresh.read.hidden, "text": "is it safe"}
    assert "Small amounts" in fresh.http.post(PLACE, data=fields).text
    assert said() == ["is it safe"]


def test_lines_end_as_they_were_typed(fresh: Plain) -> None:
    page = fresh.send("one\ntwo")
    assert said() == ["one\ntwo"]
    assert "one<br>two" in page.html


# The same thing twice


def test_a_first_message_that_is_sent_twice_is_stored_once(fresh: Plain) -> None:
    pages = [fresh.send("is it safe") for _ in range(2)]
    assert [page.answer.status_code for page in pages] == [200, 200]
    assert said() == ["is it safe"]
    assert pages[1].html.count("Small amounts are used.") == 1


def test_two_clicks_at_once_begin_one_conversation(fresh: Plain) -> None:
    start = threading.Barrier(4)

    def click(_: int) -> Plain:
        start.wait()
        return fresh.send("is it safe")

    with ThreadPoolExecutor(4) as pool:
        pages = list(pool.map(click, range(4)))
    assert {page.answer.status_code for page in pages} == {200}
    assert said() == ["is it safe"]
    assert only().last_seq == 3


def test_a_later_message_and_a_press_that_are_sent_twice_are_stored_once(begun: Plain) -> None:
    for _ in range(2):
        begun.send("does it hurt")
        begun.press("person")
    assert said() == ["is it safe", "does it hurt", strings.of("chat", "en")["talkToPersonMessage"]]


def test_what_was_changed_after_going_back_is_a_new_message(begun: Plain) -> None:
    begun.send("does it hurt")
    begun.send("does it hurt much")
    assert said()[1:] == ["does it hurt", "does it hurt much"]


# What is refused, each time with the text in the box


def refused(page: Plain, status: int, sentence: str, text: str) -> None:
    """Fail unless the page refuses with this sentence and keeps the text."""
    assert page.answer.status_code == status
    assert sentence in problem(page)
    assert page.box == text
    assert page.read.title.startswith("Not done yet")


def test_an_empty_message_is_refused_and_begins_nothing(fresh: Plain) -> None:
    refused(fresh.send("  \n "), 422, "There was no text.", "  \n ")
    assert not Conversation.objects.exists()


@pytest.mark.parametrize("length", [TEXT_LIMIT + 1, 50_000])
def test_a_message_that_is_too_long_is_refused(fresh: Plain, length: int) -> None:
    text = "ñ\n" + "x" * (length - 2)
    refused(fresh.send(text), 422, "That is too long.", text)
    assert not Conversation.objects.exists()


def test_a_body_beyond_all_bounds_is_cut_and_refused(begun: Plain) -> None:
    page = begun.send("x" * (form.MOST_BYTES + 10))
    assert page.answer.status_code == 422
    assert "too long" in problem(page)
    assert page.read.hidden["token"] == begun.read.hidden["token"]
    assert said() == ["is it safe"]


def test_the_longest_message_is_taken(fresh: Plain) -> None:
    fresh.send("ñ" * TEXT_LIMIT)
    assert said() == ["ñ" * TEXT_LIMIT]


def test_too_many_messages_are_refused(begun: Plain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(settings.ENV, "LIMIT_MESSAGES_PER_MINUTE", 1)
    page = begun.send("does it hurt")
    refused(page, 429, "That was too fast.", "does it hurt")
    assert int(page.answer.headers["Retry-After"]) <= 60
    assert "is it safe" in page.html
    assert "look" in page.buttons


def test_too_many_conversations_are_refused_and_the_same_page_may_try_again(
    fresh: Plain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(settings.ENV, "LIMIT_CONVERSATIONS_PER_HOUR_AND_ADDRESS", 0)
    page = fresh.send("is it safe")
    refused(page, 429, "That was too fast.", "is it safe")
    assert not Conversation.objects.exists()
    assert page.read.hidden["ticket"] == fresh.read.hidden["ticket"]
    monkeypatch.setitem(settings.ENV, "LIMIT_CONVERSATIONS_PER_HOUR_AND_ADDRESS", 10)
    assert "Small amounts" in page.send("is it safe").html


def test_too_many_deeds_are_refused(begun: Plain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clinic.visitors.limits.DEEDS_PER_MINUTE", 0)
    refused(begun.press("end", "draft"), 429, "That was too fast.", "draft")
    assert only().ended_at is None


@pytest.mark.parametrize(
    "forge", [lambda token: "forged", lambda token: token[:-1] + ("A" if token[-1] != "A" else "B")]
)
def test_a_forged_token_opens_nothing(begun: Plain, forge: Any) -> None:
    page = begun.send("does it hurt", token=forge(begun.read.hidden["token"]))
    refused(page, 410, "This conversation is over.", "does it hurt")
    assert "is it safe" not in page.html
    assert "ticket" in page.read.hidden
    assert said() == ["is it safe"]


@pytest.mark.parametrize("button", ["look", "end", "rate-good", "choice-1-0", "person"])
def test_no_button_does_anything_with_a_forged_token(begun: Plain, button: str) -> None:
    page = begun.press(button, token="forged")
    assert page.answer.status_code == 410
    assert "is it safe" not in page.html
    assert said() == ["is it safe"]


def test_a_ticket_is_no_token_and_a_token_no_ticket(begun: Plain, fresh: Plain) -> None:
    ticket, token = fresh.read.hidden["ticket"], begun.read.hidden["token"]
    assert fresh.press("look", token=ticket).answer.status_code == 410
    refused(fresh.send("again", ticket=token), 422, "long time", "again")
    refused(fresh.send("again", ticket="forged"), 422, "long time", "again")
    assert said() == ["is it safe"]


def test_a_ticket_that_is_too_old_asks_for_another_press(fresh: Plain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(form, "TICKET_LIFETIME", timedelta(0))
    page = fresh.send("is it safe")
    refused(page, 422, "long time", "is it safe")
    assert page.read.hidden["ticket"] != fresh.read.hidden["ticket"]
    monkeypatch.undo()
    assert not Conversation.objects.exists()


def test_a_notice_that_has_changed_is_shown_before_anything_is_stored(fresh: Plain) -> None:
    page = fresh.send("is it safe", consent="0123456789abcdef")
    refused(page, 422, "The notice below has changed.", "is it safe")
    assert not Conversation.objects.exists()
    page.send("is it safe")
    assert only().consent_text_version == consent.wording("en")


def test_a_button_that_does_not_exist_is_refused(begun: Plain) -> None:
    for button in ("choice-1-99", "choice-99-0", "choice-999999999-0"):
        refused(begun.press(button, "draft"), 422, "could not be read", "draft")
    assert said() == ["is it safe"]


def test_a_form_that_cannot_be_read_is_refused(fresh: Plain, http: httpx.Client) -> None:
    many = urlencode({**fresh.read.hidden, "text": "is it safe", **{f"a{number}": "1" for number in range(1_000)}})
    for body in (b"", b"\xff\xfe%zz", many.encode(), b"token=&text=%00"):
        answered = http.post(PLACE, content=body, headers={"Content-Type": "application/x-www-form-urlencoded"})
        assert answered.status_code == 422
    assert not Conversation.objects.exists()


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_form_of_another_site_is_refused(begun: Plain, fresh: Plain, headers: dict[str, str]) -> None:
    for page in (begun, fresh):
        answered = page.press("send", "does it hurt", headers=headers)
        assert answered.answer.status_code == 403
        assert "another website" in problem(answered)
        assert "is it safe" not in answered.html
    assert said() == ["is it safe"]


def test_our_own_form_is_taken_however_the_browser_names_it(begun: Plain, address: str) -> None:
    for headers in ({"Origin": address}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}):
        assert begun.press("look", headers=headers).answer.status_code == 200


def test_a_conversation_that_is_gone_leaves_the_text(begun: Plain) -> None:
    Conversation.objects.all().delete()
    page = begun.send("does it hurt")
    refused(page, 410, "This conversation is over.", "does it hurt")
    assert "ticket" in page.read.hidden
    assert page.send("does it hurt").answer.status_code == 200
    assert said() == ["does it hurt"]


def test_a_conversation_that_staff_have_closed_takes_nothing_and_keeps_the_text(begun: Plain) -> None:
    Conversation.objects.update(owner=CLOSED, closed_at=timezone.now())
    page = begun.send("does it hurt")
    refused(page, 410, "The clinic has closed this conversation.", "does it hurt")
    assert "is it safe" in page.html
    assert "send" not in page.buttons
    again = page.press("new", page.box or "")
    assert again.box == "does it hurt"
    assert "is it safe" not in again.html
    assert "token" not in again.read.hidden


def test_a_conversation_ended_long_ago_is_gone(begun: Plain) -> None:
    Conversation.objects.update(ended_at=timezone.now() - timedelta(minutes=16))
    page = begun.press("look", "draft")
    refused(page, 410, "This conversation is over.", "draft")
    assert "is it safe" not in page.html


def test_a_failure_leaves_the_text_and_says_so(begun: Plain, monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    def fail(*_: Any) -> None:
        raise DatabaseError("secret words")

    monkeypatch.setattr(desk, "post", fail)
    refused(begun.send("does it hurt"), 500, "did not work", "does it hurt")
    assert "secret words" not in caplog.text
    assert "DatabaseError" in caplog.text


# Waiting for the answer


def test_an_answer_that_takes_long_is_looked_for(
    fresh: Plain, fake_brain: FakeBrain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wait, "LONGEST_SECONDS", 0.2)
    go_on = threading.Event()
    fake_brain.reply = lambda turn: go_on.wait(10) and answer()
    page = fresh.send("is it safe")
    assert "on its way" in page.html
    assert page.read.title.startswith("The answer is on its way")
    assert "is it safe" in newest(page)
    go_on.set()
    wait_for(lambda: Message.objects.filter(sender="bot", in_reply_to=2).exists())
    page = page.press("look", "half a thought")
    assert "Small amounts are used." in newest(page)
    assert page.box == "half a thought"


def test_no_more_wait_at_once_than_may(fresh: Plain, fake_brain: FakeBrain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wait, "_places", threading.BoundedSemaphore(1))
    wait._places.acquire()
    go_on = threading.Event()
    fake_brain.reply = lambda turn: go_on.wait(10) and answer()
    assert "on its way" in fresh.send("is it safe").html
    go_on.set()
    wait_for(lambda: Message.objects.filter(sender="bot", in_reply_to=2).exists())


def test_a_place_to_wait_is_given_back(begun: Plain) -> None:
    for number in range(3):
        begun = begun.send(f"question {number}")
    assert wait._places._value == wait.AT_ONCE  # type: ignore[attr-defined]


def test_an_answer_of_another_process_is_found_without_news(fake_brain: FakeBrain, transactional_db: None) -> None:
    book = Conversation.objects.create(created_at=timezone.now(), last_message_at=timezone.now())
    message = Message.objects.create(
        conversation=book, seq=1, sender="visitor", text="x", created_at=timezone.now(), turn=Message.Turn.RUNNING
    )
    done = threading.Timer(0.2, lambda: Message.objects.filter(pk=message.pk).update(turn=Message.Turn.ANSWERED))
    done.start()
    assert wait.until_answered(book.pk)
    done.join()


def test_an_emergency_is_answered_at_once(fresh: Plain, fake_brain: FakeBrain) -> None:
    fake_brain.reply = lambda turn: answer(
        "emergency", replies=[{"response": "utter_emergency", "values": {}, "buttons": []}]
    )
    page = fresh.send("I cannot breathe")
    assert 'Call <a href="tel:911">911</a> now.' in newest(page)


def test_the_number_for_emergencies_is_always_there(fresh: Plain, begun: Plain) -> None:
    for page in (fresh, begun):
        assert 'Not for emergencies: call <a href="tel:911">911</a>.' in page.html


# Staff, end and rating


def test_what_staff_write_is_there_after_a_look(begun: Plain, django_user_model: type[User]) -> None:
    user = django_user_model.objects.create_user("morgan", first_name="Morgan", spoken_name="Morgan")
    Message.objects.filter(sender="bot").update(buttons=[{"title": "Safety", "intent": "safety"}])
    assert "choice-3-0" in begun.press("look").buttons
    takeover.take_over(only().pk, user)
    page = begun.press("look")
    assert "You are talking with Morgan" in page.html
    assert set(page.buttons) == {"send", "look", "end"}
    takeover.reply(only().pk, user, "Good <b>morning</b>", uuid4())
    page = page.press("look")
    assert "Good &lt;b&gt;morning&lt;/b&gt;" in page.html
    assert "Morgan from the clinic" in page.html


def test_a_visitor_ends_the_conversation_and_rates_it(begun: Plain) -> None:
    page = begun.press("end")
    assert only().ended_at is not None
    assert page.read.title.startswith("Chat ended")
    assert "You have ended the chat." in page.html
    assert "is it safe" in page.html
    assert page.box is None
    assert "send" not in page.buttons
    page = page.press("rate-bad")
    assert only().rating == "bad"
    assert "Thank you" in page.html
    page = page.press("rate-good")
    assert only().rating == "good"
    assert page.buttons["rate-good"].startswith("✓")
    fresh = page.press("new")
    assert "ticket" in fresh.read.hidden
    assert "is it safe" not in fresh.html


def test_what_is_typed_at_the_end_is_kept(begun: Plain) -> None:
    page = begun.press("end", "one more thing")
    assert page.box == "one more thing"
    assert page.press("rate-good", page.box).box == "one more thing"


def test_nothing_can_be_sent_to_a_conversation_that_was_ended(begun: Plain) -> None:
    ending.end(only().pk)
    page = begun.send("does it hurt")
    assert page.answer.status_code == 410
    assert page.box == "does it hurt"
    assert said() == ["is it safe"]


def test_look_end_and_rate_do_nothing_without_a_conversation(fresh: Plain) -> None:
    for button in ("look", "end", "rate-good"):
        page = fresh.press(button, "draft")
        assert page.answer.status_code == 200
        assert page.box == "draft"
    assert not Conversation.objects.exists()


# What the page says


def test_hostile_texts_are_shown_as_text(fresh: Plain, fake_brain: FakeBrain) -> None:
    page = fresh.send(HOSTILE)
    assert said() == [HOSTILE]
    Message.objects.filter(sender="bot").update(
        text=HOSTILE, buttons=[{"title": HOSTILE, "intent": "safety"}], sources=[{"document": HOSTILE, "passage": "x"}]
    )
    page = page.press("look", HOSTILE, lang=HOSTILE, page=HOSTILE, consent=HOSTILE)
    assert page.box == HOSTILE
    assert page.buttons["choice-3-0"] == HOSTILE
    assert not {"script", "b"} & set(page.read.tags)
    assert page.read.tags.count("img") == 0
    assert page.read.tags.count("textarea") == 1


def test_sources_and_the_label_mark_are_shown(begun: Plain) -> None:
    Message.objects.filter(sender="bot").update(label_pending=True)
    page = begun.press("look")
    assert "Guide: Safety" in page.html
    assert page.html.count("A clinician has not signed off this wording yet.") == 2
    assert "<details" in page.html


def test_addresses_are_links_in_answers_and_not_in_questions(begun: Plain) -> None:
    Message.objects.filter(sender="bot", seq=3).update(text="See https://clinic.example/a.\nCall 911, not 9115.")
    begun.send("https://evil.example/ 911")
    page = begun.press("look")
    assert '<a href="https://clinic.example/a">https://clinic.example/a</a>.' in page.html
    assert '<a href="tel:911">911</a>, not 9115.' in page.html
    assert 'href="https://evil.example' not in page.html


def test_the_page_speaks_spanish(http: httpx.Client) -> None:
    page = Plain.open(http, lang="es-MX")
    assert '<html lang="es"' in page.html
    assert "Ir al cuadro de mensaje" in page.html
    page = page.send("is it safe")
    assert '<html lang="es"' in page.html
    assert page.buttons["look"] == "Buscar respuesta"
    assert re.search(r"hoy, \d+:\d\d [ap]\. m\.", page.html)


def test_every_text_of_the_page_stands_in_every_language() -> None:
    templates = [(strings.SOURCE / name).read_text() for name in ("plain.html", "plain_entry.html", "plain_line.html")]
    used = set(re.findall(r"\bt\.(\w+)", "".join(templates)))
    assert len(used) > 10
    for language in strings.by_language():
        known = strings.of("chat", language) | strings.of("plain", language)
        assert used - set(known) == set()
        assert set(strings.of("plain", language)) == set(strings.of("plain", "en"))


def test_a_long_conversation_is_shown_whole(begun: Plain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "PAGE", 2)
    for number in range(3):
        begun = begun.send(f"question {number}")
    assert all(f"question {number}" in begun.html for number in range(3))
    assert begun.html.count("<li class=") == 9


def test_ids_are_signed_for_one_purpose(fresh: Plain) -> None:
    identity = form.read_ticket(fresh.read.hidden["ticket"])
    assert isinstance(identity, UUID)
    assert tokens.read(fresh.read.hidden["ticket"]) is None
    fresh.send("is it safe")
    assert only().pk == identity
    assert only().owner == BOT
