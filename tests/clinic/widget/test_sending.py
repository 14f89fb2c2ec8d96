"""Answers that are compressed once and not sent again to whoever has them."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import brotli
import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from clinic.widget import sending

BODY = "wrinkle\N{BULLET}" * 400
HEADERS = {"Cache-Control": "public, max-age=300"}
Decode = Callable[[bytes], bytes]


def ask(accepted: str | None = None, tag: str | None = None, body: str = BODY, **headers: str) -> HttpResponse:
    """Return the answer to a request with these headers."""
    given = {"Accept-Encoding": accepted, "If-None-Match": tag}
    request = RequestFactory().get("/", headers={name: value for name, value in given.items() if value is not None})
    return sending.answer(request, body, "text/plain; charset=utf-8", HEADERS | headers)


def whole(body: bytes) -> bytes:
    """Return what is not compressed."""
    return body


@pytest.mark.parametrize(
    ("accepted", "encoding", "decode"),
    [
        ("gzip, deflate, br, zstd", "br", brotli.decompress),
        ("gzip;q=1.0, br;q=0.5", "br", brotli.decompress),
        ("GZIP", "gzip", gzip.decompress),
        ("gzip, br;q=0", "gzip", gzip.decompress),
        ("br;q=0.000, gzip ; q=0", None, whole),
        ("zstd", None, whole),
        ("", None, whole),
        (None, None, whole),
    ],
)
def test_the_best_encoding_that_is_accepted(accepted: str | None, encoding: str | None, decode: Decode) -> None:
    answer = ask(accepted)
    assert answer.headers.get("Content-Encoding") == encoding
    assert decode(answer.content).decode() == BODY
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert answer.headers["Cache-Control"] == HEADERS["Cache-Control"]


def test_whoever_has_it_is_told_so_without_it() -> None:
    tag = ask("br").headers["ETag"]
    for known in (tag, f'"other", {tag}', "*"):
        again = ask("br", known)
        assert again.status_code == 304
        assert again.content == b""
        assert again.headers["ETag"] == tag
        assert again.headers["Vary"] == "Accept-Encoding"
        assert again.headers["Cache-Control"] == HEADERS["Cache-Control"]
    assert ask("br", '"other"').status_code == 200


def test_another_body_or_other_headers_are_another_answer() -> None:
    tag = ask().headers["ETag"]
    assert ask(body="other").headers["ETag"] != tag
    assert ask(None, tag, **{"Content-Security-Policy": "default-src 'none'"}).status_code == 200
