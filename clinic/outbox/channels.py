"""The ways out. A channel is a function that takes a delivery and returns once the other side has it.

Whatever a channel raises counts as a failure that may pass, unless it is a `NotTaken` that says otherwise. A channel
may deliver the same event again when a process dies at the wrong moment; the event's id tells the receiver.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused, SMTPSenderRefused

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.template.loader import render_to_string

from clinic.outbox.models import Delivery

Channel = Callable[[Delivery], None]
FILE, EMAIL = "file", "email"
# From this reply code on, a mail server means it.
SMTP_PERMANENT = 500


class NotTaken(Exception):
    """The other side did not take a delivery; the text is a kind of failure and quotes nobody.

    `is_final` says that another attempt would not help.
    """

    def __init__(self, kind: str, *, is_final: bool = False) -> None:
        """Keep the kind, such as "SMTPDataError 554"."""
        super().__init__(kind)
        self.is_final = is_final


def to_file(delivery: Delivery) -> None:
    """Write the delivery to a JSON file of its own in the outbox folder, whole or not at all; raises OSError."""
    folder: Path = settings.OUTBOX_DIR
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = f"{delivery.created_at:%Y%m%dT%H%M%S}-{delivery.event}"
    draft = folder / f".{name}.{os.getpid()}"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        json.dump(delivery.envelope(), stream, ensure_ascii=False, indent=1)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(folder / f"{name}.json")


def to_email(delivery: Delivery) -> None:
    """Send one message to the target by the mail server of the settings.

    Subject and body come from the template `outbox/<type>.txt`, which gets the payload; its first line is the subject.
    `attachments` of the payload, each `{"name", "type", "text"}`, go along. Raises `NotTaken`, OSError, SMTPException.
    """
    subject, _, body = render_to_string(f"outbox/{delivery.type}.txt", delivery.payload).partition("\n")
    headers = {
        "Message-ID": f"<{delivery.event}@{settings.DEFAULT_FROM_EMAIL.rpartition('@')[2].rstrip('>')}>",
        "Auto-Submitted": "auto-generated",
        **({"Importance": "high"} if delivery.urgent else {}),
    }
    connection = get_connection()
    message = EmailMessage(subject, body.strip() + "\n", to=[delivery.target], headers=headers, connection=connection)
    for attachment in delivery.payload.get("attachments", ()):
        message.attach(attachment["name"], attachment["text"].encode(), attachment["type"])
    connection.open()
    try:
        connection.send_messages([message])
    except SMTPRecipientsRefused as error:
        code = max(code for code, _ in error.recipients.values())
        raise _refusal(error, code) from None
    except (SMTPSenderRefused, SMTPDataError) as error:
        raise _refusal(error, error.smtp_code) from None
    finally:
        connection.close()  # Django lets a goodbye fail that nobody hears.


def _refusal(error: SMTPException, code: int) -> NotTaken:
    return NotTaken(f"{type(error).__name__} {code}", is_final=code >= SMTP_PERMANENT)
