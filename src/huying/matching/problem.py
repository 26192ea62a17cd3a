"""What is matched with whom: helpers, needs, prices. Arrays of one length each; sets are bits of an int64.

Bit i of a mask of skills, languages or slots is the caller's i-th skill, language or slot (at most 62 of each: a batch
knows only the skills that an open call asks for). Positions are metres of one plane (``earth.Plane``), moments are whole
minutes from a moment the caller chooses, money does not occur: all costs are metres, or what is worth as much as a metre.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
BITS = 62
ALL = (1 << 63) - 1
LARGEST = 2**31 - 1
NEVER = -1
FAR = 10_000_000
"""Metres: no limit of travel."""
LONG_AGO = 1 << 60
"""Minutes: before every call."""


@dataclass(frozen=True)
class Week:
    """Slots of availability: ``slots`` in a row of which ``a_day`` make a day, each ``minutes`` long."""

    slots: int = 42
    a_day: int = 6
    minutes: int = 240


@dataclass(frozen=True)
class Prices:
    """What counts as much as how many metres.

    ``load`` for each unit of load a helper has already (idle first), ``stranger`` for a helper who was not there last
    time, ``unserved`` for an empty seat of a need that names no price of its own. ``walk`` is metres of straight line
    that are walked in a minute: 75 m/min on streets a quarter longer than the straight line.
    """

    load: int = 100
    stranger: int = 500
    unserved: int = 20_000
    walk: int = 60


@dataclass(frozen=True)
class Relaxing:
    """What it costs to bend a rule for a need that nobody can meet; NEVER: this rule is not bent.

    ``farther`` for each metre beyond the limit (beside the metre itself), ``slot`` for each slot by which the time
    moves, ``load`` for each unit above somebody's limit, ``rest`` for a shortened rest, ``language`` for help without a
    common language, ``preference`` for somebody outside the wished group. Skills and bars are never bent.
    """

    farther: int = 1
    slot: int = 1_500
    load: int = 3_000
    rest: int = NEVER
    language: int = 8_000
    preference: int = 8_000


@dataclass(frozen=True)
class Lists:
    """A list of helpers for each need: those of need r are ``who[start[r]:start[r + 1]]``."""

    start: Ints
    who: Ints

    @classmethod
    def of(cls, rows: Sequence[Sequence[int]]) -> Lists:
        start = np.zeros(len(rows) + 1, np.int64)
        np.cumsum([len(row) for row in rows], out=start[1:])
        return cls(start, np.array([one for row in rows for one in row], np.int64))

    @classmethod
    def none(cls, count: int) -> Lists:
        return cls(np.zeros(count + 1, np.int64), np.zeros(0, np.int64))


@dataclass(frozen=True)
class Helpers:
    """Volunteers, teams and units, one row each.

    ``x``, ``y`` metres; ``skills``, ``languages``, ``slots`` (free, and not promised to anybody) masks; ``group`` 0..62 as
    the caller groups people (sex and age band, say, where the law lets a person served choose); ``load`` this week and
    ``load_limit``; ``rested_from`` the minute from which help is possible again; ``reach`` metres somebody travels at
    most; ``capacity`` seats one batch may give: 1 for a person, the number of people who can come for a team or unit.
    """

    x: Floats
    y: Floats
    skills: Ints
    slots: Ints
    languages: Ints
    group: Ints
    load: Ints
    load_limit: Ints
    rested_from: Ints
    reach: Ints
    capacity: Ints

    def __len__(self) -> int:
        return len(self.x)

    @classmethod
    def make(cls, x: Any, y: Any, skills: Any, slots: Any, **given: Any) -> Helpers:
        """Arrays or single values for every row; what is left out limits nobody. ValueError names the first bad row."""
        usual = {
            "languages": 0,
            "group": 0,
            "load": 0,
            "load_limit": ALL,
            "rested_from": -LONG_AGO,
            "reach": FAR,
            "capacity": 1,
        }
        made = cls(**_arrays(cls, {"x": x, "y": y, "skills": skills, "slots": slots, **usual, **given}))
        _refuse("capacity", made.capacity < 1)
        _refuse("load", (made.load < 0) | (made.load > LARGEST))
        _refuse("rested_from", np.abs(made.rested_from) > LONG_AGO)
        _refuse("group", (made.group < 0) | (made.group > BITS))
        return made


@dataclass(frozen=True)
class Needs:
    """One row for each role of a call that still has empty seats.

    All bits of ``skills`` and ``slots`` are needed and one of ``languages`` (none: any will do); ``accepts`` holds a bit
    for each group the person served agrees to; ``begins`` is the minute at which help starts; ``reach`` metres to search;
    ``headcount`` empty seats; ``adds`` load that one seat gives; ``unserved`` the price of an empty seat; ``movable`` the
    slots that may be proposed instead; ``last`` who came last time, ``barred`` who must not be asked (asked already, the
    person served).
    """

    x: Floats
    y: Floats
    skills: Ints
    slots: Ints
    languages: Ints
    accepts: Ints
    begins: Ints
    reach: Ints
    headcount: Ints
    adds: Ints
    unserved: Ints
    movable: Ints
    last: Lists = field(default_factory=lambda: Lists.none(0))
    barred: Lists = field(default_factory=lambda: Lists.none(0))

    def __len__(self) -> int:
        return len(self.x)

    @classmethod
    def make(cls, x: Any, y: Any, skills: Any, slots: Any, **given: Any) -> Needs:
        """Arrays or single values for every row; what is left out demands nothing. ValueError names the first bad row."""
        last, barred = given.pop("last", None), given.pop("barred", None)
        usual = {
            "languages": 0,
            "accepts": ALL,
            "begins": 0,
            "reach": FAR,
            "headcount": 1,
            "adds": 1,
            "unserved": Prices().unserved,
            "movable": 0,
        }
        arrays = _arrays(cls, {"x": x, "y": y, "skills": skills, "slots": slots, **usual, **given})
        count = len(arrays["x"])
        made = cls(**arrays, last=last or Lists.none(count), barred=barred or Lists.none(count))
        _refuse("slots", made.slots == 0)
        _refuse("begins", np.abs(made.begins) >= LONG_AGO)
        _refuse("adds", (made.adds < 0) | (made.adds > LARGEST))
        _refuse("headcount", made.headcount < 1)
        _refuse("unserved", (made.unserved < 0) | (made.unserved > 1_000_000_000))
        if len(made.last.start) != count + 1 or len(made.barred.start) != count + 1:
            raise ValueError("last and barred hold one list for each need")
        return made


def _arrays(cls: type, given: dict[str, Any]) -> dict[str, Any]:
    """Each value as an array as long as ``x``: float64 for positions, int64 for all else. ValueError when it is not so."""
    unknown = set(given) - {one.name for one in fields(cls)}
    if unknown:
        raise ValueError(f"no such facts: {', '.join(sorted(unknown))}")
    count = len(np.atleast_1d(np.asarray(given["x"])))
    arrays = {}
    for name, value in given.items():
        kind = np.float64 if name in {"x", "y"} else np.int64
        array = np.array(np.broadcast_to(np.asarray(value, kind), (count,)))  # a copy of our own, never read-only
        if name in {"x", "y"}:
            _refuse(name, ~np.isfinite(array) | (np.abs(array) > FAR))
        if name in {"skills", "slots", "languages", "movable"}:
            _refuse(name, (array < 0) | (array >= 1 << BITS))
        arrays[name] = array
    return arrays


def _refuse(name: str, wrong: NDArray[np.bool_]) -> None:
    if wrong.any():
        raise ValueError(f"{name} is out of range in row {int(np.argmax(wrong))}")
