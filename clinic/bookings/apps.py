"""The app `bookings`."""

from django.apps import AppConfig


class BookingsConfig(AppConfig):
    """Registers the app, the handlers of the turn's booking effects, and what the worker does for requests."""

    name = "clinic.bookings"

    def ready(self) -> None:
        """Let turns write, change, withdraw and look up requests, and the worker send and expire them."""
        from clinic import jobs
        from clinic.bookings import context, expiry, said, wishes
        from clinic.conversations import effects, readings, responses
        from clinic.outbox import post, webhook

        effects.register("booking_submit", wishes.submit, answers=True)
        effects.register("booking_change", wishes.change, answers=True)
        effects.register("booking_withdraw", wishes.withdraw, answers=True)
        effects.register("booking_status", wishes.status, answers=True)
        readings.register(context.of)
        responses.require(said.RESPONSES)
        post.register(webhook.WEBHOOK, webhook.to_webhook)
        jobs.register(jobs.Job("booking expiry", expiry.LOOK_SECONDS, expiry.expire_due))
