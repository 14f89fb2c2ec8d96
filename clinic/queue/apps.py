"""The app `queue`."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate


class QueueConfig(AppConfig):
    """Registers the app, and keeps what it has put on the tables of other apps."""

    name = "clinic.queue"

    def ready(self) -> None:
        """Look after every migration, of whatever app, whether triggers and indexes are still there; teach SQLite."""
        connection_created.connect(_teach, dispatch_uid="clinic.queue")
        post_migrate.connect(_restore, sender=self, dispatch_uid="clinic.queue")


def _restore(using: str, **_: Any) -> None:
    from django.db import connections

    from clinic.queue.schema import restore

    restore(connections[using])


def _teach(connection: BaseDatabaseWrapper, **_: Any) -> None:
    from clinic.queue.search import has_patterns

    if connection.vendor == "sqlite":
        connection.connection.create_function("queue_has", 2, has_patterns, deterministic=True)
