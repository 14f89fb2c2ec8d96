"""What staff add to a conversation: notes, tags, and verdicts on what was understood."""
