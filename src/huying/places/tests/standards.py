"""Standards and checks for tests, made through the real actions."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

from huying.kernel.actor import Actor
from huying.places import actions
from huying.places.models import Place, SiteCheck, Standard
from huying.places.tests.factories import SYSTEM, kinds, staff

_numbers = count(1)
KEEPER, OFFICER = 501, 502


def facts(code: str = "", version: int = 1, *, items: int = 3, name: str = "", kinds: Sequence[str] = ("station",)):
    """A standard of some items; item n weighs n."""
    code = code or f"ones{next(_numbers)}"
    asked = tuple(actions.ItemFacts(f"第{n}件", f"Thing {n}", f"看得到{n}", weight=n) for n in range(1, items + 1))
    return actions.StandardFacts(code, version, name or f"{items}个一", tuple(kinds), asked, name_en=f"{items} ones")


def installed(*, place: Place | None = None, **more: object) -> Standard:
    kinds()
    return actions.install_standard(actor=SYSTEM, place=place, facts=facts(**more))  # type: ignore[arg-type]


def keeper(place: Place, person_id: int = KEEPER) -> Actor:
    return staff(place, "station_keeper", person_id=person_id)


def officer(place: Place, person_id: int = OFFICER) -> Actor:
    """Somebody of the office of the place above."""
    return staff(place.parent or place, "office", person_id=person_id)


def said(answers: str, notes: dict[int, str] | None = None) -> list[actions.Said]:
    """ "yn-" → yes to the first, no to the second, the third does not apply."""
    words = {"y": "yes", "n": "no", "-": "na"}
    return [
        actions.Said(n, words[one], (notes or {}).get(n, "这里没有" if one == "-" else ""))
        for n, one in enumerate(answers, 1)
    ]


def checked(place: Place, standard: Standard, answers: str, *, by: Actor | None = None, **more: object) -> SiteCheck:
    who = by or keeper(place)
    return actions.self_check(actor=who, place=place, standard=standard, said=said(answers, **more))  # type: ignore[arg-type]


def verified(place: Place, standard: Standard, answers: str) -> SiteCheck:
    return actions.verify_check(actor=officer(place), check=checked(place, standard, answers))
