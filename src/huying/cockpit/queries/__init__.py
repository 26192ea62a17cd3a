"""What can be asked of boards and round-ups."""

from huying.cockpit.queries.boards import Board, Unit, board, place_of, setting_of, stamp
from huying.cockpit.queries.measures import Measure, Part, measure

__all__ = ["Board", "Measure", "Part", "Unit", "board", "measure", "place_of", "setting_of", "stamp"]
