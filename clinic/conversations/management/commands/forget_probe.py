"""`manage.py forget_probe CONVERSATION`: removes the conversation with which the start proved that the bot answers."""

from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from clinic.conversations.models import Conversation, Message
from clinic.threads import writing

# What the start asks is said by nobody else in a conversation of one message: see ops/probe.py.
MESSAGES = 1


class Command(BaseCommand):
    """Delete a conversation that holds one message of a visitor and is the bot's; refuse any other."""

    help = "Delete the conversation of the start's own question."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the conversation."""
        parser.add_argument("conversation", type=UUID)

    def handle(self, *args: Any, **options: Any) -> None:
        """Delete it, or say why not."""
        with writing():
            found = Conversation.objects.select_for_update().filter(pk=options["conversation"], owner="bot")
            said = Message.objects.filter(conversation=options["conversation"], sender=Message.Sender.VISITOR).count()
            if not found or said != MESSAGES:
                raise CommandError("This is not the conversation of a start.")
            found.delete()
