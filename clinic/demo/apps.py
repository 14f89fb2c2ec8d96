"""The app `demo`."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """Registers the app."""

    name = "clinic.demo"
