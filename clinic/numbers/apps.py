"""The app `numbers`."""

from django.apps import AppConfig


class NumbersConfig(AppConfig):
    """Registers the app."""

    name = "clinic.numbers"
