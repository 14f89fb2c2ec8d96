"""How long the book keeps what visitors said, one person's data, its erasure, and legal holds."""
