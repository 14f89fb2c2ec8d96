"""What staff see: the book, the matters that wait for them, and the wording that waits for a clinician."""
