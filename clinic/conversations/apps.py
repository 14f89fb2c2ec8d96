"""The app `conversations`."""

from django.apps import AppConfig


class ConversationsConfig(AppConfig):
    """Registers the app and its job."""

    name = "clinic.conversations"

    def ready(self) -> None:
        """Let the worker look for turns that died."""
        from clinic import jobs
        from clinic.conversations import runner

        jobs.register(jobs.Job("dead turns", runner.SWEEP_SECONDS, runner.sweep))
