"""Who can answer: helpers and teams in the neighbourhood, nearest first, with the reasons in words.

Ranked in SQL by skills, distance (straight line) and open work; a decline never enters here (domain 7, safeguard 1).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, ExpressionWrapper, F, FloatField, OuterRef, Q, QuerySet, Value
from django.db.models.functions import ACos, Cos, Greatest, Least, Radians, Sin
from django.utils.translation import gettext as _

from huying.calls.models import Call, Offer
from huying.calls.states import OfferState
from huying.kernel import clock
from huying.places.models import Place
from huying.volunteers.models import Team, Volunteer

EARTH_KM = 6371.0
WALK_KM_AN_HOUR = 4.5
DETOUR = 1.3
"""Streets are longer than the straight line; the same proxy as in the reach report."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One who could be asked: ``km`` straight line or None, ``missing`` skills by name, ``open`` calls held now."""

    volunteer: Volunteer | None
    team: Team | None
    name: str
    km: float | None
    missing: int
    open: int
    reasons: list[str]


def candidates(call: Call, limit: int = 8) -> list[Candidate]:
    """Volunteers and teams that may be asked for this call, best first; [] when the neighbourhood has nobody."""
    place = call.place
    where = (call.lon, call.lat) if call.lon is not None else (place.lon, place.lat)
    needed = list(call.kind.skills.values_list("pk", flat=True))
    top = Place.objects.filter(pk__in=[int(part) for part in place.path.strip("/").split("/")[-3:]]).order_by("depth")
    area = top[0].path
    found: list[Candidate] = []
    if call.kind.answered_by != "team":
        found += [as_candidate(v, None, needed) for v in volunteers(call, area, needed, where)[:limit]]
    if call.kind.answered_by != "volunteer":
        found += [as_candidate(None, t, needed) for t in teams(call, area, needed, where)[:limit]]
    return sorted(found, key=lambda c: (c.missing, c.km is None, (c.km or 0) + 0.5 * c.open, c.name))[:limit]


def asked_before(call: Call, **who: Any) -> Exists:
    gone = [OfferState.WITHDRAWN, OfferState.EXPIRED]
    return Exists(Offer.objects.filter(call=call, **who).exclude(state__in=gone))


def volunteers(call: Call, area: str, needed: list[int], where: tuple[Any, Any]) -> QuerySet[Volunteer]:
    rows = Volunteer.objects.filter(base_place__path__startswith=area, left_at__isnull=True)
    rows = rows.filter(Q(paused_until__isnull=True) | Q(paused_until__lt=clock.today()))
    rows = rows.exclude(person_id=call.requester_id).exclude(asked_before(call, volunteer=OuterRef("pk")))
    rows = rows.annotate(
        skilled=Count("skills", filter=Q(skills__in=needed), distinct=True),
        open=Count("offers", filter=Q(offers__state=OfferState.ACCEPTED), distinct=True),
        km=distance(F("lon"), F("lat"), where),
    ).filter(open__lt=F("weekly_limit"))
    rows = rows.filter(Q(km__isnull=True) | Q(km__lte=F("travel_km")))
    return rows.select_related("person", "base_place").order_by("-skilled", F("km").asc(nulls_last=True), "open", "id")


def teams(call: Call, area: str, needed: list[int], where: tuple[Any, Any]) -> QuerySet[Team]:
    rows = Team.objects.filter(place__path__startswith=area, active=True)
    rows = rows.exclude(asked_before(call, team=OuterRef("pk")))
    rows = rows.annotate(
        skilled=Count("skills", filter=Q(skills__in=needed), distinct=True),
        open=Count("offers", filter=Q(offers__state=OfferState.ACCEPTED), distinct=True),
        km=distance(F("place__lon"), F("place__lat"), where),
    ).filter(open__lt=F("open_limit"))
    return rows.select_related("place").order_by("-skilled", F("km").asc(nulls_last=True), "open", "id")


def distance(lon: Any, lat: Any, where: tuple[Any, Any]) -> Any:
    """Great-circle kilometres from a row's position to ``where``; NULL when either is unknown."""
    if where[0] is None or where[1] is None:
        return Value(None, output_field=FloatField())
    here_lon, here_lat = Radians(Value(where[0])), Radians(Value(where[1]))
    cosine = Sin(here_lat) * Sin(Radians(lat)) + Cos(here_lat) * Cos(Radians(lat)) * Cos(Radians(lon) - here_lon)
    return ExpressionWrapper(EARTH_KM * ACos(Least(Greatest(cosine, -1.0), 1.0)), output_field=FloatField())


def as_candidate(volunteer: Any, team: Any, needed: list[int]) -> Candidate:
    row = volunteer or team
    missing = len(needed) - row.skilled
    reasons = []
    if row.km is not None and volunteer is not None:
        minutes = max(1, round(row.km * DETOUR / WALK_KM_AN_HOUR * 60))
        reasons.append(_("步行约 %(n)d 分钟") % {"n": minutes} if minutes <= 60 else _("约 %.1f 公里") % row.km)
    elif row.km is not None:
        reasons.append(_("约 %.1f 公里") % row.km)
    if needed:
        reasons.append(_("技能全部符合") if missing == 0 else _("缺 %(n)d 项技能") % {"n": missing})
    reasons.append(_("手上 %(n)d 件") % {"n": row.open} if row.open else _("手上没有任务"))
    return Candidate(volunteer, team, str(row), row.km, missing, row.open, reasons)
