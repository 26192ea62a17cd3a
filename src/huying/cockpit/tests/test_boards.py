"""The board of a place: its numbers are those of figures, who sees it, the way down the tree, periods, keeping up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from huying.calls import queries as call_queries
from huying.calls.models import Call
from huying.calls.queries import counting
from huying.calls.states import State
from huying.calls.tests.browsing import browser
from huying.calls.tests.factories import START, Cast, actor, person, role
from huying.cockpit import actions, queries, rules
from huying.cockpit.rules.board_scenes import SCENES
from huying.cockpit.tests.board_world import SYSTEM, fill, month, text, tile, url
from huying.cockpit.views import board_words
from huying.figures import actions as figure_actions
from huying.figures import queries as figure_queries
from huying.figures.actions import Word
from huying.figures.models import Metric
from huying.figures.rules import percents
from huying.kernel import clock
from huying.kernel.errors import NotFound
from huying.places.models import MapLayer, Place

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    figure_actions.install_first_rows()
    with clock.frozen(START):
        yield Cast()


@pytest.fixture
def busy(cast: Cast) -> Cast:
    fill(cast)
    return cast


# ── numbers ─────────────────────────────────────────────────────────────────
def test_every_number_of_figures_is_the_one_that_figures_tell(busy: Cast) -> None:
    reader, shown = actor(busy.dispatcher), month()

    found = queries.board(reader, busy.county, shown)

    assert found.now["calls_submitted"].amount == 6
    for metric in found.metrics.values():
        assert found.now[metric.pk] == figure_queries.value(reader, metric, busy.county, shown.shown)
        for unit in found.units:
            assert unit.values[metric.pk] == figure_queries.value(reader, metric, unit.place, shown.shown)
    assert shown.before is not None
    for code, value in found.before.items():
        assert value == figure_queries.value(reader, found.metrics[code], busy.county, shown.before)


def test_the_units_and_the_place_itself_make_the_whole(busy: Cast) -> None:
    word = Word("tests.Record", 9, "service_minutes", busy.county.pk, clock.today(), 600)
    figure_actions.count(actor=SYSTEM, words=[word])

    page = browser(busy.dispatcher).get(url(busy.county, colour="service_minutes"))

    rows = [(one["name"], one["value"], one["href"] != "") for one in page.context["units"]["rows"]]
    assert rows == [("东篱街道", "0.0", True), ("青禾街道", "1.5", True), ("本级", "10.0", False)]
    assert tile(page, "service_minutes")["value"] == "11.5"


def test_shares_are_metrics_and_the_mix_adds_up(busy: Cast) -> None:
    found = queries.board(actor(busy.dispatcher), busy.county, month())

    measures = {code for scene in SCENES.values() for code in scene.tiles} - found.metrics.keys()
    assert measures == set(board_words.LABELS) == {"open", "active"}
    assert (found.now["calls_satisfied_rate"].part, found.now["calls_satisfied_rate"].whole) == (200, 200)
    assert found.mix.total == sum(found.mix.hours.values()) == found.now["calls_submitted"].amount
    assert sum(found.curves["calls_submitted"].values()) == found.now["calls_submitted"].amount
    assert (found.clocks.total, found.clocks.late) == (3, 0)


def test_one_name_is_one_number_wherever_it_stands(busy: Cast) -> None:
    """办结率 of the board is that of the register: what is set aside now is out of its base, as in round-ups and files."""
    aside = busy.call(State.SUBMITTED)
    Call.objects.filter(pk=aside.pk).update(overdue=True, stage_due_at=START, state=State.SUSPENDED)
    figure_actions.count(actor=SYSTEM, words=list(counting.recounted_calls()))

    page = browser(busy.dispatcher).get(url(busy.county))

    names = set(Metric.objects.values_list("name", flat=True))
    assert {str(label) for label in board_words.LABELS.values()} & names == set()
    assert tile(page, "calls_satisfied_rate")["sub"] == "2 / 2 条评价"  # of marks, 200 / 200
    assert tile(page, "calls_closed_rate")["sub"] == "2 / 6 件" and "closed" not in board_words.LABELS
    due = figure_queries.value(actor(busy.dispatcher), figure_queries.metric("calls_due"), busy.county, month().shown)
    assert due.amount == 3


def test_an_administrator_without_a_desk_sees_the_same_numbers(busy: Cast) -> None:
    boss = person("何主任", busy.county)
    role(boss, "administrator", busy.county)

    mine, theirs = (queries.board(actor(who), busy.county, month()) for who in (boss, busy.dispatcher))

    assert (mine.now, mine.clocks) == (theirs.now, theirs.clocks)
    page = text(browser(boss).get(url(busy.county)))
    assert reverse("calls:list") not in page and reverse("calls:figures_calls") not in page


@pytest.mark.parametrize("kind", ["station_keeper", "office", "dispatcher", "administrator", "inspector", "auditor"])
def test_every_tile_opens_to_its_own_definition_and_the_very_value(busy: Cast, kind: str) -> None:
    reader = person("读数的人", busy.county)
    role(reader, kind, busy.county)
    client = browser(reader)

    tiles = client.get(url(busy.county)).context["tiles"]
    targets = {one["code"]: text(client.get(one["href"])) for one in tiles}

    assert len(tiles) >= 10
    for one in tiles:
        words, asked = targets[one["code"]], dict(parse_qsl(urlsplit(one["href"]).query))
        value = f'<span class="hy-kpi__value">{one["value"]}'
        if one["unit"] == "小时":  # the page of minutes shows minutes
            value = f'<span class="hy-kpi__value">{round(float(one["value"]) * 60)}'
        elif one["unit"] == "%" and one["sub"]:  # and that of shares two decimals
            part, whole = map(int, re.findall(r"\d+", one["sub"]))
            value = f'<span class="hy-kpi__value">{percents.percent(part, whole, 2)}%'
        assert one["says"] in words, (one["code"], "the definition")
        assert f"{value}<" in words, (one["code"], one["value"], "the value")
        assert asked["since"] == "2026-03-01", one["code"]


def test_clocks_turn_amber_and_red_with_time(cast: Cast) -> None:
    call = cast.call(State.SUBMITTED)
    call.stage_due_at, call.amber_at = START + timedelta(hours=4), START + timedelta(hours=2)
    call.save()
    seen = []
    for hours in (1, 3, 5):
        with clock.frozen(START + timedelta(hours=hours)):
            now = call_queries.open_clocks(cast.county)
        seen.append((now.calm, now.amber, now.late, now.total))

    assert seen == [(1, 0, 0, 1), (0, 1, 0, 1), (0, 0, 1, 1)]


def test_minutes_are_shown_as_hours_and_compared_in_words(busy: Cast) -> None:
    page = browser(busy.dispatcher).get(url(busy.county))

    hours, attended = tile(page, "service_minutes"), tile(page, "attended")

    assert (hours["value"], hours["unit"]) == ("1.5", "小时")
    assert hours["change"] == {"arrow": "↑", "words": "多 50.0%", "tone": "good"}
    assert attended["change"] == {"arrow": "↑", "words": "多 12 人次", "tone": "good"}
    assert tile(page, "calls_satisfied_rate")["change"]["words"] == "上期没有数"


def test_more_minutes_than_none_are_told_in_hours(cast: Cast) -> None:
    word = Word("tests.Record", 1, "service_minutes", cast.home.pk, clock.today(), 18904)
    figure_actions.count(actor=SYSTEM, words=[word])

    found = tile(browser(cast.dispatcher).get(url(cast.county)), "service_minutes")

    assert found["change"]["words"] == "多 315 小时"


def test_nothing_is_compared_when_nobody_asks_for_it(busy: Cast) -> None:
    page = browser(busy.dispatcher).get(url(busy.county, against="nothing"))

    assert {one["change"] for one in page.context["tiles"]} == {None}
    assert page.context["against"] == ""


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [
        (1, 3, "33.3"),
        (2, 3, "66.7"),
        (561, 4507, "12.4"),  # 12.447: through 12.45 it would be 12.5
        (9996, 10000, "99.9"),
        (1, 10000, "0.1"),
        (5, 5, "100.0"),
        (0, 5, "0.0"),
        (0, 0, "–"),
    ],
)
def test_shares_are_rounded_once_and_not_all_is_never_a_hundred(part: int, whole: int, said: str) -> None:
    assert board_words.percent(figure_queries.Value(None, part, whole)) == said


# ── who sees it ─────────────────────────────────────────────────────────────
def test_a_board_is_for_those_who_read_the_figures_of_the_place(cast: Cast) -> None:
    inside, above, outside = actor(cast.keeper), actor(cast.dispatcher), actor(cast.outsider)

    assert [rules.can_see_board(one, cast.home) for one in (inside, above, outside)] == [True, True, False]
    assert [rules.can_see_board(inside, one) for one in (cast.street, cast.county, cast.away)] == [False] * 3
    for reader in (inside, above, outside, actor(cast.resident), actor(cast.grid_worker)):
        allowed = set(Place.objects.filter(rules.visible_to(reader)).values_list("pk", flat=True))
        assert allowed == {one.pk for one in Place.objects.all() if rules.can_see_board(reader, one)}
    with pytest.raises(NotFound):
        queries.place_of(outside, cast.home.public_id)
    with pytest.raises(NotFound):
        queries.board(outside, cast.home, month())


def test_the_first_page_leads_to_the_place_where_one_works(cast: Cast) -> None:
    assert browser(cast.keeper).get(reverse("cockpit:home"))["Location"] == url(cast.home)
    assert browser(cast.resident).get(reverse("cockpit:home")).status_code == 403
    assert Client().get(reverse("cockpit:home")).status_code == 302


def test_a_keeper_is_not_led_up_where_he_may_not_look(cast: Cast) -> None:
    page = text(browser(cast.keeper).get(url(cast.home)))

    assert url(cast.street) not in page
    assert url(cast.street) in text(browser(cast.dispatcher).get(url(cast.home)))


# ── the tree ────────────────────────────────────────────────────────────────
def test_the_board_leads_down_the_tree_and_keeps_what_is_asked(busy: Cast) -> None:
    client = browser(busy.dispatcher)

    top = text(client.get(url(busy.county, period="quarter")))
    street = text(client.get(url(busy.street, period="quarter")))

    assert url(busy.street, period="quarter") in top and url(busy.home, period="quarter") not in top
    assert url(busy.home, period="quarter") in street and url(busy.county, period="quarter") in street


def test_areas_of_the_map_are_coloured_and_lead_to_their_boards(busy: Cast) -> None:
    ring = [[120.0, 30.0], [120.1, 30.0], [120.1, 30.1], [120.0, 30.1], [120.0, 30.0]]
    shapes = [
        {
            "type": "Feature",
            "properties": {"name": one.name, "place": one.pk},
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }
        for one in (busy.street, busy.other_street)
    ]
    MapLayer.objects.create(
        place=busy.county, kind="areas", geojson={"type": "FeatureCollection", "features": shapes}, feature_count=2,
        west=120, south=30, east=120.1, north=30.1, source="自绘", approval="示意图", as_of_date=clock.today(),
    )  # fmt: skip

    page = browser(busy.dispatcher).get(url(busy.county))

    drawn = {one["area"].place_id: (one["area"].number, one["area"].step, one["href"]) for one in page.context["areas"]}
    assert drawn == {busy.street.pk: (6, 4, url(busy.street)), busy.other_street.pk: (0, 0, url(busy.other_street))}
    assert "边界来源：自绘，审图号：示意图" in text(page)


def test_without_borders_the_units_stand_in_a_list(busy: Cast) -> None:
    page = browser(busy.dispatcher).get(url(busy.county))

    assert page.context["picture"] is None
    assert [one["name"] for one in page.context["units"]["rows"]] == ["东篱街道", "青禾街道"]


# ── periods ─────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("period", ["day", "week", "month", "quarter", "year"])
@pytest.mark.parametrize("against", ["previous", "last_year", "nothing"])
def test_every_period_and_comparison_opens(busy: Cast, period: str, against: str) -> None:
    page = browser(busy.dispatcher).get(url(busy.county, period=period, against=against))

    assert tile(page, "calls_submitted")["value"] == "6"


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"period": "century"}, "period"),
        ({"on": "2199-01-01"}, "on"),
        ({"period": "custom"}, "since"),
        ({"period": "custom", "since": "2026-03-02", "until": "2026-03-01"}, "until"),
        ({"period": "custom", "since": "2001-03-02"}, "since"),
        ({"colour": "names"}, "colour"),
    ],
)
def test_what_cannot_be_asked_is_said_and_this_month_is_shown(cast: Cast, asked: dict[str, str], field: str) -> None:
    page = browser(cast.dispatcher).get(url(cast.county, **asked))

    assert page.status_code == 422 and field in page.context["form"].errors
    assert page.context["span"] == "3月1日 周日至3月3日 周二"


def test_days_of_ones_own_count_the_last_one(busy: Cast) -> None:
    asked = {"period": "custom", "since": "2026-03-03", "until": "2026-03-03"}

    page = browser(busy.dispatcher).get(url(busy.county, **asked))

    assert tile(page, "calls_submitted")["value"] == "6"


# ── while it is open ────────────────────────────────────────────────────────
def test_the_panels_answer_304_until_something_changes(cast: Cast) -> None:
    client, address = browser(cast.dispatcher), url(cast.county, "now")
    first = client.get(address)

    again = client.get(address, headers={"If-None-Match": first["ETag"]})
    cast.call(State.SUBMITTED)
    moved = client.get(address, headers={"If-None-Match": first["ETag"]})

    assert (first.status_code, again.status_code, moved.status_code) == (200, 304, 200)
    assert first["Cache-Control"] == "private, no-cache" and first["ETag"] != moved["ETag"]


def test_the_stamp_moves_with_the_minute_the_language_and_the_switch(cast: Cast) -> None:
    client, address = browser(cast.dispatcher), url(cast.county, "now")
    tags = [client.get(address)["ETag"], client.get(address, headers={"Accept-Language": "en"})["ETag"]]
    client.cookies.clear()
    client = browser(cast.dispatcher)
    with clock.frozen(START + timedelta(minutes=1)):
        tags.append(client.get(address)["ETag"])
    boss = person("何主任", cast.county)
    role(boss, "administrator", cast.county)
    actions.set_ranking(actor=actor(boss), place=cast.county, ranks=True, reason="试行一季度")
    tags.append(client.get(address)["ETag"])

    assert len(set(tags)) == 4


def test_nothing_new_costs_few_questions_and_more_units_no_more(busy: Cast) -> None:
    client, address = browser(busy.dispatcher), url(busy.county, "now")
    tag = client.get(address)["ETag"]
    with CaptureQueriesContext(connection) as idle:
        client.get(address, headers={"If-None-Match": tag})
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    for number in range(4):
        from huying.calls.tests.factories import place

        place(f"第{number}街道", busy.county, "street")
        busy.call(State.SUBMITTED)
    with CaptureQueriesContext(connection) as more:
        client.get(address)

    assert len(idle) <= 6
    assert len(more) == len(few) <= 20
