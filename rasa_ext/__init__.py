"""The clinic's Rasa components: what a message means, what the turn does, and the private channel it comes through."""
