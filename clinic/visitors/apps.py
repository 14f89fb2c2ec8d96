"""The app `visitors`."""

from django.apps import AppConfig


class VisitorsConfig(AppConfig):
    """Registers the app."""

    name = "clinic.visitors"
