"""Numbers at a glance: what the conversations of some days came to, and the exports."""
