"""Checks of what the bot knows: domain, rules, sources, examples."""
