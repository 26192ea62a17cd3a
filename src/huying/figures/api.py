"""REST for figures: the register, values for place and period, split by place and time, what others reported, records.

Whoever reads a place sees every number of it; everybody else sees public metrics of whole months and years, small numbers
hidden (decision 0026). Days are in China; ``until`` is the first day that no longer counts.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from ninja import Field, Query, Router, Schema

from huying.figures import queries, rules
from huying.figures.models import Metric, Number, ReportedFigure
from huying.figures.queries import Period, Value
from huying.figures.states import Grain
from huying.kernel import clock, paging
from huying.kernel.errors import InvalidInput, NotFound, SignInNeeded
from huying.kernel.requests import Request, signed_in
from huying.kernel.rest import Plain, gives
from huying.places import queries as place_queries
from huying.places.models import Place

router = Router(tags=["figures"])
Cursor = Annotated[Plain, Field(max_length=4096)]
Code = Annotated[Plain, Field(max_length=60)]
MOST_STRETCHES = 400
FIRST_YEAR, LAST_YEAR = 1949, 2199


class MetricOut(Schema):
    """One metric: ``kind`` flow (happened in a period), stock (up to its end) or ratio (of two other metrics)."""

    code: str = Field(alias="pk")
    name: str
    name_en: str
    unit: str = Field(alias="unit_id")
    kind: str
    counts: str
    counts_en: str
    numerator: str | None = Field(alias="numerator_id")
    denominator: str | None = Field(alias="denominator_id")
    part_of: str | None = Field(alias="part_of_id")
    guard: str | None = Field(alias="guard_id")
    direction: str
    additive: bool
    public: bool = Field(alias="is_public")
    least_public: int


class MetricsOut(Schema):
    metrics: list[MetricOut]


class ValueOut(Schema):
    """``amount`` of a flow or stock; ``part``, ``whole`` and ``percent`` of a ratio; all null when it is hidden."""

    amount: int | None
    part: int | None
    whole: int | None
    percent: Decimal | None
    hidden: bool


class NumberOut(Schema):
    """A number: what, where, when; ``code`` once it has been cited."""

    metric: str
    place: UUID
    since: date
    until: date
    unit: str
    value: ValueOut
    code: str | None


class PartOut(Schema):
    """One place below; null is what was counted at the place itself."""

    place: UUID | None
    name: str | None
    value: ValueOut


class SplitOut(Schema):
    whole: ValueOut
    parts: list[PartOut]


class MomentOut(Schema):
    """``since`` is the first day of the day, month or year."""

    since: date
    value: ValueOut


class MomentsOut(Schema):
    series: list[MomentOut]


class RecordOut(Schema):
    """A record behind a number; ``href`` is its page."""

    kind: str
    title: str
    href: str
    day: date
    place: UUID
    amount: int


class RecordsOut(Schema):
    """One page; ``hidden`` records stand on it that you may not see; ``next`` goes back in as ``cursor``."""

    records: list[RecordOut]
    hidden: int
    next: str | None


class ReportedOut(Schema):
    """A number that somebody else told: ``told`` as written, with its sign (+ at least, ~ about, > more than)."""

    id: UUID = Field(alias="public_id")
    code: str
    name: str
    told: str
    value: Decimal
    sign: str
    unit: str = Field(alias="unit_id")
    names: list[str]
    as_of: date
    source: str
    metric: str | None = Field(alias="metric_id")


class ReportedListOut(Schema):
    reported: list[ReportedOut]
    next: str | None


class CitedOut(Schema):
    """What a short code stands for: a number counted here, or one that others reported."""

    code: str
    number: NumberOut | None
    reported: ReportedOut | None


class Span(Schema):
    """Days from ``since`` until before ``until``; when nothing is said, this year, and for everybody the last month that
    has ended: everybody may ask for months and years that have ended, nothing else.
    """

    since: date | None = None
    until: date | None = None

    def period(self, *, reads: bool = True) -> Period:
        """InvalidInput naming the field."""
        usual = Period.year(clock.today().year) if reads else queries.last_ended()
        since, until = self.since or usual.since, self.until or usual.until
        for name, day in (("since", since), ("until", until)):
            if not FIRST_YEAR <= day.year <= LAST_YEAR:
                raise InvalidInput(fields={name: _("请填写 1949 年到 2199 年之间的日期。")})
        if since >= until:
            raise InvalidInput(fields={"until": _("结束要晚于开始。")})
        return Period(since, until)


def told(value: Value) -> dict[str, Any]:
    return {name: getattr(value, name) for name in ("amount", "part", "whole", "percent", "hidden")}


def asked(request: Request, public_id: UUID, metric: str) -> tuple[Metric, Place]:
    """SignInNeeded for those who might see it once they have signed in, NotFound for others who may not."""
    of, place = queries.metric(metric), place_queries.by_public_id(public_id)
    if not rules.can_see(request.actor, of, place):
        raise SignInNeeded if request.actor.is_anonymous else NotFound
    return of, place


def number_of(request: Request, of: Metric, place: Place, period: Period, cited: Number | None) -> dict[str, Any]:
    found = queries.value(request.actor, of, place, period)
    days = {"since": period.since, "until": period.until}
    facts = {"metric": of.pk, "place": place.public_id, "unit": of.unit_id, "code": cited.code if cited else None}
    return {**facts, **days, "value": told(found)}


@router.get("/metrics", response=gives(MetricsOut), auth=None, url_name="metrics")
def metrics(request: Request) -> Any:
    """The register of metrics: all of them for who reads figures somewhere, the public ones for everybody."""
    rows = queries.register()
    return {"metrics": rows if rules.reads_somewhere(request.actor) else rows.filter(is_public=True)}


@router.get("/numbers/{code}", response=gives(CitedOut), auth=None, url_name="number")
def number(request: Request, code: Code) -> Any:
    """What a short code on paper stands for, as far as you may see it, with its value now."""
    found = queries.number_by_code(code)
    if found.metric is None or found.since is None or found.until is None:
        figure: ReportedFigure | None = found.reported
        assert figure is not None  # the database keeps a citation to one thing
        seen = queries.reported_figure(signed_in(request), figure.public_id)
        return {"code": found.code, "number": None, "reported": seen}
    of, place = asked(request, found.place.public_id, found.metric.pk)
    period = Period(found.since, found.until)
    return {"code": found.code, "number": number_of(request, of, place, period, found), "reported": None}


@router.get("/at/{uuid:public_id}/reported", response=gives(ReportedListOut), url_name="reported")
def reported(request: Request, public_id: UUID, cursor: Cursor = "") -> Any:
    """Numbers that others reported of a place, the newest date first, 25 a page; corrected ones are left out."""
    place = place_queries.by_public_id(public_id)
    if not rules.can_read(request.actor, place):
        raise NotFound
    page = paging.page(queries.reported(request.actor, place=place), ("-as_of", "-id"), cursor or None)
    return {"reported": page.rows, "next": page.next}


@router.get("/at/{uuid:public_id}/{metric}", response=gives(NumberOut), auth=None, url_name="value")
def value(request: Request, public_id: UUID, metric: Code, days: Query[Span]) -> Any:
    """One number for the place and everything below it."""
    of, place = asked(request, public_id, metric)
    period = days.period(reads=rules.can_read(request.actor, place))
    return number_of(request, of, place, period, queries.cited(of, place, period))


@router.get("/at/{uuid:public_id}/{metric}/children", response=gives(SplitOut), auth=None, url_name="by_child")
def by_child(request: Request, public_id: UUID, metric: Code, days: Query[Span]) -> Any:
    """The number of each place directly below, and what was counted at the place itself."""
    of, place = asked(request, public_id, metric)
    split = queries.by_child(request.actor, of, place, days.period(reads=rules.can_read(request.actor, place)))
    parts = [
        {
            "place": one.place.public_id if one.place else None,
            "name": one.place.name if one.place else None,
            "value": told(one.value),
        }
        for one in split.lines
    ]
    return {"whole": told(split.whole), "parts": parts}


@router.get("/at/{uuid:public_id}/{metric}/series", response=gives(MomentsOut), auth=None, url_name="over_time")
def over_time(
    request: Request, public_id: UUID, metric: Code, days: Query[Span], grain: Literal["day", "month", "year"] = "month"
) -> Any:
    """The number of each day, month or year that the period touches; four hundred at most."""
    of, place = asked(request, public_id, metric)
    period = days.period(reads=rules.can_read(request.actor, place))
    if len(queries.stretches(period, Grain(grain))) > MOST_STRETCHES:
        raise InvalidInput(fields={"grain": _("一次最多 400 段，请缩短时间或按月、按年查。")})
    found = queries.over_time(request.actor, of, place, period, Grain(grain))
    return {"series": [{"since": day, "value": told(one)} for day, one in found]}


@router.get("/at/{uuid:public_id}/{metric}/records", response=gives(RecordsOut), url_name="number_records")
def records(request: Request, public_id: UUID, metric: Code, days: Query[Span], cursor: Cursor = "") -> Any:
    """The records behind a number, as far as you may see them, the newest day first, 25 a page."""
    of, place = asked(request, public_id, metric)
    page = queries.records(request.actor, of, place, days.period(), cursor or None)
    rows = [
        {
            **{name: getattr(one, name) for name in ("title", "href", "day", "amount")},
            "kind": str(one.kind),
            "place": one.place.public_id,
        }
        for one in page.rows
    ]
    return {"records": rows, "hidden": page.hidden, "next": page.next}
