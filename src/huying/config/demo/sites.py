"""Standards of the demonstration: two made-up checklists of the district, and stations that have come differently far.

Made by the real actions at their times: the keeper or the office checks, the centre verifies or sends back; one station
waits, one was checked more than a year ago, the others never.
"""

from __future__ import annotations

from datetime import timedelta

from huying.config.demo.reports import acting
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.places import actions
from huying.places.actions import ItemFacts, Said, StandardFacts
from huying.places.models import Place, SiteCheck, Standard
from huying.places.states import Status

DEMO = Actor.system("demo")
STATION = StandardFacts(
    "demo_station_ones",
    1,
    "站点五个一",
    ("station",),
    (
        ItemFacts("一块牌子", "A sign", "门口看得见，写明开放时间", "At the door, with opening hours"),
        ItemFacts("一间活动室", "A room", "有桌椅，平时开着", "With tables and chairs, open in the day", 2),
        ItemFacts("一支队伍", "A team", "有队长，名单在平台上", "With a leader, on the platform", 2),
        ItemFacts("一张服务菜单", "A menu", "贴在墙上，和网上一样", "On the wall, the same as online"),
        ItemFacts("一本活动记录", "A record", "上个月的都记了", "Last month is written down"),
    ),
    name_en="Five ones of a station",
    about="演示用的标准：每个实践站都要有的五样。",
    about_en="A made-up standard: five things every station has.",
)
OFFICE = StandardFacts(
    "demo_office_threes",
    1,
    "实践所三有",
    ("office",),
    (
        ItemFacts("有专人", "Somebody in charge", "工作日有人接电话", "Somebody answers on working days"),
        ItemFacts("有计划", "A plan", "今年的计划写好了", "This year's plan is written"),
        ItemFacts("有回访", "Calls back", "每月回访，有记录", "Every month, on record"),
    ),
    name_en="Three things of an office",
    about="演示用的标准：每个实践所都要有的三样。",
    about_en="A made-up standard: three things every office has.",
)
NOTES = ("门口左手边", "一楼，四十个座位", "十二个人", "已换成新的", "补到上周")
WAYS = ("yyyyy verified", "yynyy verified", "yyyyy old", "ynyyn verified", "yyyyn returned", "yyyyy waits")
"""Answers and how far a station has come, station by station; those after them were never checked."""


def load() -> list[SiteCheck]:
    """The standards and checks; nothing where they are already."""
    if Standard.objects.filter(code=STATION.code).exists():
        return []
    verifier, office, keeper = (acting(name) for name in ("dispatcher", "office", "station"))
    county = Place.objects.get(path=verifier.roles[0][1])
    asked = installed(county)
    rows = Place.objects.filter(kind="station", status=Status.OPEN, path__startswith=office.roles[0][1])
    made = []
    for number, (site, way) in enumerate(zip(rows.order_by("id"), WAYS, strict=False)):
        answers, end = way.split()
        own = site.path.startswith(keeper.roles[0][1])
        made.append(checked(asked, site, answers, end, keeper if own else office, verifier, number))
    return made


def installed(place: Place) -> Standard:
    """Both standards for this place and below; the one of stations."""
    asked = actions.install_standard(actor=DEMO, place=place, facts=STATION)
    actions.install_standard(actor=DEMO, place=place, facts=OFFICE)
    return asked


def checked(
    standard: Standard, site: Place, answers: str, end: str, by: Actor, verifier: Actor, number: int
) -> SiteCheck:
    """One check at its time: some weeks ago, more than a year ago, or waiting since yesterday."""
    ago = timedelta(days={"old": 400, "waits": 1}.get(end, 40 - 5 * number))
    at = clock.now() - ago
    words = {"y": "yes", "n": "no"}
    said = [Said(n, words[one], NOTES[n - 1] if one == "y" else "") for n, one in enumerate(answers, 1)]
    with clock.frozen(at):
        row = actions.self_check(actor=by, place=site, standard=standard, said=said)
    with clock.frozen(at + timedelta(hours=20)):
        if end == "returned":
            return actions.return_check(actor=verifier, check=row, reason="活动记录只到上上个月，请补上再交。")
        return row if end == "waits" else actions.verify_check(actor=verifier, check=row)
