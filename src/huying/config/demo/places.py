"""The places of the demonstration: a district that does not exist, with its streets, towns, sites and gaps on purpose.

Borders come from ``data/qinghe.geojson``, drawn by a generator of our own; nothing here is a real place.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.db import transaction

from huying.kernel import worktime
from huying.kernel.actor import Actor
from huying.places import actions
from huying.places.models import Place, PlaceFlag
from huying.places.rules.values import Facts

DATA = Path(__file__).parent / "data"
DEMO = Actor.system("demo")
SOURCE = "虚构地区，演示用"
GRIDS = 2
OFF = 0.0012
"""How far sites stand from the middle of their community, in degrees: some 120 metres."""
HOURS = worktime.dump(worktime.weekly("mon-sun", "08:30-12:00", "14:00-17:30"))
TOWNS = {
    ("town", "东篱镇", 120.135, 30.292): ["菊井村", "南坡村", "樟树下村", "白鹭村", "石桥村"],
    ("township", "云岭乡", 120.118, 30.225): ["茶湾村", "竹坞村", "云岭村", "溪口村"],
}
WITHOUT_STATION = {"花圃社区", "竹坞村"}
WITHOUT_OFFICE = {"云岭乡"}
WITH_CANTEEN = {"和平社区", "桂花里社区", "书院社区", "杏林社区", "菊井村"}
SHOWN = {"和平社区", "云岭村"}


def load(actor: Actor = DEMO) -> dict[str, Place]:
    """Make the tree once; by name. What is there already is given back as it is."""
    if Place.objects.exists():
        return {place.name: place for place in Place.objects.order_by("-id")}
    with transaction.atomic():
        county = make(actor, None, "county", "青禾区", 120.06, 30.27)
        centre = make(actor, county, "centre", "青禾区新时代文明实践中心", 120.062, 30.272, capacity=300)
        actions.set_hours(actor=actor, place=centre, hours=HOURS)
        for name, seats in (("大讲堂", 200), ("调度室", 12), ("志愿者之家", 40)):
            make(actor, centre, "room", name, None, None, capacity=seats)
        street = make(actor, county, "street", "青禾街道", 120.06, 30.271)
        office(actor, street)
        for feature in shapes("qinghe")["features"]:
            lon, lat = feature["properties"]["cp"]
            feature["properties"]["place"] = neighbourhood(
                actor, street, "community", feature["properties"]["name"], lon, lat
            ).pk
        for (kind, name, lon, lat), villages in TOWNS.items():
            town = make(actor, county, kind, name, lon, lat)
            if name not in WITHOUT_OFFICE:
                office(actor, town)
            for number, village in enumerate(villages):
                spot = (lon + 0.011 * (number % 3 - 1), lat + 0.009 * (number // 3 - 0.5))
                neighbourhood(actor, town, "village", village, *spot)
        make(actor, county, "base", "稻香研学基地", 120.128, 30.30, capacity=120)
    return {place.name: place for place in Place.objects.order_by("-id")}


def shapes(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DATA / f"{name}.geojson").read_text(encoding="utf-8"))
    return found


def make(
    actor: Actor, parent: Place | None, kind: str, name: str, lon: float | None, lat: float | None, **more: Any
) -> Place:
    facts = Facts(name=name, lon=lon, lat=lat, source=SOURCE, **more)
    return actions.create_place(actor=actor, parent=parent, kind=kind, facts=facts)


def office(actor: Actor, town: Place) -> Place:
    """The office of a street or town, with a room."""
    made = make(
        actor, town, "office", f"{town.name}新时代文明实践所", town.lon, town.lat, phone="", address=f"{town.name}便民中心二楼"
    )
    actions.set_hours(actor=actor, place=made, hours=HOURS)
    make(actor, made, "room", "议事厅", None, None, capacity=30)
    return made


def neighbourhood(actor: Actor, parent: Place, kind: str, name: str, lon: float, lat: float) -> Place:
    """A community or village with its station and its grids."""
    home = make(actor, parent, kind, name, lon, lat)
    if name not in WITHOUT_STATION:
        station = make(
            actor, home, "station", f"{name}新时代文明实践站", lon + OFF, lat + OFF / 2, address=f"{name}服务中心一楼"
        )
        actions.set_hours(actor=actor, place=station, hours=HOURS)
        make(actor, station, "room", "活动室", None, None, capacity=40)
        for code, here in (("canteen", WITH_CANTEEN), ("demonstration", SHOWN)):
            if name in here:
                actions.set_flag(actor=actor, place=station, flag=PlaceFlag.objects.get(code=code))
    for number in range(1, GRIDS + 1):
        make(actor, home, "grid", f"第{'一二三四'[number - 1]}网格", lon + OFF * (2 * number - 3), lat - OFF)
    return home
