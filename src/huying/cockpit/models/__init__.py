"""What the cockpit keeps by itself: almost nothing."""

from huying.cockpit.models.boards import BoardSetting

__all__ = ["BoardSetting"]
