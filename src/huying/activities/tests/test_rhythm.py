"""Rhythm plans say where the gaps are: 四季有主题、月月有重点、周周有活动 (S0-1d.1, S3-5c.2)."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest
from django.urls import reverse

from huying.activities import actions, queries
from huying.activities.actions import PlanFacts, RuleFacts
from huying.activities.models import ActivityKind, RhythmPlan
from huying.activities.states import Span, Wanted
from huying.activities.tests.factories import DAY, HOUR, session_of
from huying.calls.tests.browsing import browser
from huying.calls.tests.factories import START, actor, place
from huying.kernel import clock
from huying.kernel.errors import Forbidden, InvalidInput
from huying.people.states import RoleKind
from huying.people.tests import factories as people
from huying.places.models import PlaceKind


def plan(world, *rules, where=None, **dates):
    span = {"begins": date(2026, 3, 2), "ends": date(2026, 3, 29), **dates}
    facts = PlanFacts(where or world.home, "三月", rules=rules, **span)
    return actions.save_plan(actor=world.boss, facts=facts)


def missing(kept):
    return [(one.beat.starts, one.place.name, one.there) for one in kept.gaps]


def test_weeks_without_an_activity_are_gaps(world):
    world.published(starts_at=START + HOUR)
    world.published(starts_at=START + 14 * DAY)
    world.draft(starts_at=START + 7 * DAY)

    (kept,) = queries.gaps(plan(world, RuleFacts(Span.WEEK)))

    assert missing(kept) == [(date(2026, 3, 9), "和平社区", 0), (date(2026, 3, 23), "和平社区", 0)]
    assert (kept.beats, kept.kept) == (1, 1)


def test_what_was_planned_and_nobody_says_took_place_keeps_no_beat(world):
    activity = world.published(starts_at=START + DAY)
    made = plan(world, RuleFacts(Span.WEEK), ends=date(2026, 3, 8))

    with clock.frozen(START + 3 * DAY):
        assert missing(queries.gaps(made)[0]) == [(date(2026, 3, 2), "和平社区", 0)]
        actions.hold(actor=world.boss, session=session_of(activity))
        assert missing(queries.gaps(made)[0]) == []


def test_what_is_called_off_keeps_no_beat(world):
    activity = world.published(starts_at=START + DAY)
    made = plan(world, RuleFacts(Span.WEEK), ends=date(2026, 3, 8))
    assert missing(queries.gaps(made)[0]) == []

    actions.cancel_session(actor=world.boss, session=session_of(activity), reason="下雨")

    assert missing(queries.gaps(made)[0]) == [(date(2026, 3, 2), "和平社区", 0)]


def test_kinds_themes_minimum_and_each_site_of_a_kind_are_counted_apart(world):
    lecture, culture = (ActivityKind.objects.get(code=code) for code in ("lecture", "culture"))
    station = PlaceKind.objects.get(code="station")
    place("安宁站", world.home, "station")
    world.published(kind=culture, venue=world.station)
    rules = [
        RuleFacts(Span.MONTH, kind=lecture),
        RuleFacts(Span.MONTH, kind=culture, minimum=2),
        RuleFacts(Span.MONTH, site_kind=station),
    ]

    kept = queries.gaps(plan(world, *rules))

    assert [missing(one) for one in kept] == [
        [(date(2026, 3, 1), "和平社区", 0)],
        [(date(2026, 3, 1), "和平社区", 1)],
        [(date(2026, 3, 1), "安宁站", 0)],
    ]


def test_a_season_without_a_named_theme_is_a_gap_until_it_is_named(world):
    made = plan(world, RuleFacts(Span.SEASON, Wanted.FOCUS), begins=date(2026, 1, 1), ends=date(2026, 12, 31))

    actions.name_focus(actor=world.boss, plan=made, every=Span.SEASON, day=date(2026, 5, 4), title="夏季送凉")
    (kept,) = queries.gaps(made)

    assert [one.beat.number for one in kept.gaps] == [1, 3, 4]
    assert [focus.title if focus else "" for _beat, focus in kept.focuses] == ["", "夏季送凉", "", ""]
    actions.name_focus(actor=world.boss, plan=made, every=Span.SEASON, day=date(2026, 6, 30), title="")
    assert len(queries.gaps(made)[0].gaps) == 4


def test_plans_are_written_for_own_places_and_read_by_staff_there(world):
    made = plan(world, RuleFacts(Span.DAY), ends=date(2026, 3, 3))

    with pytest.raises(Forbidden):
        actions.save_plan(
            actor=actor(world.stranger),
            plan=made,
            facts=PlanFacts(world.other, "x", date(2026, 1, 1), date(2026, 1, 2), [RuleFacts(Span.DAY)]),
        )
    with pytest.raises(Forbidden):
        actions.name_focus(actor=actor(world.stranger), plan=made, every=Span.DAY, day=date(2026, 3, 2), title="x")
    assert list(queries.plans(actor(world.stranger))) == []
    assert list(queries.plans(world.boss)) == [made]


def test_who_keeps_a_place_below_reads_the_plan_and_does_not_write_it(world):
    made = plan(world, RuleFacts(Span.DAY), ends=date(2026, 3, 3))
    below = place("grid", parent=made.place)
    helper = people.staff(RoleKind.STATION_KEEPER, below)

    assert list(queries.plans(actor(helper))) == [made]
    with pytest.raises(Forbidden):
        actions.name_focus(actor=actor(helper), plan=made, every=Span.DAY, day=date(2026, 3, 2), title="x")


def test_a_plan_without_rules_or_with_dates_turned_round_is_refused(world):
    with pytest.raises(InvalidInput):
        plan(world)
    with pytest.raises(InvalidInput):
        plan(world, RuleFacts(Span.DAY), ends=date(2026, 1, 1))
    plan(world, RuleFacts(Span.DAY))
    with pytest.raises(InvalidInput):
        plan(world, RuleFacts(Span.DAY))
    assert RhythmPlan.objects.count() == 1


def test_gaps_of_a_rule_cost_a_fixed_number_of_queries(world, django_assert_max_num_queries):
    for number in range(5):
        world.published(starts_at=START + HOUR + number * DAY)
    made = plan(world, RuleFacts(Span.DAY), begins=date(2026, 1, 1), ends=date(2026, 12, 31))

    with django_assert_max_num_queries(6):
        queries.gaps(made)


def test_who_reads_english_gets_the_english_of_a_plan_and_its_focuses(world):
    facts = PlanFacts(
        world.home, "三月", date(2026, 3, 2), date(2026, 3, 29), [RuleFacts(Span.MONTH, Wanted.FOCUS)], "March plan"
    )
    made = actions.save_plan(actor=world.boss, facts=facts)
    keeper, address = browser(world.keeper), reverse("activities:plan", args=[made.public_id])
    named = {"every": "month", "day": "2026-03-15", "title": "学雷锋", "title_en": "Learning from Lei Feng"}
    keeper.post(reverse("activities:plan_focus", args=[made.public_id]), {"idempotency_key": uuid4().hex, **named})

    english = keeper.get(address, headers={"accept-language": "en"}).content.decode()
    every_plan = keeper.get(reverse("activities:plans"), headers={"accept-language": "en"}).content.decode()

    assert "March plan" in english and "March plan" in every_plan and 'value="Learning from Lei Feng"' in english
    assert "三月" in keeper.get(address).content.decode()
    (kept,) = queries.gaps(made)
    assert [(one.title, one.title_en) for _beat, one in kept.focuses if one] == [("学雷锋", "Learning from Lei Feng")]
