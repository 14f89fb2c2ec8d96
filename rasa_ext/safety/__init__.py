"""The gate before every answer: rules that find what only a clinician or an emergency service may deal with."""
