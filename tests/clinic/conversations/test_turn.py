"""The turn: what the brain is asked, what is written, and what happens when something breaks."""

from __future__ import annotations

import threading
import time
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from clinic.accounts.models import User
from clinic.accounts.roles import Role
from clinic.conversations import book, brain, effects, takeover, turn
from clinic.conversations.models import Conversation, Message, Understanding
from clinic.conversations.runner import sweep
from clinic.handoffs.models import HandOff
from clinic.outbox.models import Delivery
from tests.clinic.conftest import KEY, FakeBrain, Visitor, answer, wait_for

MEASURING = {"Measuring-Key": KEY}


def hand_off(kind: str) -> list[dict[str, Any]]:
    return [{"type": "hand_off", "kind": kind, "reason": "intent:x"}]


def test_a_message_is_answered_and_understood(visitor: Visitor) -> None:
    [reply] = visitor.say("is it safe")
    assert reply["text"] == "Small amounts are used."
    assert reply["sources"] == [{"document": "Guide", "passage": "Safety"}]
    asked = visitor.get(1)["messages"][0]
    assert asked["understood"]["route"] == "answer"
    assert asked["turn"] == "answered"
    assert asked["handoff"] is None
    assert asked["milliseconds"] > 0


def test_the_next_turn_gets_state_topic_and_recent_messages(visitor: Visitor, fake_brain: FakeBrain) -> None:
    visitor.say("one")
    visitor.say("two")
    second = fake_brain.turns[1]
    assert second["state"] == {"slots": {}}
    context = second["context"]
    assert (context["last_topic"], context["last_route"], context["recent"]) == ("safety", "answer", ["one"])
    assert context["open"] is (context["next_opening"] is None)
    assert second["conversation"] == str(visitor.id)


@pytest.mark.parametrize("typed", ["/restart", ' /foo{"x":1}', "\u200b//x", "\n / /y"])
def test_no_typed_text_reaches_the_brain_as_a_command(visitor: Visitor, fake_brain: FakeBrain, typed: str) -> None:
    visitor.say(typed)
    assert fake_brain.turns[0]["text"][0] not in "/ \n\u200b"


def test_a_pressed_button_travels_as_its_intent(visitor: Visitor, fake_brain: FakeBrain) -> None:
    posted = visitor.post(id=str(uuid.uuid4()), choice={"seq": 1, "button": 1})
    assert posted.status_code == 202
    wait_for(lambda: fake_brain.turns)
    assert fake_brain.turns[0]["choice"] == {"intent": "human_request"}
    assert fake_brain.turns[0]["text"] == "Talk to staff"


def test_values_fill_the_first_variant_that_can_be_filled(visitor: Visitor, fake_brain: FakeBrain) -> None:
    reply = {"response": "utter_safety", "values": {"area": "forehead"}, "buttons": [{"intent": "human_request"}]}
    fake_brain.reply = lambda _: answer(replies=[reply])
    [said] = visitor.say()
    assert said["text"] == "Small amounts are used in the forehead."
    assert said["buttons"] == [{"title": "Talk to staff", "intent": "human_request"}]


BROKEN: list[Any] = [
    (500, b"oops"),
    (200, b"<html>"),
    (200, b"[]"),
    (200, b"[" * 60_000),
    (200, b'{"replies": NaN}'),
    (302, b""),
    {},
    answer(replies=[]),
    answer(replies=[{"response": "utter_nowhere"}]),
    answer(replies=[{"response": 1}]),
    answer(effects=[{"type": "unheard_of"}]),
    answer(effects=[{"type": ["hand_off"]}]),
    answer(effects=[{"type": None}]),
    answer(understood={**answer()["understood"], "confidence": 10**400}),
    answer(route="nowhere"),
    answer(state=[]),
    answer(state={"x": "y" * 40_000}),
    (200, b" " * 300_000),
]


@pytest.mark.parametrize("broken", BROKEN, ids=range(len(BROKEN)))
def test_a_broken_brain_is_admitted_and_staff_get_the_message(
    visitor: Visitor, fake_brain: FakeBrain, broken: Any
) -> None:
    fake_brain.reply = lambda _: broken
    [reply] = visitor.say()
    assert reply["text"] == "That went wrong. Call 911 in an emergency."
    asked = visitor.get(1, **MEASURING)["messages"][0]
    assert (asked["turn"], asked["handoff"]) == ("failed", "failed_turn")
    assert Delivery.objects.get().payload["kind"] == "failed_turn"
    assert visitor.get()["owner"] == "waiting"


def test_a_brain_that_is_down_is_admitted(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "RASA_URL", "http://127.0.0.1:1")
    [reply] = visitor.say()
    assert reply["text"].startswith("That went wrong.")


def test_a_slow_brain_is_not_waited_for(
    visitor: Visitor, fake_brain: FakeBrain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "TURN_TIMEOUT_SECONDS", 0.2)

    def slow(_: dict[str, Any]) -> Any:
        time.sleep(1)
        return answer()

    fake_brain.reply = slow
    [reply] = visitor.say()
    assert reply["text"].startswith("That went wrong.")


@pytest.mark.parametrize("kind", ["emergency", "staff_medical", "staff_other"])
def test_staff_routes_hand_off_and_wait(visitor: Visitor, fake_brain: FakeBrain, kind: str) -> None:
    fake_brain.reply = lambda _: answer(kind, "utter_emergency", effects=hand_off(kind))
    visitor.say()
    assert visitor.get(1)["messages"][0]["handoff"] == kind
    assert visitor.get()["owner"] == "waiting"
    assert HandOff.objects.get().urgent is (kind == "emergency")
    [again] = visitor.say("the bot goes on answering")
    assert again["seq"] == 5


def test_a_matter_that_goes_on_is_one_hand_off_with_every_message(visitor: Visitor, fake_brain: FakeBrain) -> None:
    fake_brain.reply = lambda _: answer("emergency", "utter_emergency", effects=hand_off("emergency"))
    for _ in range(3):
        visitor.say()
    matter = HandOff.objects.get()
    assert [entry.message.seq for entry in matter.entries.order_by("pk")] == [2, 4, 6]
    measured = [one["handoff"] for one in visitor.get(1)["messages"] if one["sender"] == "visitor"]
    assert measured == ["emergency"] * 3
    assert Delivery.objects.count() == 1


def test_booking_leaves_the_conversation_to_the_bot(visitor: Visitor, fake_brain: FakeBrain) -> None:
    fake_brain.reply = lambda _: answer("booking", effects=hand_off("booking"))
    visitor.say()
    assert visitor.get()["owner"] == "bot"
    assert HandOff.objects.get().kind == "booking"


@pytest.mark.parametrize("route", ["emergency", "staff_medical", "staff_other"])
def test_a_staff_route_without_hand_off_is_handed_off_all_the_same(
    visitor: Visitor, fake_brain: FakeBrain, route: str
) -> None:
    fake_brain.reply = lambda _: answer(route, "utter_emergency")
    [reply] = visitor.say()
    assert reply["text"] == "Call 911 now."
    assert HandOff.objects.get().kind == route


def take_over(visitor: Visitor) -> User:
    ann, _ = User.objects.get_or_create(username="ann", role=Role.FRONT_DESK)
    takeover.take_over(visitor.id, ann)
    return ann


def speakers(visitor: Visitor) -> list[str]:
    """Who says what the visitor sees, in order."""
    return [one["sender"] for one in visitor.get()["messages"]]


def test_an_answer_under_way_when_staff_take_over_is_suppressed(visitor: Visitor, fake_brain: FakeBrain) -> None:
    asked, go = threading.Event(), threading.Event()

    def held(_: dict[str, Any]) -> Any:
        asked.set()
        go.wait(5)
        return answer()

    fake_brain.reply = held
    visitor.post()
    assert asked.wait(5)
    take_over(visitor)
    go.set()
    wait_for(lambda: Message.objects.filter(turn="answered").exists())
    assert speakers(visitor) == ["bot", "visitor", "system"]
    hidden = Message.objects.get(seq=4)
    assert hidden.suppressed
    assert Conversation.objects.get().state is None


def test_under_staff_the_bot_is_silent_but_for_an_emergency(visitor: Visitor, fake_brain: FakeBrain) -> None:
    take_over(visitor)
    visitor.post()
    wait_for(lambda: Message.objects.filter(turn="answered").count() == 1)
    assert speakers(visitor) == ["bot", "system", "visitor"]
    assert visitor.get(2)["messages"][0]["understood"]["route"] == "answer"
    fake_brain.reply = lambda _: answer("emergency", "utter_emergency", effects=hand_off("emergency"))
    [reply] = visitor.say()
    assert reply["text"] == "Call 911 now."
    assert visitor.get()["owner"] == "staff"
    assert HandOff.objects.get().urgent


def test_under_staff_an_emergency_is_told_how_to_get_help_and_nothing_about_staff(
    visitor: Visitor, fake_brain: FakeBrain
) -> None:
    take_over(visitor)
    replies = [
        {"response": "utter_emergency", "buttons": [{"intent": "human_request"}]},
        {"response": "utter_emergency_staff_closed"},
        {"response": "utter_safety"},
    ]
    fake_brain.reply = lambda _: answer("emergency", replies=replies, effects=hand_off("emergency"))
    [reply] = visitor.say()
    assert (reply["text"], reply["sender"], reply["buttons"]) == ("Call 911 now.", "bot", [])
    visitor.say()
    matter = HandOff.objects.get()
    assert (matter.kind, matter.urgent, matter.entries.count()) == ("emergency", True, 2)
    alert = Delivery.objects.get()
    assert (alert.type, alert.urgent, alert.payload["kind"]) == ("hand_off", True, "emergency")
    assert fake_brain.turns[1]["context"]["last_route"] is None
    assert Conversation.objects.get().state is None


def test_under_staff_an_emergency_that_the_brain_answers_oddly_gets_the_fixed_notice(
    visitor: Visitor, fake_brain: FakeBrain
) -> None:
    take_over(visitor)
    fake_brain.reply = lambda _: answer("emergency", "utter_safety", effects=hand_off("emergency"))
    [reply] = visitor.say()
    assert reply["text"] == "Call 911 now."


def test_under_staff_a_medical_message_is_understood_and_handed_over_in_silence(
    visitor: Visitor, fake_brain: FakeBrain
) -> None:
    take_over(visitor)
    fake_brain.reply = lambda _: answer("staff_medical", "utter_staff_medical", effects=hand_off("staff_medical"))
    visitor.post()
    wait_for(lambda: Message.objects.filter(turn="answered").exists())
    assert speakers(visitor) == ["bot", "system", "visitor"]
    assert visitor.get(2)["messages"][0]["understood"]["route"] == "staff_medical"
    assert HandOff.objects.get().kind == "staff_medical"
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(("taken_over", "carried_out"), [("before", []), ("meanwhile", ["noted"])])
def test_what_is_written_to_staff_is_no_answer_to_the_bots_question(
    visitor: Visitor,
    fake_brain: FakeBrain,
    monkeypatch: pytest.MonkeyPatch,
    taken_over: str,
    carried_out: list[str],
) -> None:
    done: list[str] = []
    monkeypatch.setitem(effects._handlers, "noted", lambda *given: done.append(given[2]["type"]))

    def reply(_: dict[str, Any]) -> Any:
        if taken_over == "meanwhile":
            take_over(visitor)
        return answer("booking", effects=[{"type": "noted"}, *hand_off("booking")])

    fake_brain.reply = reply
    if taken_over == "before":
        take_over(visitor)
    visitor.post("yes")
    wait_for(lambda: Message.objects.filter(turn="answered").exists())
    assert done == carried_out
    assert HandOff.objects.get().kind == "booking"


def test_who_was_in_an_emergency_before_staff_came_is_not_told_so_with_every_message(
    visitor: Visitor, fake_brain: FakeBrain
) -> None:
    fake_brain.reply = lambda _: answer("emergency", "utter_emergency", effects=hand_off("emergency"))
    visitor.say()
    visitor.say()
    take_over(visitor)
    visitor.post()
    wait_for(lambda: len(fake_brain.turns) == 3)
    assert [turn["context"]["last_route"] for turn in fake_brain.turns] == [None, "emergency", None]


def test_given_back_after_an_emergency_the_bot_does_not_go_on_with_it(visitor: Visitor, fake_brain: FakeBrain) -> None:
    fake_brain.reply = lambda _: answer("emergency", "utter_emergency", effects=hand_off("emergency"))
    visitor.say()
    takeover.give_back(visitor.id, take_over(visitor))
    visitor.say()
    assert fake_brain.turns[1]["context"]["last_route"] is None


def test_a_failed_turn_alerts_staff_even_when_they_hold_the_conversation(
    visitor: Visitor, fake_brain: FakeBrain
) -> None:
    take_over(visitor)
    fake_brain.reply = lambda _: (500, b"oops")
    visitor.post()
    wait_for(lambda: Message.objects.filter(turn="failed").exists())
    assert speakers(visitor) == ["bot", "system", "visitor"]
    assert Delivery.objects.get().payload["kind"] == "failed_turn"


FIRED = {
    "reason": "classifier:medical_eyelid 0.83",
    "medical": 1.0000001,
    "findings": ["toxin_spread/lid", "toxin_spread/lid", "pregnancy/pregnancy"],
    "language": "es",
}


def understood(**more: Any) -> dict[str, Any]:
    return {"understood": {**answer()["understood"], **more}}


def test_what_fired_is_stored(visitor: Visitor, fake_brain: FakeBrain) -> None:
    fake_brain.reply = lambda _: answer(**understood(**FIRED))
    visitor.say()
    found = Understanding.objects.get()
    assert (found.reason, found.medical, found.language) == ("classifier:medical_eyelid 0.83", 1.0, "es")
    assert found.findings == ["toxin_spread/lid", "pregnancy/pregnancy"]


def test_an_answer_may_say_nothing_of_what_fired(visitor: Visitor) -> None:
    visitor.say()
    found = Understanding.objects.get()
    assert (found.reason, found.medical, found.findings, found.language) == ("", None, [], "")


def test_any_number_of_findings_is_an_answer(visitor: Visitor, fake_brain: FakeBrain) -> None:
    fake_brain.reply = lambda _: answer(**understood(findings=[f"family/entry_{number}" for number in range(500)]))
    visitor.say()
    assert len(Understanding.objects.get().findings) == 20


@pytest.mark.parametrize(
    "wrong",
    [
        {"reason": None},
        {"reason": "x" * 201},
        {"medical": "0.5"},
        {"medical": True},
        {"medical": 1.2},
        {"medical": -0.2},
        {"findings": None},
        {"findings": "a/b"},
        {"findings": [""]},
        {"findings": [1]},
        {"findings": ["x" * 101]},
        {"language": 1},
        {"language": "x" * 21},
    ],
    ids=str,
)
def test_what_fired_has_to_have_its_shape(wrong: dict[str, Any]) -> None:
    with pytest.raises(brain.BrainFailed):
        brain.checked(answer(**understood(**wrong)))


def died(visitor: Visitor, attempts: int) -> Message:
    """Store a message whose turn died under a lease that has run out."""
    stored = book.store_visitor_message(visitor.id, uuid.uuid4(), "is it safe", None).message
    past = timezone.now() - timedelta(seconds=60)
    Message.objects.filter(pk=stored.pk).update(turn="running", attempts=attempts, created_at=past)
    Conversation.objects.filter(pk=visitor.id).update(lease_token=uuid.uuid4(), lease_until=past)
    return stored


def test_a_turn_that_died_is_tried_once_more(visitor: Visitor) -> None:
    message = died(visitor, attempts=1)
    assert sweep() == 1
    message.refresh_from_db()
    assert (message.turn, message.attempts) == ("answered", 2)
    assert sweep() == 0


def test_a_turn_that_died_twice_fails_honestly(visitor: Visitor, fake_brain: FakeBrain) -> None:
    message = died(visitor, attempts=2)
    assert sweep() == 1
    message.refresh_from_db()
    assert message.turn == "failed"
    assert fake_brain.turns == []
    assert HandOff.objects.get().kind == "failed_turn"


def test_a_turn_under_a_live_lease_is_left_alone(visitor: Visitor, fake_brain: FakeBrain) -> None:
    died(visitor, attempts=1)
    Conversation.objects.filter(pk=visitor.id).update(lease_until=timezone.now() + timedelta(seconds=9))
    turn.run_pending_turns(visitor.id)
    assert sweep() == 0
    assert fake_brain.turns == []


def test_a_turn_whose_lease_was_taken_writes_nothing(visitor: Visitor, fake_brain: FakeBrain) -> None:
    def robbed(_: dict[str, Any]) -> Any:
        Conversation.objects.filter(pk=visitor.id).update(lease_token=uuid.uuid4())
        connection.close()  # This is the stand-in's own thread.
        return answer()

    fake_brain.reply = robbed
    visitor.post()
    wait_for(lambda: fake_brain.turns)
    time.sleep(0.2)
    assert visitor.get()["last_seq"] == 2


def test_eight_threads_in_one_conversation(visitor: Visitor, fake_brain: FakeBrain) -> None:
    running, most, lock = 0, 0, threading.Lock()

    def counted(_: dict[str, Any]) -> Any:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.002)
        with lock:
            running -= 1
        return answer()

    fake_brain.reply = counted
    statuses: list[int] = []

    def post_many() -> None:
        for _ in range(4):
            statuses.append(visitor.post().status_code)

    threads = [threading.Thread(target=post_many) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [202] * 32
    wait_for(lambda: visitor.get()["last_seq"] == 65, 15)
    assert [one["seq"] for one in visitor.get()["messages"]] == list(range(1, 66))
    assert most == 1
    assert len(fake_brain.turns) == 32
