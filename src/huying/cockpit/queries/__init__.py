"""What can be asked of boards and round-ups."""
