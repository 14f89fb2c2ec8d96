"""How the page of numbers writes shares and waiting times."""

from __future__ import annotations

from django import template

register = template.Library()
HOUR, DAY = 60, 24 * 60


@register.filter
def share(part: int, whole: int) -> str:
    """Return a part of a whole as "37 %"; nothing of nothing is a dash."""
    return f"{part / whole:.0%}".replace("%", " %") if whole else "–"


@register.filter
def minutes(time: float | None) -> str:
    """Return minutes as "3 min", "2.5 h" or "1.2 days"; None as a dash."""
    if time is None:
        return "–"
    if time < HOUR:
        return f"{max(round(time), 1)} min"
    if time < DAY:
        return f"{time / HOUR:.1f} h"
    return f"{time / DAY:.1f} days"
