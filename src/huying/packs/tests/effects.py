"""What it means that a component drives something: each kind of thing, seen from where people meet it.

``OFFERED`` says whether a thing is there at a place, asked in the way in which people come across it: it must be no before
its pack is switched on, yes afterwards, no in the other county, and no when it is switched off. ``EFFECTS`` does what can
be done with it.
"""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from huying.activities import queries as activity_queries
from huying.activities.forms.writing import ActivityForm
from huying.activities.models import ActivityKind, RhythmPlan, Theme
from huying.activities.queries.gaps import gaps
from huying.calls import queries as call_queries
from huying.calls.actions import Ask, ask
from huying.calls.actions.intake import KindNotOffered
from huying.calls.models import ServiceKind
from huying.calls.queries.rings import rings_at
from huying.calls.tests.factories import actor
from huying.cockpit import actions as reports
from huying.cockpit.actions.report_writing import Wanted
from huying.cockpit.queries import report_templates
from huying.cockpit.queries.reports import document
from huying.kernel import clock
from huying.kernel.errors import DomainError
from huying.ledger import queries as ledger
from huying.packs.queries.doors import stored
from huying.packs.rules.shape import Pack as File
from huying.packs.states import PLATFORM
from huying.packs.tests.conftest import World
from huying.packs.tests.doing import place_flags, place_kinds, skills
from huying.packs.tests.working import (
    ABOVE,
    SYSTEM,
    called_out,
    draft,
    first_day,
    held,
    morning,
    resident_of,
    site,
    staff_of,
)
from huying.places import actions as places
from huying.places import queries as place_queries
from huying.places.actions.refusals import FlagNotOffered
from huying.places.actions.refusals import KindNotOffered as PlaceKindNotOffered
from huying.places.models import Place, PlaceFlag, PlaceKind, Standard
from huying.places.tests.factories import staff
from huying.places.tests.standards import said
from huying.points import actions as points
from huying.points import queries as point_queries
from huying.points.models import Book, Edition, Rule
from huying.points.tests.factories import VOTE
from huying.volunteers import actions as volunteers
from huying.volunteers import queries as volunteer_queries
from huying.volunteers.models import TeamKind


def key_of(file: File, kind: str, code: str) -> str:
    return stored(kind, file.namespace, code)


DAY = timedelta(days=1)


def is_ours(code: str) -> bool:
    """Not one of those the platform has anyway: what it does says nothing about the pack."""
    return not code.startswith(f"{PLATFORM}:")


def form_at(at: Place) -> ActivityForm:
    """Where somebody who organises there picks kind and themes."""
    return ActivityForm(None, places=[at], venues=[], teams=[])


# ── is it there? ────────────────────────────────────────────────────────────
def theme_there(world: World, file: File, code: str, at: Place) -> bool:
    """By choice in the form; with a rule, an activity of its days carries it by itself."""
    theme = Theme.objects.get(code=key_of(file, "themes", code))
    if theme.rule == "none":
        return theme.code in dict(form_at(at).fields["themes"].choices)  # type: ignore[attr-defined]
    made = draft(at, starts_at=first_day(theme))
    return theme in made.themes.all()


def kind_there(world: World, file: File, code: str, at: Place) -> bool:
    return key_of(file, "activity_kinds", code) in dict(form_at(at).fields["kind"].choices)  # type: ignore[attr-defined]


def plan_there(world: World, file: File, code: str, at: Place) -> bool:
    (rhythm,) = [one for one in file.things.rhythms if one.code == code]
    today = clock.today()
    rows = RhythmPlan.objects.filter(name__startswith=rhythm.name.zh[:50], begins__lte=today, ends__gt=today)
    return any(at.path.startswith(one.place.path) for one in rows.select_related("place"))


def service_there(world: World, file: File, code: str, at: Place) -> bool:
    """On the menu of who lives there, and it can be asked for."""
    kind, asker = ServiceKind.objects.get(code=key_of(file, "service_kinds", code)), resident_of(world, at)
    on_menu = kind in call_queries.menu(actor(asker))
    try:
        made = ask(actor=actor(asker), what=Ask(kind, at, asker, "想请人帮忙"))
    except KindNotOffered:
        assert not on_menu
        return False
    assert on_menu and (made.kind, made.place) == (kind, at)
    return True


def ring_there(world: World, file: File, code: str, at: Place) -> bool:
    names = [one.name.zh for one in file.things.rings]
    return [one.name for one in rings_at(at)] == names


def team_kind_there(world: World, file: File, code: str, at: Place) -> bool:
    kind = TeamKind.objects.get(code=key_of(file, "team_kinds", code))
    return kind in volunteer_queries.team_kinds(actor(staff_of(world, at)))


def skill_there(world: World, file: File, code: str, at: Place) -> bool:
    return key_of(file, "skills", code) in {one.code for one in volunteer_queries.skills_at([at], None)}


def place_kind_there(world: World, file: File, code: str, at: Place) -> bool:
    """A choice where somebody founds a site below, and one he gets."""
    kind = PlaceKind.objects.get(code=key_of(file, "place_kinds", code))
    under = under_which(world, kind, at)
    offered = kind in place_queries.kinds_under(under)
    try:
        made = places.create_place(actor=SYSTEM, parent=under, kind=kind.pk, facts=places.Facts(name="新阵地"))
    except PlaceKindNotOffered:
        assert not offered
        return False
    assert offered and made in place_queries.listed(within=under, kind=kind.pk)
    return True


def under_which(world: World, kind: PlaceKind, at: Place) -> Place:
    """A place below (or around) ``at`` that may have a site of this kind."""
    above = {one.kind_id: one for one in place_queries.ancestors(at, own=True)}
    parents = [one.pk for one in kind.parents.order_by("order", "code")]
    near = [above[one] for one in parents if one in above and one != "prefecture"]
    if near:
        return near[-1]
    inner = [one for one in parents if one in ABOVE]
    return site(world, inner[0], at) if inner else above["prefecture"]


def flag_there(world: World, file: File, code: str, at: Place) -> bool:
    """A mark that a site there can be given by those who grade it; the list finds who holds it."""
    flag, here = PlaceFlag.objects.get(code=key_of(file, "place_flags", code)), site(world, "station", at)
    offered = flag in place_queries.flags_for(here)
    centre = next(one for one in place_queries.ancestors(here) if one.kind_id == "county")
    try:
        places.set_flag(actor=staff(centre, "administrator", person_id=77), place=here, flag=flag)
    except FlagNotOffered:
        assert not offered
        return False
    assert offered and here in place_queries.listed(within=at, flag=flag.pk)
    return True


def standard_there(world: World, file: File, code: str, at: Place) -> bool:
    key = key_of(file, "standards", code)
    (given,) = [one for one in file.things.standards if one.code == code]
    kinds = [key_of(file, "place_kinds", one) for one in given.kinds]
    return any(
        key in {one.code for one in place_queries.asked_of(site(world, kind, at))} for kind in kinds if kind in ABOVE
    )


def template_there(world: World, file: File, code: str, at: Place) -> bool:
    return key_of(file, "templates", code) in {one.code for one in report_templates.in_force(at)}


def book_there(world: World, file: File, code: str, at: Place) -> bool:
    """Points are given by it."""
    found = point_queries.book_at(at)
    return found is not None and point_queries.edition_now(found) is not None


# ── what can be done with it ────────────────────────────────────────────────
def themes(world: World, file: File, code: str) -> None:
    """Picked among the choices of the form, or carried by its days: found by the list under it."""
    theme = Theme.objects.get(code=key_of(file, "themes", code))
    picked = [form_at(world.home).all_themes[theme.code]] if theme.rule == "none" else []
    made = held(world.home, starts_at=first_day(theme), themes=picked)

    assert theme in made.themes.all()


def activity_kinds(world: World, file: File, code: str) -> None:
    kind = form_at(world.home).kinds[key_of(file, "activity_kinds", code)]
    made = held(world.home, kind=kind)

    today = clock.today()
    asked = activity_queries.Asked(within=world.east, kind=kind.code, first=today, last=today)
    assert made in {one.activity for one in activity_queries.listed(asked)}


def rhythms(world: World, file: File, code: str) -> None:
    """A plan from today to the end of the year: each rule lists its gaps, and what is held closes one, nothing else."""
    (rhythm,) = [one for one in file.things.rhythms if one.code == code]
    plan = RhythmPlan.objects.get(place=world.east, name__startswith=rhythm.name.zh[:50])
    assert plan.begins == clock.today()

    for number, rule in enumerate(plan.rules.select_related("kind", "theme", "site_kind").order_by("order", "id")):
        before = gaps(plan)[number]
        if rule.wants == "focus":
            assert before.focuses
            continue
        lacks = sum(one.minimum - one.there for one in before.gaps)
        venue = None
        if rule.site_kind_id:
            venue = site(world, rule.site_kind_id, world.home)
            lacks = sum(one.minimum - one.there for one in gaps(plan)[number].gaps)
        assert lacks
        gap = gaps(plan)[number].gaps[0]
        starts = first_day(rule.theme) if rule.theme else morning(max(gap.beat.starts, clock.today() + DAY))
        held(
            venue or world.home,
            starts_at=starts,
            kind=rule.kind or ActivityKind.objects.get(code="culture"),
            themes=[rule.theme] if rule.theme and rule.theme.rule == "none" else [],
        )
        after = gaps(plan)[number]
        assert sum(one.minimum - one.there for one in after.gaps) == lacks - 1


def service_kinds(world: World, file: File, code: str) -> None:
    """Whoever asks finds it on the desk of his county under its kind."""
    kind = ServiceKind.objects.get(code=key_of(file, "service_kinds", code))
    made = ask(actor=actor(world.resident), what=Ask(kind, world.home, world.resident, "想请人帮忙"))

    assert made in call_queries.desk_calls(actor(world.clerk)).filter(kind=kind)


def rings(world: World, file: File, code: str) -> None:
    """A call goes out by it: whom it asks is asked in it and in no other."""
    number = [one.code for one in file.things.rings].index(code)
    running = rings_at(world.home)
    assert running[number].asks == file.things.rings[number].asks

    called_out(world, running[number])


def team_kinds(world: World, file: File, code: str) -> None:
    kind = TeamKind.objects.get(code=key_of(file, "team_kinds", code))
    team = volunteers.save_team(
        actor=actor(world.clerk), facts=volunteers.TeamFacts(f"{kind.name}一队", world.east, kind=kind)
    )

    assert team in volunteer_queries.teams(actor(world.clerk), within=world.east).filter(kind=kind)


def standards(world: World, file: File, code: str) -> None:
    """A site of each kind is asked it; the first item unmet is a gap, the score is the rest of the weight."""
    standard = Standard.objects.get(code=key_of(file, "standards", code), place=world.east)
    weights = list(standard.items.order_by("number").values_list("weight", flat=True))
    for kind in standard.kinds.values_list("pk", flat=True):
        at = site(world, kind, world.home)
        assert standard in place_queries.asked_of(at)
        keeper, officer = staff(at, "station_keeper", person_id=501), staff(world.east, "office", person_id=502)
        answers = said("n" + "y" * (len(weights) - 1))
        check = places.self_check(actor=keeper, place=at, standard=standard, said=answers)
        with pytest.raises(DomainError):
            places.verify_check(actor=keeper, check=check)  # who filled it in, himself
        places.verify_check(actor=officer, check=check)
        assert (check.met, check.applies) == (sum(weights[1:]), sum(weights))
        assert at in place_queries.sites(standard, within=world.east, standing="unmet")
        assert [one.number for one in place_queries.lacking([check.pk])[check.pk]] == [1]


def templates(world: World, file: File, code: str) -> None:
    """A round-up of the county made of it fills itself: every heading, no field left open."""
    key = key_of(file, "templates", code)
    (given,) = [one for one in file.things.templates if one.code == code]
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
    """A draft that only gives does nothing; adopted by an assembly and published by another it is what holds here."""
    (book,) = [one for one in file.things.rule_books if one.code == code]
    edition = Edition.objects.get(book__place=world.east)
    assert not book_there(world, file, code, world.home)

    points.adopt(actor=actor(world.clerk), edition=edition, vote=VOTE)
    points.publish(actor=SYSTEM, edition=edition)

    found = point_queries.rules_of(point_queries.edition_now(edition.book))
    assert [(one.name, one.source, one.measure, one.confirmer, one.amount) for one in found] == [
        (one.name.zh, one.source, one.measure, one.confirmer, one.amount) for one in book.items
    ]
    assert book_there(world, file, code, world.home) and not book_there(world, file, code, world.west)
    earns_once(world, edition.book, found)


def earns_once(world: World, book: Book, items: list[Rule]) -> None:
    """Two days later the first item that other rooms bring gives its points, and the same record gives them once."""
    item = next(one for one in items if one.source != "claim")
    with clock.frozen(clock.now() + timedelta(days=2)):
        passbook = points.open_passbook(actor=actor(world.resident), book=book, person=world.resident)
        deed = points.Deed("读书会", clock.today(), ("activities.SignUp", 1), minutes=60)
        two = {"maker_id": world.clerk.pk, "checker_id": world.easterner.pk}
        facts = {"person": world.resident, "source": item.source, "deed": deed}
        for _ in range(2):
            points.earn(actor=SYSTEM, **facts, **two)  # type: ignore[arg-type]
        assert ledger.balance(passbook.account_id) == item.amount


def in_order(drives: str) -> list[tuple[str, str]]:
    """Kind and code of each driven thing; plans first, before other work closes their gaps."""
    found = [drive.partition(".")[::2] for drive in drives.split()]
    return sorted(found, key=lambda one: one[0] != "rhythms")


OFFERED = {
    "themes": theme_there,
    "activity_kinds": kind_there,
    "rhythms": plan_there,
    "service_kinds": service_there,
    "rings": ring_there,
    "team_kinds": team_kind_there,
    "skills": skill_there,
    "place_kinds": place_kind_there,
    "place_flags": flag_there,
    "standards": standard_there,
    "templates": template_there,
}
"""Rule books are not in force by being switched on, nor out of force by being switched off: an assembly decides."""
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
