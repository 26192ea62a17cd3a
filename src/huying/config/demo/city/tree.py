"""The tree: root, counties, towns, neighbourhoods, and their sites, all in one go; then sites enter the figures."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import cos, pi, sin
from typing import Any

from django.db.models import QuerySet

from huying.config.demo.city import names
from huying.config.demo.city.plan import DEMO, Plan
from huying.config.demo.city.writing import apportioned
from huying.figures import actions as figures
from huying.kernel import audit, clock, worktime
from huying.places import actions
from huying.places.actions.tree import derived, insert_many, next_ids
from huying.places.models import Place, PlaceFlagging

MIDDLE = (120.35, 30.75)
SOURCE = "虚构地名"
RADIUS = {"county": 0.35, "town": 0.09, "neighbourhood": 0.018, "site": 0.003}
"""Degrees around the middle of what is above."""
SETTINGS = ("in_park", "in_building", "in_shop", "in_scenic_spot")
OPENING = {
    "office": worktime.dump(worktime.OFFICE),
    "site": worktime.dump(worktime.weekly("mon-sun", "08:30-12:00", "14:00-17:30")),
}
COUNTED = 500
"""So many sites are counted in one transaction; no more than ``figures.count_sites`` takes at once."""
FIRST = date(2019, 3, 5)
"""The first site opened then; the others in the years up to two years ago."""
LEAST = 0.35
"""The smallest town has so much of an even share of neighbourhoods; the others have more by chance."""


@dataclass
class Growing:
    """The rows so far, parents before children."""

    plan: Plan
    chance: random.Random
    names: Iterator[str]
    ids: Iterator[int]
    rows: list[Place] = field(default_factory=list)
    sites: dict[str, list[int]] = field(default_factory=lambda: {"office": [], "site": []})
    flags: list[PlaceFlagging] = field(default_factory=list)

    def add(self, parent: Place | None, kind: str, name: str, spread: str, **more: Any) -> Place:
        """One place somewhere around the middle of its parent."""
        key, (lon, lat) = next(self.ids), MIDDLE
        if parent is not None and parent.lon is not None and parent.lat is not None:
            angle, far = self.chance.random() * 2 * pi, RADIUS[spread] * self.chance.random() ** 0.5
            lon, lat = round(parent.lon + far * cos(angle), 6), round(parent.lat + far * sin(angle), 6)
        place = Place(
            id=key,
            parent=parent,
            kind_id=kind,
            name=name,
            path=f"{parent.path if parent else '/'}{key}/",
            depth=parent.depth + 1 if parent else 1,
            lon=lon,
            lat=lat,
            source=SOURCE,
            created_at=clock.now(),
            changed_at=clock.now(),
            **derived(name, "", "", ""),
            **more,
        )
        self.rows.append(place)
        return place

    def site(self, parent: Place, kind: str, name: str, flag: str = "") -> Place:
        """A site, opened some day in the years before."""
        years = clock.local(self.plan.now).year - FIRST.year
        opened = FIRST + timedelta(days=self.chance.randrange(max(1, (years - 2) * 365)))
        address = f"{parent.name}服务中心{self.chance.choice('一二三')}楼"
        more: dict[str, Any] = {"opened_date": opened, "address": address, "flags": [flag] if flag else []}
        place = self.add(parent, kind, name, "site", **more)
        self.sites["office" if kind in {"centre", "office"} else "site"].append(place.pk)
        if flag:
            self.flags.append(PlaceFlagging(place=place, flag_id=flag, given_date=opened, reason="演示数据"))
        return place


def chunks(_plan: Plan) -> int:
    return 1


def write(plan: Plan, _number: int) -> None:
    """All places by COPY, and their trail."""
    actions.install_first_rows()
    figures.install_first_rows()
    shape, chance = plan.shape, plan.drawn("tree")
    most = 1 + shape.counties + 2 * (shape.towns + shape.neighbourhoods) + shape.bases + shape.relays
    keys = next_ids(most + max(1, shape.counties))
    growing = Growing(plan, chance, names.places(chance), iter(keys))
    grow(growing)
    insert_many(growing.rows)
    PlaceFlagging.objects.bulk_create(growing.flags)
    for hours, ids in growing.sites.items():
        Place.objects.filter(pk__in=ids).update(hours=OPENING[hours])
    changes = [{"kind": one.kind_id, "name": one.name} for one in growing.rows]
    audit.write(
        audit.line(DEMO, "place.create", one, place_path=one.path, changes=told)
        for one, told in zip(growing.rows, changes, strict=True)
    )


def sites() -> QuerySet[Place, int]:
    """Keys of all sites, in their order."""
    return Place.objects.filter(kind__is_site=True).order_by("pk").values_list("pk", flat=True)


def counted_chunks(_plan: Plan) -> int:
    return -(-sites().count() // COUNTED)


def counted(_plan: Plan, number: int) -> None:
    """The words of some sites for the figures. In parts: a place is locked before any figure, so not after another's."""
    keys = list(sites()[number * COUNTED : (number + 1) * COUNTED])
    figures.count_sites(actor=DEMO, first=keys[0], last=keys[-1])


def grow(growing: Growing) -> None:
    """Top down: divisions by chance in unequal parts, then the sites of each."""
    shape, chance = growing.plan.shape, growing.chance
    top = growing.add(None, "prefecture" if shape.counties else "county", shape.name, "county")
    counties = [
        growing.add(top, "county", f"{next(growing.names)}{chance.choice('县县区')}", "county")
        for _n in range(shape.counties)
    ] or [top]
    for county in counties:
        growing.site(county, "centre", f"{county.name}新时代文明实践中心")
    towns = []
    for county, count in zip(counties, parts(chance, shape.towns, len(counties)), strict=True):
        towns += [town(growing, county, number) for number in range(count)]
    homes = []
    for above, count in zip(towns, parts(chance, shape.neighbourhoods, len(towns)), strict=True):
        homes += [neighbourhood(growing, above) for _n in range(count)]
    for kind, count, end in (("base", shape.bases, "实践基地"), ("relay", shape.relays, "邻里志愿驿站")):
        for _n in range(count):
            growing.site(chance.choice(homes), kind, f"{next(growing.names)}{end}", chance.choice(SETTINGS))


def parts(chance: random.Random, total: int, among: int) -> list[int]:
    """``total`` in unequal parts, none of them empty."""
    more = apportioned(total - among, [LEAST + chance.random() for _n in range(among)])
    return [1 + one for one in more]


def town(growing: Growing, county: Place, number: int) -> Place:
    """A street or, every fourth, a town, with its office."""
    kind, end = ("town", "镇") if number % 4 == 3 else ("street", "街道")
    made = growing.add(county, kind, f"{next(growing.names)}{end}", "town")
    growing.site(made, "office", f"{made.name}新时代文明实践所")
    return made


def neighbourhood(growing: Growing, above: Place) -> Place:
    """A community of a street or a village of a town, with its station."""
    kind, end = ("community", "社区") if above.kind_id == "street" else ("village", "村")
    made = growing.add(above, kind, f"{next(growing.names)}{end}", "neighbourhood")
    growing.site(made, "station", f"{made.name}新时代文明实践站")
    return made
