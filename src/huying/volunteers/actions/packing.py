"""The door for mechanisms of a locality: kinds of teams, skills and fields of lecturers."""

from huying.places.actions.packing import Rows
from huying.volunteers.models import Skill, TeamKind

TABLES: dict[str, Rows] = {
    "skills": Rows(Skill, plain=("needs_proof",)),
    "team_kinds": Rows(TeamKind, plain=("order",)),
}
