"""Calendar files: RFC 5545, neutral, one entry through all changes; and the mails that carry them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from django.conf import settings
from django.core import mail as django_mail
from django.utils import timezone
from icalendar import Calendar

from clinic.accounts.models import User
from clinic.bookings import calendar_file, desk
from clinic.bookings.models import BookingRequest
from clinic.outbox import post
from clinic.outbox.models import Delivery
from clinic.practice import facts
from clinic.practice.models import Practice
from tests.clinic.bookings.conftest import Requested, Talk

START = datetime(2030, 3, 10, 17, 30, tzinfo=UTC)


def files() -> list[str]:
    mails = Delivery.objects.filter(type="booking_appointment").order_by("id")
    return [mail.payload["attachments"][0]["text"] for mail in mails]


def event_of(text: str) -> dict[str, str]:
    [event] = Calendar.from_ical(text).walk("VEVENT")
    return {name: event.to_ical().decode().split(f"\r\n{name}", 1)[1].split("\r\n")[0] for name in ("UID", "SEQUENCE")}


def test_one_entry_through_all_changes(requested: Requested, member: User) -> None:
    reference = requested().reference
    desk.confirm(reference, 0, member, START, 45)
    desk.confirm(reference, 1, member, START + timedelta(days=1), 45)
    desk.decline(reference, 2, member)
    booked, moved, cancelled = files()
    assert len({event_of(text)["UID"] for text in (booked, moved, cancelled)}) == 1
    assert [event_of(text)["SEQUENCE"] for text in (booked, moved, cancelled)] == [":0", ":1", ":2"]
    assert "METHOD:PUBLISH" in booked
    assert "STATUS:CONFIRMED" in moved
    assert "METHOD:CANCEL" in cancelled
    assert "STATUS:CANCELLED" in cancelled
    assert "DTSTART:20300310T173000Z" in booked
    assert "DTEND:20300310T181500Z" in booked


def test_the_file_names_neither_the_visitor_nor_the_reason(requested: Requested, member: User) -> None:
    request = requested(name="Ana Ortiz", preferred="frown lines", wish="treatment")
    Practice.seeded()
    Practice.objects.update(
        name="Rosegarden; Aesthetics, Inc.", email="desk@example.com", address="1 Long Street, " * 10, edited_at=START
    )
    facts.forget()
    desk.confirm(request.reference, 0, member, START, 45)
    [text] = files()
    lines = text.split("\r\n")
    assert all(len(line.encode()) <= 75 for line in lines)
    assert "\n" not in text.replace("\r\n", "")
    [event] = Calendar.from_ical(text).walk("VEVENT")
    assert event["summary"] == "Utter_booking_calendar_summary Appointment at Rosegarden; Aesthetics, Inc."
    assert str(event["organizer"]) == "mailto:desk@example.com"
    for said in ("Ana", "Ortiz", "frown", "treatment", request.reference, "9165550"):
        assert said not in text
    mail = Delivery.objects.get(type="booking_appointment")
    assert mail.target == "ana@example.com"
    assert "Ana" not in mail.payload["subject"] + mail.payload["text"]


def test_who_left_no_address_gets_no_mail(talk: Talk, requested: Requested, member: User) -> None:
    desk.confirm(requested(email="").reference, 0, member, START, 45)
    assert files() == []
    assert talk.responses()[-1] == "utter_booking_confirmed"


def test_without_a_mail_server_there_is_no_mail(
    talk: Talk, requested: Requested, member: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(settings.ENV, "EMAIL_URL", {})
    desk.confirm(requested().reference, 0, member, START, 45)
    assert files() == []
    assert talk.responses()[-1] == "utter_booking_confirmed"


def test_the_mail_carries_the_file(requested: Requested, member: User) -> None:
    desk.confirm(requested().reference, 0, member, START, 45)
    post.deliver_due("email")
    [mail] = [one for one in django_mail.outbox if one.to == ["ana@example.com"]]
    assert mail.subject == "Utter_booking_mail_subject"
    assert str(mail.body).strip() == "Utter_booking_mail_confirmed"
    sent = message_from_bytes(mail.message().as_bytes(), policy=default)
    [attached] = sent.iter_attachments()
    assert (attached.get_content_type(), attached.get_filename()) == ("text/calendar", "appointment.ics")
    assert attached["content-type"].params["method"] == "PUBLISH"
    assert Calendar.from_ical(attached.get_content()).walk("VEVENT")


def test_a_withdrawn_appointment_leaves_the_calendar(talk: Talk, requested: Requested, member: User) -> None:
    desk.confirm(requested().reference, 0, member, START, 45)
    talk.says({"type": "booking_withdraw"})
    assert "METHOD:CANCEL" in files()[-1]


def test_a_request_without_an_appointment_has_no_file(requested: Requested) -> None:
    with pytest.raises(ValueError, match="no appointment"):
        calendar_file.of(requested(), timezone.now())


def test_the_adapter_ics_mails_the_clinic_too(
    requested: Requested, member: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    Practice.seeded()
    Practice.objects.update(email="desk@example.com", edited_at=START)
    facts.forget()
    monkeypatch.setitem(settings.ENV, "BOOKING_ADAPTER", "ics")
    request = requested()
    desk.contacted(request.reference, 0, member)
    desk.confirm(request.reference, 1, member, START, 45)
    desk.decline(request.reference, 2, member)
    to_clinic = Delivery.objects.filter(type="booking_appointment", target="desk@example.com").order_by("id")
    methods = [mail.payload["attachments"][0]["type"].rpartition("=")[2] for mail in to_clinic]
    assert methods == ["REQUEST", "CANCEL"]
    [invitation] = Calendar.from_ical(to_clinic[0].payload["attachments"][0]["text"]).walk("VEVENT")
    assert str(invitation["attendee"]) == "mailto:desk@example.com"
    assert BookingRequest.objects.get().sequence == 1
