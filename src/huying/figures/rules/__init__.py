"""Numbers in words, units that refuse to add, checks, small numbers hidden, and who may see what."""

from huying.figures.rules.reach import can_keep, can_read, can_see, reads_somewhere, visible_to

__all__ = ["can_keep", "can_read", "can_see", "reads_somewhere", "visible_to"]
