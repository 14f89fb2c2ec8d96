"""What may stand in the log: short, one line, and the same after a round trip through any database."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping
from typing import Any

LONGEST_TEXT, MOST_ITEMS = 200, 50
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
# Control characters, among them CR, LF and NUL; formats such as right-to-left; lone surrogates; separators of lines.
UNSEEN = ("Cc", "Cf", "Cs", "Zl", "Zp")


def text(raw: object, length: int = LONGEST_TEXT) -> str:
    """Return at most `length` characters; each that shows nothing, or moves what follows, becomes U+FFFD."""
    shown = str(raw)[: length + 1]
    clean = "".join(REPLACEMENT if unicodedata.category(sign) in UNSEEN else sign for sign in shown)
    return clean if len(clean) <= length else clean[: length - 1] + "…"


def plain(raw: Any) -> Any:
    """Return details as plain JSON that every database gives back as it got it: no long text, no odd number."""
    if raw is None or isinstance(raw, bool | int):
        return raw
    if isinstance(raw, float):
        return _number(raw)
    if isinstance(raw, Mapping):
        return {text(name): plain(value) for name, value in list(raw.items())[:MOST_ITEMS]}
    if isinstance(raw, list | tuple | set | frozenset):
        items = sorted(raw, key=str) if isinstance(raw, set | frozenset) else list(raw)
        return [plain(value) for value in items[:MOST_ITEMS]]
    return text(raw)


def _number(raw: float) -> int | str:
    # Databases write fractions in ways of their own; a text stays as it is.
    if math.isfinite(raw) and raw == int(raw) and abs(raw) < 2**53:
        return int(raw)
    return f"{raw:.6g}"
