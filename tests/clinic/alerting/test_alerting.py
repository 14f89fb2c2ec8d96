"""Who hears of what and when: rules, quiet hours with their digest, reminders that stop, and what could not be sent."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.core import mail
from pytest_django import Settings

from clinic import jobs
from clinic.accounts.models import User
from clinic.alerting import digest, rules
from clinic.alerting.models import Held, Kind, Reminder, Rule
from clinic.alerting.tell import security, tell
from clinic.conversations.models import Conversation
from clinic.handoffs import alerts
from clinic.handoffs.models import HandOff
from clinic.outbox import post
from clinic.outbox.channels import EMAIL
from clinic.outbox.models import Delivery
from clinic.outbox.webhook import ALERT_WEBHOOK
from clinic.practice.models import Practice

# Friday, 10 am in Los Angeles; the clinic is open.
NOON = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
NIGHT = datetime(2026, 11, 21, 7, 0, tzinfo=UTC)
HOOK = "https://hooks.clinic.example/alerts"


@pytest.fixture
def conversation(db: None) -> Conversation:
    """Return a conversation."""
    return Conversation.objects.create(created_at=NOON, last_message_at=NOON)


@pytest.fixture
def night_rule(db: None) -> Rule:
    """Return a rule that is quiet from 9 pm to 7 am, and the only one that reaches anybody."""
    quiet = {"quiet_from": time(21), "quiet_until": time(7)}
    return Rule.objects.create(name="Desk", kinds=list(Kind.values), emails=["desk@clinic.example"], **quiet)


def told(channel: str = EMAIL) -> list[tuple[str, str]]:
    """Return (type, target) of everything in the outbox by a channel, in order."""
    return list(Delivery.objects.filter(channel=channel).order_by("pk").values_list("type", "target"))


def say(kind: str, now: datetime = NOON, **more: Any) -> None:
    """Tell of something."""
    tell("hand_off", kind, {"title": kind}, now, **more)


@pytest.mark.django_db
def test_without_an_edit_everything_goes_to_the_addresses_of_the_settings(settings: Settings) -> None:
    settings.ALERT_EMAILS = ["ann@clinic.example", "ben@clinic.example"]
    for kind in Kind.values:
        say(kind)
    assert told() == [("hand_off", target) for _ in Kind for target in settings.ALERT_EMAILS]
    settings.ALERT_EMAILS = ["eve@clinic.example"]
    say("emergency")
    assert told()[-1] == ("hand_off", "eve@clinic.example")
    assert Rule.objects.count() == 1


@pytest.mark.django_db
def test_an_edited_rule_follows_the_settings_no_more(settings: Settings) -> None:
    settings.ALERT_EMAILS = ["ann@clinic.example"]
    rules.seeded()
    Rule.objects.update(version=1, emails=["desk@clinic.example"])
    say("emergency")
    assert told() == [("hand_off", "desk@clinic.example")]


@pytest.mark.django_db
def test_a_rule_names_its_kinds_its_people_and_its_ways() -> None:
    for name, role, fields in (
        ("cleo", "clinician", {"email": "cleo@clinic.example"}),
        ("carl", "clinician", {"email": ""}),
        ("gone", "clinician", {"email": "gone@clinic.example", "is_active": False}),
        ("fred", "front_desk", {"email": "fred@clinic.example"}),
    ):
        User.objects.create_user(name, role=role, **fields)
    Rule.objects.create(
        name="Medical",
        kinds=["staff_medical"],
        roles=["clinician"],
        emails=["on.call@clinic.example", "cleo@clinic.example"],
        webhook=HOOK,
    )
    Rule.objects.create(name="Off", emails=["off@clinic.example"], is_active=False)
    Rule.objects.create(name="Same", kinds=["staff_medical"], emails=["cleo@clinic.example"])
    say("booking")
    assert (told(), told("file")) == ([], [("hand_off", "")])
    say("staff_medical")
    assert told() == [("hand_off", "on.call@clinic.example"), ("hand_off", "cleo@clinic.example")]
    assert told(ALERT_WEBHOOK) == [("hand_off", HOOK)]


def test_the_worker_delivers_alerts_to_webhooks_and_sends_digests() -> None:
    names = {job.name for job in jobs.all_jobs()}
    assert {f"outbox {ALERT_WEBHOOK}", "alert digests"} <= names


@pytest.mark.parametrize(
    ("begins", "ends", "wall", "is_quiet"),
    [
        (time(21), time(7), time(23), True),
        (time(21), time(7), time(3), True),
        (time(21), time(7), time(7), False),
        (time(21), time(7), time(20, 59), False),
        (time(12), time(13), time(12), True),
        (time(12), time(13), time(13), False),
        (None, None, time(3), False),
        (time(5), time(5), time(5), False),
    ],
)
def test_quiet_hours_may_go_over_midnight(begins: time | None, ends: time | None, wall: time, is_quiet: bool) -> None:
    assert Rule(quiet_from=begins, quiet_until=ends).is_quiet(wall, urgent=False) is is_quiet


def test_what_is_urgent_is_told_at_any_hour_unless_the_rule_says_otherwise(
    night_rule: Rule, conversation: Conversation
) -> None:
    say("emergency", NIGHT, conversation=conversation, urgent=True)
    assert told() == [("hand_off", "desk@clinic.example")]
    Rule.objects.filter(pk=night_rule.pk).update(is_quiet_for_urgent=True)
    say("emergency", NIGHT, conversation=conversation, urgent=True)
    assert len(told()) == 1
    assert Held.objects.count() == 1


def test_quiet_hours_end_with_one_message_that_counts(night_rule: Rule, conversation: Conversation) -> None:
    for kind in ("booking", "staff_medical", "booking"):
        say(kind, NIGHT, conversation=conversation)
    assert told() == []
    assert len(told("file")) == 3
    with patch("django.utils.timezone.now", return_value=NIGHT + timedelta(hours=7, minutes=59)):
        assert digest.send_due() == 0
    with patch("django.utils.timezone.now", return_value=NIGHT + timedelta(hours=8)):
        assert digest.send_due() == 1
        assert digest.send_due() == 0
    assert told() == [("alert_digest", "desk@clinic.example")]
    post.deliver_due(EMAIL)
    [message] = mail.outbox
    assert message.subject == "3 during quiet hours (clinic chat)"
    assert "Medical question: 1\nAppointment: 2\n" in message.body
    assert "/staff/\n" in message.body


def test_what_a_rule_that_was_switched_off_held_is_dropped(night_rule: Rule, conversation: Conversation) -> None:
    say("booking", NIGHT, conversation=conversation)
    Rule.objects.filter(pk=night_rule.pk).update(is_active=False)
    with patch("django.utils.timezone.now", return_value=NOON + timedelta(days=1)):
        assert digest.send_due() == 0
    assert (told(), Held.objects.count()) == ([], 0)


def test_what_was_held_goes_with_its_conversation(night_rule: Rule, conversation: Conversation) -> None:
    say("booking", NIGHT, conversation=conversation)
    conversation.delete()
    assert Held.objects.count() == 0


Matter = Callable[..., HandOff]


@pytest.fixture
def matter(conversation: Conversation) -> Matter:
    """Make a hand-off that came at noon."""

    def make(kind: str = "staff_medical", **fields: Any) -> HandOff:
        return HandOff.objects.create(conversation=conversation, kind=kind, created_at=NOON, **fields)

    return make


@pytest.fixture
def groups(db: None) -> None:
    """A first group for matters and a second for those that nobody takes."""
    Practice.seeded()
    Rule.objects.create(name="First", kinds=["staff_medical", "emergency"], emails=["first@clinic.example"])
    Rule.objects.create(name="Second", kinds=["escalation"], emails=["second@clinic.example"])
    Rule.objects.create(name="Group", kinds=["forgotten"], emails=["group@clinic.example"])


def test_what_nobody_takes_goes_to_a_second_group_three_times_at_most(groups: None, matter: Matter) -> None:
    waits = matter()
    sent = [minute for minute in range(200) if alerts.escalate(waits, NOON + timedelta(minutes=minute))]
    assert sent == [10, 20, 40]
    assert told() == [("escalation", "second@clinic.example")] * 3
    titles = Delivery.objects.filter(channel=EMAIL).order_by("pk").values_list("payload__title", flat=True)
    assert list(titles) == [f"Nobody has taken it for {n} minutes: Medical question" for n in (10, 20, 40)]


@pytest.mark.parametrize(
    ("kind", "fields", "is_told"),
    [
        ("emergency", {}, True),
        ("staff_other", {"urgent": True}, True),
        ("staff_other", {}, False),
        ("booking", {}, False),
        ("staff_medical", {"state": "claimed"}, False),
        ("emergency", {"state": "resolved"}, False),
    ],
)
def test_only_what_presses_and_is_unclaimed_is_told_again(
    groups: None, matter: Matter, kind: str, fields: dict[str, Any], is_told: bool
) -> None:
    assert alerts.escalate(matter(kind, **fields), NOON + timedelta(hours=1)) is is_told


def test_the_clinic_sets_the_minutes(groups: None, matter: Matter) -> None:
    Practice.objects.update(unclaimed_minutes=3)
    waits = matter()
    assert not alerts.escalate(waits, NOON + timedelta(minutes=2))
    assert alerts.escalate(waits, NOON + timedelta(minutes=3))


def test_whoever_has_forgotten_a_visitor_hears_first_and_then_the_group(
    groups: None, conversation: Conversation
) -> None:
    robin = User.objects.create_user("robin", role="clinician", email="robin@clinic.example")
    conversation.owner, conversation.waiting_since = f"staff:{robin.pk}", NOON
    sent = [minute for minute in range(300) if alerts.forgotten(conversation, NOON + timedelta(minutes=minute))]
    assert sent == [15, 30]
    assert told() == [
        ("forgotten", "robin@clinic.example"),
        ("forgotten", "robin@clinic.example"),
        ("forgotten", "group@clinic.example"),
    ]
    # An answer and a new question later it begins anew.
    conversation.waiting_since = NOON + timedelta(hours=6)
    assert alerts.forgotten(conversation, NOON + timedelta(hours=7))


def test_a_matter_that_was_claimed_and_forgotten_is_told_to_its_claimer(
    groups: None, conversation: Conversation, matter: Matter
) -> None:
    robin = User.objects.create_user("robin", role="clinician", email="robin@clinic.example")
    matter(state="claimed", claimed_by=robin)
    conversation.owner, conversation.waiting_since = "waiting", NOON
    assert alerts.forgotten(conversation, NOON + timedelta(minutes=15))
    assert told() == [("forgotten", "robin@clinic.example")]


def test_a_claimer_without_an_address_leaves_it_to_the_group(groups: None, conversation: Conversation) -> None:
    robin = User.objects.create_user("robin", role="clinician")
    conversation.owner, conversation.waiting_since = f"staff:{robin.pk}", NOON
    assert alerts.forgotten(conversation, NOON + timedelta(minutes=15))
    assert told() == [("forgotten", "group@clinic.example")]


def test_nobody_waits_nobody_is_reminded(groups: None, conversation: Conversation) -> None:
    assert not alerts.forgotten(conversation, NOON + timedelta(days=1))


def test_reminders_go_with_their_conversation(groups: None, conversation: Conversation, matter: Matter) -> None:
    alerts.escalate(matter(), NOON + timedelta(hours=1))
    conversation.delete()
    assert Reminder.objects.count() == 0


def test_no_alert_holds_a_name_or_a_word(groups: None, conversation: Conversation, matter: Matter) -> None:
    robin = User.objects.create_user("robin", role="clinician", email="robin@clinic.example", first_name="Robin")
    conversation.owner, conversation.waiting_since = f"staff:{robin.pk}", NOON
    alerts.forgotten(conversation, NOON + timedelta(hours=1))
    alerts.escalate(matter(), NOON + timedelta(hours=1))
    for payload in Delivery.objects.values_list("payload", flat=True):
        assert set(payload) == {"title", "kind", "urgent", "again", "at", "time", "link"}
        assert "obin" not in json.dumps(payload)


def give_up(event: str = "hand_off") -> None:
    """Let the last attempt of a mail fail."""
    delivery = Delivery.objects.create(
        type=event, channel=EMAIL, target="x", payload={}, attempts=8, created_at=NOON, due_at=NOON
    )
    delivery.attempts = 9
    post._try(delivery)


def test_what_could_not_be_delivered_is_told_once_an_hour(db: None) -> None:
    Rule.objects.create(name="Hook", kinds=["undelivered"], webhook=HOOK)
    with patch("django.utils.timezone.now", return_value=NOON):
        give_up()
        give_up()
    assert told(ALERT_WEBHOOK) == [("undelivered", HOOK)]
    with patch("django.utils.timezone.now", return_value=NOON + timedelta(hours=1)):
        give_up("undelivered")
        assert len(told(ALERT_WEBHOOK)) == 1
        give_up()
    assert len(told(ALERT_WEBHOOK)) == 2


def test_security_has_its_rules_and_is_urgent(db: None) -> None:
    Rule.objects.create(
        name="Night", kinds=["security"], emails=["boss@clinic.example"], quiet_from=time(0), quiet_until=time(23, 59)
    )
    security("The audit log is damaged", NOON)
    assert told() == [("security", "boss@clinic.example")]
    assert Delivery.objects.first().payload["link"].endswith("/staff/audit/")
    post.deliver_due(EMAIL)
    assert mail.outbox[0].subject == "The audit log is damaged (clinic chat)"


@pytest.mark.parametrize("event", ["hand_off", "escalation", "forgotten", "undelivered", "security", "alert_test"])
def test_every_alert_has_its_mail(db: None, event: str) -> None:
    post.put(event, {"title": "A title", "time": "now", "link": "https://x.example/"}, [(EMAIL, "a@clinic.example")])
    assert post.deliver_due(EMAIL) == 1
    assert (mail.outbox[0].subject, "https://x.example/" in mail.outbox[0].body) == ("A title (clinic chat)", True)
