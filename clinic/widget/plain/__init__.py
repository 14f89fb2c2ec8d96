"""The chat as a page that works without scripts."""
