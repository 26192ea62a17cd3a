"""What a pack may hold of each room, as shapes with every limit the tables have. Codes are local to the namespace."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, GetCoreSchemaHandler, model_validator
from pydantic_core import CoreSchema, core_schema

from huying.activities.states import Span, ThemeGroup, ThemeRule, Wanted
from huying.calls.states import Asks, Level, Stage
from huying.cockpit.states import Stretch
from huying.places.states import FlagGroup
from huying.points.states import Confirmer, Measure, Source


@dataclass(frozen=True)
class OneOf:
    """One of the words the code knows: a literal, from a list that lives in another room."""

    values: Collection[str]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.literal_schema(list(self.values))

    def __hash__(self) -> int:
        return hash(tuple(self.values))


Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,26}$", description="local code, e.g. spring")]
Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,29}$", description="code of a question or a choice, e.g. walks")]
Short = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,16}$", description="local code of at most 17 characters")]
Ref = Annotated[
    str,
    Field(
        pattern=r"^([a-z][a-z0-9_]{0,26}|platform:[a-z][a-z0-9_-]{0,39})$",
        description="a code of this file or platform:CODE",
    ),
]
Refs = Annotated[list[Ref], AfterValidator(lambda given: sorted(set(given)))]
"""A set: in the order of the codes."""
Day = Annotated[str, Field(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$", description="MM-DD in quotation marks")]
Icon = Annotated[str, Field(pattern=r"^[a-z-]+-duotone$", max_length=60)]
Tone = Literal["pine", "kaki", "gui", "dai", "mei", "ink"]
Order = Annotated[int, Field(ge=0, le=32_767)]
Minutes = Annotated[int, Field(ge=1, le=366 * 24 * 60)]
LEAST_MONTHS = 3
Emergency = Literal["120", "119", "110", "12345"]


class Strict(BaseModel):
    """Nothing beyond what is named; no value is bent into another type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, str_strip_whitespace=True)


class Name(Strict):
    """A name in Chinese, and in English where there is one."""

    zh: str = Field(min_length=1, max_length=40)
    en: str = Field("", max_length=60)


class Brief(Strict):
    """A short name: menus and chips have room for it."""

    zh: str = Field(min_length=1, max_length=20)
    en: str = Field("", max_length=40)


class Title(Strict):
    zh: str = Field(min_length=1, max_length=60)
    en: str = Field("", max_length=80)


class Heading(Strict):
    """A title whose English may be longer, as the forms of questions and the standards of sites allow."""

    zh: str = Field(min_length=1, max_length=60)
    en: str = Field("", max_length=120)


class Said(Strict):
    """One sentence."""

    zh: str = Field(min_length=1, max_length=120)
    en: str = Field("", max_length=200)


class Asked(Strict):
    """What a standard asks for."""

    zh: str = Field(min_length=1, max_length=120)
    en: str = Field("", max_length=240)


class Proof(Strict):
    """What shows that it is there."""

    zh: str = Field(min_length=1, max_length=200)
    en: str = Field("", max_length=300)


class Words(Strict):
    """A few sentences."""

    zh: str = Field(min_length=1, max_length=400)
    en: str = Field("", max_length=600)


class Thing(Strict):
    """``was``: the code it had in the version before; its rows keep their records and take the new one."""

    code: Code
    was: Code | None = None


class Theme(Thing):
    """A season, a festival, a topic or a form; with a rule, activities of its days carry it (activities.Theme)."""

    name: Brief
    group: Annotated[str, OneOf(ThemeGroup.values)]
    rule: Annotated[str, OneOf(ThemeRule.values)] = "none"
    begins: Day | None = None
    ends: Day | None = None
    month: int = Field(0, ge=0, le=23)
    day: int = Field(0, ge=0, le=30)
    days_before: int = Field(0, ge=0, le=60)
    days_after: int = Field(0, ge=0, le=60)
    order: Order = 100

    @model_validator(mode="after")
    def days_given(self) -> Theme:
        if self.rule == "dates" and not (self.begins and self.ends):
            raise ValueError("theme_dates")
        if self.rule == "lunar" and not (1 <= self.month <= 12 and 1 <= self.day <= 30):
            raise ValueError("theme_lunar")
        return self


class ActivityKind(Thing):
    """What a gathering can be (activities.ActivityKind)."""

    name: Brief
    icon: Icon = "calendar-dots-duotone"
    tone: Tone = "pine"
    is_large: bool = False
    order: Order = 100


class RhythmRule(Strict):
    """Each ``every`` must have ``minimum`` activities of a kind, with a theme, at each site of a kind; or a named focus."""

    every: Annotated[str, OneOf(Span.values)]
    wants: Annotated[str, OneOf(Wanted.values)] = "activity"
    minimum: int = Field(1, ge=1, le=50)
    kind: Ref | None = None
    theme: Ref | None = None
    site_kind: Ref | None = None


class RhythmFocus(Strict):
    """What a beat of the year is about; ``at`` is any day of it."""

    every: Annotated[str, OneOf(Span.values)]
    at: Day
    title: Title


class Rhythm(Thing):
    """A plan for each calendar year at the places where the pack is on (activities.RhythmPlan)."""

    name: Title
    rules: list[RhythmRule] = Field(min_length=1, max_length=99)
    focuses: list[RhythmFocus] = Field(default_factory=list, max_length=500)


class Choice(Strict):
    code: Key
    name: Name


class Question(Strict):
    """What is asked in the form of a service."""

    code: Key
    label: Heading
    type: Literal["text", "number", "choice", "yesno"] = "text"
    required: bool = False
    min: int | None = Field(None, ge=0, le=1_000_000)
    max: int | None = Field(None, ge=0, le=1_000_000)
    choices: list[Choice] = Field(default_factory=list, max_length=20)

    @model_validator(mode="after")
    def choices_given(self) -> Question:
        if (self.type == "choice") != (len(self.choices) >= 2):
            raise ValueError("question_choices")
        return self


class Clock(Strict):
    """How long a stage may take (calls.Clock)."""

    stage: Annotated[str, OneOf(Stage.values)]
    minutes: Minutes
    mode: Literal["working", "site", "natural"] = "working"
    urgent: bool = False


def in_stages(clocks: list[Clock]) -> list[Clock]:
    return sorted(clocks, key=lambda one: (Stage.values.index(one.stage), one.urgent))


class ServiceKind(Thing):
    """A line of the service menu (calls.ServiceKind)."""

    name: Brief
    summary: Said
    example: Said | None = None
    icon: Icon = "hand-heart-duotone"
    tone: Tone = "kaki"
    questions: list[Question] = Field(default_factory=list, max_length=12)
    skills: Refs = Field(default_factory=list, max_length=200)
    category: Ref | None = None
    people_needed: int = Field(1, ge=1, le=500)
    answered_by: Literal["volunteer", "team", "either"] = "either"
    visit: bool = True
    urgent: bool = False
    emergency: list[Emergency] = Field(default_factory=list, max_length=4)
    public: bool = False
    allow_preference: bool = False
    order: Order = 1000
    clocks: Annotated[list[Clock], AfterValidator(in_stages)] = Field(default_factory=list, max_length=20)

    @model_validator(mode="after")
    def clocks_once(self) -> ServiceKind:
        if len({(one.stage, one.urgent) for one in self.clocks}) < len(self.clocks):
            raise ValueError("service_clocks")
        return self


class Ring(Thing):
    """One stage of a call that goes out wider and wider; stages follow each other as they are written (calls.Ring)."""

    name: Brief
    asks: Annotated[str, OneOf(Asks.values)]
    reach_km: int | None = Field(None, ge=1, le=500)
    team_kind: Ref | None = None
    minutes: Minutes | None = None
    urgent_minutes: Minutes | None = None
    mode: Literal["working", "site", "natural"] = "working"
    per_seat: int = Field(3, ge=1, le=50)
    duty: bool = False
    level: Annotated[str, OneOf(Level.values)] | None = None

    @model_validator(mode="after")
    def teams_given(self) -> Ring:
        if self.asks in ("partners", "duty") and not self.team_kind:
            raise ValueError("ring_teams")
        return self


class TeamKind(Thing):
    """What a team can be (volunteers.TeamKind)."""

    name: Name
    order: Order = 100


class Skill(Thing):
    """Something a helper can do, a field a lecturer speaks on (volunteers.Skill)."""

    name: Name
    needs_proof: bool = False


class PlaceKind(Strict):
    """A kind of site (places.PlaceKind); divisions are the state's and never a pack's."""

    code: Short
    name: Name
    parents: Refs = Field(default_factory=list, max_length=200)
    is_site: bool = True
    icon: Icon = "map-pin-duotone"
    tone: Tone = "ink"
    order: Order = 100


class PlaceFlag(Strict):
    """A mark a site can carry (places.PlaceFlag)."""

    code: Short
    name: Name
    group: Annotated[str, OneOf(FlagGroup.values)]
    tone: Tone = "ink"
    order: Order = 100


class StandardItem(Strict):
    """One line of a checklist: what must be there, what proves it."""

    code: Code
    name: Asked
    proof: Proof | None = None
    weight: int = Field(1, ge=1, le=100)


class Standard(Thing):
    """A checklist for kinds of sites, checked by the site and verified by another person (places)."""

    name: Heading
    kinds: Refs = Field(min_length=1, max_length=200)
    items: list[StandardItem] = Field(min_length=1, max_length=60)


class Template(Thing):
    """A template of round-ups in the notation of the cockpit (cockpit.ReportTemplate)."""

    name: Title
    stretch: Annotated[str, OneOf(Stretch.values)]
    body: str = Field(min_length=1, max_length=20_000)


class Evidence(Strict):
    """What proves it, as it is read out to the assembly: in Chinese."""

    zh: str = Field(min_length=1, max_length=120)


class About(Strict):
    """What a rule book is for, in Chinese."""

    zh: str = Field(min_length=1, max_length=300)


Months = Annotated[int, Field(ge=LEAST_MONTHS, le=120, description="calendar months; three leave time for the notice")]
Cap = Annotated[int, Field(ge=1, le=10_000, description="points")]
WideCap = Annotated[int, Field(ge=1, le=1_000_000, description="points over all items")]


class RuleItem(Strict):
    """What earns points: always a positive number of them, ``amount`` for each ``measure`` (points.Rule).

    ``source``: what it rewards; ``confirmer``: who says that it is true; ``valid_months``: other than the book says.
    """

    code: Code
    name: Name
    amount: int = Field(ge=1, le=10_000)
    source: Annotated[str, OneOf(Source.values)] = Source.CLAIM.value
    measure: Annotated[str, OneOf(Measure.values)] = Measure.TIME.value
    cap_day: Cap | None = None
    cap_month: Cap | None = None
    cap_year: Cap | None = None
    proof: Evidence | None = None
    confirmer: Annotated[str, OneOf(Confirmer.values)] = Confirmer.KEEPER.value
    valid_months: Months | None = None


class RuleBook(Thing):
    """A draft of rules of points: it does nothing until an assembly of the place has adopted it (points).

    ``valid_months``: null for points that never end. Caps: over all items.
    """

    name: Name
    about: About | None = None
    valid_months: Months | None = 24
    cap_day: WideCap | None = None
    cap_month: WideCap | None = None
    cap_year: WideCap | None = None
    items: list[RuleItem] = Field(min_length=1, max_length=100)


class Things(Strict):
    """Everything a pack holds, by kind."""

    themes: list[Theme] = Field(default_factory=list, max_length=100)
    activity_kinds: list[ActivityKind] = Field(default_factory=list, max_length=50)
    rhythms: list[Rhythm] = Field(default_factory=list, max_length=20)
    service_kinds: list[ServiceKind] = Field(default_factory=list, max_length=100)
    rings: list[Ring] = Field(default_factory=list, max_length=99)
    team_kinds: list[TeamKind] = Field(default_factory=list, max_length=50)
    skills: list[Skill] = Field(default_factory=list, max_length=100)
    place_kinds: list[PlaceKind] = Field(default_factory=list, max_length=50)
    place_flags: list[PlaceFlag] = Field(default_factory=list, max_length=50)
    standards: list[Standard] = Field(default_factory=list, max_length=30)
    templates: list[Template] = Field(default_factory=list, max_length=20)
    rule_books: list[RuleBook] = Field(default_factory=list, max_length=10, json_schema_extra={"maxItems": 1})
    """One; versions loaded while more were taken are still read (rules.reading refuses a second one)."""
