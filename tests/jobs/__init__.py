"""Background work, against a real database and real receivers."""
