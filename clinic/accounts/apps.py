"""The app `accounts`."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Registers the app and lets sessions know when they began."""

    name = "clinic.accounts"

    def ready(self) -> None:
        """Listen to logins."""
        from allauth.account.signals import authentication_step_completed
        from django.contrib.auth.signals import user_logged_in

        from clinic import jobs
        from clinic.accounts import sessions

        jobs.register(jobs.Job("sessions", 3600, sessions.sweep))
        user_logged_in.connect(sessions.begin, dispatch_uid="session.begin")
        authentication_step_completed.connect(sessions.confirm, dispatch_uid="session.confirm")
