"""`/chat/plain/`: the chat as a page that works without scripts."""

from __future__ import annotations

import base64
import logging
from hashlib import sha256

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from clinic.visitors.problems import SENTENCES, Problem
from clinic.widget import strings
from clinic.widget.plain import deeds, form, page, wait
from clinic.widget.plain.deeds import Refused
from clinic.widget.plain.form import Filled
from clinic.widget.plain.page import Talk, Told

logger = logging.getLogger(__name__)


def policy(style: str) -> str:
    """Return the content security policy of a page with exactly this style: it runs nothing."""
    digest = base64.b64encode(sha256(style.encode()).digest()).decode()
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src 'sha256-{digest}'",
            "img-src 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        )
    )


# Django's protection against forged forms needs a cookie, and guards what a browser sends along by itself. Here that
# is nothing: the token in the form alone says whose conversation it is, and another site's page does not know it.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """Show the page; after a POST, with what has come of it."""
    if request.method != "POST":
        language = strings.language(request.GET.get("lang", ""))
        return _answer(page.talk(None), Told(), language)
    if not form.is_ours(request):
        language = strings.language("")
        told = Told(problem=page.texts(language)["otherSite"])
        return _answer(page.talk(None), told, language, 403)
    filled = Filled.of(request)
    return _answer_form(filled, str(request.META["REMOTE_ADDR"]), strings.language(filled.language))


def _answer_form(filled: Filled, address: str, language: str) -> HttpResponse:
    texts = page.texts(language)
    try:
        done = deeds.do(filled, address, texts)
        if done.conversation is None:
            return _answer(page.talk(None), Told(text=filled.text), language)
        told = Told(
            # What was sent from the box need not stand in it any more.
            text="" if done.has_sent and filled.button == form.SEND else filled.text,
            token=deeds.token_for(done.conversation, filled),
            is_answered=wait.until_answered(done.conversation),
            is_rated=done.is_rated,
        )
        return _answer(page.talk(done.conversation), told, language)
    except Problem as problem:
        sentence = problem.body()["detail"] if problem.code in SENTENCES else texts["unknownProblem"]
        return _refusal(filled, language, problem.status, sentence, problem.headers)
    except Refused as refused:
        return _refusal(filled, language, refused.status, texts[refused.name], {})
    except Exception as error:
        # Its text may quote what a visitor wrote, so only its kind is told.
        logger.error("The plain page's %s failed: %s.", filled.button, type(error).__name__)
        return _refusal(filled, language, 500, texts["unknownProblem"], {})


def _refusal(filled: Filled, language: str, status: int, sentence: str, headers: dict[str, str]) -> HttpResponse:
    """Show the conversation as it stands, if it still may be read, with the sentence and with what was typed."""
    shown, token = page.talk(None), ""
    try:
        conversation = deeds.conversation_of(filled)
        if conversation is not None:
            shown, token = page.talk(conversation), filled.token
    except Problem:
        pass
    # The same ticket begins the same conversation when the button is pressed again.
    ticket = filled.ticket if form.read_ticket(filled.ticket) else ""
    told = Told(problem=sentence, text=filled.text, token=token, ticket=ticket)
    return _answer(shown, told, language, status, headers)


def _answer(
    shown: Talk, told: Told, language: str, status: int = 200, headers: dict[str, str] | None = None
) -> HttpResponse:
    style = page.style()
    return HttpResponse(
        page.document(shown, told, language),
        status=status,
        headers={
            "Cache-Control": "no-store",
            "Content-Security-Policy": policy(style),
            # Other sites learn nothing. Ours are told, as a browser that hides everything says not even to us which
            # page a form comes from.
            "Referrer-Policy": "same-origin",
            "X-Frame-Options": "DENY",
            **(headers or {}),
        },
    )
