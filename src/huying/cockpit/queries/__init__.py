"""What can be asked of boards and round-ups."""

from huying.cockpit.queries.boards import Board, Unit, board, place_of, setting_of, stamp

__all__ = ["Board", "Unit", "board", "place_of", "setting_of", "stamp"]
