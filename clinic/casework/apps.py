"""The app `casework`."""

from django.apps import AppConfig


class CaseworkConfig(AppConfig):
    """Registers the app."""

    name = "clinic.casework"
