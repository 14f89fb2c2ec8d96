"""Custom actions: the steps of the hand-offs. Answers from the documents never pass through here."""
