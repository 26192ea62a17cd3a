"""What boards and round-ups keep."""

from huying.cockpit.models.boards import BoardSetting
from huying.cockpit.models.reports import (
    Letterhead,
    PaperCounter,
    Report,
    ReportEvent,
    ReportFile,
    ReportTemplate,
)

__all__ = ["BoardSetting", "Letterhead", "PaperCounter", "Report", "ReportEvent", "ReportFile", "ReportTemplate"]
