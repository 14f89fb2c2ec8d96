"""The look that the clinic has chosen for its chat, as the launcher, the frame and the plain page read it."""

from __future__ import annotations

from dataclasses import dataclass

from clinic.practice.facts import Kept
from clinic.widget import models
from clinic.widget.palette import DARK, LIGHT, Palette


@dataclass(frozen=True)
class Look:
    """The look at one version.

    Colours are `#rrggbb`; `position` is "right" or "left"; `avatar` is the digest of the picture at
    /chat/avatar/<digest>, `greeting` one line, and `privacy_url` an http(s) address, each "" where there is none.
    """

    accent: str
    accent_text: str
    accent_dark: str
    accent_dark_text: str
    position: str
    avatar: str
    greeting: str
    privacy_url: str
    version: int

    @property
    def light(self) -> Palette:
        """Return the colours in light."""
        return Palette.of(self.accent, self.accent_text, LIGHT)

    @property
    def dark(self) -> Palette:
        """Return the colours in dark."""
        return Palette.of(self.accent_dark, self.accent_dark_text, DARK)

    def css(self) -> str:
        """Return a style sheet that sets --accent, --accent-strong, --on-accent and --accent-soft in light and dark."""
        light, dark = (f":root{{{palette.css()}}}" for palette in (self.light, self.dark))
        return f"{light}@media (prefers-color-scheme:dark){{{dark}}}"


def of(row: models.Look) -> Look:
    """Return the look of a row, saved or not."""
    return Look(
        accent=row.accent,
        accent_text=row.accent_text,
        accent_dark=row.accent_dark,
        accent_dark_text=row.accent_dark_text,
        position=row.position,
        avatar=row.avatar_digest,
        greeting=row.greeting,
        privacy_url=row.privacy_url,
        version=row.version,
    )


def saved() -> models.Look:
    """Return the one row, without its picture until somebody asks for it; before the first edit the defaults."""
    return models.Look.objects.defer("avatar").filter(pk=1).first() or models.Look(pk=1)


_kept = Kept(lambda: of(saved()))


def current() -> Look:
    """Return the look, at most `facts.KEEP_SECONDS` old."""
    return _kept.get()


def forget() -> None:
    """Read the look afresh next time; for whoever has just edited it."""
    _kept.forget()
