"""How the records behind numbers are called and opened, each room's by its own rules, and whose roles files are made
with: figures may not ask upwards.
"""

from __future__ import annotations

from collections.abc import Collection

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from huying.activities import rules as activity_rules
from huying.activities.models import Activity, Session
from huying.activities.queries import counting as activities
from huying.calls import rules as call_rules
from huying.calls.models import Call
from huying.calls.queries import counting as calls
from huying.figures import queries as figures
from huying.figures.queries import Shown, site_checks, sites
from huying.kernel.actor import Actor
from huying.people import queries as people_queries
from huying.places import queries as place_queries
from huying.places.models import Place
from huying.points import rules as point_rules
from huying.points.models import Bank, Claim, Gift, Passbook, Weighing
from huying.points.queries import counting as points
from huying.ui.naming import named
from huying.volunteers import queries as volunteer_queries
from huying.volunteers import rules as volunteer_rules
from huying.volunteers.models import Volunteer
from huying.volunteers.queries import counting as volunteers


def shown_calls(actor: Actor, ids: Collection[int]) -> dict[int, Shown]:
    """Calls on this actor's desk: number and what they are about."""
    rows = Call.objects.filter(call_rules.on_desk(actor), pk__in=ids).distinct()
    return {one.pk: Shown(f"{one.number} {one.title}", reverse("calls:panel", args=[one.public_id])) for one in rows}


def shown_sessions(actor: Actor, ids: Collection[int]) -> dict[int, Shown]:
    """Sessions of activities he may see."""
    seen = Activity.objects.filter(activity_rules.visible_to(actor)).values("pk")
    rows = Session.objects.filter(pk__in=ids, activity__in=seen).select_related("activity")
    return {
        one.pk: Shown(one.activity.title, reverse("activities:activity", args=[one.activity.public_id])) for one in rows
    }


def shown_service(actor: Actor, ids: Collection[int]) -> dict[int, Shown]:
    """Records of service he may see."""
    rows = volunteer_queries.records_by_ids(actor, ids)
    return {key: Shown(one.title, reverse("volunteers:record", args=[one.public_id])) for key, one in rows.items()}


def shown_volunteers(actor: Actor, ids: Collection[int]) -> dict[int, Shown]:
    """Volunteers he may see, by name."""
    rows = Volunteer.objects.filter(volunteer_rules.visible_to(actor), pk__in=ids).select_related("person")
    return {
        one.pk: Shown(one.person.name, reverse("volunteers:volunteer", args=[one.public_id])) for one in rows.distinct()
    }


def shown_places(actor: Actor, ids: Collection[int]) -> dict[int, Shown]:
    """Places are public."""
    rows = Place.objects.filter(pk__in=ids)
    return {one.pk: Shown(named(one), reverse("places:detail", args=[one.public_id])) for one in rows}


def shown_checks(actor: Actor, ids: Collection[int]) -> dict[int, Shown]:
    """Checks of sites he reads: the site and the standard."""
    rows = place_queries.checks_by_ids(actor, ids)
    return {
        one.pk: Shown(f"{named(one.place)} · {named(one.standard)}", reverse("places:check", args=[one.public_id]))
        for one in rows
    }


def shown_claims(actor: Actor, ids: Collection[int]) -> dict[int, Shown]:
    """Claims of passbooks he may see."""
    seen = Passbook.objects.filter(point_rules.passbooks_visible_to(actor)).values("pk")
    rows = Claim.objects.filter(pk__in=ids, passbook__in=seen)
    return {one.pk: Shown(one.title, reverse("points:claim", args=[one.public_id])) for one in rows}


def shown_gifts(actor: Actor, ids: Collection[int]) -> dict[int, Shown]:
    """Exchanges of passbooks he may see."""
    seen = Passbook.objects.filter(point_rules.passbooks_visible_to(actor)).values("pk")
    rows = Gift.objects.filter(pk__in=ids, passbook__in=seen).select_related("good")
    return {one.pk: Shown(named(one.good), reverse("points:gift", args=[one.public_id])) for one in rows}


def shown_weighings(actor: Actor, ids: Collection[int]) -> dict[int, Shown]:
    """Litter that was weighed at counters where he serves."""
    seen = Bank.objects.filter(point_rules.serves(actor)).values("pk")
    rows = Weighing.objects.filter(pk__in=ids, good__bank__in=seen).select_related("good__bank")
    return {one.pk: Shown(named(one.good), reverse("points:bank", args=[one.good.bank.public_id])) for one in rows}


def shown_banks(actor: Actor, ids: Collection[int]) -> dict[int, Shown]:
    """Counters are public: they stand on the page of their book."""
    rows = Bank.objects.filter(pk__in=ids).select_related("book")
    return {one.pk: Shown(named(one), reverse("points:book", args=[one.book.public_id])) for one in rows}


def shown_stays(actor: Actor, ids: Collection[int]) -> dict[int, Shown]:
    """Earlier times of those volunteers he may see."""
    whose = volunteers.volunteers_of_stays(ids)
    found = shown_volunteers(actor, set(whose.values()))
    return {key: found[volunteer] for key, volunteer in whose.items() if volunteer in found}


def shown_passbooks(actor: Actor, ids: Collection[int]) -> dict[int, Shown]:
    """Passbooks he may see, by number."""
    rows = Passbook.objects.filter(point_rules.passbooks_visible_to(actor), pk__in=ids)
    return {one.pk: Shown(one.number, reverse("points:passbook", args=[one.public_id])) for one in rows}


def owner(person_id: int) -> Actor:
    """Who has files made: nobody any more where the account was closed."""
    if people_queries.shut_out(person_id):
        return Actor(person_id=None, channel="job")
    return people_queries.actor_of_person(person_id)


def register() -> None:
    """Tell figures; called once when Django starts."""
    figures.actors_from(owner)
    tell = figures.records_from
    tell(calls.SOURCE, _("求助"), shown_calls)
    tell(activities.SOURCE, _("活动场次"), shown_sessions)
    tell(volunteers.SERVICE, _("服务记录"), shown_service)
    tell(volunteers.JOINED, _("登记为志愿者"), shown_volunteers)
    tell(volunteers.LEFT, _("退出志愿者"), shown_volunteers)
    tell(volunteers.STAYED, _("登记为志愿者"), shown_stays)
    tell(volunteers.STAY_ENDED, _("退出志愿者"), shown_stays)
    tell(Place._meta.label, _("启用的阵地"), shown_places)
    tell(sites.CLOSED, _("停用的阵地"), shown_places)
    tell(site_checks.SOURCE, _("阵地自查"), shown_checks)
    tell(points.CLAIM, _("入账的积分"), shown_claims)
    tell(points.GIFT, _("积分兑换"), shown_gifts)
    tell(points.WEIGHING, _("垃圾换物"), shown_weighings)
    tell(points.BANK, _("开办的储蓄所"), shown_banks)
    tell(points.CLOSED, _("停办的储蓄所"), shown_banks)
    tell(points.PASSBOOK, _("开立的存折"), shown_passbooks)
    tell(points.LEFT, _("退出的存折"), shown_passbooks)
