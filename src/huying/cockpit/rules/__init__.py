"""Who may see and do what, and how a round-up is written, worded and drawn."""
