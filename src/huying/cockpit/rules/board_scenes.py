"""What a board is looked at for: which key figures stand on it, what colours its map, what its curves are. Data, no code."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Scene:
    """``tiles``: codes of metrics and of measures; ``curves``: metrics of one unit; ``calls``: with the panels of calls."""

    code: str
    name: Promise
    tiles: tuple[str, ...]
    colour: str
    curves: tuple[str, ...]
    calls: bool = False


CALLS = (
    *("open", "calls_submitted", "calls_responded_rate", "calls_on_time_rate", "calls_closed_rate"),
    *("calls_solved_rate", "calls_satisfied_rate"),
)
SCENES: dict[str, Scene] = {
    one.code: one
    for one in (
        Scene(
            "all",
            _("总览"),
            (*CALLS, "active", "service_minutes", "attended"),
            "calls_submitted",
            ("calls_submitted", "calls_closed"),
            calls=True,
        ),
        Scene(
            "calls",
            _("求助"),
            (
                *("open", "calls_responded_rate", "calls_on_time_rate", "calls_closed_rate", "calls_urgent_rate"),
                *("calls_verified_rate", "calls_solved_rate", "calls_heard_solved_rate", "calls_satisfied_rate"),
                "calls_rated_rate",
            ),
            "calls_on_time_rate",
            ("calls_submitted", "calls_closed"),
            calls=True,
        ),
        Scene(
            "service",
            _("志愿"),
            ("active", "volunteers_registered", "service_records", "service_minutes"),
            "service_minutes",
            ("service_records",),
        ),
        Scene(
            "gatherings",
            _("活动"),
            ("sessions_held", "attended", "sites", "site_checks_verified"),
            "attended",
            ("attended",),
        ),
        Scene(
            "points",
            _("积分"),
            ("points_given", "points_used", "points_passbooks", "points_banks"),
            "points_given",
            ("points_given", "points_used"),
        ),
    )
}
FIRST = SCENES["all"]
