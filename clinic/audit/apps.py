"""The app `audit`."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Registers the app, the watch over refusals, and the daily check of the chain."""

    name = "clinic.audit"

    def ready(self) -> None:
        """Let every entry be looked at, and the worker check the chain."""
        from clinic import jobs
        from clinic.audit import chain, log, refusals

        log.follow(refusals.look)
        jobs.register(jobs.Job("audit check", chain.LOOK_SECONDS, chain.verify_daily))
