"""The app `conversations`."""

from django.apps import AppConfig


class ConversationsConfig(AppConfig):
    """Registers the app and its job."""

    name = "clinic.conversations"

    def ready(self) -> None:
        """Let the worker look for turns that died; take-over and the visitor's end need their notices."""
        from clinic import jobs
        from clinic.conversations import ending, responses, runner, takeover

        responses.require((*takeover.RESPONSES, *ending.RESPONSES))
        jobs.register(jobs.Job("dead turns", runner.SWEEP_SECONDS, runner.sweep))
