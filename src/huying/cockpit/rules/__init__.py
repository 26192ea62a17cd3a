"""Who may see and do what, periods and comparisons of boards, and how a round-up is written, worded and drawn."""

from huying.cockpit.rules.board_rights import can_see_board, can_set_board, sees_boards, visible_to

__all__ = ["can_see_board", "can_set_board", "sees_boards", "visible_to"]
