"""The door for mechanisms of a locality: rows of data are read and written in the shape of a pack, and offered at places.

Every room with such rows declares one ``Rows`` a table. Rows are never deleted: what is offered nowhere is retired.
Only the room ``packs`` calls these, inside its own transaction and after its own checks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from huying.kernel import locks
from huying.kernel.errors import NotFound
from huying.places.models import Place, PlaceFlag, PlaceKind, Standard, Wording
from huying.places.states import FIRST_FLAGS, FIRST_KINDS, SCREEN_WORDS

Facts = dict[str, Any]
"""One thing as a pack says it, with stored codes where it speaks of others; names are {"zh", "en"}."""


def nothing_more(row: Any) -> Facts:
    return {}


def nothing_else(row: Any, facts: Facts) -> None:
    """Most tables have nothing beside their fields."""


@dataclass(frozen=True, slots=True)
class Rows:
    """How a table is read and written.

    ``model``: a table of ``Offered`` rows with a ``code``. ``words``: in two languages. ``blank``: empty text for nothing.
    ``one``, ``many``: rows of other tables by code. ``more``, ``save``: what has another shape or lies in other tables.
    """

    model: Any
    words: tuple[str, ...] = ("name",)
    plain: tuple[str, ...] = ()
    blank: tuple[str, ...] = ()
    one: Mapping[str, Any] = field(default_factory=dict)
    many: Mapping[str, Any] = field(default_factory=dict)
    more: Callable[[Any], Facts] = nothing_more
    save: Callable[[Any, Facts], None] = nothing_else

    def read(self, codes: Iterable[str]) -> dict[str, Facts]:
        """The rows there are, by code."""
        rows = self.model._default_manager.filter(code__in=list(codes)).prefetch_related(*self.many)
        return {one.code: self.facts(one) for one in rows.select_related(*self.one)}

    def facts(self, row: Any) -> Facts:
        found: Facts = {name: getattr(row, name) for name in self.plain}
        found |= {name: getattr(row, name) or None for name in self.blank}
        for name in self.words:
            chinese = getattr(row, name)
            found[name] = {"zh": chinese, "en": getattr(row, f"{name}_en")} if chinese else None
        for name in self.one:
            linked = getattr(row, name)
            found[name] = linked.code if linked else None
        for name in self.many:
            found[name] = sorted(other.code for other in getattr(row, name).all())
        return found | self.more(row)

    def known(self, codes: Iterable[str]) -> set[str]:
        """Which of these codes there are."""
        return set(self.model._default_manager.filter(code__in=list(codes)).values_list("code", flat=True))

    def write(self, code: str, facts: Facts) -> None:
        """Add the row, offered nowhere yet, or give it these values."""
        row = self.model._default_manager.filter(code=code).first() or self.model(code=code, limited=True)
        for name in self.plain:
            setattr(row, name, facts[name])
        for name in self.blank:
            setattr(row, name, facts[name] or "")
        for name in self.words:
            given = facts[name] or {"zh": "", "en": ""}
            setattr(row, name, given["zh"])
            setattr(row, f"{name}_en", given["en"])
        for name, model in self.one.items():
            setattr(row, name, by_code(model, [facts[name]])[0] if facts[name] else None)
        row.save()
        for name, model in self.many.items():
            getattr(row, name).set(by_code(model, facts[name]))
        self.save(row, facts)

    def rename(self, old: str, new: str) -> None:
        """Another code for the same row: its records stay with it."""
        self.model._default_manager.filter(code=old).update(code=new)

    def offer(self, codes: Iterable[str], places: Iterable[int]) -> None:
        """Offer these rows at the places (keys) and below, and nowhere else; without places they are retired."""
        wanted = set(places)
        rows = self.model._default_manager.filter(code__in=list(codes))
        rows.update(limited=True)
        field = self.model._meta.get_field("offered_at")
        links, name = field.remote_field.through._default_manager, field.m2m_field_name()
        keys = list(rows.values_list("pk", flat=True))
        links.filter(**{f"{name}__in": keys}).exclude(place__in=wanted).delete()
        new = [links.model(**{f"{name}_id": key, "place_id": place}) for key in keys for place in sorted(wanted)]
        links.bulk_create(new, ignore_conflicts=True)


def by_code(model: Any, codes: Iterable[str]) -> list[Any]:
    """Rows by code, in the order of the codes. NotFound for one there is not."""
    wanted = list(codes)
    found = {one.code: one for one in model._default_manager.filter(code__in=wanted)}
    if missing := [code for code in wanted if code not in found]:
        raise NotFound(f"{model.__name__} {', '.join(missing)}")
    return [found[code] for code in wanted]


TABLES: dict[str, Rows] = {
    "place_kinds": Rows(PlaceKind, plain=("is_site", "icon", "tone", "order"), many={"parents": PlaceKind}),
    "place_flags": Rows(PlaceFlag, plain=("group", "tone", "order")),
}
FIRST: dict[str, frozenset[str]] = {
    "place_kinds": frozenset(one.code for one in FIRST_KINDS),
    "place_flags": frozenset(one[0] for one in FIRST_FLAGS),
}
"""What every platform has: an export speaks of these rows and does not take them along."""


def rename_standard(old: str, new: str, *, pack: str) -> None:
    """Another code for every version a pack installed, wherever it is: checks and badges stay with them."""
    rows = locks.many(Standard.objects.filter(code=old, pack=pack))
    Standard.objects.filter(pk__in=[one.pk for one in rows]).update(code=new)


def standards_of_others(codes: Iterable[str], *, pack: str) -> set[str]:
    """Which of these codes of standards somebody else than this pack has used."""
    rows = Standard.objects.filter(code__in=list(codes)).exclude(pack=pack)
    return set(rows.values_list("code", flat=True))


def standards_of(pack: str) -> set[str]:
    """Codes of all standards a pack installed anywhere, in force or not."""
    return set(Standard.objects.filter(pack=pack).values_list("code", flat=True))


def standards_at(place: Place) -> list[Facts]:
    """The standards that this place itself asks for, as a pack says them, with their code."""
    found = []
    for row in Standard.objects.filter(place=place, ended_at__isnull=True).order_by("code"):
        items = [
            {
                "code": f"item{one.number}",
                "name": {"zh": one.name, "en": one.name_en},
                "proof": {"zh": one.proof, "en": one.proof_en} if one.proof else None,
                "weight": one.weight,
            }
            for one in row.items.order_by("number")
        ]
        kinds = sorted(row.kinds.values_list("pk", flat=True))
        found.append({"code": row.code, "name": {"zh": row.name, "en": row.name_en}, "kinds": kinds, "items": items})
    return found


def keep_words(*, place: Place, pack: str, on_at: datetime | None, words: Mapping[str, Facts]) -> None:
    """What a pack says on screens at a place and below, where it is on since ``on_at``; None: it says nothing more.

    Of two packs at one place the one that has been on longer is heard, as everywhere (``packs.queries.on_at``).
    """
    said = {key: one for key, one in words.items() if key in SCREEN_WORDS} if on_at else {}
    rows = Wording.objects.filter(place=place, pack=pack)
    if set(rows.values_list("key", "zh", "en", "on_at")) == {
        (key, one["zh"], one["en"], on_at) for key, one in said.items()
    }:
        return
    rows.delete()
    if on_at is not None:
        made = (Wording(place=place, pack=pack, key=key, on_at=on_at, **one) for key, one in said.items())
        Wording.objects.bulk_create(made)
