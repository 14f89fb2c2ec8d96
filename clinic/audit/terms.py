"""Search terms in the audit log: a keyed fingerprint, which tells nobody what was searched for.

Whoever knows the terms can ask whether they were searched for; nobody can read them out of the log.
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from clinic.audit.actions import Action
from clinic.audit.log import Actor, record
from clinic.audit.models import Entry

SEARCH = "search"


def normalised(terms: str) -> str:
    """Return terms without what makes no difference: case, width, accents' encoding, and space between words."""
    return " ".join(unicodedata.normalize("NFKC", terms).casefold().split())


def fingerprint(terms: str) -> str:
    """Return the HMAC-SHA256 of the normalised terms in 64 hexadecimal digits; its key is the installation's secret."""
    key = hashlib.sha256(b"audit search terms\0" + settings.SECRET_KEY.encode()).digest()
    return hmac.new(key, normalised(terms).encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def record_search(by: Actor | HttpRequest, terms: str, **details: Any) -> Entry:
    """Record that somebody searched for something, with the fingerprint of the terms in place of them."""
    return record(Action.SEARCHED, by, (SEARCH, fingerprint(terms)), words=len(terms.split()), **details)
