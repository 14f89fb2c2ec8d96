"""Contrast between two colours, and the nearest colour that has enough of it.

Relative luminance and contrast ratio are those of the Web Content Accessibility Guidelines 2.2
(https://www.w3.org/TR/WCAG22/#dfn-relative-luminance and #dfn-contrast-ratio): each channel of sRGB, from 0 to 1, is
made linear, `c / 12.92` up to 0.04045 and `((c + 0.055) / 1.055) ** 2.4` above; the luminance is
`0.2126 R + 0.7152 G + 0.0722 B`, and the ratio `(lighter + 0.05) / (darker + 0.05)`, from 1 to 21. Success criterion
1.4.3 asks for 4.5 of text of a usual size.
"""

from __future__ import annotations

import colorsys
import math
import re
from collections.abc import Iterable

ENOUGH = 4.5
BLACK, WHITE = "#000000", "#ffffff"
_WRITTEN = re.compile(r"#?([0-9a-f]{6}|[0-9a-f]{3})")
# Lightness is searched in steps finer than those of a channel.
_STEPS = 512


def read(text: str) -> str:
    """Return a colour as it is kept, `#rrggbb`, from `#RRGGBB` or `#RGB` with or without `#`; raises ValueError."""
    match = _WRITTEN.fullmatch(text.strip().lower())
    if match is None:
        raise ValueError("must be a colour such as #2f5d56")
    digits = match[1]
    return "#" + (digits if len(digits) == 6 else "".join(digit * 2 for digit in digits))


def _channels(colour: str) -> tuple[int, int, int]:
    """Return red, green and blue of a `#rrggbb`, each from 0 to 255."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _written(channels: Iterable[float]) -> str:
    """Return `#rrggbb` for channels from 0 to 255."""
    return "#" + "".join(f"{min(max(round(channel), 0), 255):02x}" for channel in channels)


def luminance(colour: str) -> float:
    """Return the relative luminance of a `#rrggbb`, from 0 for black to 1 for white."""
    red, green, blue = (_linear(channel / 255) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return float(channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4)


def ratio(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, from 1 to 21; their order makes no difference."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def has_enough(colour: str, others: Iterable[str]) -> bool:
    """Tell whether text of this colour can be read on each of the others, or text of each of them on it."""
    return all(ratio(colour, other) >= ENOUGH for other in others)


def in_words(value: float) -> str:
    """Return a ratio as "4.49:1", cut and never rounded up, so that what fails never reads as if it did not."""
    return f"{math.floor(value * 100) / 100:g}:1"


def nearest(colour: str, others: Iterable[str]) -> str:
    """Return the colour nearest to `colour`, of the same hue, that has enough contrast to all the others.

    Only its lightness (of HSL) changes, both ways at once. At the ends stand black and white, so that there always is
    one wherever either of them is enough; raises ValueError elsewhere.
    """
    others = tuple(others)
    red, green, blue = (channel / 255 for channel in _channels(colour))
    hue, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    for step in range(_STEPS + 1):
        for change in (-step / _STEPS, step / _STEPS):
            shade = _of(hue, min(max(lightness + change, 0.0), 1.0), saturation)
            if has_enough(shade, others):
                return shade
    raise ValueError(f"no shade of {colour} has enough contrast to {', '.join(others)}")


def _of(hue: float, lightness: float, saturation: float) -> str:
    return _written(255 * channel for channel in colorsys.hls_to_rgb(hue, lightness, saturation))


def mix(colour: str, other: str, share: float) -> str:
    """Return `colour` with a share, from 0 to 1, of the other one, channel by channel."""
    pairs = zip(_channels(colour), _channels(other), strict=True)
    return _written(mine + share * (its - mine) for mine, its in pairs)
