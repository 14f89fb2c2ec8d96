"""The app `conversations`."""

from django.apps import AppConfig


class ConversationsConfig(AppConfig):
    """Registers the app."""

    name = "clinic.conversations"
