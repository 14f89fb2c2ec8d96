"""The app `outbox`."""

from django.apps import AppConfig


class OutboxConfig(AppConfig):
    """Registers the app and the channels that every clinic has."""

    name = "clinic.outbox"

    def ready(self) -> None:
        """Let the worker deliver."""
        from clinic.outbox import channels, post, webhook

        post.register(channels.FILE, channels.to_file)
        post.register(channels.EMAIL, channels.to_email)
        post.register(webhook.ALERT_WEBHOOK, webhook.to_alert_webhook)
