"""The app `widget`."""

from django.apps import AppConfig


class WidgetConfig(AppConfig):
    """Registers the app."""

    name = "clinic.widget"
