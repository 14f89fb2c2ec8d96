"""Answers that are the same for many: compressed once, and not sent again to whoever has them."""

from __future__ import annotations

import gzip
import re
from functools import lru_cache
from hashlib import sha256

import brotli
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.cache import patch_vary_headers

KEPT = 64
# A weight of zero: not at all.
NONE = re.compile(r"q *= *0(?:\.0*)?")


@lru_cache(maxsize=KEPT)
def _compressed(body: bytes, encoding: str) -> bytes:
    if encoding == "br":
        return bytes(brotli.compress(body, mode=brotli.MODE_TEXT))
    return gzip.compress(body, 9, mtime=0) if encoding == "gzip" else body


@lru_cache(maxsize=KEPT)
def _tag(body: bytes) -> str:
    return f'W/"{sha256(body).hexdigest()[:20]}"'


def _encoding(request: HttpRequest) -> str:
    """Return the best encoding that the request accepts, "" for none."""
    accepted = {}
    for part in request.headers.get("Accept-Encoding", "").lower().split(","):
        name, _, weight = part.partition(";")
        accepted[name.strip()] = not NONE.fullmatch(weight.strip())
    return next((one for one in ("br", "gzip") if accepted.get(one)), "")


def _has(request: HttpRequest, tag: str) -> bool:
    known = [one.strip() for one in request.headers.get("If-None-Match", "").split(",")]
    return tag in known or "*" in known


def answer(request: HttpRequest, body: str, content_type: str, headers: dict[str, str]) -> HttpResponse:
    """Return `body` with these headers, or 304 for whoever has it."""
    whole = body.encode()
    # The headers may differ where the body does not: a policy that has changed must reach whoever has the body.
    tag = _tag(whole + repr(sorted(headers.items())).encode())
    response: HttpResponse
    if _has(request, tag):
        response = HttpResponseNotModified()
    else:
        encoding = _encoding(request)
        response = HttpResponse(_compressed(whole, encoding), content_type=content_type)
        if encoding:
            response.headers["Content-Encoding"] = encoding
    for name, value in (headers | {"ETag": tag}).items():
        response.headers[name] = value
    patch_vary_headers(response, ["Accept-Encoding"])
    return response
