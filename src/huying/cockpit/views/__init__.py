"""Pages of boards and round-ups."""
