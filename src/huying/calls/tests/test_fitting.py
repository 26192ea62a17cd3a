"""Time, rest, work of this week and known faces: the list of candidates and the rings judge and order as matching does."""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from huying.calls import actions, queries
from huying.calls.models import Call
from huying.calls.queries import parts, proposed, proposing, weighing, wishes
from huying.calls.states import State
from huying.calls.tests.factories import START, Cast, actor, kind, person, volunteer
from huying.calls.tests.fitting import DAY, HOUR, found, people, promise, question, rung, served, wish
from huying.calls.tests.timing import Time
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.matching.problem import Week
from huying.matching.tests import plain
from huying.volunteers.models import Volunteer
from huying.volunteers.states import SLOTS

pytestmark = pytest.mark.django_db
KM = 1 / 111.195
SATURDAY = [15, 16, 17]
TUESDAY_MORNING, TUESDAY_AFTERNOON, TUESDAY_EVENING = 3, 4, 5


@pytest.fixture(scope="module")
def package() -> Iterator[ProcessPoolExecutor]:
    with plain.process() as pool:
        yield pool


# ── time ────────────────────────────────────────────────────────────────────
def test_who_is_free_on_saturdays_only_is_asked_by_nobody_for_tuesday(cast: Cast) -> None:
    Volunteer.objects.filter(pk=cast.he.pk).update(availability=SATURDAY)
    Volunteer.objects.filter(pk=cast.li.pk).update(availability=[TUESDAY_AFTERNOON])

    tuesday = wish(cast.call(State.POOLED), START + 4 * HOUR, START + 5 * HOUR)

    assert people(cast, tuesday) == {"李安和", "吴长青"}


def test_a_wish_for_the_whole_day_finds_whoever_has_one_part_of_it(cast: Cast) -> None:
    for one, named in ((cast.li, [TUESDAY_EVENING]), (cast.he, [TUESDAY_MORNING]), (cast.leader, SATURDAY)):
        Volunteer.objects.filter(pk=one.pk).update(availability=named)
    midnight = clock.local(START).replace(hour=0)

    whole = people(cast, wish(cast.call(State.POOLED), midnight + 8 * HOUR, midnight + 20 * HOUR))

    assert whole == {"李安和", "何晓燕"}


def test_a_part_that_was_promised_is_not_free_and_the_same_part_of_another_week_is(cast: Cast) -> None:
    afternoon = START + 4 * HOUR
    promise(cast, cast.li, afternoon)
    promise(cast, cast.he, afternoon + HOUR, scheduled=True)
    call = wish(cast.call(State.POOLED), afternoon, afternoon + HOUR)

    today = people(cast, call)
    next_week = people(cast, wish(call, afternoon + 7 * DAY, afternoon + 7 * DAY + HOUR))

    assert (today, next_week) == ({"吴长青"}, {"李安和", "何晓燕", "吴长青"})


def test_two_weeks_in_one_proposal_are_two_times(cast: Cast) -> None:
    afternoon = START + 4 * HOUR
    promise(cast, cast.li, afternoon + 7 * DAY)
    for days in (0, 0, 7):
        wish(cast.call(State.POOLED), afternoon + days * DAY, afternoon + days * DAY + HOUR)

    told = weighing.matter(cast.home)

    li = told.people.tolist().index(cast.li.pk)
    assert [bool(int(told.helpers.slots[li]) & int(slot)) for slot in told.needs.slots] == [True, True, False]
    from_tuesday = sum(1 << bit for bit in range(TUESDAY_MORNING, SLOTS))
    assert told.needs.movable.tolist() == [from_tuesday] * 2 + [0]


def test_a_call_moves_neither_into_the_past_nor_across_the_end_of_the_week_that_is_weighed() -> None:
    tuesday = parts.part_of(np.int64(weighing.minute_of(START)))
    saturday, monday, evenings = tuesday + 12, tuesday + 18, tuesday + 20
    first = np.array([saturday, saturday, monday, tuesday, parts.NO_WISH])
    last = np.array([saturday, saturday, monday, tuesday + 1, parts.NO_WISH])
    slots = parts.slots_of(np.append(first, evenings), np.append(last, evenings))

    early = parts.movable(slots, weighing.minute_of(START)).tolist()
    later = parts.movable(slots, weighing.minute_of(START + 5 * DAY)).tolist()

    assert slots.day * wishes.A_DAY == saturday, "the week that holds most begins on the Saturday"
    to_sunday, from_monday = 0b111111 << 15, (1 << 15) - 1
    assert early == [to_sunday, to_sunday, from_monday, 0, 0, from_monday]
    assert later == [0b111 << 18, 0b111 << 18, from_monday, 0, 0, from_monday]


def test_a_wish_without_a_time_and_one_of_a_week_find_everybody(cast: Cast) -> None:
    Volunteer.objects.update(availability=SATURDAY)
    call = cast.call(State.POOLED)

    assert people(cast, call) == {"李安和", "何晓燕", "吴长青"}
    assert people(cast, wish(call, START, START + 8 * DAY)) == {"李安和", "何晓燕", "吴长青"}


def test_what_is_over_is_wished_for_the_same_part_of_the_next_week(cast: Cast, time: Time) -> None:
    Volunteer.objects.filter(pk=cast.he.pk).update(availability=SATURDAY)
    call = wish(cast.call(State.POOLED), START, START + HOUR)
    time.after(30)

    assert people(cast, call) == {"李安和", "吴长青"}
    assert wishes.wish_of(call) == wishes.Wish(
        wishes.part_of(START) + SLOTS, wishes.part_of(START) + SLOTS, START + 7 * DAY
    )


def test_until_when_somebody_is_free_is_said_in_words(cast: Cast) -> None:
    named = {
        cast.li: [TUESDAY_MORNING, TUESDAY_AFTERNOON],
        cast.he: [TUESDAY_AFTERNOON, TUESDAY_EVENING],
        cast.leader: [],
        volunteer(person("全天", cast.home), cast.home): [3, 4, 5],
        volunteer(person("下午", cast.home), cast.home): [4],
        volunteer(person("答应了", cast.home), cast.home): [3, 4, 5],
    }
    for one, value in named.items():
        Volunteer.objects.filter(pk=one.pk).update(availability=value)
    promise(cast, Volunteer.objects.get(person__name="答应了"), START + 4 * HOUR)
    midnight = clock.local(START).replace(hour=0)

    rows = found(cast, wish(cast.call(State.POOLED), midnight + 8 * HOUR, midnight + 20 * HOUR))

    said = {name: [one for one in reasons if "有空" in one] for name, reasons in rows.items()}
    assert said == {
        "李安和": ["到 18 点前有空"],
        "何晓燕": ["12 点以后有空"],
        "吴长青": [],
        "全天": ["整天有空"],
        "下午": ["12 点到 18 点有空"],
        "答应了": ["到 12 点前有空"],
    }


def test_of_several_days_the_day_is_said_too(cast: Cast) -> None:
    Volunteer.objects.filter(pk=cast.he.pk).update(availability=[6])

    rows = found(cast, wish(cast.call(State.POOLED), START + 2 * HOUR, START + 3 * DAY))

    assert "周三到 12 点前有空" in rows["何晓燕"]


# ── rest and fairness ───────────────────────────────────────────────────────
def test_who_has_just_served_is_left_in_peace_for_a_while(cast: Cast, settings: Any) -> None:
    settings.HUYING_REST_HOURS = 4
    served(cast, cast.li, START - 3 * HOUR)
    served(cast, cast.he, START - HOUR)

    call = wish(cast.call(State.POOLED), START + 2 * HOUR, START + 3 * HOUR)

    assert people(cast, call) == {"李安和", "吴长青"}
    assert people(cast, wish(call, START + 3 * HOUR, START + 4 * HOUR)) == {"李安和", "何晓燕", "吴长青"}
    settings.HUYING_REST_HOURS = 0
    assert people(cast, wish(call, START + 2 * HOUR, START + 3 * HOUR)) == {"李安和", "何晓燕", "吴长青"}


@pytest.mark.parametrize("now", [{"urgent": True}, {"raised_for": "home"}, {"ring": 1}, {}])
def test_without_a_wish_rest_is_kept_where_help_is_to_begin_now(cast: Cast, settings: Any, now: dict[str, Any]) -> None:
    """What can wait for another day can wait for anybody to have rested."""
    settings.HUYING_REST_HOURS = 4
    served(cast, cast.he, START - HOUR)
    call = cast.call(State.POOLED)
    Call.objects.filter(pk=call.pk).update(
        **{name: cast.home if value == "home" else value for name, value in now.items()}
    )
    call.refresh_from_db()

    assert people(cast, call) == {"李安和", "吴长青"} | (set() if now else {"何晓燕"})


def test_services_of_this_week_are_said_and_let_others_come_first(cast: Cast) -> None:
    for name, north in (("常来", 0.1), ("少来", 0.5)):
        volunteer(person(name, cast.home), cast.home, lon=120.05, lat=30.28 + north * KM)
    often = Volunteer.objects.get(person__name="常来")
    for days in (0, 1):
        served(cast, often, START - 20 * HOUR, cast.neighbour)
        served(cast, often, START - (7 + days) * DAY, cast.neighbour)

    rows = found(cast, cast.call(State.POOLED, lon=120.05, lat=30.28))

    assert [name for name in rows if name.endswith("来")] == ["少来", "常来"]
    assert rows["常来"][-1] == "这周服务过 2 次"
    assert rows["少来"][-1] == "手上没有事"


@pytest.mark.parametrize("no", [False, True])
def test_who_is_asked_about_something_comes_later_and_not_beyond_what_he_takes_on(cast: Cast, no: bool) -> None:
    """Of thirty calls in one hour the nearest neighbour is not asked about all; a no is an open question to its end."""
    for name, north in (("最近", 0.1), ("近", 0.5), ("满了", 0.2)):
        volunteer(person(name, cast.home), cast.home, lon=120.05, lat=30.28 + north * KM)
    Volunteer.objects.filter(person__name="满了").update(weekly_limit=1)
    for name in ("最近", "满了"):
        question(cast, Volunteer.objects.get(person__name=name), no)
    call = cast.call(State.POOLED, lon=120.05, lat=30.28)

    rows, ringing = found(cast, call), rung(call)

    assert [name for name in rows if "近" in name] == ["近", "最近"]
    assert rows["最近"][-1] == "手上 1 件"
    assert "满了" not in {*rows, *ringing}


def test_who_came_last_time_comes_before_a_neighbour_as_near_as_half_a_kilometre(cast: Cast) -> None:
    for name, north in (("生人", 0.1), ("熟人", 0.5), ("远处熟人", 0.7)):
        volunteer(person(name, cast.home), cast.home, lon=120.05, lat=30.28 + north * KM)
    for name in ("熟人", "远处熟人"):
        served(cast, Volunteer.objects.get(person__name=name), START - 30 * DAY)

    rows = found(cast, cast.call(State.POOLED, lon=120.05, lat=30.28))

    assert [name for name in rows if name.endswith("人")] == ["熟人", "生人", "远处熟人"]


def test_who_came_for_a_whistle_is_no_known_face_of_the_officer_and_the_other_way_round(cast: Cast) -> None:
    call = cast.call(State.POOLED, lon=120.05, lat=30.28)
    served(cast, cast.li, START - 30 * DAY)
    served(cast, cast.he, START - 30 * DAY)
    Call.objects.filter(offers__volunteer=cast.he).update(raised_for=cast.home)

    private = weighing.matter(cast.home).knows(0, np.arange(5))
    Call.objects.filter(pk=call.pk).update(raised_for=cast.home)
    call.refresh_from_db()
    whistle = weighing.matter(cast.home)
    reasons = found(cast, call)

    people = whistle.people.tolist()
    assert np.flatnonzero(private).tolist() == [people.index(cast.li.pk)]
    assert not whistle.knows(0, np.arange(5)).any()
    assert reasons["李安和"]
    assert not any("以前帮过这位居民" in words for words in reasons.values())


def test_a_line_of_a_proposal_says_the_same_as_the_list(cast: Cast) -> None:
    Volunteer.objects.exclude(pk=cast.li.pk).update(left_at=clock.now())
    Volunteer.objects.filter(pk=cast.li.pk).update(availability=[TUESDAY_AFTERNOON, TUESDAY_EVENING])
    served(cast, cast.li, START - 20 * HOUR)
    promise(cast, cast.li, START + 9 * HOUR)
    cast.team.active = False
    cast.team.save()
    call = wish(cast.call(State.POOLED, lon=120.05, lat=30.28), START + 4 * HOUR, START + 5 * HOUR)

    asked = actions.propose(actor=actor(cast.keeper), place=cast.home)
    actions.calculate(actor=Actor.system("calls.propose"), proposal_id=asked.pk, turn=asked.turn)

    (line,) = proposed.lines(asked).rows
    assert line.reasons == found(cast, call)["李安和"]
    assert line.reasons[1:] == ["12 点到 18 点有空", "手上 1 件", "这周服务过 1 次", "以前帮过这位居民"]
    assert line.reasons == proposing.line_of(line.row).reasons


# ── beside the package ──────────────────────────────────────────────────────
def world(cast: Cast, chance: random.Random) -> None:
    """Helpers who are free, busy, tired, known or far as it happens."""
    for number in range(14):
        spot = {"lon": 120.05 + chance.gauss(0, 0.01), "lat": 30.28 + chance.gauss(0, 0.01)}
        one = volunteer(person(f"某{number:02d}", cast.home), cast.home, **spot)
        one.travel_km, one.weekly_limit = chance.choice([0.7, 2, 5]), chance.choice([1, 2, 5])
        one.availability = sorted(chance.sample(range(SLOTS), chance.choice([0, 4, 12])))
        one.save()
        for _ in range(chance.choice([0, 0, 1])):
            promise(cast, one, START + timedelta(hours=chance.randrange(20 * 24)), chance.random() < 0.5)
        for _ in range(chance.choice([0, 0, 1])):
            question(cast, one, no=chance.random() < 0.5)
        for _ in range(chance.choice([0, 0, 1, 2])):
            asker = chance.choice([cast.resident, cast.neighbour])
            served(cast, one, START - timedelta(hours=chance.randrange(1, 60)), asker)


@pytest.mark.parametrize("seed", range(12))
def test_one_call_finds_the_same_people_in_the_same_order_as_the_package(
    cast: Cast, package: ProcessPoolExecutor, seed: int
) -> None:
    chance = random.Random(seed)
    Volunteer.objects.filter(pk=cast.leader.pk).update(lon=120.0502, lat=30.2801)
    world(cast, chance)
    calls = [cast.call(State.POOLED, lon=120.05, lat=30.28) for _ in range(4)]
    for call in calls[1:]:
        since = START + timedelta(minutes=chance.randrange(12 * 24 * 60))
        wish(call, since, since + timedelta(hours=chance.choice([1, 5, 12, 40])))

    told = weighing.matter(cast.home)
    week = weeks(told)
    ranked = package.submit(plain.best, told.helpers, week, weighing.PRICES, told.needs, 50).result()

    by_key = dict(Volunteer.objects.values_list("pk", "public_id"))
    assert told.calls.tolist() == [call.pk for call in calls]
    for call, theirs in zip(calls, ranked, strict=True):
        mine = [one for one in queries.candidates(actor(cast.keeper), call, 50) if one.field == "volunteers"]
        costs = {by_key[told.people[helper]]: cost for helper, cost in theirs if helper < len(told.people)}
        assert {one.public_id for one in mine} == set(costs)
        assert [round(1000 * (one.effort or 0)) for one in mine] == pytest.approx(sorted(costs.values()), abs=12)
        assert all(abs(1000 * (one.effort or 0) - costs[one.public_id]) <= 12 for one in mine)


def weeks(told: weighing.Matter) -> Week:
    heard: list[Week] = []
    highest = int(np.bitwise_or.reduce(told.needs.slots)).bit_length()
    weighing.matter(Call.objects.get(pk=int(told.calls[0])).place, known=lambda _helpers, week: heard.append(week))
    assert heard[0].slots >= highest
    return heard[0]


@pytest.mark.parametrize("seed", range(40))
def test_the_arrays_read_a_wish_as_one_call_does(seed: int) -> None:
    chance = random.Random(seed)
    now = START + timedelta(minutes=chance.randrange(7 * 24 * 60))
    since = now + timedelta(minutes=chance.randrange(-20 * 24 * 60, 20 * 24 * 60))
    until = chance.choice([None, since + timedelta(minutes=chance.choice([1, 60, 600, 3_000, 9_999, 20_000]))])
    call = Call(wanted_from=since, wanted_to=until)
    last = weighing.minute_of(until - timedelta(minutes=1)) if until else parts.NO_WISH

    with clock.frozen(now):
        one = wishes.wish_of(call)
    first, ends, begins = parts.wished(np.array([weighing.minute_of(since)]), np.array([last]), weighing.minute_of(now))

    if one is None:
        assert (first[0], ends[0], begins[0]) == (parts.NO_WISH, parts.NO_WISH, parts.ANY_MINUTE)
    else:
        assert (one.first, one.last, weighing.minute_of(one.begins)) == (first[0], ends[0], begins[0])


def test_wishes_beyond_the_room_wait_for_the_next_proposal_and_the_oldest_come_first(cast: Cast) -> None:
    first = np.arange(60) * 3 + 3 * 40_000
    slots = parts.slots_of(first, first + 1)

    assert (slots.bit != parts.NO_WISH).tolist() == [True] * parts.ROOM + [False] * (60 - parts.ROOM)
    assert slots.week.slots == parts.ANY_TIME + 1 + parts.ROOM
    assert len(set(slots.bit[: parts.ROOM].tolist())) == parts.ROOM


def test_a_call_that_has_no_room_is_left_out_of_the_proposal(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "ROOM", 1)
    calls = [cast.call(State.POOLED, kind=kind(f"k{n}")) for n in range(3)]
    for n, call in enumerate(calls):
        wish(call, START + n * DAY, START + n * DAY + 6 * HOUR)

    assert weighing.matter(cast.home).calls.tolist() == [calls[0].pk]
