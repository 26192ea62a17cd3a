"""Who sees which board, and the arithmetic of periods and comparisons."""

from huying.cockpit.rules.board_rights import can_see_board, can_set_board, sees_boards, visible_to

__all__ = ["can_see_board", "can_set_board", "sees_boards", "visible_to"]
