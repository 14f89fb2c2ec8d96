"""The app `handoffs`."""

from django.apps import AppConfig


class HandoffsConfig(AppConfig):
    """Registers the app, the handler of the turn's `hand_off` effects, and what deeds of staff and time do."""

    name = "clinic.handoffs"

    def ready(self) -> None:
        """Let turns create hand-offs, deeds of staff claim and resolve them, and the worker look who waits in vain."""
        from clinic import jobs
        from clinic.conversations import effects, hands, responses
        from clinic.handoffs import desk, waiting

        effects.register("hand_off", desk.hand_off)
        hands.register(desk.follow)
        responses.require(waiting.RESPONSES)
        jobs.register(jobs.Job("visitors who wait", waiting.LOOK_SECONDS, waiting.tell_due))
        jobs.register(jobs.Job("reminders", waiting.LOOK_SECONDS, waiting.remind_due))
