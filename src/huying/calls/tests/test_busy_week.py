"""A week of a busy centre with a holiday and a make-up working day in it, against a timetable written by hand.

Wednesday 31 December 2025 is an ordinary day; 1 to 3 January are off (元旦), Sunday 4 January is worked instead (调休). Office
hours are 9–12 and 14–18. Every half hour the worker looks at the clocks, and looks again as a second worker would; what it
did, and every change of a card's colour, must be what the table says, to the line.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from django.db.models import Q
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.invariants import broken_rules

from huying.calls import actions, queries
from huying.calls.models import Call, CallEvent, Clock, Offer
from huying.calls.queries.calls import due_now
from huying.calls.states import OfferState, State
from huying.calls.tests.factories import Cast, actor
from huying.kernel import clock, jobs
from huying.kernel.actor import Actor
from huying.kernel.transactions import begin
from huying.places.tests.factories import kinds

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
TOLD = {"escalate": "升级", "expire": "收回派单", "dispatch": "问下一位", "auto_rate": "到期未评价", "close": "办结"}

# What people do, in their own time. 甲 nobody looks at · 乙 the first who is asked stays silent, the team asked next takes too long
# · 丙 waits for a rating that never comes · 丁 waits for an answer over the holiday · 戊 is set aside over the holiday · 己 is
# asked for on the holiday.
PEOPLE = """
12-31 周三 09:00  丁 submit
12-31 周三 10:00  甲 submit
12-31 周三 10:00  戊 submit
12-31 周三 10:00  戊 pool
12-31 周三 11:00  丁 ask_info
12-31 周三 14:00  乙 submit
12-31 周三 14:00  乙 pool
12-31 周三 14:00  乙 dispatch
12-31 周三 15:00  戊 suspend
12-31 周三 17:00  丙 deliver
01-01 周四 20:00  己 submit
01-04 周日 10:00  乙 accept
01-04 周日 14:00  丁 give_info
01-04 周日 14:30  己 pool
01-05 周一 10:00  戊 resume
01-05 周一 11:30  丁 transfer
01-05 周一 14:00  乙 urge
01-05 周一 15:00  己 claim
01-05 周一 15:00  己 schedule
"""

# What the clocks do. The reasons, in hours of office time (W = Wednesday 9–12, 14–18; S = Sunday; M = Monday; T = Tuesday):
# 甲 review 8: W 2+4, S 2 → red S 11:00, amber after 4 = W 16:00; late again after 8 more: S 1+4, M 3 → centre M 12:00.
# 乙 answer 4: W 14–18; a quarter is W 15:00: the next is asked beside, W 3, S 1 → S 10:00, amber W 17:00; the first is over
#    W 18:00; the second says yes S 10:00; schedule 8: S 2+4, M 2 → red M 11:00, amber S 16:00, office; 8 more: M 1+4, T 3 →
#    centre T 12:00.
# 丙 72 hours of natural time from W 17:00, amber after 36 = Friday 05:00, over on the Saturday of the holiday.
# 丁 two of eight were used when it was asked; S 14–18, M 2 → red M 11:00, amber after four = S 16:00.
# 戊 three of eight were used; M 10–11 makes four (amber), M 17:00 eight (red): the next who fits is asked, a team, which has its
#    whole time: answer 4: M 1, T 3 → T 12:00, amber T 10:00; silent, so the next again: T 14–18; a quarter is T 15:00, one more
#    beside; its quarter T 16:00, the last beside, amber T 18:00; T 17:00 nobody is left; T 18:00 two were silent: to the office.
# 己 review from S 9:00, 7 hours, M 1 → M 10:00, amber S 15:00; pooled before that, S 14:30: dispatch 8: S 3½, M 3+1½ → M 15:30, amber
#    M 9:30; claimed M 15:00; the visit is agreed for Tuesday 17:00 and has a day of natural time from then.
TIMETABLE = """
12-31 周三 09:00  丁 绿
12-31 周三 10:00  甲 绿
12-31 周三 10:00  戊 绿
12-31 周三 11:00  丁 不计时
12-31 周三 14:00  乙 绿
12-31 周三 15:00  戊 不计时
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
01-05 周一 10:00  戊 绿
01-05 周一 11:00  丁 升级
01-05 周一 11:00  丁 红
01-05 周一 11:00  乙 升级
01-05 周一 11:00  乙 红
01-05 周一 11:00  戊 黄
01-05 周一 11:30  丁 不计时
01-05 周一 12:00  甲 升级
01-05 周一 15:00  己 绿
01-05 周一 17:00  戊 问下一位
01-05 周一 17:00  戊 绿
01-06 周二 10:00  戊 黄
01-06 周二 12:00  乙 升级
01-06 周二 12:00  戊 收回派单
01-06 周二 12:00  戊 问下一位
01-06 周二 12:00  戊 绿
01-06 周二 15:00  戊 问下一位
01-06 周二 15:00  戊 绿
01-06 周二 16:00  戊 问下一位
01-06 周二 16:00  戊 绿
01-06 周二 18:00  戊 收回派单
01-06 周二 18:00  戊 升级
01-06 周二 18:00  戊 黄
"""
DAYS = "一二三四五六日"


class Week:
    """Plays the people, lets two workers look, and writes down what the clocks did."""

    def __init__(self) -> None:
        self.at = BEGIN
        self.calls: dict[str, Call] = {}
        self.colours: dict[str, str] = {}
        self.lines: list[str] = []
        self.seen = 0
        self.moved = False

    def stamp(self) -> str:
        at = clock.local(self.at)
        return f"{at:%m-%d} 周{DAYS[at.weekday()]} {at:%H:%M}"

    def play(self, cast: Cast) -> None:
        doings = [line.rsplit("  ", 1) for line in PEOPLE.strip().splitlines()]
        while self.at <= END:
            for moment, doing in doings:
                if moment == self.stamp():
                    self.do(cast, *doing.split())
            looked = self.look()
            self.note()
            if looked:  # else a second worker finds as little as the first
                self.look()
                self.note()
            self.moved = False
            self.at += STEP

    def do(self, cast: Cast, name: str, verb: str) -> None:
        self.moved = True
        me, keeper, leader, boss = (
            actor(one) for one in (cast.resident, cast.keeper, cast.leader.person, cast.dispatcher)
        )
        if verb == "submit":
            self.calls[name] = cast.call(State.SUBMITTED, title=f"{name}的事")
        elif verb == "deliver":
            self.calls[name] = cast.call(State.DELIVERED, title=f"{name}的事")
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
            who, values = given[verb]
            getattr(actions, verb)(actor=who, call=self.calls[name], **values)

    def look(self) -> bool:
        """The worker's minute; where no clock has run out it has nothing to queue, and that is not played (False)."""
        over = Q(answer_due_at__lte=self.at) | Q(alone_until__lte=self.at)
        late = Offer.objects.filter(over, state=OfferState.OFFERED)
        if not due_now().exists() and not late.exists():
            return False
        self.moved = True
        with begin(Actor.system("test")):
            jobs.enqueue("calls.tick")
        for _round in range(4):
            jobs.run_worker(wait=False)
            if not ProcrastinateJob.objects.filter(status="todo", task_name__startswith="calls.").exists():
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
        found = [
            (names[one.call_id], n, TOLD[one.verb])
            for n, one in enumerate(events)
            if one.person_id is None and one.call_id in names
        ]
        self.seen = max([self.seen, *(one.pk for one in events)])
        serial = count(len(found))
        for name, call in self.calls.items():
            colour = COLOURS[queries.card(call, self.at).level]
            asked = any(one[0] == name and one[2] == TOLD["dispatch"] for one in found)
            if self.colours.get(name) != colour or (asked and colour == "绿"):
                self.colours[name] = colour
                found.append((name, next(serial), colour))
        self.lines += [f"{self.stamp()}  {name} {words}" for name, _n, words in sorted(found)]


@pytest.fixture
def week(committed_db: None) -> Iterator[Week]:
    made = Week()
    with clock.frozen(lambda: made.at):
        yield made


@pytest.fixture
def cast(week: Week) -> Cast:
    kinds()
    for stage, (minutes, mode) in CLOCKS.items():
        Clock.objects.create(stage=stage, minutes=minutes, mode=mode)
    return Cast()


def by_line(table: str) -> list[str]:
    return sorted(table.strip().splitlines())


def test_the_clocks_of_a_week_do_what_the_timetable_says(cast: Cast, week: Week) -> None:
    week.play(cast)

    assert sorted(week.lines) == by_line(TIMETABLE)
    assert {name: f"{call.state} {call.level}" for name, call in week.calls.items()} == {
        "甲": "submitted centre",
        "乙": "accepted centre",
        "丙": "closed station",
        "丁": "transferred office",
        "戊": "dispatched office",
        "己": "scheduled station",
    }
    assert broken_rules() == []
