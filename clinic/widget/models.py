"""How the chat looks on the clinic's website."""

from __future__ import annotations

from django.db import models


class Look(models.Model):
    """What the clinic has chosen for its chat; there is one row, and none before the first edit.

    Colours are `#rrggbb`: `accent` fills buttons and writes links, `accent_text` is the text on it, each for light and
    for dark. `avatar` is a WebP picture, `avatar_digest` names it; both are empty without one. `version` counts the
    edits, so that of two people who edit at once the second is told.
    """

    class Position(models.TextChoices):
        """The corner of the page that the button stands in."""

        RIGHT = "right", "Right"
        LEFT = "left", "Left"

    accent = models.CharField(max_length=7, default="#2f5d56")
    accent_text = models.CharField(max_length=7, default="#ffffff")
    accent_dark = models.CharField(max_length=7, default="#9cc9bd")
    accent_dark_text = models.CharField(max_length=7, default="#14211e")
    position = models.CharField(max_length=5, choices=Position.choices, default=Position.RIGHT)
    avatar = models.BinaryField(default=bytes, blank=True)
    avatar_digest = models.CharField(max_length=64, blank=True)
    greeting = models.CharField(max_length=200, blank=True)
    privacy_url = models.CharField(max_length=300, blank=True)
    version = models.PositiveIntegerField(default=0)
    edited_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"the look at version {self.version}"
