"""The app `handoffs`."""

from django.apps import AppConfig


class HandoffsConfig(AppConfig):
    """Registers the app and the handler of the turn's `hand_off` effects."""

    name = "clinic.handoffs"

    def ready(self) -> None:
        """Let turns create hand-offs."""
        from clinic.conversations import effects
        from clinic.handoffs.desk import hand_off

        effects.register("hand_off", hand_off)
