"""What can be asked of boards and round-ups."""

from huying.cockpit.queries.boards import Board, Unit, board, place_of, setting_of, stamp
from huying.cockpit.queries.measures import Measure, measure

__all__ = ["Board", "Measure", "Unit", "board", "measure", "place_of", "setting_of", "stamp"]
