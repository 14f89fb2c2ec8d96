"""The form of the clinic's facts: what each is called, how it is typed, and the sentence when it cannot be used."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from zoneinfo import available_timezones

from django import forms

from clinic.practice import editing, facts
from clinic.practice.hours import DAY_NAMES, DAYS, parse_spans, parse_week, written_spans, written_week
from clinic.practice.models import Practice


@dataclass(frozen=True)
class Fact:
    """A fact as the page shows it: what it is called, a hint below it, and how wide its input is."""

    label: str
    hint: str = ""
    kind: str = "text"
    # How browsers may fill it in.
    autocomplete: str = "off"


GROUPS: dict[str, dict[str, Fact]] = {
    "The clinic": {
        "name": Fact("Name", "As it stands in a sentence: “Hello from Willow Street Skin Clinic.”"),
        "phone": Fact("Phone for visitors", kind="tel"),
        "email": Fact("E-mail for visitors", kind="email"),
        "address": Fact("Street address", "On one line."),
        "parking": Fact("Parking", "In a few words, such as “behind the building”."),
        "booking_url": Fact("Your own booking page", "An address that begins with https://. Empty: there is none."),
    },
    "When something is urgent": {
        "urgent_phone": Fact("Phone for urgent matters of patients", "Empty: there is none.", kind="tel"),
        "emergency_number": Fact("Emergency services", "Every emergency answer names it.", kind="tel"),
        "crisis_line": Fact("Line for a person in crisis", "Answers to somebody in crisis name it.", kind="tel"),
    },
    "What the bot may say about the clinic": {
        "price_line": Fact("Prices", "One sentence."),
        "payment": Fact("Ways to pay", "One sentence."),
        "deposit_policy": Fact("Deposits and cancellations", "One sentence."),
        "consultation_fee": Fact("What a consultation costs", "Such as “$50” or “free”."),
        "practitioners": Fact("Who gives the treatments", "One sentence."),
    },
}
TIMES = {
    "time_zone": Fact("Time zone"),
    "holidays": Fact(
        "Public holidays",
        "The country, or country and region, whose holidays are closed days: US, US-CA, GB-ENG. Empty: none.",
    ),
}
WAITING = {
    "unclaimed_minutes": Fact(
        "Minutes until a visitor hears that nobody has taken it yet",
        "The same minutes count until an urgent or medical matter that nobody has taken is told to a second group.",
    ),
    "forgotten_minutes": Fact(
        "Minutes until a visitor who waits for your colleague counts as forgotten",
        "Then whoever has taken it gets an alert, and after as long again everybody in the alert's rule.",
    ),
}
LABELS = {name: fact.label for group in (*GROUPS.values(), TIMES, WAITING) for name, fact in group.items()}
LABELS["hours"] = "Opening hours of the week"
# What the history names besides: of canned replies, rules for alerts and the chat's look.
LABELS |= {
    "title": "Title",
    "text": "Text",
    "topic": "Topic",
    "position": "Place",
    "is_active": "On",
    "kinds": "About",
    "emails": "E-mail addresses",
    "roles": "Roles",
    "webhook": "Webhook",
    "quiet_from": "Quiet from",
    "quiet_until": "Quiet until",
    "is_quiet_for_urgent": "Quiet for emergencies too",
    "accent": "Accent colour in light",
    "accent_text": "Text on the accent colour in light",
    "accent_dark": "Accent colour in dark",
    "accent_dark_text": "Text on the accent colour in dark",
    "avatar_digest": "Picture",
    "greeting": "Greeting",
    "privacy_url": "Address of the privacy notice",
}
NOTHING = "nothing"
TIME = re.compile(r"\b(\d{1,2})(?::(\d{2}))?(?:\s*([ap])\.?m\b\.?)?")
WRONG_NUMBER = ("required", "invalid", "min_value", "max_value")


def _sentence(error: ValueError) -> str:
    return f"This {error}."


class FactField(forms.CharField):
    """A fact, read by the rules of the setting that fills it."""

    def __init__(self, name: str, fact: Fact, widget: forms.Widget | None = None) -> None:
        """Take the label and the hint."""
        self._name = name
        attributes = {"autocomplete": fact.autocomplete, "maxlength": editing.LONGEST, "spellcheck": "false"}
        if fact.kind == "tel":
            attributes["inputmode"] = "tel"
        super().__init__(
            required=False,
            label=fact.label,
            help_text=fact.hint,
            widget=widget or forms.TextInput(attrs=attributes),
        )

    def clean(self, value: Any) -> str:
        """Return the value as it is kept."""
        text = str(value or "")
        try:
            return editing.checked(self._name, text)
        except ValueError as error:
            raise forms.ValidationError(_sentence(error)) from None


class SpansField(forms.CharField):
    """The opening hours of one day of the week."""

    def __init__(self, day: str) -> None:
        """Name the day."""
        super().__init__(
            required=False,
            label=day,
            max_length=200,
            widget=forms.TextInput(attrs={"placeholder": "Closed", "autocomplete": "off", "inputmode": "text"}),
        )

    def clean(self, value: Any) -> str:
        """Return the spans as `parse_spans` reads them, "" for a closed day."""
        text = str(value or "").strip().lower()
        try:
            return written_spans(parse_spans("" if text == "closed" else in_24_hours(text)))
        except ValueError as error:
            raise forms.ValidationError(f"{self.label} {error}.") from None


def in_24_hours(text: str) -> str:
    """Return spans as people type them, such as "9am to 5 pm" or "9-17", as `parse_spans` reads them."""
    return TIME.sub(_in_24_hours, re.sub(r"\s*(?:–|-|\bto\b)\s*", "-", text))


def _in_24_hours(match: re.Match[str]) -> str:
    hour, minutes, half = int(match[1]), match[2] or "00", match[3]
    if half and 1 <= hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    elif half:
        return match[0]
    return f"{hour:02}:{minutes}"


class PracticeForm(forms.Form):
    """Every fact that staff edit, and the version of the practice that they have read."""

    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Add the fields."""
        super().__init__(*args, **kwargs)
        for name, fact in (pair for group in GROUPS.values() for pair in group.items()):
            self.fields[name] = FactField(name, fact)
        zones = sorted(available_timezones() | {str(self.initial.get("time_zone", "UTC"))})
        self.fields["time_zone"] = FactField(
            "time_zone", TIMES["time_zone"], forms.Select(choices=[(zone, zone.replace("_", " ")) for zone in zones])
        )
        self.fields["holidays"] = FactField("holidays", TIMES["holidays"])
        for day, name in zip(DAYS, DAY_NAMES, strict=True):
            self.fields[f"hours_{day}"] = SpansField(name)
        for name, fact in WAITING.items():
            low, high = editing.MINUTES[name]
            wrong = f"This must be a whole number from {low} to {high}."
            self.fields[name] = forms.IntegerField(
                label=fact.label,
                help_text=fact.hint,
                min_value=low,
                max_value=high,
                error_messages=dict.fromkeys(WRONG_NUMBER, wrong),
            )

    @classmethod
    def of(cls, practice: Practice) -> PracticeForm:
        """Return the form filled with the practice as it is."""
        values = {name: getattr(practice, name) for name in editing.EDITABLE if name != "hours"}
        spans = {f"hours_{day}": written_spans(one) for day, one in zip(DAYS, parse_week(practice.hours), strict=True)}
        return cls(initial={**values, **spans, "version": practice.version})

    def groups(self) -> Iterator[tuple[str, list[forms.BoundField]]]:
        """Yield each group's title and its fields."""
        for title, group in GROUPS.items():
            yield title, [self[name] for name in group]

    def times(self) -> list[forms.BoundField]:
        """Return the fields beside the week."""
        return [self[name] for name in TIMES]

    def days(self) -> list[forms.BoundField]:
        """Return the fields of the week."""
        return [self[f"hours_{day}"] for day in DAYS]

    def waiting(self) -> list[forms.BoundField]:
        """Return the fields about waiting."""
        return [self[name] for name in WAITING]

    def values(self) -> dict[str, Any]:
        """Return field of the practice → value; the form has to be valid."""
        cleaned = self.cleaned_data
        week = tuple(parse_spans(cleaned[f"hours_{day}"]) for day in DAYS)
        return {name: cleaned[name] for name in editing.EDITABLE if name != "hours"} | {"hours": written_week(week)}


@dataclass(frozen=True)
class Difference:
    """A fact before and after, in words."""

    label: str
    old: str
    new: str


def in_words(changes: editing.Changes) -> list[Difference]:
    """Return changes as staff read them, in the order of the page."""
    return [
        Difference(LABELS.get(name, name), _words(name, changes[name][0]), _words(name, changes[name][1]))
        for name in sorted(changes, key=lambda one: list(LABELS).index(one) if one in LABELS else len(LABELS))
    ]


def _words(name: str, value: Any) -> str:
    if name == "hours":
        try:
            return facts.week_text(parse_week(str(value))) or "always closed"
        except ValueError:
            return str(value)
    if isinstance(value, list):
        return ", ".join(map(str, value)) or NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name == "avatar_digest" and value:
        return f"a picture ({str(value)[:8]})"
    return str(value) if value not in ("", None) else NOTHING
