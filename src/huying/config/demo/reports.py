"""Round-ups of the demonstration: last month's bulletin, signed and published for everybody, and a draft of this month.

Made by the real actions: the dispatcher of the county writes, its auditor signs. What the scenes before added is counted at
once, as the jobs will tell it again. Files are drawn when somebody asks for them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from django.db.models import Max, Min

from huying.activities.queries import counting as activities
from huying.calls.queries import counting as calls
from huying.cockpit import actions
from huying.cockpit.actions.report_writing import Wanted
from huying.cockpit.models import Report
from huying.cockpit.queries import report_templates
from huying.cockpit.states import Verb
from huying.config.demo.people import STAFF
from huying.figures import actions as figures
from huying.figures.actions import Word
from huying.figures.queries import Period, site_checks
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.people.models import Account, Role
from huying.places.models import Place
from huying.points.queries import counting as points
from huying.volunteers.queries import counting as volunteers

DEMO = Actor.system("demo")
ORGAN, LETTERS = "{place}新时代文明实践中心", "{place}实发"
TO = "各街道（镇）实践所、各社区（村）实践站"


def load() -> list[Report]:
    """The two round-ups; nothing where one is there already."""
    if Report.objects.exists():
        return []
    figures.count(actor=DEMO, words=counted())
    keys = Place.objects.aggregate(first=Min("pk"), last=Max("pk"))
    figures.count_sites(actor=DEMO, first=keys["first"], last=keys["last"])
    figures.fold(actor=DEMO)
    return written()


def written() -> list[Report]:
    """Both of them, from what is counted by now."""
    writer, signer = (acting(name) for name in ("dispatcher", "auditor"))
    place = Place.objects.select_related("parent", "kind").get(path=writer.roles[0][1])
    actions.set_letterhead(
        actor=writer,
        place=place,
        organ=ORGAN.format(place=place.name),
        letters=LETTERS.format(place=place.name[:1]),
    )
    today = clock.today()
    last = drafted(writer, place, Period.month(today.replace(day=1) - timedelta(days=1)).since, public=True)
    for verb, doer in ((Verb.LOCK, writer), (Verb.SIGN, signer), (Verb.PUBLISH, writer)):
        last = actions.step_report(actor=doer, report=last, verb=verb)
    return [last, drafted(writer, place, today.replace(day=1), public=False)]


def counted() -> Iterator[Word]:
    """What every record of the demonstration adds to the figures, sites apart."""
    for source in points.SOURCES:
        yield from points.recounted(source)
    yield from calls.recounted_calls()
    yield from activities.recounted_sessions()
    yield from volunteers.recounted_service()
    for source in (volunteers.JOINED, volunteers.LEFT):
        yield from volunteers.recounted_volunteers(source)
    for source in (volunteers.STAYED, volunteers.STAY_ENDED):
        yield from volunteers.recounted_stays(source)
    yield from site_checks.recounted_checks()


def acting(username: str) -> Actor:
    """Somebody of the staff with the roles he holds."""
    assert username in {one.username for one in STAFF}
    person_id = Account.objects.values_list("person_id", flat=True).get(username=username)
    roles = Role.objects.filter(person=person_id).order_by("id").values_list("kind", "place__path")
    return Actor(person_id=person_id, roles=tuple(roles))


def drafted(writer: Actor, place: Place, since: date, *, public: bool) -> Report:
    """The bulletin of the month that begins on ``since``."""
    month = Period.month(since)
    title = f"{place.name}{since.year}年{since.month}月通报"
    template = report_templates.template(place, "monthly")
    wanted = Wanted(template, month.since, month.until, title, TO, public)
    return actions.make_report(actor=writer, place=place, wanted=wanted)
