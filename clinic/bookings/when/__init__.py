"""What days and times a visitor wishes, read from free text."""

from clinic.bookings.when.reader import read
from clinic.bookings.when.shapes import Choice, Reading, Status, Stretch, Window

__all__ = ["Choice", "Reading", "Status", "Stretch", "Window", "read"]
