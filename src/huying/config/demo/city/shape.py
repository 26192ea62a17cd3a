"""How much of everything: the numbers of the pages as data, each with where it stands, and what is our own guess."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any


def rounded(count: float) -> int:
    """Half up, but at least one of what there is at all."""
    return max(1, int(count + 0.5)) if count else 0


@dataclass(frozen=True, slots=True)
class Told:
    """A number as a page tells it: code and name of the reported figure, the words, unit, metric to set it beside."""

    code: str
    name: str
    words: str
    unit: str
    source: str
    metric: str = ""


@dataclass(frozen=True, slots=True)
class Shape:
    """What a jurisdiction has at full size. A year is the 365 days before today; ``earlier`` the share of the year before.

    ``counties`` 0: the root is the county itself. Sites: a centre a county, an office a town, a station a neighbourhood,
    and ``bases`` and ``relays`` anywhere.
    """

    code: str
    name: str
    counties: int
    towns: int
    neighbourhoods: int
    bases: int
    relays: int
    teams: int
    volunteers: int
    residents: int
    activities: int
    participations: int
    calls: int
    told: tuple[Told, ...] = ()
    earlier: float = 0.8

    @property
    def sites(self) -> int:
        """Centres, offices, stations, bases and relay stations."""
        return max(1, self.counties) + self.towns + self.neighbourhoods + self.bases + self.relays

    def scaled(self, scale: float) -> Shape:
        """Every count times ``scale``, rounded half up, at least one of what there is at all."""
        counts = {one.name: getattr(self, one.name) for one in fields(self) if one.type == "int"}
        small: dict[str, Any] = {name: rounded(count * scale) for name, count in counts.items()}
        small["towns"] = max(small["towns"], small["counties"])
        small["neighbourhoods"] = max(small["neighbourhoods"], small["towns"])
        small["participations"] = max(small["participations"], small["activities"])
        return replace(self, **small)


YEAR = (
    Told("activities_a_year", "一年的活动", "4.2万场", "session", "S0-1d", "sessions_held"),
    Told("participations_a_year", "一年参加活动的人次", "57万人次", "person_time", "S0-1d", "attended"),
)
DISTRICT = Shape(
    code="district",
    name="青禾区",
    counties=0,
    towns=29,
    neighbourhoods=648,
    bases=100,
    relays=222,
    teams=1_781,
    volunteers=910_000,
    residents=22_000,
    activities=42_000,
    participations=570_000,
    calls=30_000,
    told=(
        Told("practice_offices", "实践所", "29所", "institute", "S2-7a"),
        Told("practice_stations", "实践站", "648站", "station", "S2-7a"),
        Told("practice_bases", "实践基地", "100个", "one", "S2-7a"),
        Told("relay_stations", "邻里志愿驿站", "222个", "one", "S2-7a"),
        Told("volunteer_teams", "志愿服务队", "1781支", "team", "S2-7b"),
        Told("registered", "注册志愿者", "近91万人", "person", "S2-7b", "volunteers_registered"),
        *YEAR,
    ),
)
"""S2-7: 1 centre, 29 offices, 648 stations, 100 and 222 other sites, 1,781 teams, nearly 910,000 volunteers; a year of
S0-1d: 42,000 activities, 570,000 participations. Residents and calls are our own."""
CITY = Shape(
    code="city",
    name="青禾市",
    counties=12,
    towns=182,
    neighbourhoods=2_929,
    bases=0,
    relays=0,
    teams=3_123,
    volunteers=596_000,
    residents=24_000,
    activities=42_000,
    participations=570_000,
    calls=24_000,
    told=(
        Told("practice_centres", "实践中心", "12个", "one", "S3-1a"),
        Told("practice_offices", "实践所", "182所", "institute", "S3-1a"),
        Told("practice_stations", "实践站", "2929站", "station", "S3-1a"),
        Told("registered", "注册志愿者", "59.6万人", "person", "S3-1b", "volunteers_registered"),
        *YEAR,
    ),
)
"""S3-1: 12 centres, 182 offices, 2,929 stations, 596,000 volunteers; a year of S0-1d. Teams (one a site), residents and
calls are our own."""
TOWN = Shape(
    code="town",
    name="青禾县",
    counties=0,
    towns=1,
    neighbourhoods=12,
    bases=1,
    relays=3,
    teams=24,
    volunteers=3_000,
    residents=300,
    activities=420,
    participations=5_700,
    calls=300,
)
"""One town of a county; all numbers are our own."""
SHAPES = {one.code: one for one in (DISTRICT, CITY, TOWN)}
