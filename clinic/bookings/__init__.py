"""Wishes for an appointment: what a visitor asks for, and how far the clinic has come with it."""
