"""What is done with boards and round-ups."""

from huying.cockpit.actions.boards import set_ranking
from huying.cockpit.actions.report_files import hand_out
from huying.cockpit.actions.report_steps import step_report
from huying.cockpit.actions.report_writing import (
    edit_report,
    install_first_templates,
    make_report,
    set_letterhead,
    write_template,
)

__all__ = [
    "edit_report",
    "hand_out",
    "install_first_templates",
    "make_report",
    "set_letterhead",
    "set_ranking",
    "step_report",
    "write_template",
]
