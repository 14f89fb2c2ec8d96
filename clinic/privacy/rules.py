"""For how long each kind is kept, and within which bounds the clinic may choose."""

from __future__ import annotations

from dataclasses import dataclass

from clinic.privacy.models import Rule


@dataclass(frozen=True)
class Bounds:
    """The days that count until the clinic chooses, and between which it may choose."""

    default: int
    least: int
    most: int


BOUNDS: dict[str, Bounds] = {
    Rule.Kind.NO_CONTACT: Bounds(60, 30, 365),
    Rule.Kind.CONTACT: Bounds(365, 30, 7 * 365),
    Rule.Kind.MEDICAL: Bounds(365, 30, 10 * 365),
    Rule.Kind.DELIVERY: Bounds(90, 7, 365),
}
# The program itself never deletes an entry of the audit log; the clinic may archive those that are older.
AUDIT_YEARS = 6


class OutOfBounds(ValueError):
    """So many days are not allowed for this kind."""


def days() -> dict[str, int]:
    """Return for each kind for how many days it is kept."""
    chosen = dict(Rule.objects.values_list("kind", "days"))
    return {kind: chosen.get(kind, bounds.default) for kind, bounds in BOUNDS.items()}


def choose(kind: str, number: int) -> int:
    """Keep a kind for so many days from now on, and return what it was before; raises `OutOfBounds`."""
    bounds = BOUNDS[kind]
    if not bounds.least <= number <= bounds.most:
        raise OutOfBounds
    before = days()[kind]
    Rule.objects.update_or_create(kind=kind, defaults={"days": number})
    return before
