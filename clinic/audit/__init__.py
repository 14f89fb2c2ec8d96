"""The audit log: who did, saw or searched what, and when. Append-only; it never holds what anybody wrote."""
