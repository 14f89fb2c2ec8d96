"""Contrast as the Web Content Accessibility Guidelines 2.2 define it, and the nearest colour that has enough."""

from __future__ import annotations

import colorsys
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.env import BASE_DIR
from clinic.widget import contrast, models
from clinic.widget.palette import DARK, INKS, LIGHT, SURFACES, Palette, pairs, problems

colours = st.integers(0, 0xFFFFFF).map("#{:06x}".format)
modes = st.sampled_from([LIGHT, DARK])


# The ends of the scale; greys around 4.5 as many checkers show them; the three pure colours on white.
@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#ffffff", 1.0),
        ("#767676", "#ffffff", 4.54),
        ("#777777", "#ffffff", 4.48),
        ("#949494", "#ffffff", 3.03),
        ("#ff0000", "#ffffff", 4.0),
        ("#00ff00", "#ffffff", 1.37),
        ("#0000ff", "#ffffff", 8.59),
        ("#ffff00", "#000000", 19.56),
        ("#0a0a0a", "#000000", 1.06),
    ],
)
def test_known_ratios(one: str, other: str, ratio: float) -> None:
    assert contrast.ratio(one, other) == pytest.approx(ratio, abs=0.005)
    assert contrast.ratio(other, one) == contrast.ratio(one, other)


@pytest.mark.parametrize(
    ("colour", "luminance"),
    [
        ("#000000", 0),
        ("#ffffff", 1),
        ("#ff0000", 0.2126),
        ("#00ff00", 0.7152),
        ("#0000ff", 0.0722),
        ("#808080", 0.2159),
    ],
)
def test_known_luminances(colour: str, luminance: float) -> None:
    assert contrast.luminance(colour) == pytest.approx(luminance, abs=0.00005)


def test_a_ratio_is_never_rounded_up_to_what_is_needed() -> None:
    assert contrast.in_words(4.4999) == "4.49:1"
    assert contrast.in_words(4.5) == "4.5:1"
    assert contrast.in_words(21) == "21:1"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("#2F5D56", "#2f5d56"), (" 2f5d56 ", "#2f5d56"), ("#abc", "#aabbcc"), ("ABC", "#aabbcc")],
)
def test_colours_as_people_type_them(typed: str, kept: str) -> None:
    assert contrast.read(typed) == kept


@pytest.mark.parametrize(
    "typed", ["", "green", "#12345", "#1234567", "##123456", "#12345g", "url(x)", "#123;}", "#١٢٣"]
)
def test_what_is_no_colour(typed: str) -> None:
    with pytest.raises(ValueError, match="must be a colour such as #2f5d56"):
        contrast.read(typed)


def test_mixing() -> None:
    assert contrast.mix("#000000", "#ffffff", 0.5) == "#808080"
    assert contrast.mix("#102030", "#ffffff", 0) == "#102030"
    assert contrast.mix("#102030", "#fedcba", 1) == "#fedcba"


@settings(deadline=None)
@given(colours, modes)
def test_the_nearest_colour_can_be_read_and_is_of_the_same_hue(colour: str, mode: str) -> None:
    surfaces = SURFACES[mode].values()
    found = contrast.nearest(colour, surfaces)
    assert contrast.has_enough(found, surfaces)
    if contrast.has_enough(colour, surfaces):
        assert found == colour
    hue, _, saturation = _hls(colour)
    found_hue, lightness, found_saturation = _hls(found)
    # Channels are whole numbers: the less colour there is, the less exactly they say the hue.
    if min(saturation, found_saturation) > 0.3 and 0.1 < lightness < 0.9:
        assert min(abs(hue - found_hue), 1 - abs(hue - found_hue)) < 0.02


def _hls(colour: str) -> Any:
    return colorsys.rgb_to_hls(*(int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)))


def test_the_nearest_colour_is_near() -> None:
    assert contrast.nearest("#777777", ["#ffffff"]) == "#767676"
    # Down is as good as up, whichever is nearer.
    assert contrast.nearest("#808080", ["#202020"]) != contrast.BLACK
    assert contrast.luminance(contrast.nearest("#666666", ["#555555"])) > contrast.luminance("#666666")


def test_where_no_colour_will_do_it_says_so() -> None:
    with pytest.raises(ValueError, match="no shade of #123456"):
        contrast.nearest("#123456", ["#000000", "#777777", "#ffffff"])


@settings(deadline=None)
@given(colours, colours, modes)
def test_whoever_takes_the_suggestions_has_no_problem_left(accent: str, text: str, mode: str) -> None:
    for problem in problems(accent, text, mode):
        accent, text = (problem.suggestion, text) if problem.is_accent else (accent, problem.suggestion)
    assert problems(accent, text, mode) == []
    assert all(pair.is_enough for pair in pairs(accent, text, mode))


@settings(deadline=None)
@given(colours, colours, modes)
def test_problems_are_there_exactly_where_a_pair_cannot_be_read(accent: str, text: str, mode: str) -> None:
    assert bool(problems(accent, text, mode)) == any(not pair.is_enough for pair in pairs(accent, text, mode))


@settings(deadline=None)
@given(colours, colours, modes)
def test_what_is_derived_can_be_read_too(accent: str, text: str, mode: str) -> None:
    for problem in problems(accent, text, mode):
        accent, text = (problem.suggestion, text) if problem.is_accent else (accent, problem.suggestion)
    palette = Palette.of(accent, text, mode)
    assert contrast.has_enough(palette.strong, [palette.on, *SURFACES[mode].values()])
    assert contrast.has_enough(palette.soft, [palette.strong, *INKS[mode]])


def test_a_pair_that_cannot_be_read_is_named_with_its_ratio_and_a_colour_that_will_do() -> None:
    [accent] = problems("#88c0b0", "#ffffff", LIGHT)
    assert accent.is_accent
    assert accent.sentence.startswith(
        "In light, the accent colour on the paper (#88c0b0 on #fbf7f2) has a contrast of "
    )
    assert "1.92:1, and 4.5:1 is needed: the nearest darker colour that can be read is #" in accent.sentence
    [text] = problems("#9cc9bd", "#ffffff", DARK)
    assert not text.is_accent
    assert text.sentence.startswith(
        "In dark, the text on the accent colour (#ffffff on #9cc9bd) has a contrast of 1.82:1"
    )
    assert f"the nearest darker colour that can be read is {text.suggestion}." in text.sentence
    [dark] = problems("#2f5d56", "#000000", DARK)
    # Of the two surfaces the card is the one on which it can be read less.
    assert dark.sentence.startswith(
        "In dark, the accent colour on a card (#2f5d56 on #2a2623) has a contrast of 2.01:1"
    )
    assert f"the nearest lighter colour that can be read is {dark.suggestion}." in dark.sentence


def test_the_defaults_can_be_read() -> None:
    row = models.Look()
    assert problems(row.accent, row.accent_text, LIGHT) == []
    assert problems(row.accent_dark, row.accent_dark_text, DARK) == []


def test_surfaces_inks_and_defaults_are_those_of_the_pages() -> None:
    sheet = (BASE_DIR / "clinic/visitors/static/visitors/tokens.css").read_text()
    light, dark = (dict(re.findall(r"--([\w-]+): (#\w{6})", part)) for part in sheet.split("@media"))
    for mode, tokens in ((LIGHT, light), (DARK, dark)):
        assert list(SURFACES[mode].values()) == [tokens["paper"], tokens["card"]]
        assert list(INKS[mode]) == [tokens["ink"], tokens["ink-2"]]
    row = models.Look()
    assert (row.accent, row.accent_text) == (light["accent"], light["on-accent"])
    assert (row.accent_dark, row.accent_dark_text) == (dark["accent"], dark["on-accent"])
