"""The one exception that a person is meant to read."""


class Stop(Exception):
    """Something prevents the command from going on; the message is one clear sentence for a person."""
