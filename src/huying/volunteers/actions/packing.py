"""The door for mechanisms of a locality: kinds of teams, skills and fields of lecturers."""

from huying.places.actions.packing import Rows
from huying.volunteers.models import Skill, TeamKind

TABLES: dict[str, Rows] = {
    "skills": Rows(Skill, plain=("needs_proof",)),
    "team_kinds": Rows(TeamKind, plain=("order",)),
}
FIRST: dict[str, frozenset[str]] = {
    "skills": frozenset(),
    "team_kinds": frozenset(
        {"federation", "head", "branch", "squad", "party", "youth", "women", "elders", "society", "unit"}
    ),
}
"""What every platform has (migration 0002): an export speaks of these rows and does not take them along."""
