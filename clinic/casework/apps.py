"""The app `casework`."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_delete


class CaseworkConfig(AppConfig):
    """Registers the app, and lets tags go with the last conversation that has them."""

    name = "clinic.casework"

    def ready(self) -> None:
        """Look at a tag whenever it comes off a conversation, by a click or because the conversation is deleted."""
        from clinic.casework.models import ConversationTag

        post_delete.connect(_comes_off, sender=ConversationTag, dispatch_uid="casework")


def _comes_off(instance: Any, **_: Any) -> None:
    from clinic.casework.desk import drop_unused

    drop_unused(instance.tag_id)
