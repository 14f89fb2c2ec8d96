"""Measurements on the path of a visitor's message: what is answered right, how fast, and at what cost."""
