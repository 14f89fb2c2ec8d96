"""The form of the chat's look: what is typed and picked, and the sentence when it cannot be read or used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.http import QueryDict

from clinic.widget import avatar, contrast, editing, models, palette

GREETING_LENGTH, ADDRESS_LENGTH = 200, 300
PICK, WAS = "_pick", "_was"


@dataclass(frozen=True)
class Mode:
    """Light or dark: the fields of its accent and of the text on that, and the page's title for it."""

    name: str
    title: str
    accent: str
    text: str


MODES = (
    Mode(palette.LIGHT, "Colours in light", "accent", "accent_text"),
    Mode(palette.DARK, "Colours in dark", "accent_dark", "accent_dark_text"),
)
LINE = forms.TextInput(attrs={"autocomplete": "off"})


def one_line(text: str) -> None:
    """Refuse what is no single line."""
    if any(ord(character) < 32 for character in text):
        raise forms.ValidationError("This must be a single line of text.")


class ColourField(forms.CharField):
    """A colour, kept as `#rrggbb`."""

    def __init__(self, label: str) -> None:
        """Take the label."""
        attributes = {"autocomplete": "off", "spellcheck": "false", "maxlength": 9}
        super().__init__(required=False, label=label, widget=forms.TextInput(attrs=attributes))

    def clean(self, value: Any) -> str:
        """Return the colour as it is kept."""
        try:
            return contrast.read(str(value or ""))
        except ValueError as error:
            raise forms.ValidationError(f"This {error}.") from None


class PictureField(forms.FileField):
    """An upload, drawn anew as the avatar that is kept."""

    def clean(self, data: Any, initial: Any = None) -> bytes | None:
        """Return the picture, or None without an upload."""
        if not data:
            return None
        try:
            return avatar.drawn(data.read(avatar.MOST_BYTES + 1))
        except ValueError as error:
            raise forms.ValidationError(f"This {error}.") from None


class LookForm(forms.Form):
    """Everything of the look that staff edit, and the version of it that they have read."""

    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    accent = ColourField("Accent colour")
    accent_text = ColourField("Text on the accent colour")
    accent_dark = ColourField("Accent colour")
    accent_dark_text = ColourField("Text on the accent colour")
    position = forms.ChoiceField(
        choices=models.Look.Position.choices,
        label="Corner of the page",
        widget=forms.RadioSelect,
        error_messages={"required": "Please choose a corner."},
    )
    picture = PictureField(
        required=False,
        label="New picture",
        help_text="A PNG, JPEG or WebP file of at most 200 kB. It is cut to a square and made small; what a camera has"
        " written into the file, such as the place, is left out.",
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
    )
    without_picture = forms.BooleanField(required=False, label="Show no picture")
    greeting = forms.CharField(
        required=False,
        max_length=GREETING_LENGTH,
        label="Greeting",
        help_text="One line above what the assistant says of itself first. Empty: none.",
        widget=LINE,
        validators=[one_line],
    )
    privacy_url = forms.CharField(
        required=False,
        max_length=ADDRESS_LENGTH,
        label="Address of your privacy notice",
        help_text="An address that begins with https:// or http://. Empty: the chat links to none.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "inputmode": "url"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Begin without suggestions."""
        super().__init__(*args, **kwargs)
        # Field → colour that would do, of every colour that will not.
        self.suggestions: dict[str, str] = {}

    @classmethod
    def of(cls, row: models.Look) -> LookForm:
        """Return the form filled with the look as it is."""
        names = (*editing.COLOURS, "position", "greeting", "privacy_url", "version")
        return cls(initial={name: getattr(row, name) for name in names})

    def clean_privacy_url(self) -> str:
        """Refuse what is no address of a page."""
        address: str = self.cleaned_data["privacy_url"]
        if address and not _is_address(address):
            raise forms.ValidationError("This must be an address that begins with https:// or http://.")
        return address

    def clean(self) -> dict[str, Any]:
        """Refuse colours that cannot be read together."""
        cleaned: dict[str, Any] = super().clean() or {}
        for mode in MODES:
            if mode.accent not in cleaned or mode.text not in cleaned:
                continue
            for problem in palette.problems(cleaned[mode.accent], cleaned[mode.text], mode.name):
                field = mode.accent if problem.is_accent else mode.text
                self.suggestions[field] = problem.suggestion
                self.add_error(field, problem.sentence)
        return cleaned

    def values(self) -> dict[str, Any]:
        """Return field of the look → value; the form has to be valid."""
        return {name: self.cleaned_data[name] for name in editing.EDITABLE if name in self.cleaned_data}

    def new_picture(self) -> bytes | None:
        """Return the avatar to keep: a new one, b"" for none, None for the one there is; the form has to be valid."""
        picture: bytes | None = self.cleaned_data["picture"]
        return b"" if picture is None and self.cleaned_data["without_picture"] else picture


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and text.isprintable() and " " not in text


def chosen(sent: QueryDict, colours: Mapping[str, str] | None = None) -> QueryDict:
    """Return what was sent with one value for each colour; `colours` replace what was sent.

    A colour is typed, or picked in the browser's own way, which a browser without scripts cannot show in the text. What
    was typed counts if it is a colour other than the one that the page was sent with; else what was picked does.
    """
    data = sent.copy()
    for name in editing.COLOURS:
        data[name] = (colours or {}).get(name) or _chosen(
            sent.get(name, ""), sent.get(name + PICK, ""), sent.get(name + WAS, "")
        )
    return data


def _chosen(typed: str, picked: str, was: str) -> str:
    is_typed = _read(typed) not in ("", was)
    is_picked = _read(picked) not in ("", was)
    return picked if is_picked and not is_typed else typed


def _read(text: str) -> str:
    """Return a colour as it is kept, "" for what is none."""
    try:
        return contrast.read(text)
    except ValueError:
        return ""
