"""What it means that a component drives something: each kind of thing, seen from where people meet it."""

from __future__ import annotations

import re
from datetime import timedelta

from huying.activities import actions as activities
from huying.activities import queries as activity_queries
from huying.activities.models import ActivityKind, RhythmPlan, Theme
from huying.activities.queries.gaps import gaps
from huying.calls import queries as call_queries
from huying.calls.actions import Ask, ask
from huying.calls.models import ServiceKind
from huying.calls.queries.rings import rings_at
from huying.calls.tests.factories import actor
from huying.cockpit import actions as reports
from huying.cockpit.actions.report_writing import Wanted
from huying.cockpit.queries import report_templates
from huying.cockpit.queries.reports import document
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.packs.queries.doors import stored
from huying.packs.rules.shape import Pack as File
from huying.packs.tests.conftest import World
from huying.places import actions as places
from huying.places import queries as place_queries
from huying.places.models import Place, PlaceFlag, PlaceKind, Standard
from huying.places.tests.factories import place, staff
from huying.places.tests.standards import said
from huying.points.models import Edition
from huying.volunteers import actions as volunteers
from huying.volunteers import queries as volunteer_queries
from huying.volunteers.models import TeamKind

SYSTEM = Actor.system("tests")
ABOVE = {"centre": "county", "office": "street", "station": "community", "point": "community", "post": "station"}


def key_of(file: File, kind: str, code: str) -> str:
    return stored(kind, file.namespace, code)


def site(world: World, kind: str) -> Place:
    """A site of this kind below the county where the pack is on."""
    spots = {"county": world.east, "street": world.street, "community": world.home}
    above = ABOVE[kind]
    return place(kind, spots[above] if above in spots else site(world, above))


def themes(world: World, file: File, code: str) -> None:
    """A choice for activities here and nowhere else; with a rule, an activity of its days carries it by itself."""
    theme = Theme.objects.get(code=key_of(file, "themes", code))

    assert theme in activity_queries.themes(places=[world.home])
    facts = activities.Facts(
        kind=ActivityKind.objects.get(code="service"),
        place=world.home,
        title="助餐",
        starts_at=clock.now() + timedelta(days=1),
        ends_at=clock.now() + timedelta(days=1, hours=1),
        contact_name="王敏之",
        where="社区广场",
        roles=[activities.RoleFacts("参加者", 3)],
        parties=[activities.PartyFacts("和平社区")],
        themes=[theme] if theme.rule == "none" else [],
    )
    made = activities.save_draft(actor=SYSTEM, facts=facts)
    in_march = theme.begins <= "03-03" <= theme.ends if theme.rule == "dates" else True
    assert (theme in made.themes.all()) == in_march
    if code.startswith("platform:"):
        return
    assert theme not in activity_queries.themes(places=[world.west])


def activity_kinds(world: World, file: File, code: str) -> None:
    kind = ActivityKind.objects.get(code=key_of(file, "activity_kinds", code))

    assert kind in activity_queries.kinds(places=[world.home])
    assert (kind in activity_queries.kinds(places=[world.west])) == code.startswith("platform:")


def rhythms(world: World, file: File, code: str) -> None:
    """A plan of this year; nothing was held or named, so every rule lists gaps."""
    (rhythm,) = [one for one in file.things.rhythms if one.code == code]
    plan = RhythmPlan.objects.get(place=world.east, name__startswith=rhythm.name.zh[:50])
    place("station", world.home)
    kept = gaps(plan)

    assert len(kept) == len(rhythm.rules)
    assert all(one.gaps or (one.focuses and not all(title for _beat, title in one.focuses)) for one in kept)


def service_kinds(world: World, file: File, code: str) -> None:
    """A line of the menu of who lives here, and a call of it can be made."""
    kind = ServiceKind.objects.get(code=key_of(file, "service_kinds", code))
    asker = actor(world.resident)

    assert kind in call_queries.menu(asker)
    assert kind not in call_queries.menu(actor(world.westerner))
    made = ask(actor=asker, what=Ask(kind, world.home, world.resident, "想请人帮忙"))
    assert (made.kind, made.place) == (kind, world.home)


def rings(world: World, file: File, code: str) -> None:
    """The calls of this county go out by these rings, in the order of the file."""
    (ring,) = [one for one in file.things.rings if one.code == code]
    running = rings_at(world.home)

    assert [one.name for one in running] == [one.name.zh for one in file.things.rings]
    assert [one.asks for one in running if one.name == ring.name.zh] == [ring.asks]
    assert not [one for one in rings_at(world.west) if one.name == ring.name.zh]


def team_kinds(world: World, file: File, code: str) -> None:
    kind = TeamKind.objects.get(code=key_of(file, "team_kinds", code))

    assert kind in volunteer_queries.team_kinds(actor(world.clerk))
    assert (kind in volunteer_queries.team_kinds(actor(world.westerner))) == code.startswith("platform:")
    team = volunteers.save_team(actor=actor(world.clerk), facts=volunteers.TeamFacts(kind.name, world.east, kind=kind))
    assert team.kind == kind


def skills(world: World, file: File, code: str) -> None:
    key = key_of(file, "skills", code)

    assert key in {one.code for one in volunteer_queries.skills_at([world.home], None)}
    assert key not in {one.code for one in volunteer_queries.skills_at([world.west], None)}


def place_kinds(world: World, file: File, code: str) -> None:
    """A site of this kind can be put under a kind it belongs to, and is found in the list."""
    kind = PlaceKind.objects.get(code=key_of(file, "place_kinds", code))
    if kind.is_division:
        assert place_queries.listed(within=world.city, kind="grid").count() == 0
        return
    spots = {"prefecture": world.city, "county": world.east, "street": world.street, "community": world.home}
    free = [spots[one.pk] for one in kind.parents.all() if one.pk in spots and spots[one.pk] != world.city]
    under = free[0] if free else world.city if kind.parents.filter(pk="prefecture").exists() else site(world, "station")
    made = places.create_place(actor=SYSTEM, parent=under, kind=kind.pk, facts=places.Facts(name="新阵地"))

    assert list(place_queries.listed(within=world.city, kind=kind.pk, words="新阵地")) == [made]


def place_flags(world: World, file: File, code: str) -> None:
    """A site can carry it, and the list finds those that do."""
    flag, at = PlaceFlag.objects.get(code=key_of(file, "place_flags", code)), site(world, "station")
    places.set_flag(actor=SYSTEM, place=at, flag=flag)

    assert list(place_queries.listed(within=world.east, flag=flag.pk)) == [at]


def standards(world: World, file: File, code: str) -> None:
    """A site of each kind is asked it; the first item unmet is a gap, the score is the rest of the weight."""
    standard = Standard.objects.get(code=key_of(file, "standards", code), place=world.east)
    weights = list(standard.items.order_by("number").values_list("weight", flat=True))
    for kind in standard.kinds.values_list("pk", flat=True):
        at = site(world, kind)
        assert standard in place_queries.asked_of(at)
        keeper, officer = staff(at, "station_keeper", person_id=501), staff(world.east, "office", person_id=502)
        answers = said("n" + "y" * (len(weights) - 1))
        check = places.self_check(actor=keeper, place=at, standard=standard, said=answers)
        places.verify_check(actor=officer, check=check)
        assert (check.met, check.applies) == (sum(weights[1:]), sum(weights))
        assert at in place_queries.sites(standard, within=world.east, standing="unmet")
        assert [one.number for one in place_queries.lacking([check.pk])[check.pk]] == [1]


def templates(world: World, file: File, code: str) -> None:
    """A round-up of the county made of it fills itself: every heading, no field left open."""
    key = key_of(file, "templates", code)
    (given,) = [one for one in file.things.templates if one.code == code]
    assert key in {one.code for one in report_templates.in_force(world.home)}
    template = report_templates.template(world.east, key)
    until = clock.today().replace(month=1, day=1) if given.stretch == "year" else clock.today().replace(day=1)
    since = (
        until.replace(year=until.year - 1) if given.stretch == "year" else (until - timedelta(days=1)).replace(day=1)
    )
    wanted = Wanted(template, since, until, "小结")
    text = repr(document(reports.make_report(actor=SYSTEM, place=world.east, wanted=wanted)))

    headings = [one.removeprefix("# ") for one in given.body.splitlines() if one.startswith("# ")]
    assert headings and all(one in text for one in headings)
    assert not re.findall(r"\{[a-z_]+\}", text)


def rule_books(world: World, file: File, code: str) -> None:
    """A draft that only gives lies in the book of the place; it holds nowhere until an assembly has adopted it."""
    (book,) = [one for one in file.things.rule_books if one.code == code]
    edition = Edition.objects.get(book__place=world.east)

    assert (edition.state, len(edition.items), edition.published_at) == ("draft", len(book.items), None)
    assert all(one.amount > 0 for one in book.items)


EFFECTS = {
    one.__name__: one
    for one in (
        themes,
        activity_kinds,
        rhythms,
        service_kinds,
        rings,
        team_kinds,
        skills,
        place_kinds,
        place_flags,
        standards,
        templates,
        rule_books,
    )
}
