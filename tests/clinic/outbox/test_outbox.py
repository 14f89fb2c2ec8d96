"""The outbox: written with its cause, delivered once, tried again with pauses, given up in the open."""

from __future__ import annotations

import json
import socket
import stat
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.utils import timezone
from pytest_django import Settings

from clinic.conversations.models import Conversation
from clinic.outbox import post
from clinic.outbox.channels import EMAIL, FILE, NotTaken
from clinic.outbox.models import Delivery
from tests.clinic.outbox.conftest import MailServer

PAYLOAD = {
    "title": "Urgent: Emergency",
    "time": "Saturday, November 21 at 3:04 am PST",
    "link": "https://chat.example/staff/conversations/1/",
}
ANN = [(EMAIL, "ann@willow-street.example")]


def due_now() -> None:
    """Let every waiting delivery be due, as if its pause were over."""
    Delivery.objects.update(due_at=timezone.now())


@pytest.fixture
def odd() -> Iterator[list[Any]]:
    """A channel of the test that takes everything; put an exception into the list to have it raised, once each."""
    happens: list[Any] = []

    def take(delivery: Delivery) -> None:
        if happens and isinstance(happens[0], BaseException):
            raise happens.pop(0)
        happens.append(delivery.event)

    post._channels["odd"] = take
    yield happens
    del post._channels["odd"]


def test_what_is_rolled_back_is_never_delivered(db: None) -> None:
    with transaction.atomic():
        post.put("hand_off", PAYLOAD, [(FILE, "")])
        transaction.set_rollback(True)
    assert post.deliver_due(FILE) == 0


def test_a_file_holds_the_event_and_is_nobody_elses(db: None, settings: Settings) -> None:
    event = post.put("hand_off", PAYLOAD, [(FILE, "")])
    assert post.deliver_due(FILE) == 1
    [file] = settings.OUTBOX_DIR.iterdir()
    found = json.loads(file.read_text())
    assert (found["event"], found["type"], found["payload"]) == (str(event), "hand_off", PAYLOAD)
    assert str(event) in file.name
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert post.deliver_due(FILE) == 0


def test_the_same_event_is_one_file_however_often_it_is_tried(db: None, settings: Settings) -> None:
    post.put("hand_off", PAYLOAD, [(FILE, "")])
    post.deliver_due(FILE)
    Delivery.objects.update(state="waiting")
    due_now()
    post.deliver_due(FILE)
    assert len(list(settings.OUTBOX_DIR.iterdir())) == 1


def test_a_folder_that_cannot_be_written_is_tried_again(db: None, settings: Settings) -> None:
    settings.OUTBOX_DIR.write_text("a file stands in the way")
    post.put("hand_off", PAYLOAD, [(FILE, "")])
    post.deliver_due(FILE)
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts, delivery.last_error) == ("waiting", 1, "FileExistsError")
    settings.OUTBOX_DIR.unlink()
    due_now()
    post.deliver_due(FILE)
    assert Delivery.objects.get().state == "delivered"


def test_a_mail_arrives(db: None, mail_server: MailServer) -> None:
    event = post.put("hand_off", PAYLOAD, ANN, urgent=True)
    assert post.deliver_due(EMAIL) == 1
    [(recipients, mail)] = mail_server.taken
    assert recipients == ["ann@willow-street.example"]
    assert mail["Subject"] == "Urgent: Emergency (clinic chat)"
    assert mail["From"] == "Clinic chat <chat@willow-street.example>"
    assert mail["Message-ID"] == f"<{event}@willow-street.example>"
    assert mail["Importance"] == "high"
    assert PAYLOAD["link"] in mail.get_content()
    assert PAYLOAD["time"] in mail.get_content()
    assert Delivery.objects.get().delivered_at is not None


def test_attachments_of_the_payload_go_along(db: None, mail_server: MailServer) -> None:
    attachment = {
        "name": "visit.ics",
        "type": "text/calendar; charset=utf-8; method=PUBLISH",
        "text": "BEGIN:VCALENDAR",
    }
    post.put("hand_off", PAYLOAD | {"attachments": [attachment]}, ANN)
    post.deliver_due(EMAIL)
    [(_, mail)] = mail_server.taken
    [found] = mail.iter_attachments()
    assert (found.get_filename(), found.get_content_type()) == ("visit.ics", "text/calendar")
    assert found.get_param("method") == "PUBLISH"


@pytest.mark.parametrize(
    ("command", "reply", "state", "error"),
    [
        ("RCPT", "450 mailbox busy", "waiting", "SMTPRecipientsRefused 450"),
        ("RCPT", "550 no such person", "undelivered", "SMTPRecipientsRefused 550"),
        ("MAIL", "451 not now", "waiting", "SMTPSenderRefused 451"),
        ("MAIL", "553 not you", "undelivered", "SMTPSenderRefused 553"),
        ("body", "452 disk full", "waiting", "SMTPDataError 452"),
        ("body", "554 looks like spam", "undelivered", "SMTPDataError 554"),
        ("banner", "421 too busy", "waiting", "SMTPConnectError"),
        ("banner", "nonsense", "waiting", None),
    ],
)
def test_a_mail_server_that_refuses(
    db: None, mail_server: MailServer, command: str, reply: str, state: str, error: str | None
) -> None:
    mail_server.replies[command] = reply
    post.put("hand_off", PAYLOAD, ANN)
    post.deliver_due(EMAIL)
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts) == (state, 1)
    assert delivery.last_error == error or error is None
    assert mail_server.taken == []
    mail_server.replies.clear()
    if state == "undelivered":
        assert post.try_again(delivery.pk)
    due_now()
    post.deliver_due(EMAIL)
    assert len(mail_server.taken) == 1
    assert Delivery.objects.get().state == "delivered"


def test_a_mail_that_was_taken_before_the_goodbye_failed_is_sent_once(db: None, mail_server: MailServer) -> None:
    mail_server.delay["QUIT"] = 5
    post.put("hand_off", PAYLOAD, ANN)
    post.deliver_due(EMAIL)
    assert Delivery.objects.get().state == "delivered"
    assert len(mail_server.taken) == 1


def test_a_mail_server_that_is_down(db: None, mail_server: MailServer, settings: Settings) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        settings.EMAIL_PORT = free.getsockname()[1]
        post.put("hand_off", PAYLOAD, ANN)
        post.deliver_due(EMAIL)
    assert Delivery.objects.get().last_error == "ConnectionRefusedError"


@pytest.mark.parametrize("command", ["banner", "RCPT", "body"])
def test_a_slow_mail_server_is_not_waited_for(
    db: None, mail_server: MailServer, settings: Settings, command: str
) -> None:
    settings.EMAIL_TIMEOUT = 0.2
    mail_server.delay[command] = 3
    post.put("hand_off", PAYLOAD, ANN)
    began = time.monotonic()
    post.deliver_due(EMAIL)
    assert time.monotonic() - began < 2
    delivery = Delivery.objects.get()
    assert delivery.state == "waiting"
    # What the server said meanwhile is not kept.
    assert delivery.last_error in ("TimeoutError", "SMTPServerDisconnected", "SMTPConnectError")


def test_urgent_ones_go_first(db: None, odd: list[Any]) -> None:
    calm = post.put("hand_off", PAYLOAD, [("odd", "")])
    urgent = post.put("hand_off", PAYLOAD, [("odd", "")], urgent=True)
    post.deliver_due("odd")
    assert odd == [urgent, calm]


def test_each_target_is_a_delivery_of_its_own(db: None, odd: list[Any]) -> None:
    odd.append(NotTaken("no", is_final=True))
    post.put("hand_off", PAYLOAD, [("odd", "ann"), ("odd", "ben")])
    post.deliver_due("odd")
    assert sorted(Delivery.objects.values_list("state", flat=True)) == ["delivered", "undelivered"]


def test_failures_are_given_up_after_some_attempts(db: None, odd: list[Any]) -> None:
    post.put("hand_off", PAYLOAD, [("odd", "")])
    for _ in range(post.ATTEMPTS + 1):
        odd.append(RuntimeError("a secret of the other side"))
        post.deliver_due("odd")
        due_now()
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts) == ("undelivered", post.ATTEMPTS)
    assert delivery.last_error == "RuntimeError"
    assert list(post.undelivered()) == [delivery]


def test_others_hear_of_what_is_given_up_and_of_nothing_else(
    db: None, odd: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[Delivery] = []
    monkeypatch.setattr(post, "_hearers", [])
    post.when_given_up(heard.append)
    post.put("hand_off", PAYLOAD, [("odd", "")])
    odd.append(RuntimeError())
    post.deliver_due("odd")
    assert heard == []
    due_now()
    odd.append(NotTaken("no", is_final=True))
    post.deliver_due("odd")
    assert [one.event for one in heard] == [Delivery.objects.get().event]


def test_a_failed_attempt_is_not_repeated_before_its_pause_is_over(db: None, odd: list[Any]) -> None:
    odd.append(RuntimeError())
    post.put("hand_off", PAYLOAD, [("odd", "")])
    assert post.deliver_due("odd") == 1
    assert post.deliver_due("odd") == 0
    assert Delivery.objects.get().due_at > timezone.now()


def test_pauses_grow_to_a_limit_and_differ() -> None:
    shortest = [min(post.pause_after(attempts) for _ in range(50)) for attempts in range(1, post.ATTEMPTS + 3)]
    assert timedelta(seconds=3) < shortest[0] < timedelta(seconds=5)
    assert shortest[2] > 6 * shortest[0]
    assert shortest[-1] > timedelta(minutes=11)
    longest = max(post.pause_after(20) for _ in range(50))
    assert timedelta(minutes=15) < longest < timedelta(minutes=19)


def test_a_delivery_whose_process_died_is_tried_when_its_lease_is_over(db: None, odd: list[Any]) -> None:
    odd.append(SystemExit())
    event = post.put("hand_off", PAYLOAD, [("odd", "")])
    with pytest.raises(SystemExit):
        post.deliver_due("odd")
    assert post.deliver_due("odd") == 0
    due_now()
    assert post.deliver_due("odd") == 1
    assert odd == [event]


def test_a_delivery_that_kills_every_process_is_given_up(db: None, odd: list[Any]) -> None:
    post.put("hand_off", PAYLOAD, [("odd", "")])
    Delivery.objects.update(attempts=post.ATTEMPTS)
    post.deliver_due("odd")
    assert Delivery.objects.get().state == "undelivered"
    assert odd == []


def test_who_has_lost_the_lease_writes_nothing(db: None) -> None:
    def lose(delivery: Delivery) -> None:
        Delivery.objects.update(lease=UUID(int=1))
        raise NotTaken("no", is_final=True)

    post._channels["odd"] = lose
    post.put("hand_off", PAYLOAD, [("odd", "")])
    post.deliver_due("odd")
    del post._channels["odd"]
    assert Delivery.objects.get().state == "waiting"


def test_several_workers_deliver_everything_once(transactional_db: None, odd: list[Any]) -> None:
    events = {post.put("hand_off", PAYLOAD, [("odd", str(number))]) for number in range(30)}

    def work() -> None:
        while post.deliver_due("odd"):
            pass
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(odd) == 30
    assert set(odd) == events


def test_only_what_was_given_up_can_be_tried_again_or_dismissed(db: None, odd: list[Any]) -> None:
    post.put("hand_off", PAYLOAD, [("odd", "")])
    delivery = Delivery.objects.get()
    assert not post.try_again(delivery.pk)
    assert not post.dismiss(delivery.pk)
    Delivery.objects.update(state="undelivered")
    assert post.dismiss(delivery.pk)
    assert not post.try_again(delivery.pk)
    assert post.deliver_due("odd") == 0


def test_a_conversation_that_is_erased_takes_its_deliveries_along(db: None) -> None:
    now = timezone.now()
    conversation = Conversation.objects.create(created_at=now, last_message_at=now)
    post.put("hand_off", PAYLOAD, [(FILE, "")], conversation=conversation)
    conversation.delete()
    assert not Delivery.objects.exists()


def test_a_failure_leaves_only_its_kind_in_the_log(db: None, odd: list[Any], caplog: pytest.LogCaptureFixture) -> None:
    odd.append(RuntimeError("a secret of the other side"))
    post.put("hand_off", PAYLOAD, [("odd", "ann@willow-street.example")])
    post.deliver_due("odd")
    assert "RuntimeError" in caplog.text
    assert "secret" not in caplog.text
    assert "ann@" not in caplog.text
