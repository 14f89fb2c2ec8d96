"""Understanding a message: cleaning, splitting, spelling repair, classification and follow-up questions."""
