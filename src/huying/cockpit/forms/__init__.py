"""What the pages of the cockpit send."""
