"""One signed HTTP request to an address outside: what is signed, where it may go, and how long it may take.

The receiver gets these headers:

    X-Clinic-Event: the event's id; the same at every try, so that a receiver can tell that it has it already
    X-Clinic-Timestamp: seconds since 1970 when this try was made
    X-Clinic-Signature: v1=<hexadecimal HMAC-SHA256 over timestamp, ".", body, with the shared secret>

A receiver computes the signature itself, compares in constant time and refuses timestamps more than five minutes off.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from django.conf import settings

from clinic.outbox.addresses import is_public
from clinic.outbox.channels import NotTaken
from clinic.outbox.models import Delivery

# The clinic's booking software, and whoever takes alerts: ways of their own, so that neither holds the other up.
WEBHOOK, ALERT_WEBHOOK = "webhook", "alert webhook"
TIMEOUT_SECONDS = 10.0
PORTS = {"http": 80, "https": 443}


def to_webhook(delivery: Delivery, settings_of: str = "BOOKING_WEBHOOK") -> None:
    """Deliver to the address that is the target, signed with the secret of these settings; raises `NotTaken`."""
    secret = settings.ENV[f"{settings_of}_SECRET"]
    if not secret:
        raise NotTaken("no secret to sign with", is_final=True)
    post(
        delivery.target,
        secret,
        str(delivery.event),
        json.dumps(delivery.envelope(), ensure_ascii=False).encode(),
        allow_private=settings.ENV[f"{settings_of}_ALLOW_PRIVATE"],
    )


def to_alert_webhook(delivery: Delivery) -> None:
    """Deliver an alert; raises `NotTaken`."""
    to_webhook(delivery, "ALERT_WEBHOOK")


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """Return the value of `X-Clinic-Signature`."""
    return "v1=" + hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()


def headers(secret: str, event: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Return the headers of one try to deliver an event."""
    return {
        "Content-Type": "application/json",
        "X-Clinic-Event": event,
        "X-Clinic-Timestamp": str(timestamp),
        "X-Clinic-Signature": signature(secret, timestamp, body),
    }


def post(
    url: str, secret: str, event: str, body: bytes, *, allow_private: bool = False, timeout: float = TIMEOUT_SECONDS
) -> None:
    """Send an event once; raises `NotTaken` unless the receiver answers with a 2xx within `timeout` seconds.

    The name is resolved once and the connection goes to the very address that was checked, so that a name that
    changes its mind leads nowhere. Redirects are not followed.
    """
    parts = urlsplit(url)
    host, scheme = parts.hostname or "", parts.scheme
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    begun = time.monotonic()
    try:
        sock = _connect(host, parts.port or PORTS[scheme], allow_private, timeout)
        with _cut_off(sock, begun + timeout - time.monotonic()):
            if scheme == "https":
                sock = ssl.create_default_context().wrap_socket(sock, server_hostname=host)
            signed = headers(secret, event, int(time.time()), body)
            status = _status(sock, parts.netloc.rpartition("@")[2], target, signed, body)
    except (OSError, HTTPException, ValueError) as error:
        raise NotTaken(type(error).__name__) from None
    if 300 <= status < 400:
        raise NotTaken(f"redirect {status}, not followed")
    if not 200 <= status < 300:
        raise NotTaken(f"status {status}")


def _connect(host: str, port: int, allow_private: bool, timeout: float) -> socket.socket:
    """Return a connection to the first address of the name that may be used and can be reached."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    usable = [entry for entry in found if allow_private or is_public(str(entry[4][0]))]
    if not usable:
        raise NotTaken("private address, not allowed")
    failure: OSError | None = None
    for family, kind, protocol, _, place in usable:
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(timeout / len(usable))
            sock.connect(place)
            sock.settimeout(timeout)
            return sock
        except OSError as error:
            sock.close()
            failure = error
    raise failure or OSError


@contextmanager
def _cut_off(sock: socket.socket, seconds: float) -> Iterator[None]:
    """Close the socket at the end, and shut it after `seconds` even if the other side sends a byte now and then."""
    descriptor = sock.dup()

    def shut() -> None:
        try:
            descriptor.shutdown(socket.SHUT_RDWR)
        except OSError:  # It is over already.
            pass

    timer = threading.Timer(max(seconds, 0.0), shut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        descriptor.close()
        sock.close()


def _status(sock: socket.socket, host: str, target: str, headers: dict[str, str], body: bytes) -> int:
    """Send the request over a connected socket and return the answer's status; its body is not read."""
    connection = HTTPConnection(host)
    connection.sock = sock
    connection.putrequest("POST", target, skip_accept_encoding=True)
    for name, value in {**headers, "Content-Length": str(len(body)), "Connection": "close"}.items():
        connection.putheader(name, value)
    connection.endheaders(body)
    try:
        with connection.getresponse() as response:
            return response.status
    finally:
        connection.close()
