"""The webhook: signed, never redirected, never into a private network by mistake, and no receiver loses a request."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from clinic.accounts.models import User
from clinic.bookings import desk
from clinic.bookings.models import BookingRequest
from clinic.outbox import addresses, post, webhook
from clinic.outbox.channels import NotTaken
from clinic.outbox.models import Delivery
from tests.clinic.bookings.conftest import Requested

SECRET = "a secret that both sides know, long enough"


class Receiver(ThreadingHTTPServer):
    """The clinic's own software: keeps what it gets and answers as `reply` says."""

    daemon_threads = True

    def __init__(self) -> None:
        """Listen on a free port of loopback."""
        super().__init__(("127.0.0.1", 0), _Handler)
        self.got: list[tuple[str, dict[str, str], bytes]] = []
        self.status = 204
        self.location = ""
        self.before_answer: Callable[[Any], None] = lambda handler: None

    @property
    def url(self) -> str:
        """Return where it listens, with a path and a query."""
        return f"http://127.0.0.1:{self.server_address[1]}/hook?clinic=1"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of callers who hung up."""


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.path, dict(self.headers), body))
        self.server.before_answer(self)
        self.send_response(self.server.status)
        if self.server.location:
            self.send_header("Location", self.server.location)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """Return a receiver that the settings send events to."""
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    for name, value in (
        ("BOOKING_ADAPTER", "webhook"),
        ("BOOKING_WEBHOOK_URL", server.url),
        ("BOOKING_WEBHOOK_SECRET", SECRET),
        ("BOOKING_WEBHOOK_ALLOW_PRIVATE", True),
    ):
        monkeypatch.setitem(settings.ENV, name, value)
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def delivery() -> Delivery:
    return Delivery.objects.filter(channel="webhook").latest("id")


def try_again() -> None:
    """Try what waits, whenever it would be due."""
    Delivery.objects.filter(channel="webhook").update(due_at=timezone.now())
    post.deliver_due("webhook")


def test_every_event_arrives_signed(requested: Requested, member: User, receiver: Receiver) -> None:
    request = requested(name="Ana <b>Ortiz</b>")
    desk.confirm(request.reference, 0, member, timezone.now() + timedelta(days=1), 30)
    assert post.deliver_due("webhook") == 2
    kinds = []
    for path, headers, body in receiver.got:
        assert path == "/hook?clinic=1"
        timestamp = headers["X-Clinic-Timestamp"]
        assert abs(int(timestamp) - time.time()) < 5
        digest = hmac.new(SECRET.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        assert headers["X-Clinic-Signature"] == f"v1={digest}"
        event = json.loads(body)
        assert headers["X-Clinic-Event"] == event["event"]
        kinds.append((event["type"], event["payload"]["state"], event["payload"]["name"]))
    assert sorted(kinds) == [
        ("booking.booked", "booked", "Ana <b>Ortiz</b>"),
        ("booking.submitted", "submitted", "Ana <b>Ortiz</b>"),
    ]
    assert set(Delivery.objects.filter(channel="webhook").values_list("state", flat=True)) == {"delivered"}


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 401, 404, 429, 500, 503])
def test_a_refusal_is_tried_again_with_the_same_event(requested: Requested, receiver: Receiver, status: int) -> None:
    requested()
    receiver.status, receiver.location = status, f"{receiver.url}/elsewhere"
    post.deliver_due("webhook")
    waiting = delivery()
    assert (waiting.state, waiting.attempts, str(status) in waiting.last_error) == ("waiting", 1, True)
    assert waiting.due_at > timezone.now()
    assert BookingRequest.objects.get().state == "submitted"
    receiver.status, receiver.location = 200, ""
    try_again()
    assert delivery().state == "delivered"
    assert [path for path, _, _ in receiver.got] == ["/hook?clinic=1"] * 2
    assert len({headers["X-Clinic-Event"] for _, headers, _ in receiver.got}) == 1


def test_a_receiver_that_is_down_loses_nothing(requested: Requested, receiver: Receiver) -> None:
    receiver.shutdown()
    receiver.server_close()
    requested()
    for _ in range(post.ATTEMPTS):
        try_again()
    lost = delivery()
    assert (lost.state, lost.attempts, lost.last_error) == ("undelivered", post.ATTEMPTS, "ConnectionRefusedError")
    assert list(post.undelivered()) == [lost]
    assert BookingRequest.objects.get().name == "Ana Ortiz"


def test_a_redirect_into_a_private_network_is_not_followed(receiver: Receiver) -> None:
    inside = Receiver()
    threading.Thread(target=inside.serve_forever, args=(0.01,), daemon=True).start()
    receiver.status, receiver.location = 307, inside.url
    with pytest.raises(NotTaken, match="redirect 307"):
        webhook.post(receiver.url, SECRET, "e", b"{}", allow_private=True)
    assert inside.got == []
    inside.shutdown()
    inside.server_close()


def test_a_slow_receiver_is_left_in_time(receiver: Receiver) -> None:
    def drip(handler: Any) -> None:
        for byte in b"HTTP/1.0 200 OK\r\nX-Slow: " + b"." * 100:
            handler.wfile.write(bytes([byte]))
            time.sleep(0.05)

    receiver.before_answer = drip
    begun = time.monotonic()
    with pytest.raises(NotTaken):
        webhook.post(receiver.url, SECRET, "e", b"{}", allow_private=True, timeout=0.3)
    assert time.monotonic() - begun < 2


@pytest.mark.parametrize("said", [b"", b"nonsense\r\n\r\n", b"\x00" * 100, b"HTTP/1.1 banana\r\n\r\n"])
def test_an_answer_that_is_none(said: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(said)

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(NotTaken):
            webhook.post(f"http://127.0.0.1:{server.getsockname()[1]}/", SECRET, "e", b"{}", allow_private=True)
        thread.join()


PRIVATE = [
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "192.0.2.1",
    "::",
    "::1",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fec0::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "2001:0:7f00:1::",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses(address: str) -> None:
    assert not addresses.is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_public_addresses(address: str) -> None:
    assert addresses.is_public(address)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0x7f.1", "2130706433", "[::1]", "[::ffff:127.0.0.1]"])
def test_nothing_connects_into_a_private_network(receiver: Receiver, host: str) -> None:
    url = f"http://{host}:{receiver.server_address[1]}/"
    with pytest.raises(NotTaken):
        webhook.post(url, SECRET, "e", b"{}")
    assert receiver.got == []


def test_a_name_that_changes_its_mind_leads_nowhere(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    port = receiver.server_address[1]
    asked: list[str] = []

    def rebinding(host: str, *_: Any, **__: Any) -> list[Any]:
        asked.append(host)
        # Public when it is checked, private when it would be asked again.
        address = "192.88.98.1" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    connected: list[Any] = []

    def refuse(self: socket.socket, place: Any) -> None:
        connected.append(place)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    with pytest.raises(NotTaken, match="ConnectionRefusedError"):
        webhook.post(f"http://hook.example.com:{port}/", SECRET, "e", b"{}")
    assert asked == ["hook.example.com"]
    assert connected == [("192.88.98.1", port)]


def test_of_several_addresses_only_public_ones_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 443)) for one in ("127.0.0.1", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(NotTaken, match="private address"):
        webhook.post("https://hook.example.com/", SECRET, "e", b"{}")


@pytest.mark.parametrize(
    "url", ["https://x", "https://localhost", "https://a.internal", "https://10.0.0.1", "https://[::1]"]
)
def test_addresses_that_are_refused_at_the_start(url: str) -> None:
    assert addresses.is_refused(url)
    assert not addresses.is_refused("https://hooks.example.com/x")


def test_without_a_secret_nothing_goes_out(requested: Requested, receiver: Receiver) -> None:
    requested()
    settings.ENV["BOOKING_WEBHOOK_SECRET"] = ""
    post.deliver_due("webhook")
    assert delivery().state == "undelivered"
    assert receiver.got == []
