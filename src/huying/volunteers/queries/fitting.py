"""Which volunteers fit a want: may be asked, can do it, live near, in a fair order: who did least comes first.

Nothing here knows what anybody answered before: somebody who said no or nothing is passed over by the same want only, as
everybody is whom it has asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from math import cos, radians
from typing import Any

from django.db.models import (
    BigIntegerField,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    FloatField,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce, Power, Sqrt
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.people import rules as people_rules
from huying.ui.naming import named
from huying.volunteers import rules
from huying.volunteers.models import Invitation, Membership, ServiceRecord, Skill, Volunteer, Want
from huying.volunteers.states import COUNTED, SERVED_WITHIN_DAYS, InvitationState, slot_in_words

KM_A_DEGREE = 111.195
"""Of the mean radius of the earth, 6,371.0088 km (IUGG)."""
ORDER = ("load", "km", "draw", "id")
"""Idle first, then near; among equals in an order drawn for each want, so that nobody always comes first for his number."""


def asked_now() -> Q:
    """Volunteers who may be asked at all: not left, not resting, wanting to be asked, and asked by no other want now."""
    here = Q(left_at__isnull=True, weekly_limit__gt=0)
    rests = Q(paused_until__isnull=False, paused_until__gte=clock.today())
    waiting = Invitation.objects.filter(volunteer=OuterRef("pk"), state=InvitationState.OPEN, ends_at__gt=clock.now())
    return here & ~rests & ~Q(Exists(waiting))


def askable(want: Want) -> Q:
    """Of these, who is not in the team and was never asked by this want."""
    inside = Membership.objects.filter(rules.PRESENT, team_id=want.team_id, volunteer=OuterRef("pk"))
    asked = Invitation.objects.filter(want=want, volunteer=OuterRef("pk"))
    return asked_now() & ~Q(Exists(inside)) & ~Q(Exists(asked))


def able(want: Want) -> Q:
    """Who has every skill (proven where it needs a paper) and time at every part of the week that is named.

    Who named no time may be asked for any.
    """
    found = Q()
    having = Volunteer.skills.through._default_manager
    for key in want.skills.values_list("pk", flat=True):
        rows = having.filter(rules.proven_on(clock.today()), volunteer_id=OuterRef("pk"), skill_id=key)
        found &= Q(Exists(rows))
    if want.slots:
        found &= Q(availability__len=0) | Q(availability__contains=want.slots)
    return found


def km_to(want: Want) -> Any:
    """Kilometres in a straight line from where somebody starts to where he is wanted; the plane about the want."""
    lon, lat = (Coalesce(F(name), F(f"base_place__{name}")) for name in ("lon", "lat"))
    east = (lon - Value(want.lon)) * Value(cos(radians(want.lat)) * KM_A_DEGREE)
    north = (lat - Value(want.lat)) * Value(KM_A_DEGREE)
    return Sqrt(Power(east, 2.0) + Power(north, 2.0), output_field=FloatField())


def how_many(rows: QuerySet[Any]) -> Any:
    """How many of ``rows`` each volunteer has."""
    counted = rows.filter(volunteer=OuterRef("pk")).order_by().values("volunteer").annotate(n=Count("*")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def recent() -> QuerySet[ServiceRecord]:
    """Confirmed services that ended lately."""
    since = clock.now() - timedelta(days=SERVED_WITHIN_DAYS)
    return ServiceRecord.objects.filter(state__in=COUNTED, ends_at__gte=since)


def fitting(actor: Actor, want: Want) -> QuerySet[Volunteer]:
    """Volunteers of the actor's places who fit, with ``km``, ``served``, ``teams``, to be read in ``ORDER``."""
    kept = people_rules.within(actor, rules.KEEPERS, "base_place__path")
    teams = Membership.objects.filter(rules.PRESENT)
    draw = (F("pk") * Value(1_103_515_245) + Value(want.pk * 65_539)) % Value(2_147_483_647)
    rows = Volunteer.objects.filter(kept, askable(want), able(want)).annotate(
        distance=km_to(want), served=how_many(recent()), teams=how_many(teams)
    )
    return (
        rows.filter(distance__lte=F("travel_km"))
        .annotate(
            km=Coalesce(F("distance"), 0.0),
            load=Coalesce(F("served") + F("teams"), 0),
            draw=Coalesce(ExpressionWrapper(draw, BigIntegerField()), 0),
        )
        .select_related("person", "base_place")
    )


@dataclass(frozen=True, slots=True)
class Fit:
    """A volunteer and why he is shown, in words."""

    volunteer: Volunteer
    reasons: list[str]


def reasons(volunteer: Volunteer, want: Want, needed: list[Skill], km: float, served: int, teams: int) -> list[str]:
    """How far, what he can do, when he is free, what he does already."""
    said = [_("离这里约 %(km).1f 公里") % {"km": max(km, 0.1)}]
    for skill in needed:
        words = _("会%(skill)s，证书已核对") if skill.needs_proof else _("会%(skill)s")
        said.append(words % {"skill": named(skill)})
    if volunteer.availability and want.slots:
        said.append(_("%(times)s有空") % {"times": _("、").join(slot_in_words(slot) for slot in want.slots)})
    elif want.slots:
        said.append(_("没有写什么时候方便，可以问"))
    if served:
        said.append(
            ngettext("近 %(days)d 天服务过 %(n)d 次", "近 %(days)d 天服务过 %(n)d 次", served)
            % {"n": served, "days": SERVED_WITHIN_DAYS}
        )
    else:
        said.append(_("近 %(days)d 天没有服务") % {"days": SERVED_WITHIN_DAYS})
    said.append(
        ngettext("已在 %(n)d 支队伍", "已在 %(n)d 支队伍", teams) % {"n": teams} if teams else _("还没有加入队伍")
    )
    return said


def fits(rows: list[Any], want: Want) -> list[Fit]:
    """A page of ``fitting`` with its reasons."""
    needed = list(want.skills.order_by("id"))
    return [Fit(one, reasons(one, want, needed, one.km, one.served, one.teams)) for one in rows]
