"""Huying (呼应): one call, a hundred answers — the platform for New Era Civilization Practice."""
