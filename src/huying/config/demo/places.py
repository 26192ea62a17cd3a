"""The places of the demonstration: a district that does not exist, with its towns, sites and gaps on purpose.

Names and numbers stand in ``data/places.json``; borders were drawn by a generator of our own. Nothing here is real.
"""

from __future__ import annotations

import json
from datetime import date
from itertools import cycle
from math import cos, pi, sin
from pathlib import Path
from typing import Any

from django.db import transaction

from huying.kernel import worktime
from huying.kernel.actor import Actor
from huying.places import actions, queries
from huying.places.models import Place
from huying.places.states import LayerKind

DATA = Path(__file__).parent / "data"
DEMO = Actor.system("demo")
APPROVAL = "示意图（虚构地区）"
DRAWN = date(2026, 10, 1)
OPENED = date(2019, 3, 5)
NEAR = 0.0012  # degrees, some 120 metres: how far a site stands from the middle of its community
APART = 0.016  # how far villages lie from the middle of their town
HOURS = {
    "office": worktime.weekly("mon-fri", "08:30-12:00", "14:00-17:30"),
    "long": worktime.weekly("mon-sun", "08:30-12:00", "14:00-20:00"),
    "weekend": worktime.Hours(week=((), (), (), (), (), ((540, 1020),), ((540, 1020),)), open_on_holidays=True),
}
SITE_HOURS = worktime.weekly("mon-sun", "08:30-12:00", "14:00-17:30")
NUMERALS = "一二三四五六七八九"


def load(actor: Actor = DEMO) -> dict[str, Place]:
    """Make the tree once; places by name (of equal names the oldest). What is there already stays as it is."""
    if not Place.objects.exists():
        with transaction.atomic():
            actions.install_first_rows()
            Builder(actor, json.loads((DATA / "places.json").read_text(encoding="utf-8"))).build()
    return {place.name: place for place in Place.objects.order_by("-id")}


class Builder:
    """Builds the district from its data, top down."""

    def __init__(self, actor: Actor, data: dict[str, Any]):
        self.actor = actor
        self.data = data
        self.flags = queries.flags_by_code()
        self.keepers = cycle(data["keepers"])
        self.extensions = iter(range(1, 1000))

    def build(self) -> None:
        county = self.make(None, {"kind": "county", **self.data["county"]})
        centre = self.make(county, {"kind": "centre", **self.data["centre"]})
        for room in self.data["centre"]["rooms"]:
            self.make(centre, {"kind": "room", **room})
        for site in self.data["of_county"]:
            self.make(county, site)
        for town in self.data["towns"]:
            self.town(county, town)
        self.draw(county, LayerKind.AREAS, "qinghe-district")

    def make(self, parent: Place | None, data: dict[str, Any]) -> Place:
        """One place from its data; hours by name, flags by code, contacts as [role, name, number, public]."""
        names = ("name", "name_en", "short_name", "lon", "lat", "address", "phone", "capacity", "floor", "purpose")
        kept = {name: data[name] for name in (*names, "age_from", "age_to", "host") if name in data}
        facts = actions.Facts(**kept, source=self.data["source"], opened_date=OPENED)
        place = actions.create_place(actor=self.actor, parent=parent, kind=data["kind"], facts=facts)
        if "hours" in data:
            self.open(place, HOURS[data["hours"]])
        for code in data.get("flags", ()):
            self.mark(place, code)
        for role, name, phone, is_public in data.get("contacts", ()):
            actions.add_contact(actor=self.actor, place=place, role=role, name=name, phone=phone, is_public=is_public)
        return place

    def open(self, place: Place, hours: worktime.Hours) -> None:
        actions.set_hours(actor=self.actor, place=place, hours=worktime.dump(hours))

    def mark(self, place: Place, code: str) -> None:
        actions.set_flag(actor=self.actor, place=place, flag=self.flags[code], given_date=OPENED, reason="演示数据")

    def draw(self, place: Place, kind: str, name: str) -> None:
        """Put up one of our own drawings as the map of a place."""
        actions.import_layer(
            actor=self.actor,
            place=place,
            kind=kind,
            upload=(DATA / f"{name}.geojson").read_bytes(),
            source="自绘，虚构地区",
            approval=APPROVAL,
            as_of_date=DRAWN,
        )

    def town(self, county: Place, data: dict[str, Any]) -> None:
        """A street, town or township with its office, its neighbourhoods and its own borders."""
        town = self.make(county, data)
        if data["name"] not in self.data["without_office"]:
            self.office(town, data)
        named = {one["properties"]["name"]: one["properties"]["cp"] for one in self.borders(data)}
        kind = "community" if data["kind"] == "street" else "village"
        for number, name in enumerate(data["places"]):
            angle = 2 * pi * number / len(data["places"]) + 0.6
            ring = (data["lon"] + 1.15 * APART * cos(angle), data["lat"] + APART * sin(angle))
            lon, lat = named.get(name, ring)
            self.neighbourhood(town, kind, name, (round(lon, 6), round(lat, 6)), data["grids"])
        if "borders" in data:
            self.draw(town, LayerKind.AREAS, data["borders"])
            self.draw(town, LayerKind.BASE, data["base"])

    def borders(self, data: dict[str, Any]) -> list[dict[str, Any]]:
        if "borders" not in data:
            return []
        found: list[dict[str, Any]] = json.loads((DATA / f"{data['borders']}.geojson").read_text())["features"]
        return found

    def office(self, town: Place, data: dict[str, Any]) -> None:
        office = self.make(
            town,
            {
                "kind": "office",
                "name": f"{town.name}新时代文明实践所",
                "lon": data["lon"],
                "lat": data["lat"],
                "address": f"{town.name}便民服务中心二楼",
                "phone": data["phone"],
                "contacts": [data["contact"]],
                "hours": "office",
                "flags": ["errands", "lecture"],
            },
        )
        if town.name in self.data["offices_shown"]:
            self.mark(office, "demonstration")
        self.make(office, {"kind": "room", "name": "议事厅", "floor": "二楼", "capacity": 30, "purpose": "协商议事"})

    def neighbourhood(self, town: Place, kind: str, name: str, spot: tuple[float, float], grids: int) -> None:
        """A community or village with its station, hall, buildings and grids."""
        lon, lat = spot
        home = self.make(town, {"kind": kind, "name": name, "lon": lon, "lat": lat})
        if name not in self.data["without_station"]:
            self.station(home, lon + NEAR, lat + NEAR / 2)
        if hall := self.data["halls"].get(name):
            place = {"kind": "hall", "name": hall, "lon": lon - NEAR, "lat": lat + NEAR, "capacity": 60}
            self.make(home, {**place, "address": f"{name}综合楼", "hours": "long", "flags": ["sports"]})
        for number in range(grids):
            angle = 2 * pi * number / grids
            where = {"lon": round(lon + 3 * NEAR * cos(angle), 6), "lat": round(lat + 3 * NEAR * sin(angle), 6)}
            self.make(home, {"kind": "grid", "name": f"第{NUMERALS[number]}网格", **where})
        for building in self.data["buildings"].get(name, ()):
            self.make(home, {"kind": "building", "name": building})

    def station(self, home: Place, lon: float, lat: float) -> None:
        """The station of a community or village, with its keeper and one room; one has closed."""
        extension = next(self.extensions)
        station = self.make(
            home,
            {
                "kind": "station",
                "name": f"{home.name}新时代文明实践站",
                "lon": round(lon, 6),
                "lat": round(lat, 6),
                "address": f"{home.name}服务中心一楼",
                "phone": f"0500-888{5000 + extension}",
                "contacts": [["站长", next(self.keepers), f"0500-888{6000 + extension}", extension % 3 == 0]],
            },
        )
        self.open(station, SITE_HOURS)
        self.make(station, {"kind": "room", "name": "活动室", "capacity": 40, "purpose": "读书、下棋、排练"})
        for code, names in self.data["flags"].items():
            if home.name in names:
                self.mark(station, code)
        if home.name == self.data["closed_station"]:
            actions.close_place(actor=self.actor, place=station, reason="房屋改造，暂停使用")
