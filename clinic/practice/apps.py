"""The app `practice`."""

from django.apps import AppConfig


class PracticeConfig(AppConfig):
    """Registers the app."""

    name = "clinic.practice"
