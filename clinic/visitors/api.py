"""The visitor API below /api/v1, as `openapi.yaml` documents it: a plain ASGI application.

It takes the place of Django's request handling here because it is asked for every message: no session, no cookie, no
thread of its own for a request. The work on the book runs in a fixed pool of threads with lasting connections.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import yaml
from django.conf import settings

from clinic.bookings import lookup
from clinic.threads import DatabasePool
from clinic.visitors import desk, limits, shapes, stream, tokens
from clinic.visitors.http import (
    Answer,
    Disconnected,
    Receive,
    Request,
    Scope,
    Send,
    problem_answer,
    send_answer,
)
from clinic.visitors.problems import Problem

logger = logging.getLogger(__name__)

T = TypeVar("T")
ROOT = "/api/v1"
pool = DatabasePool("api", settings.API_THREADS)
# The look at the brain may take as long as a turn; it must not keep a message waiting for a thread.
health_pool = DatabasePool("health", 1)
Handler = Callable[[Request], Awaitable[Answer]]


async def in_pool(work: Callable[..., T], *args: Any, threads: DatabasePool = pool) -> T:
    """Run blocking work in one of the API's threads."""
    return await asyncio.wrap_future(threads.submit(work, *args))


def conversation_of(request: Request) -> UUID:
    """Return the conversation that the request's token opens; raises the problem `token_invalid`."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    found = tokens.read(token.strip()) if scheme.lower() == "bearer" else None
    if found is None:
        raise Problem(401, "token_invalid", headers={"WWW-Authenticate": "Bearer"})
    return found


def measures(request: Request) -> bool:
    """Tell whether the request may measure."""
    return desk.is_measuring(request.headers.get("measuring-key", ""), request.address)


async def begin_conversation(request: Request) -> Answer:
    """POST /conversations."""
    body = await request.body()
    if body:
        request.need_json()
    agreed, identity = shapes.begun(body)
    if not measures(request):
        limits.conversation(request.address)
    return Answer(201, await in_pool(desk.begin, agreed, identity))


async def post_message(request: Request) -> Answer:
    """POST /messages."""
    conversation = conversation_of(request)
    request.need_json()
    body = await request.body()
    if not measures(request):
        limits.message(conversation, request.address)
    lookup.remember_address(conversation, request.address)
    status, stored = await in_pool(desk.post, conversation, shapes.posted(body))
    return Answer(status, stored)


async def post_typing(request: Request) -> Answer:
    """POST /typing."""
    conversation = conversation_of(request)
    request.need_json()
    on = shapes.typed(await request.body())
    if not measures(request):
        limits.typing(conversation, request.address)
    await in_pool(desk.typing, conversation, on)
    return Answer(204)


async def post_end(request: Request) -> Answer:
    """POST /end."""
    conversation = conversation_of(request)
    body = await request.body()
    if body:
        request.need_json()
    shapes.nothing(body)
    if not measures(request):
        limits.deed(conversation, request.address)
    await in_pool(desk.end, conversation)
    return Answer(204)


async def post_rating(request: Request) -> Answer:
    """POST /rating."""
    conversation = conversation_of(request)
    request.need_json()
    rating = shapes.rated(await request.body())
    if not measures(request):
        limits.deed(conversation, request.address)
    await in_pool(desk.rate, conversation, rating)
    return Answer(204)


async def get_practice(_: Request) -> Answer:
    """GET /practice."""
    return Answer(200, await in_pool(desk.practice))


async def get_messages(request: Request) -> Answer:
    """GET /messages."""
    conversation = conversation_of(request)
    after = shapes.after(request.query)
    return Answer(200, await in_pool(desk.messages_after, conversation, after, measures(request)))


async def get_health(_: Request) -> Answer:
    """GET /health."""
    status, body = await in_pool(desk.health, threads=health_pool)
    return Answer(status, body)


@cache
def _openapi() -> Any:
    return yaml.safe_load((Path(__file__).parent / "openapi.yaml").read_bytes())


async def get_openapi(_: Request) -> Answer:
    """GET /openapi.json."""
    return Answer(200, _openapi())


ROUTES: dict[str, dict[str, Handler]] = {
    f"{ROOT}/conversations": {"POST": begin_conversation},
    f"{ROOT}/messages": {"GET": get_messages, "POST": post_message},
    f"{ROOT}/typing": {"POST": post_typing},
    f"{ROOT}/end": {"POST": post_end},
    f"{ROOT}/rating": {"POST": post_rating},
    f"{ROOT}/practice": {"GET": get_practice},
    f"{ROOT}/health": {"GET": get_health},
    f"{ROOT}/openapi.json": {"GET": get_openapi},
}
STREAM = f"{ROOT}/stream"


def _methods(path: str) -> list[str]:
    methods = ["GET"] if path == STREAM else list(ROUTES[path])
    return [*methods, *(["HEAD"] if "GET" in methods else []), "OPTIONS"]


def _route(request: Request) -> Handler:
    """Return what answers the request; raises the problems 404 and 405."""
    if request.path not in ROUTES and request.path != STREAM:
        raise Problem(404, "not_found", "There is nothing at this address.")
    allowed = ", ".join(_methods(request.path))
    if request.method == "OPTIONS":
        return _answer_options(allowed)
    method = "GET" if request.method == "HEAD" else request.method
    if method not in allowed.split(", "):
        raise Problem(405, "method_not_allowed", "This address does not take this method.", {"Allow": allowed})
    return ROUTES[request.path][method] if request.path in ROUTES else _head_of_stream


def _answer_options(allowed: str) -> Handler:
    async def answer(_: Request) -> Answer:
        return Answer(204, headers={"Allow": allowed})

    return answer


async def _head_of_stream(request: Request) -> Answer:
    """HEAD /stream: what a GET would begin with."""
    conversation = conversation_of(request)
    await in_pool(desk.news, conversation, shapes.after(request.query))
    return Answer(200, headers={"Content-Type": stream.CONTENT_TYPE})


async def _refusal(problem: Problem) -> Answer:
    """Return the answer for a refusal. Its sentence may name facts that have to be read from the database."""
    try:
        return await in_pool(problem_answer, problem)
    except Exception as error:
        logger.error("The words for %s failed: %s.", problem.code, type(error).__name__)
        return problem_answer(problem, in_words=False)


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one request below /api/v1."""
    request = Request.of(scope, receive)
    try:
        request.check_host()
        request.check_origin()
        handler = _route(request)
        if request.path == STREAM and request.method == "GET":
            conversation = conversation_of(request)
            await stream.serve(request, send, conversation, shapes.after(request.query), in_pool)
            return
        answer = await handler(request)
    except Problem as problem:
        answer = await _refusal(problem)
    except Disconnected:
        return
    except Exception as error:
        # Its text may quote what a visitor wrote, so only its kind is told.
        logger.error("%s %s failed: %s.", request.method, request.path, type(error).__name__)
        answer = await _refusal(Problem(500, "failed"))
    await send_answer(send, answer, with_body=request.method != "HEAD")


def close() -> None:
    """Close the API's threads and their connections."""
    pool.close()
    health_pool.close()
