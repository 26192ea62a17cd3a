"""What can be done with skills, kinds of places and marks of a mechanism (see ``effects``)."""

from __future__ import annotations

from itertools import count

from huying.calls import queries as call_queries
from huying.calls.actions import Ask, ask
from huying.calls.models import ServiceKind
from huying.calls.tests.factories import actor, kind, person, volunteer
from huying.packs.queries.doors import stored
from huying.packs.rules.shape import Pack as File
from huying.packs.tests.conftest import World
from huying.packs.tests.working import ABOVE, SYSTEM, below, site
from huying.places import queries as place_queries
from huying.places.actions import set_flag
from huying.places.actions.standards import ItemFacts, StandardFacts, install_standard
from huying.places.models import Place, PlaceFlag, PlaceKind
from huying.places.tests.factories import place, staff
from huying.volunteers.models import Skill

KM = 1 / 111.195
"""One kilometre north, in degrees."""
_numbers = count(1)


def skills(world: World, file: File, code: str) -> None:
    """A call that needs it finds who has it: before somebody who lives nearer and has it not, and says so."""
    skill, number = Skill.objects.get(code=stored("skills", file.namespace, code)), next(_numbers)
    service = ServiceKind.objects.filter(skills=skill).first() or kind(f"lesson{number}")
    service.skills.set([skill])
    Place.objects.filter(pk=world.home.pk).update(lon=120.05, lat=30.28)
    home = Place.objects.get(pk=world.home.pk)
    able, near = f"会的{number}", f"近的{number}"
    volunteer(person(able, home), home, skill, lon=120.05, lat=30.28 + 2 * KM)
    volunteer(person(near, home), home, lon=120.05, lat=30.28 + 0.1 * KM)

    call = ask(actor=actor(world.resident), what=Ask(service, home, world.resident, "想请人来讲一讲"))
    found = call_queries.candidates(actor(world.clerk), call, limit=100)

    names = [one.name for one in found]
    assert names.index(able) < names.index(near)
    told = {one.name: one.reasons for one in found}
    assert f"会{skill.name}" in told[able] and f"没有登记：{skill.name}" in told[near]


def place_kinds(world: World, file: File, code: str) -> None:
    """A site of it is listed and counted under it, and a standard for it is asked of it and of no other kind."""
    of = PlaceKind.objects.get(code=stored("place_kinds", file.namespace, code))
    before = place_queries.counts(world.city).of(of.pk)
    parents = list(of.parents.order_by("order", "code").values_list("pk", flat=True))
    up = next((one for one in parents if one in ABOVE.values()), parents[0])
    made = place(of.pk, below(world.home, up) if up != "prefecture" else world.city)
    other = site(world, "post" if of.pk != "post" else "point", world.home)
    facts = StandardFacts(f"for_{of.pk}"[:50], 1, "这里要有", (of.pk,), (ItemFacts("门口有牌子"),))
    standard = install_standard(actor=SYSTEM, place=world.city, facts=facts)

    assert made in place_queries.listed(within=world.city, kind=of.pk)
    assert other not in place_queries.listed(within=world.city, kind=of.pk)
    assert place_queries.counts(world.city).of(of.pk) == before + 1
    assert standard in place_queries.asked_of(made) and standard not in place_queries.asked_of(other)


def place_flags(world: World, file: File, code: str) -> None:
    """The list under it shows the site that has it and not the one beside it, and one more is counted with it."""
    flag = PlaceFlag.objects.get(code=stored("place_flags", file.namespace, code))
    marked, bare = site(world, "station", world.home), site(world, "station", world.home)
    before = place_queries.counts(world.east).of("station", flag.pk)

    set_flag(actor=staff(world.east, "administrator", person_id=77), place=marked, flag=flag)

    found = place_queries.listed(within=world.east, flag=flag.pk)
    assert marked in found and bare not in found
    assert place_queries.counts(world.east).of("station", flag.pk) == before + 1
