"""The app `privacy`."""

from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    """Registers the app, its daily run, and that alarms of the audit log become alerts."""

    name = "clinic.privacy"

    def ready(self) -> None:
        """Let the worker delete what was kept long enough, and alarms leave the program."""
        from clinic import jobs
        from clinic.audit import alarms
        from clinic.privacy import retention
        from clinic.privacy.alarms import carry_on

        jobs.register(jobs.Job("retention", retention.LOOK_SECONDS, retention.run_daily))
        alarms.register(carry_on)
