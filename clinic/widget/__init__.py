"""The chat widget: what a clinic puts on its website with one line, and the frame in which the chat opens."""
