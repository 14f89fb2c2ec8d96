"""The app `alerting`."""

from django.apps import AppConfig


class AlertingConfig(AppConfig):
    """Registers the app, and what the worker does for alerts."""

    name = "clinic.alerting"

    def ready(self) -> None:
        """Let the worker send what quiet hours held back, and tell of deliveries that were given up."""
        from clinic import jobs
        from clinic.alerting import digest, undelivered
        from clinic.outbox import post

        jobs.register(jobs.Job("alert digests", digest.LOOK_SECONDS, digest.send_due))
        post.when_given_up(undelivered.given_up)
