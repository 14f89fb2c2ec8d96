"""The chat's colours that follow from the clinic's accent, and what is wrong with an accent that cannot be read."""

from __future__ import annotations

from dataclasses import dataclass

from clinic.widget import contrast

LIGHT, DARK = "light", "dark"
# What stands behind the chat's texts: the paper of the frame and the cards on it, in light and in dark; and the ink of
# its texts, loud and quiet. They are those of tokens.css, so whoever changes one changes the other.
SURFACES = {
    LIGHT: {"the paper": "#fbf7f2", "a card": "#ffffff"},
    DARK: {"the paper": "#1b1917", "a card": "#2a2623"},
}
INKS = {LIGHT: ("#2b2825", "#5d554d"), DARK: ("#f2ece5", "#c3b8ac")}
# How far the strong accent goes from the accent: towards black in light, towards white in dark.
STRONGER = {LIGHT: (contrast.BLACK, 0.23), DARK: (contrast.WHITE, 0.32)}
# How many hundredths of the soft accent are accent at most, the rest is the card; fewer where a text on it needs that.
SOFT = 15


@dataclass(frozen=True)
class Palette:
    """Every colour that follows from an accent and its text, in light or in dark; each is `#rrggbb`.

    `strong` is for links, for the texts of outlined buttons, and for filled ones under the pointer: the accent, further
    away from the surfaces. An accent that can be read on them lies far from them and its text on their side, so with
    that step the contrast of `strong` to the surfaces grows, and that of `on` to `strong` does too.

    `soft` lies behind texts: the card with a little accent in it, so little that the inks and `strong` keep enough
    contrast on it. The accent itself is not promised to.
    """

    accent: str
    strong: str
    on: str
    soft: str

    @classmethod
    def of(cls, accent: str, text: str, mode: str) -> Palette:
        """Return the palette of an accent and the text on it in a mode, `light` or `dark`."""
        strong = contrast.mix(accent, *STRONGER[mode])
        return cls(accent, strong, text, _soft(accent, strong, mode))

    def css(self) -> str:
        """Return the custom properties."""
        return f"--accent:{self.accent};--accent-strong:{self.strong};--on-accent:{self.on};--accent-soft:{self.soft}"


def _soft(accent: str, strong: str, mode: str) -> str:
    card = SURFACES[mode]["a card"]
    shades = (contrast.mix(card, accent, hundredths / 100) for hundredths in range(SOFT, 0, -1))
    return next((shade for shade in shades if contrast.has_enough(shade, (*INKS[mode], strong))), card)


@dataclass(frozen=True)
class Pair:
    """A text's colour on another one: what it is called, and how well it can be read."""

    name: str
    text: str
    behind: str

    @property
    def ratio(self) -> float:
        """Return the contrast ratio, from 1 to 21."""
        return contrast.ratio(self.text, self.behind)

    @property
    def is_enough(self) -> bool:
        """Tell whether it can be read."""
        return self.ratio >= contrast.ENOUGH

    @property
    def in_words(self) -> str:
        """Return the ratio as "5.02:1"."""
        return contrast.in_words(self.ratio)


def pairs(accent: str, text: str, mode: str) -> list[Pair]:
    """Return every pair that has to hold in a mode: the text on the accent, and the accent as text on each surface."""
    surfaces = [Pair(f"the accent colour on {name}", accent, colour) for name, colour in SURFACES[mode].items()]
    return [Pair("the text on the accent colour", text, accent), *surfaces]


@dataclass(frozen=True)
class Problem:
    """What cannot be read: whether the `accent` has to change, else its text, a sentence, and a colour that will do."""

    is_accent: bool
    sentence: str
    suggestion: str


def problems(accent: str, text: str, mode: str) -> list[Problem]:
    """Return what is wrong with an accent and the text on it in a mode; whoever takes every suggestion has no problem.

    The text is judged on the accent as it is suggested where the accent itself will not do.
    """
    found = []
    surfaces = SURFACES[mode].values()
    if not contrast.has_enough(accent, surfaces):
        worst = min(pairs(accent, text, mode)[1:], key=lambda pair: pair.ratio)
        accent = contrast.nearest(accent, surfaces)
        found.append(Problem(True, _sentence(worst, mode, accent), accent))
    pair = pairs(accent, text, mode)[0]
    if not pair.is_enough:
        suggestion = contrast.nearest(text, [accent])
        found.append(Problem(False, _sentence(pair, mode, suggestion), suggestion))
    return found


def _sentence(pair: Pair, mode: str, suggestion: str) -> str:
    way = "lighter" if contrast.luminance(suggestion) > contrast.luminance(pair.text) else "darker"
    return (
        f"In {mode}, {pair.name} ({pair.text} on {pair.behind}) has a contrast of {pair.in_words}, and"
        f" {contrast.in_words(contrast.ENOUGH)} is needed: the nearest {way} colour that can be read is {suggestion}."
    )
