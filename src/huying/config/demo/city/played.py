"""Mechanisms, points, standards of sites and round-ups: played by the real actions at some of the places, as small rows of
each room would not tell the whole of its rules.
"""

from __future__ import annotations

from huying.config.demo import packs, points, reports, sites
from huying.config.demo.city.plan import DEMO, Plan
from huying.figures import actions as figures
from huying.figures.queries.site_checks import words_of_check
from huying.people.models import Person
from huying.places.models import Place, SiteCheck, Standard
from huying.places.states import Status
from huying.points.models import Bank, Book, Claim, Good, Intake, Passbook
from huying.points.queries import counting
from huying.volunteers.models import ServiceRecord
from huying.volunteers.states import COUNTED

PILOTS = 80
"""One neighbourhood in so many has a book of points; where there are fewer, one."""
MOST_PILOTS = 8
"""Each takes some three seconds of CPU, for a few hundred actions are played."""
THIRD = 3
"""Every third station was checked once, of many at most so many; the others never."""
MOST_CHECKED = 240
CHECKED = 40
"""So many stations in one part."""
SERVED, LIVE_HERE = 8, 4
"""People with a passbook: so many of those who served lately, so many others."""
POINTS: tuple[type, ...] = (Book, Passbook, Claim, Bank, Good, Intake)
CHECKS: tuple[type, ...] = (SiteCheck,)


def switched_on(_plan: Plan, _number: int) -> None:
    """The mechanisms of the small demonstration, at the root."""
    packs.load()


def stations(plan: Plan) -> list[Place]:
    """The stations that were checked at some time."""
    rows = Place.objects.filter(kind="station", status=Status.OPEN, path__startswith=plan.root.path)
    found = list(rows.select_related("parent__parent").order_by("id"))
    return found[:: max(THIRD, -(-len(found) // MOST_CHECKED))]


def checks_chunks(plan: Plan) -> int:
    return max(1, -(-len(stations(plan)) // CHECKED))


def checks(plan: Plan, number: int) -> None:
    """Checks by the keepers of stations, verified or returned by the offices above; told to the figures."""
    asked = Standard.objects.filter(code=sites.STATION.code).first() or sites.installed(plan.root)
    made = []
    for serial, site in enumerate(stations(plan)[number * CHECKED : (number + 1) * CHECKED]):
        answers, end = sites.WAYS[serial % len(sites.WAYS)].split()
        home = site.parent
        assert home is not None and home.parent_id is not None  # a station hangs below a neighbourhood
        by, above = (points.with_roles(plan.keepers[key].person_id) for key in (home.pk, home.parent_id))
        made.append(sites.checked(asked, site, answers, end, by, above, serial % len(sites.WAYS)))
    figures.count(actor=DEMO, words=[word for one in made for word in words_of_check(one) if word.amount])


def pilots(plan: Plan) -> list[Place]:
    """The neighbourhoods with a book of points: the one of those who sign in, others all over."""
    count = max(1, min(MOST_PILOTS, len(plan.neighbourhoods) // PILOTS))
    return plan.neighbourhoods[:: -(-len(plan.neighbourhoods) // count)]


def points_chunks(plan: Plan) -> int:
    return len(pilots(plan))


def pointed(plan: Plan, number: int) -> None:
    """One book with its bank and passbooks; with the last one all of them are told to the figures."""
    home = pilots(plan)[number]
    station, office = (points.with_roles(plan.keepers[key].person_id) for key in (home.pk, home.parent_id or 0))
    points.scheme(station, office, home, people_of(plan, home, {station.person_id, office.person_id}))
    if number == points_chunks(plan) - 1:
        figures.count(actor=DEMO, words=[word for source in counting.SOURCES for word in counting.recounted(source)])


def people_of(plan: Plan, home: Place, keepers: set[int | None]) -> list[Person]:
    """Some who live here, and some of those who served lately; the keepers of the book are not among them."""
    here = Person.objects.filter(home_place=home, erased_at=None).exclude(pk__in=[one for one in keepers if one])
    known = plan.locals.get(home.pk)
    records = ServiceRecord.objects.filter(person_id__in=list(known.people) if known else [], state__in=COUNTED)
    served = records.filter(starts_at__gte=plan.now - points.BEGAN * points.DAY).values("person_id")
    some = list(here.filter(pk__in=served).order_by("id")[:SERVED])
    return some + list(here.exclude(pk__in=served).order_by("id")[: LIVE_HERE + SERVED - len(some)])


def told(_plan: Plan, _number: int) -> None:
    """Last month's bulletin, signed and published, and a draft of this month."""
    reports.written()
