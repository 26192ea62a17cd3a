"""What is done with standards of sites, for the crash sweep of places, and what must stand whenever it was killed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Any, Protocol

from huying.kernel.actor import Actor
from huying.places import actions
from huying.places.models import Place, SiteCheck, Standard

BOSS = Actor.system("drills")
Act = Callable[[], Any]
_numbers = count(1)


class World(Protocol):
    """What these deeds need of the sweep's world."""

    street: Place
    keeper: Actor
    office: Actor

    def here(self, kind: str = "station") -> Place: ...


def standard_facts(version: int = 1) -> actions.StandardFacts:
    items = (actions.ItemFacts("一块牌子", weight=2), actions.ItemFacts("一间屋"))
    return actions.StandardFacts(f"ones{next(_numbers)}", version, "两个一", ("station",), items)


def installed(world: World, facts: actions.StandardFacts | None = None) -> Standard:
    return actions.install_standard(actor=BOSS, place=world.street, facts=facts or standard_facts())


def install_standard(world: World) -> tuple[Actor, Act]:
    facts = standard_facts()
    installed(world, facts)
    return BOSS, lambda: installed(world, replace(facts, version=2))


def retire(world: World) -> tuple[Actor, Act]:
    standard = installed(world)
    return BOSS, lambda: actions.retire(actor=BOSS, standard=standard)


SAID = [actions.Said(1, "yes", "门厅里"), actions.Said(2, "no")]


def self_check(world: World) -> tuple[Actor, Act]:
    here, standard = world.here(), installed(world)
    return world.keeper, lambda: actions.self_check(actor=world.keeper, place=here, standard=standard, said=SAID)


def checked(world: World, standard: Standard | None = None, here: Place | None = None) -> SiteCheck:
    standard, here = standard or installed(world), here or world.here()
    return actions.self_check(actor=world.keeper, place=here, standard=standard, said=SAID)


def verify_check(world: World) -> tuple[Actor, Act]:
    first = checked(world)
    actions.verify_check(actor=world.office, check=first)
    row = checked(world, first.standard, first.place)
    return world.office, lambda: actions.verify_check(actor=world.office, check=row)


def return_check(world: World) -> tuple[Actor, Act]:
    row = checked(world)
    return world.office, lambda: actions.return_check(actor=world.office, check=row, reason="没有看到牌子")


def add_check_photo(world: World) -> tuple[Actor, Act]:
    row = checked(world)
    return world.keeper, lambda: prove(world, row)


def prove(world: World, row: SiteCheck) -> Any:
    return actions.add_check_photo(actor=world.keeper, check=row, number=1, upload=None)  # type: ignore[arg-type]


def remove_check_photo(world: World) -> tuple[Actor, Act]:
    row = checked(world)
    photo = prove(world, row)
    return world.keeper, lambda: actions.remove_check_photo(
        actor=world.keeper, check=row, number=1, public_id=photo.public_id
    )


DEEDS = (install_standard, retire, self_check, verify_check, return_check, add_check_photo, remove_check_photo)


def broken_checks() -> list[str]:
    """Of each standard one version at most is asked at a place, and every check has an answer to each item, and one
    that was verified holds; a decided check was decided by another.
    """
    found = []
    for line, n in Counter(Standard.objects.filter(ended_at=None).values_list("code", "place")).items():
        found += [f"{n} versions of {line} are asked"] if n > 1 else []
    for one in SiteCheck.objects.prefetch_related("answers", "standard__items"):
        if {a.item_id for a in one.answers.all()} != {i.pk for i in one.standard.items.all()}:
            found.append(f"check {one.pk} has not an answer to each item")
    verified = SiteCheck.objects.filter(state="verified").values_list("place", "standard__code")
    holding = Counter(SiteCheck.objects.filter(holds=True).values_list("place", "standard__code"))
    found += [f"{holding[line]} checks hold of {line}" for line in set(verified) if holding[line] != 1]
    return found
