"""What is typed on the pages of boards and round-ups."""
