"""Taking a conversation over, answering, giving it back, closing it: one owner each time, and a silent bot."""

from __future__ import annotations

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clinic.accounts.models import User
from clinic.accounts.roles import Role
from clinic.conversations import book, takeover, turn, wake
from clinic.conversations.models import Conversation, Message
from clinic.handoffs.models import HandOff
from clinic.outbox.models import Delivery
from clinic.practice import facts
from tests.clinic.conftest import FakeBrain, Visitor, answer, wait_for

CONTESTED = 500
FORM = {"slots": {"contact_status": None}, "active_form": "contact_form", "requested_slot": "contact_name"}


def user(name: str, **fields: Any) -> User:
    return User.objects.create_user(name, role=Role.FRONT_DESK, first_name=name.title(), **fields)


@pytest.fixture
def ann(transactional_db: None) -> User:
    return user("ann")


@pytest.fixture
def ben(transactional_db: None) -> User:
    return user("ben")


def row(visitor: Visitor) -> Conversation:
    return Conversation.objects.get(pk=visitor.id)


def seen(visitor: Visitor, after: int = 0) -> list[tuple[str, str]]:
    return [(one["sender"], one["text"]) for one in visitor.get(after)["messages"]]


def answered(visitor: Visitor, count: int) -> None:
    wait_for(lambda: Message.objects.filter(conversation=visitor.id, turn__in=("answered", "failed")).count() == count)


def write(conversation: Conversation, text: str = "hello") -> Message:
    return book.store_visitor_message(conversation.pk, uuid.uuid4(), text, None).message


def hand_off(kind: str) -> list[dict[str, Any]]:
    return [{"type": "hand_off", "kind": kind, "reason": "intent:x"}]


# --------------------------------------------------------------------------- one owner


@pytest.mark.django_db
def test_of_two_who_click_at_once_one_has_it_each_time(ann: User, ben: User) -> None:
    """The figure of the project: 500 times two threads, each with a connection of its own."""

    def click(who: User, conversation: uuid.UUID) -> str:
        barrier.wait(30)
        try:
            return takeover.take_over(conversation, who).owner
        except takeover.AlreadyTaken as error:
            return f"with {error.owner_name}"

    barrier = threading.Barrier(2)
    won = {"Ann": 0, "Ben": 0}
    with ThreadPoolExecutor(2) as pool:
        try:
            for _ in range(CONTESTED):
                conversation, _greeting = book.begin()
                clicks = [pool.submit(click, who, conversation.pk) for who in (ann, ben)]
                results = [one.result(60) for one in clicks]
                owner = Conversation.objects.get(pk=conversation.pk).owner
                [winner] = [who for who in (ann, ben) if takeover.owner_of(who) == owner]
                assert sorted(results) == sorted([owner, f"with {winner.staff_name}"])
                won[winner.staff_name] += 1
        finally:
            for _ in range(2):
                pool.submit(lambda: (barrier.wait(30), connection.close()))
    assert sum(won.values()) == CONTESTED
    assert Message.objects.filter(response="utter_staff_joined").count() == CONTESTED
    assert set(Conversation.objects.values_list("epoch", flat=True)) == {1}


def test_the_second_one_is_told_who_has_it_and_the_first_one_just_gets_it(
    visitor: Visitor, ann: User, ben: User
) -> None:
    takeover.take_over(visitor.id, ann)
    assert takeover.take_over(visitor.id, ann).epoch == 1
    with pytest.raises(takeover.AlreadyTaken) as refused:
        takeover.take_over(visitor.id, ben)
    assert (refused.value.owner_name, refused.value.owner) == ("Ann", f"staff:{ann.pk}")
    assert seen(visitor)[1:] == [("system", "Ann has joined.")]
    assert visitor.get()["owner"] == "staff"


def test_it_is_taken_from_the_colleague_who_was_named_and_from_nobody_else(
    visitor: Visitor, ann: User, ben: User
) -> None:
    takeover.take_over(visitor.id, ann)
    carla = user("carla")
    assert takeover.take_over(visitor.id, ben, taking_from=f"staff:{ann.pk}").owner == f"staff:{ben.pk}"
    # Carla's page still showed Ann.
    with pytest.raises(takeover.AlreadyTaken) as refused:
        takeover.take_over(visitor.id, carla, taking_from=f"staff:{ann.pk}")
    assert refused.value.owner_name == "Ben"
    with pytest.raises(takeover.NotYours):
        takeover.reply(visitor.id, ann, "Still me?", uuid.uuid4())
    assert seen(visitor)[1:] == [("system", "Ann has joined."), ("system", "Ben has joined.")]


def test_from_somebody_who_has_left_it_can_be_taken(visitor: Visitor, ann: User, ben: User) -> None:
    takeover.take_over(visitor.id, ann)
    owner = f"staff:{ann.pk}"
    ann.delete()
    with pytest.raises(takeover.AlreadyTaken, match="somebody who does not work here any more"):
        takeover.take_over(visitor.id, ben)
    assert takeover.take_over(visitor.id, ben, taking_from=owner).owner == f"staff:{ben.pk}"


def test_a_swap_against_another_epoch_writes_nothing(visitor: Visitor, ann: User) -> None:
    conversation = row(visitor)
    before = takeover._hand(conversation, takeover.owner_of(ann))
    Conversation.objects.update(epoch=before + 1)
    with pytest.raises(book.ConversationGone):
        takeover._save(conversation, before)
    assert row(visitor).owner == "bot"


def test_there_is_no_taking_of_what_is_not_there(ann: User) -> None:
    with pytest.raises(book.ConversationGone):
        takeover.take_over(uuid.uuid4(), ann)


# --------------------------------------------------------------------------- what staff write


def test_staff_write_under_the_name_of_that_moment(visitor: Visitor, ann: User) -> None:
    takeover.take_over(visitor.id, ann)
    said = takeover.reply(visitor.id, ann, "  Hello there.\r\nHow are you?\x00 ", uuid.uuid4())
    User.objects.filter(pk=ann.pk).update(spoken_name="Dr. Ann")
    said.refresh_from_db()
    assert (said.sender, said.author, said.author_name) == ("staff", ann, "Ann")
    assert said.text == "Hello there.\nHow are you?"
    assert seen(visitor)[-1] == ("staff", said.text)


def test_one_id_is_one_message(visitor: Visitor, ann: User, ben: User) -> None:
    takeover.take_over(visitor.id, ann)
    client_id = uuid.uuid4()
    first = takeover.reply(visitor.id, ann, "Hello.", client_id)
    assert takeover.reply(visitor.id, ann, "Hello. ", client_id) == first
    with pytest.raises(book.IdReused):
        takeover.reply(visitor.id, ann, "Another text.", client_id)
    takeover.give_back(visitor.id, ann)
    # A retry whose answer was lost on the way is told that it has been sent.
    assert takeover.reply(visitor.id, ann, "Hello.", client_id) == first
    with pytest.raises(book.IdReused):
        takeover.reply(visitor.id, ben, "Hello.", client_id)
    assert Message.objects.filter(sender="staff").count() == 1


def test_twenty_clicks_at_once_are_one_message(visitor: Visitor, ann: User) -> None:
    takeover.take_over(visitor.id, ann)
    client_id = uuid.uuid4()

    def click(_: int) -> int:
        try:
            return takeover.reply(visitor.id, ann, "Hello.", client_id).seq
        finally:
            connection.close()

    with ThreadPoolExecutor(5) as pool:
        assert len(set(pool.map(click, range(20)))) == 1
    assert Message.objects.filter(sender="staff").count() == 1


@pytest.mark.parametrize("text", ["", "  \n", "\x00", "\u200b\u200b", "x" * 6_001])
def test_an_empty_or_endless_text_is_refused(visitor: Visitor, ann: User, text: str) -> None:
    takeover.take_over(visitor.id, ann)
    with pytest.raises(takeover.BadText):
        takeover.reply(visitor.id, ann, text, uuid.uuid4())


def test_nobody_writes_in_a_conversation_that_is_not_theirs(visitor: Visitor, ann: User, ben: User) -> None:
    with pytest.raises(takeover.NotYours) as refused:
        takeover.reply(visitor.id, ann, "Hello.", uuid.uuid4())
    assert refused.value.owner_name == ""
    takeover.take_over(visitor.id, ben)
    with pytest.raises(takeover.NotYours) as refused:
        takeover.reply(visitor.id, ann, "Hello.", uuid.uuid4())
    assert refused.value.owner_name == "Ben"
    with pytest.raises(takeover.NotYours):
        takeover.give_back(visitor.id, ann)
    with pytest.raises(takeover.AlreadyTaken):
        takeover.close(visitor.id, ann)
    takeover.close(visitor.id, ben)
    with pytest.raises(takeover.NotYours):
        takeover.reply(visitor.id, ben, "One more thing.", uuid.uuid4())


# --------------------------------------------------------------------------- the bot is silent


def test_restart_old_buttons_and_an_hour_of_silence_leave_the_bot_silent(
    visitor: Visitor, ann: User, fake_brain: FakeBrain
) -> None:
    takeover.take_over(visitor.id, ann)
    visitor.post("/restart")
    visitor.post("restart")
    visitor.post(choice={"seq": 1, "button": 0})
    answered(visitor, 3)
    hour = timedelta(minutes=61)
    for one in Message.objects.all():
        Message.objects.filter(pk=one.pk).update(created_at=one.created_at - hour)
    Conversation.objects.update(last_message_at=timezone.now() - hour)
    visitor.post("is it safe")
    answered(visitor, 4)
    assert {sender for sender, _ in seen(visitor, 2)} == {"visitor"}
    assert Message.objects.filter(suppressed=True).count() == 4
    assert row(visitor).state is None


def test_a_message_to_staff_is_no_answer_to_a_form(visitor: Visitor, ann: User, fake_brain: FakeBrain) -> None:
    fake_brain.reply = lambda _: answer(state=FORM)
    visitor.say("talk to a person")
    takeover.take_over(visitor.id, ann)
    visitor.post("Wanda")
    answered(visitor, 2)
    state = fake_brain.turns[1]["state"]
    assert (state["active_form"], state["requested_slot"]) == (None, None)
    # The gate reads what came before, too.
    assert fake_brain.turns[1]["context"]["recent"] == ["talk to a person"]
    assert row(visitor).state == FORM


def test_an_emergency_under_staff_is_told_how_to_get_help_and_alerts(
    visitor: Visitor, ann: User, fake_brain: FakeBrain
) -> None:
    takeover.take_over(visitor.id, ann)
    fake_brain.reply = lambda _: answer("emergency", "utter_emergency", effects=hand_off("emergency"))
    visitor.say("I cannot breathe")
    assert seen(visitor)[-1] == ("bot", "Call 911 now.")
    assert row(visitor).urgency == 0
    assert Delivery.objects.filter(urgent=True).exists()


# --------------------------------------------------------------------------- giving back


def test_given_back_the_first_and_second_answers_are_right(visitor: Visitor, ann: User, fake_brain: FakeBrain) -> None:
    fake_brain.reply = lambda _: answer(state=FORM)
    visitor.say("talk to a person")
    takeover.take_over(visitor.id, ann)
    visitor.post("my name is Wanda")
    answered(visitor, 2)
    takeover.reply(visitor.id, ann, "Hello Wanda.", uuid.uuid4())
    given = takeover.give_back(visitor.id, ann)
    assert (given.owner, given.waiting_since, given.last_topic) == ("bot", None, None)
    assert seen(visitor)[-1] == ("system", "Ann has left.")
    fake_brain.reply = lambda _: answer()
    [first] = visitor.say("is it safe")
    assert first["text"] == "Small amounts are used."
    asked = fake_brain.turns[2]
    assert asked["state"]["active_form"] is None
    assert (asked["context"]["recent"], asked["context"]["last_topic"]) == ([], None)
    assert asked["context"]["last_route"] is None
    [second] = visitor.say("and again")
    assert second["text"] == "Small amounts are used."
    assert fake_brain.turns[3]["context"]["recent"] == ["is it safe"]
    assert fake_brain.turns[3]["context"]["last_topic"] == "safety"


def test_the_backlog_is_not_answered(visitor: Visitor, ann: User, fake_brain: FakeBrain) -> None:
    """Messages whose turn has not begun, or not ended, when staff give back: read by the gate, not answered."""
    takeover.take_over(visitor.id, ann)
    asked, go = threading.Event(), threading.Event()

    def held(_: dict[str, Any]) -> Any:
        asked.set()
        go.wait(10)
        return answer("booking", effects=hand_off("booking"))

    fake_brain.reply = held
    visitor.post("one")
    visitor.post("two")
    assert asked.wait(5)
    takeover.give_back(visitor.id, ann)
    go.set()
    answered(visitor, 2)
    assert seen(visitor)[-1] == ("system", "Ann has left.")
    assert Message.objects.filter(sender="bot", suppressed=True).count() == 2
    assert row(visitor).state is None
    # What the gate found is kept all the same.
    assert HandOff.objects.get().kind == "booking"


def test_an_emergency_in_the_backlog_is_answered(visitor: Visitor, ann: User, fake_brain: FakeBrain) -> None:
    takeover.take_over(visitor.id, ann)
    asked, go = threading.Event(), threading.Event()

    def held(_: dict[str, Any]) -> Any:
        asked.set()
        go.wait(10)
        return answer("emergency", "utter_emergency", effects=hand_off("emergency"))

    fake_brain.reply = held
    visitor.post("I cannot breathe")
    assert asked.wait(5)
    takeover.give_back(visitor.id, ann)
    go.set()
    answered(visitor, 1)
    assert seen(visitor)[-1] == ("bot", "Call 911 now.")
    assert (row(visitor).owner, row(visitor).urgency) == ("waiting", 0)


def test_an_answer_under_way_belongs_to_the_epoch_that_is_over(
    visitor: Visitor, ann: User, fake_brain: FakeBrain
) -> None:
    """Taken and given back within one turn: the answer from before is not shown."""
    asked, go = threading.Event(), threading.Event()

    def held(_: dict[str, Any]) -> Any:
        asked.set()
        go.wait(10)
        return answer()

    fake_brain.reply = held
    visitor.post("is it safe")
    assert asked.wait(5)
    takeover.take_over(visitor.id, ann)
    takeover.give_back(visitor.id, ann)
    go.set()
    answered(visitor, 1)
    assert Message.objects.get(sender="bot", in_reply_to=2).suppressed


# --------------------------------------------------------------------------- closing


def test_what_is_closed_stays_closed(visitor: Visitor, ann: User, ben: User) -> None:
    takeover.take_over(visitor.id, ann)
    closed = takeover.close(visitor.id, ann)
    assert closed.closed_at is not None
    assert takeover.close(visitor.id, ben).epoch == closed.epoch
    for deed in (takeover.take_over, takeover.give_back):
        with pytest.raises((book.ConversationGone, takeover.NotYours)):
            deed(visitor.id, ann)
    with pytest.raises(book.ConversationGone):
        book.store_visitor_message(visitor.id, uuid.uuid4(), "hello?", None)
    last = Message.objects.filter(conversation=visitor.id).order_by("-seq")[0]
    assert (last.sender, last.text) == ("system", "The chat is over.")


def test_a_conversation_of_the_bot_can_be_closed_in_the_middle_of_a_turn(
    visitor: Visitor, ann: User, fake_brain: FakeBrain
) -> None:
    asked, go = threading.Event(), threading.Event()

    def held(_: dict[str, Any]) -> Any:
        asked.set()
        go.wait(10)
        return answer()

    fake_brain.reply = held
    visitor.post("is it safe")
    assert asked.wait(5)
    takeover.close(visitor.id, ann)
    go.set()
    answered(visitor, 1)
    assert Message.objects.get(sender="bot", in_reply_to=2).suppressed
    assert row(visitor).owner == "closed"


# --------------------------------------------------------------------------- what the staff pages sort by


@pytest.mark.django_db
def test_waiting_since_is_since_when_nobody_has_answered(ann: User) -> None:
    conversation, _ = book.begin()
    write(conversation)
    assert _row(conversation).waiting_since is None
    takeover.take_over(conversation.pk, ann)
    first = write(conversation)
    write(conversation)
    assert _row(conversation).waiting_since == first.created_at
    takeover.reply(conversation.pk, ann, "Hello.", uuid.uuid4())
    assert _row(conversation).waiting_since is None
    write(conversation)
    takeover.give_back(conversation.pk, ann)
    assert _row(conversation).waiting_since is None
    Conversation.objects.update(owner="waiting")
    third = write(conversation)
    assert _row(conversation).waiting_since == third.created_at
    takeover.close(conversation.pk, ann)
    assert _row(conversation).waiting_since is None


def _row(conversation: Conversation) -> Conversation:
    return Conversation.objects.get(pk=conversation.pk)


@pytest.mark.parametrize("taken", [False, True])
def test_after_hours_is_who_wrote_while_the_clinic_was_closed(
    visitor: Visitor, ann: User, monkeypatch: pytest.MonkeyPatch, taken: bool
) -> None:
    if taken:
        takeover.take_over(visitor.id, ann)
    found = []
    for number, is_open in enumerate((True, False, True), start=1):
        monkeypatch.setattr("clinic.practice.hours.Hours.is_open", lambda *_, now=is_open: now)
        visitor.post()
        answered(visitor, number)
        found.append(row(visitor).is_after_hours)
    assert found == [False, True, True]


def test_the_lowest_confidence_is_that_of_typed_questions_to_the_bot(
    visitor: Visitor, ann: User, fake_brain: FakeBrain
) -> None:
    def with_confidence(value: float, route: str = "answer") -> None:
        found = {**answer(route)["understood"], "confidence": value}
        fake_brain.reply = lambda _: answer(route, understood=found)

    found = []
    for route, value in (("smalltalk", 0.1), ("answer", 0.8), ("out_of_scope", 0.4), ("answer", 0.9)):
        with_confidence(value, route)
        visitor.say()
        found.append(row(visitor).lowest_confidence)
    assert found == [None, 0.8, 0.4, 0.4]
    with_confidence(0.2)
    visitor.post(choice={"seq": 1, "button": 0})
    answered(visitor, 5)
    assert row(visitor).lowest_confidence == 0.4
    takeover.take_over(visitor.id, ann)
    visitor.post()
    answered(visitor, 6)
    assert row(visitor).lowest_confidence == 0.4


def test_a_message_costs_the_same_queries_whoever_has_the_conversation(visitor: Visitor, ann: User) -> None:
    facts.snapshot()

    def cost() -> int:
        with CaptureQueriesContext(connection) as counted:
            book.store_visitor_message(visitor.id, uuid.uuid4(), "hello", None)
        return len(counted)

    Conversation.objects.update(lease_token=uuid.uuid4(), lease_until=timezone.now() + timedelta(hours=1))
    before = cost()
    takeover.take_over(visitor.id, ann)
    assert cost() == before


# --------------------------------------------------------------------------- typing


@pytest.mark.django_db
def test_typing_is_heard_at_once_and_news_of_the_book_after_the_commit() -> None:
    heard: list[Any] = []

    def listener(*news: Any) -> None:
        heard.append(news)

    one = uuid.uuid4()
    wake.listen(listener)
    try:
        wake.typing(one, "staff", True)
        wake.typing(one, "visitor", False)
    finally:
        wake.stop_listening(listener)
    assert heard == [(one, wake.News("staff", True)), (one, wake.News("visitor", False))]


# SQLite has one web process.
@pytest.mark.only_on("postgresql")
@pytest.mark.django_db(transaction=True)
def test_another_process_hears_of_typing_and_of_the_book() -> None:
    one = uuid.uuid4()
    with psycopg.connect(**_address(), autocommit=True) as other:
        other.execute(f"LISTEN {wake.CHANNEL}")
        wake.typing(one, "staff", True)
        wake.announce(one)
        wake.announce(one, typing=False)
        heard = [wake.parse(notice.payload) for notice in other.notifies(timeout=10, stop_after=3)]
    assert heard == [(one, wake.News("staff", True)), (one, wake.News()), (one, wake.News("bot", False))]


def _address() -> dict[str, Any]:
    known = connection.get_connection_params()
    return {name: known[name] for name in ("host", "user", "dbname")}


@pytest.mark.parametrize("payload", ["", "x", f"{uuid.uuid4()}:", f"{uuid.uuid4()}:cat:1", f"{uuid.uuid4()}:bot:2"])
def test_a_notice_that_nobody_here_made_is_no_news(payload: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        wake.parse(payload)


def test_a_notice_says_who_types() -> None:
    one = uuid.uuid4()
    assert wake.parse(f"{one}") == (one, wake.News())
    assert wake.parse(f"{one}:staff:1") == (one, wake.News("staff", True))
    assert wake.parse(f"{one}:bot:0") == (one, wake.News("bot", False))


def test_dead_turns_under_staff_stay_silent_when_another_process_takes_them_up(
    visitor: Visitor, ann: User, fake_brain: FakeBrain
) -> None:
    takeover.take_over(visitor.id, ann)
    book.store_visitor_message(visitor.id, uuid.uuid4(), "is it safe", None)
    past = timezone.now() - timedelta(seconds=60)
    Message.objects.filter(sender="visitor").update(created_at=past)
    Conversation.objects.update(lease_until=past)
    turn.run_pending_turns(visitor.id)
    assert Message.objects.get(sender="bot", in_reply_to=3).suppressed
