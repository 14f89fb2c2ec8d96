"""A believable month for a newcomer to look at: visitors who never were, asking the real bot."""
