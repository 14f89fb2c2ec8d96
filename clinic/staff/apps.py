"""The app `staff`."""

from django.apps import AppConfig


class StaffConfig(AppConfig):
    """Registers the app."""

    name = "clinic.staff"
