"""The app `staff`."""

from django.apps import AppConfig


class StaffConfig(AppConfig):
    """Registers the app and puts logins on record."""

    name = "clinic.staff"

    def ready(self) -> None:
        """Listen to logins."""
        from clinic.staff import entries

        entries.listen()
