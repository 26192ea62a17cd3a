"""A week of a busy centre with a holiday and a make-up working day in it, against a timetable written by hand.

Wednesday 31 December 2025 is an ordinary day; 1 to 3 January are off (元旦), Sunday 4 January is worked instead (调休). Office
hours are 9–12 and 14–18. Every half hour two workers look at the clocks at one moment, over two connections, and once more
after that; what they did, what people did, and every change of a card's colour must be what the tables say, to the line.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.concurrency.racing import all_at_once
from tests.invariants import broken_rules

from huying.calls import actions, queries
from huying.calls.models import Call, CallEvent, Clock, Offer, Ring
from huying.calls.queries.due import turns
from huying.calls.states import Asks, OfferState, State
from huying.calls.tasks import tick
from huying.calls.tests.factories import Cast, actor, person, place, team, volunteer
from huying.kernel import clock, jobs
from huying.kernel.actor import Actor
from huying.places.tests.factories import kinds
from huying.volunteers.models import Team, TeamKind

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("committed_db")]
CLOCKS = {
    "review": (8 * 60, "working"),
    "dispatch": (8 * 60, "working"),
    "answer": (4 * 60, "working"),
    "schedule": (8 * 60, "working"),
    "deliver": (24 * 60, "natural"),
    "rate": (72 * 60, "natural"),
    "urge": (4 * 60, "working"),
}
BEGIN = datetime(2025, 12, 31, 9, 0, tzinfo=clock.SHANGHAI)
END = datetime(2026, 1, 6, 18, 0, tzinfo=clock.SHANGHAI)
STEP = timedelta(minutes=30)
COLOURS = {"none": "不计时", "calm": "绿", "amber": "黄", "late": "红"}
TOLD = {
    "escalate": "升级",
    "expire": "收回派单",
    "dispatch": "问下一位",
    "auto_rate": "到期未评价",
    "close": "办结",
    "bind": "值班兜底",
}

# What people do, in their own time. 甲 nobody looks at · 乙 the first who is asked stays silent, the team asked next takes too long
# · 丙 waits for a rating that never comes · 丁 waits for an answer over the holiday · 戊 is set aside over the holiday · 己 is
# asked for on the holiday. · 庚 goes out ring by ring and seeks two: 田一 comes, 田二 wants to be asked later and stays silent, so do
# 田三 who is asked beside, 稻一 and 稻二 in the next ring; the unit on duty is bound; 稻二 stands by, and is asked when 田一 drops out. ·
# 辛 goes out, is set aside over the holiday and goes on in its ring; it is urged, not again within the interval (urge!: refused), and
# again after it.
PEOPLE = """
12-31 周三 09:00  丁 submit
12-31 周三 10:00  甲 submit
12-31 周三 10:00  戊 submit
12-31 周三 10:00  戊 pool
12-31 周三 10:00  庚 submit
12-31 周三 10:00  辛 submit
12-31 周三 11:00  丁 ask_info
12-31 周三 11:00  辛 widen
12-31 周三 14:00  乙 submit
12-31 周三 14:00  乙 pool
12-31 周三 14:00  乙 dispatch
12-31 周三 14:00  庚 widen
12-31 周三 14:30  辛 suspend
12-31 周三 15:00  戊 suspend
12-31 周三 15:00  庚 accept 田一
12-31 周三 15:30  庚 later 田二
12-31 周三 17:00  丙 deliver
01-01 周四 20:00  己 submit
01-04 周日 10:00  乙 accept
01-04 周日 14:00  丁 give_info
01-04 周日 14:30  己 pool
01-04 周日 16:30  庚 stand_by 稻二
01-05 周一 09:00  庚 hand_back 田一
01-05 周一 10:00  戊 resume
01-05 周一 10:00  辛 resume
01-05 周一 10:00  庚 accept 稻二
01-05 周一 11:00  辛 accept 稻一
01-05 周一 11:30  丁 transfer
01-05 周一 14:00  乙 urge
01-05 周一 15:00  己 claim
01-05 周一 15:00  己 schedule
01-05 周一 15:00  辛 urge
01-05 周一 16:00  辛 urge!
01-06 周二 09:30  辛 urge!
01-06 周二 10:00  辛 urge
"""

# What the clocks do. The reasons, in hours of office time (W = Wednesday 9–12, 14–18; S = Sunday; M = Monday; T = Tuesday):
# 甲 review 8: W 2+4, S 2 → red S 11:00, amber after 4 = W 16:00; late again after 8 more: S 1+4, M 3 → centre M 12:00.
# 乙 answer 4: W 14–18; a quarter is W 15:00: the next is asked beside, W 3, S 1 → S 10:00, amber W 17:00; the first is over
#    W 18:00; the second says yes S 10:00; schedule 8: S 2+4, M 2 → red M 11:00, amber S 16:00, office; 8 more: M 1+4, T 3 →
#    centre T 12:00.
# 丙 72 hours of natural time from W 17:00, amber after 36 = Friday 05:00, over on the Saturday of the holiday.
# 丁 two of eight were used when it was asked; S 14–18, M 2 → red M 11:00, amber after four = S 16:00.
# 戊 three of eight were used; M 10–11 makes four (amber), M 17:00 eight (red): the next who fits is asked, 李安和, answer 4: M 1, T 3
#    → T 12:00; a quarter is M 18:00: beside him the team, which has its whole time, T 3+1 → T 15:00, amber T 11:00. Both silent, two
#    now: T 15:00 to the office, and the next is asked; its quarter T 16:00, one more beside; T 17:00 the last, the unit.
# 己 review from S 9:00, 7 hours, M 1 → M 10:00, amber S 15:00; pooled before that, S 14:30: dispatch 8: S 3½, M 3+1½ → M 15:30, amber
#    M 9:30; claimed M 15:00; the visit is agreed for Tuesday 17:00 and has a day of natural time from then.
# 庚 the ring of the station 4: W 14–18. A quarter is W 15:00: 田一 has come, beside 田二 the next is asked, 田三, W 3, S 1 → S 10:00,
#    amber W 17:00. His quarter is W 16:00: the ring has nobody left, so it is not waited out (decision 0046): the office holds it,
#    稻一 is asked, W 2, S 2 → S 11:00; his quarter W 17:00: 稻二 is asked beside, W 1, S 3 → S 12:00, amber S 10:00; his quarter finds
#    nobody. W 18:00 田二's time is over, S 10:00 田三's, S 11:00 稻一's; the duty waits for 稻二. S 12:00 the unit on duty has it, the
#    centre holds it, 稻二 is released and stands by; schedule 8: amber S 18:00, would be red M 15:00, but M 9:00 田一 drops out and 稻二
#    is asked; he comes M 10:00; 8: M 2+4, T 2 → red T 11:00, amber M 16:00.
# 辛 the ring of the station 4 from W 11:00, its quarter W 12:00: beside 稻一 稻二 is asked; set aside W 14:30; again M 10:00, the ring
#    begins anew; yes M 11:00, at its quarter; schedule 8: M 1+4, T 3 → red T 12:00, amber M 17:00. Urged M 15:00; urge 4: M 3, T 1 →
#    again from T 10:00 on.
TIMETABLE = """
12-31 周三 10:00  庚 绿
12-31 周三 10:00  辛 绿
12-31 周三 12:00  辛 问下一位
12-31 周三 12:00  辛 绿
12-31 周三 14:30  辛 不计时
12-31 周三 15:00  庚 问下一位
12-31 周三 15:00  庚 绿
12-31 周三 16:00  庚 升级
12-31 周三 16:00  庚 问下一位
12-31 周三 16:00  庚 绿
12-31 周三 17:00  庚 再问一次
12-31 周三 17:00  庚 问下一位
12-31 周三 17:00  庚 绿
12-31 周三 18:00  庚 收回派单
01-04 周日 10:00  庚 收回派单
01-04 周日 10:00  庚 黄
01-04 周日 11:00  庚 收回派单
01-04 周日 12:00  庚 升级
01-04 周日 12:00  庚 值班兜底
01-04 周日 12:00  庚 绿
01-04 周日 18:00  庚 黄
01-05 周一 09:00  庚 问下一位
01-05 周一 09:00  庚 绿
01-05 周一 10:00  辛 问下一位
01-05 周一 10:00  辛 绿
01-05 周一 16:00  庚 黄
01-05 周一 17:00  辛 黄
01-06 周二 11:00  庚 红
01-06 周二 12:00  辛 升级
01-06 周二 12:00  辛 红
12-31 周三 09:00  丁 绿
12-31 周三 10:00  甲 绿
12-31 周三 11:00  丁 不计时
12-31 周三 14:00  乙 绿
12-31 周三 15:00  乙 问下一位
12-31 周三 15:00  乙 绿
12-31 周三 16:00  甲 黄
12-31 周三 17:00  乙 黄
12-31 周三 17:00  丙 绿
12-31 周三 18:00  乙 收回派单
01-01 周四 20:00  己 绿
01-02 周五 05:00  丙 黄
01-03 周六 17:00  丙 到期未评价
01-03 周六 17:00  丙 办结
01-03 周六 17:00  丙 不计时
01-04 周日 10:00  乙 绿
01-04 周日 11:00  甲 升级
01-04 周日 11:00  甲 红
01-04 周日 14:00  丁 绿
01-04 周日 16:00  丁 黄
01-04 周日 16:00  乙 黄
01-05 周一 09:30  己 黄
01-05 周一 11:00  丁 升级
01-05 周一 11:00  丁 红
01-05 周一 11:00  乙 升级
01-05 周一 11:00  乙 红
01-05 周一 11:30  丁 不计时
01-05 周一 12:00  甲 升级
01-05 周一 15:00  己 绿
01-06 周二 12:00  乙 升级
12-31 周三 10:00  戊 绿
12-31 周三 15:00  戊 不计时
01-05 周一 10:00  戊 绿
01-05 周一 11:00  戊 黄
01-05 周一 17:00  戊 问下一位
01-05 周一 17:00  戊 绿
01-05 周一 18:00  戊 问下一位
01-05 周一 18:00  戊 绿
01-06 周二 11:00  戊 黄
01-06 周二 12:00  戊 收回派单
01-06 周二 15:00  戊 收回派单
01-06 周二 15:00  戊 升级
01-06 周二 15:00  戊 问下一位
01-06 周二 15:00  戊 绿
01-06 周二 16:00  戊 问下一位
01-06 周二 16:00  戊 绿
01-06 周二 17:00  戊 问下一位
01-06 周二 17:00  戊 绿
"""
DAYS = "一二三四五六日"


class Week:
    """Plays the people, lets two workers look at one moment, and writes down what the clocks and the people did."""

    def __init__(self) -> None:
        self.at = BEGIN
        self.calls: dict[str, Call] = {}
        self.colours: dict[str, str] = {}
        self.lines: list[str] = []
        self.done: list[str] = []
        self.later: set[int] = set()
        self.seen = 0
        self.moved = False

    def stamp(self) -> str:
        at = clock.local(self.at)
        return f"{at:%m-%d} 周{DAYS[at.weekday()]} {at:%H:%M}"

    def play(self, cast: Wider) -> None:
        doings = [line.rsplit("  ", 1) for line in PEOPLE.strip().splitlines()]
        while self.at <= END:
            for moment, doing in doings:
                if moment == self.stamp():
                    self.do(cast, *doing.split())
            looked = self.look()
            self.note()
            if looked:  # else a later one finds as little as the first
                self.look()
                self.note()
            self.moved = False
            self.at += STEP

    def do(self, cast: Wider, name: str, verb: str, who: str = "") -> None:
        self.moved = True
        me, keeper, leader, boss = (
            actor(one) for one in (cast.resident, cast.keeper, cast.leader.person, cast.dispatcher)
        )
        if verb == "submit":
            where = {"庚": cast.away, "辛": cast.rice}.get(name, cast.home)
            self.calls[name] = cast.call(State.SUBMITTED, title=f"{name}的事", place=where)
        elif verb == "deliver":
            self.calls[name] = cast.call(State.DELIVERED, title=f"{name}的事")
        elif verb == "urge!":
            with pytest.raises(actions.UrgedAlready):
                actions.urge(actor=boss, call=self.calls[name])
        elif name in "庚辛":
            helper = actor(cast.named[who].person) if who else boss
            values = {"widen": {"people": 2 if name == "庚" else 1}, "later": {"at": self.at + timedelta(minutes=90)}}
            values |= {"suspend": {"reason": "等雨停"}, "hand_back": {"reason": "临时有事"}}
            getattr(actions, verb)(actor=helper, call=self.calls[name], **values.get(verb, {}))
        else:
            given: dict[str, tuple[Actor, dict[str, Any]]] = {
                "pool": (keeper, {}),
                "dispatch": (keeper, {"volunteers": [cast.li]}),
                "accept": (leader, {}),
                "claim": (actor(cast.li.person), {}),
                "ask_info": (keeper, {"note": "哪家医院？"}),
                "give_info": (me, {"note": "市一医院"}),
                "suspend": (keeper, {"reason": "等家属回来"}),
                "resume": (keeper, {}),
                "transfer": (keeper, {"target": "12345"}),
                "urge": (boss, {}),
                "schedule": (actor(cast.li.person), {"at": self.at + timedelta(hours=26)}),
            }
            one, more = given[verb]
            getattr(actions, verb)(actor=one, call=self.calls[name], **more)

    def look(self) -> bool:
        """The minute of two workers; where no clock has run out and nobody is missing there is nothing to do (False)."""
        waiting = ProcrastinateJob.objects.filter(status="todo", task_name__startswith="calls.")
        if not turns(self.at) and not waiting.filter(task_name="calls.ask_next").exists():
            return False
        self.moved = True
        assert all_at_once(tick.func.__wrapped__, tick.func.__wrapped__) == [None, None]
        for _round in range(4):
            jobs.run_worker(wait=False)
            if not waiting.exists():
                break
        return True

    def note(self) -> None:
        """What jobs wrote into the history since, and which cards look different now."""
        if self.moved:
            self.calls = {
                name: Call.objects.select_related("kind", "place", "requester").get(pk=one.pk)
                for name, one in self.calls.items()
            }
        events = list(CallEvent.objects.filter(pk__gt=self.seen).order_by("call_id", "id")) if self.moved else []
        names = {call.pk: name for name, call in self.calls.items()}
        by_people = [one for one in events if one.person_id is not None and one.verb != "draft"]
        self.done += [f"{self.stamp()}  {names[one.call_id]} {one.verb}" for one in by_people if one.call_id in names]
        found = [
            (names[one.call_id], n, TOLD[one.verb])
            for n, one in enumerate(events)
            if one.person_id is None and one.call_id in names
        ]
        found += self.reminded(names, len(events))
        self.seen = max([self.seen, *(one.pk for one in events)])
        serial = count(len(events) + 1)
        for name, call in self.calls.items():
            colour = COLOURS[queries.card(call, self.at).level]
            asked = any(one[0] == name and one[2] == TOLD["dispatch"] for one in found)
            if self.colours.get(name) != colour or (asked and colour == "绿"):
                self.colours[name] = colour
                found.append((name, next(serial), colour))
        self.lines += [f"{self.stamp()}  {name} {words}" for name, _n, words in sorted(found)]

    def reminded(self, names: dict[int, str], n: int) -> list[tuple[str, int, str]]:
        """Who wanted to be asked again later, and was."""
        rows = Offer.objects.filter(state=OfferState.OFFERED)
        again = rows.filter(pk__in=self.later, remind_at=None).values_list("call_id", flat=True)
        found = [(names[call_id], n, "再问一次") for call_id in again]
        self.later = set(rows.filter(remind_at__isnull=False).values_list("pk", flat=True))
        return found


class Wider(Cast):
    """The cast, and a street beside it whose calls go out ring by ring: the station, the office, the unit on duty."""

    def __init__(self) -> None:
        super().__init__()
        self.rice = place("稻香社区", self.other_street, "community")
        homes = {"田一": self.away, "田二": self.away, "田三": self.away, "稻一": self.rice, "稻二": self.rice}
        self.named = {name: volunteer(person(name, home), home) for name, home in homes.items()}
        duty = TeamKind.objects.get_or_create(code="unit", defaults={"name": "单位志愿服务队"})[0]
        guard = team("值班队", self.county, volunteer(person("许一诺", self.county), self.county))
        Team.objects.filter(pk=guard.pk).update(kind=duty)
        rings = ((Asks.OWN, "station", 240), (Asks.OFFICE, "office", 240), (Asks.DUTY, "centre", None))
        for order, (asks, level, minutes) in enumerate(rings, start=1):
            kind = duty if asks == Asks.DUTY else None
            facts = {"name": f"第{order}圈", "per_seat": 1, "mode": Clock.Mode.WORKING, "team_kind": kind}
            Ring.objects.create(place=self.other_street, order=order, asks=asks, level=level, minutes=minutes, **facts)


@pytest.fixture
def week(committed_db: None) -> Iterator[Week]:
    made = Week()
    with clock.frozen(lambda: made.at):
        yield made


@pytest.fixture
def cast(week: Week) -> Wider:
    kinds()
    for stage, (minutes, mode) in CLOCKS.items():
        Clock.objects.create(stage=stage, minutes=minutes, mode=mode)
    return Wider()


def of_people(table: str) -> list[str]:
    """What the history says of people's doings: a refusal, a reminder and standing by leave no line; the first two lines of
    each call are those of ``submit``.
    """
    rows = [line.split() for line in table.strip().splitlines()]
    quiet = {"submit", "deliver", "urge!", "later", "stand_by"}
    said = {"widen": "dispatch"}
    return sorted(
        f"{day} {of} {at}  {name} {said.get(verb, verb)}" for day, of, at, name, verb, *_ in rows if verb not in quiet
    )


def by_line(table: str) -> list[str]:
    return sorted(table.strip().splitlines())


def test_the_clocks_of_a_week_do_what_the_timetable_says(cast: Wider, week: Week) -> None:
    week.play(cast)

    assert sorted(week.lines) == by_line(TIMETABLE)
    played = [
        line for line in week.done if not line.endswith(" submit") and not line.startswith("12-31 周三 17:00  丙")
    ]
    assert sorted(played) == of_people(PEOPLE)
    assert {name: f"{call.state} {call.level}" for name, call in week.calls.items()} == {
        "甲": "submitted centre",
        "乙": "accepted centre",
        "丙": "closed station",
        "丁": "transferred office",
        "戊": "dispatched office",
        "己": "scheduled station",
        "庚": "accepted centre",
        "辛": "accepted office",
    }
    assert broken_rules() == []
