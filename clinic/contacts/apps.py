"""The app `contacts`."""

from django.apps import AppConfig


class ContactsConfig(AppConfig):
    """Registers the app and the handler of the turn's `contact` effects."""

    name = "clinic.contacts"

    def ready(self) -> None:
        """Let turns write contacts."""
        from clinic.contacts.desk import write_contact
        from clinic.conversations import effects

        effects.register("contact", write_contact)
