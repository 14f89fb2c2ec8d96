"""Sends questions the way a visitor's page does: through the visitor API, each in a conversation of its own."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import Callable, Sequence
from typing import Any

import httpx

from bench.scoring import Prediction

API = "/api/v1"
AT_ONCE = 8
TURN_SECONDS = 60.0
REQUEST_SECONDS = 30.0
FIRST_LOOK, LONGEST_WAIT = 0.01, 0.08
FINISHED_TURNS = ("answered", "failed", "none")


class ClientFailed(Exception):
    """The visitor API could not be used; the text is one sentence."""


async def ask_all(
    url: str,
    key: str,
    texts: Sequence[str],
    *,
    at_once: int = AT_ONCE,
    told: Callable[[int], None] = lambda done: None,
) -> list[Prediction]:
    """Send every text in a fresh conversation, `at_once` at a time, and return what became of each, in order.

    `told` is called with the number of questions done. Raises ClientFailed when the API cannot be used.
    """
    found: list[Prediction | None] = [None] * len(texts)
    waiting = iter(enumerate(texts))
    limits = httpx.Limits(max_connections=at_once, max_keepalive_connections=at_once)
    async with httpx.AsyncClient(
        base_url=url, headers={"Measuring-Key": key}, timeout=REQUEST_SECONDS, limits=limits, trust_env=False
    ) as http:

        async def work() -> None:
            for number, text in waiting:
                found[number] = await ask(http, text)
                told(len(texts) - found.count(None))

        tasks = [asyncio.create_task(work()) for _ in range(at_once)]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
    return [prediction for prediction in found if prediction is not None]


async def ask(http: httpx.AsyncClient, text: str) -> Prediction:
    """Send one text in a fresh conversation and return what became of it. Raises ClientFailed."""
    opened = await _call(http, "POST", "/conversations", {})
    token = opened["token"]
    begun = time.perf_counter()
    response = await _request(http, "POST", "/messages", {"id": str(uuid.uuid4()), "text": text}, token)
    if response.status_code == 422:
        return Prediction(None, reply=response.json().get("detail", ""), ms=_milliseconds_since(begun))
    seq = _content(response)["seq"]
    wait = FIRST_LOOK
    while True:
        listed = await _call(http, "GET", f"/messages?after={seq - 1}", None, token)
        asked = next((message for message in listed["messages"] if message["seq"] == seq), None)
        if asked is None or "turn" not in asked:
            raise ClientFailed("The visitor API does not take the measuring key.")
        if asked["turn"] in FINISHED_TURNS:
            return prediction_of(asked, listed["messages"], _milliseconds_since(begun))
        if time.perf_counter() - begun > TURN_SECONDS:
            return Prediction(None, ms=_milliseconds_since(begun))
        await asyncio.sleep(wait)
        wait = min(LONGEST_WAIT, wait * 1.5)


def prediction_of(asked: dict[str, Any], messages: Sequence[dict[str, Any]], ms: float) -> Prediction:
    """Return what became of the visitor's message `asked`; `messages` hold the replies that were shown."""
    understood = asked.get("understood") or {}
    replies = [message["text"] for message in messages if message["seq"] > asked["seq"]]
    return Prediction(
        route=understood.get("route"),
        topics=tuple(understood.get("topics") or ()),
        confidence=understood.get("confidence"),
        reply="\n".join(replies),
        handoff=asked.get("handoff"),
        ms=ms,
    )


def _milliseconds_since(begun: float) -> float:
    return (time.perf_counter() - begun) * 1000


async def _request(http: httpx.AsyncClient, method: str, path: str, body: object, token: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    content = None
    if body is not None:
        headers["Content-Type"] = "application/json"
        content = json.dumps(body).encode("ascii")  # escapes what UTF-8 cannot carry, so that the API refuses it
    try:
        return await http.request(method, API + path, content=content, headers=headers)
    except httpx.HTTPError as problem:
        raise ClientFailed(f"{method} {API}{path.partition('?')[0]} got no answer: {type(problem).__name__}.") from None


def _content(response: httpx.Response) -> Any:
    if response.is_success:
        return response.json()
    where = f"{response.request.method} {response.request.url.path}"
    raise ClientFailed(f"{where} was refused with status {response.status_code}.")


async def _call(http: httpx.AsyncClient, method: str, path: str, body: object, token: str = "") -> Any:
    return _content(await _request(http, method, path, body, token))
