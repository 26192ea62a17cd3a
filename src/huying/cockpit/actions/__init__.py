"""What can be done to boards."""

from huying.cockpit.actions.boards import set_ranking

__all__ = ["set_ranking"]
