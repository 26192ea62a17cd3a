"""What stands behind a number, and numbers as files: as far as each reader may see, in three kinds."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from huying.calls.tests.factories import START, Cast, actor, person, role
from huying.figures import actions, queries
from huying.figures.actions import Word
from huying.figures.queries import Period
from huying.figures.states import Split
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.errors import InvalidInput, NotFound
from huying.kernel.models.audit import AuditLine
from huying.places.models import Place
from huying.volunteers.tests.factories import browser

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")
MARCH, YEAR = Period.month(date(2026, 3, 1)), Period.year(2026)
DAYS = {"since": "2026-03-01", "until": "2026-04-01"}


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    actions.install_first_rows()
    with clock.frozen(START):
        yield Cast()


def count(
    metric: str, at: Place, amount: int, day: date = date(2026, 3, 2), key: int = 1, source: str = "tests.R"
) -> None:
    actions.count(actor=SYSTEM, words=[Word(source, key, metric, at.pk, day, amount)])


def page_of(who: Actor, cast: Cast, cursor: str | None = None, metric: str = "calls_submitted", size: int = 25) -> Any:
    return queries.records(who, queries.metric(metric), cast.county, MARCH, cursor, size)


def counted_calls(cast: Cast) -> list[Any]:
    """Three calls here and one elsewhere, counted as the rooms count them."""
    made = [cast.call(), cast.call(), cast.call(), cast.call(place=cast.away)]
    for one in made:
        count("calls_submitted", one.place, 1, key=one.pk, source="calls.Call")
    return made


def test_the_records_behind_a_number_are_those_of_its_place_and_days(cast: Cast) -> None:
    calls = counted_calls(cast)
    count("calls_submitted", cast.home, 1, date(2026, 2, 28), calls[0].pk + 1000, "calls.Call")
    seen = page_of(actor(cast.dispatcher), cast)
    assert [one.title.split()[0] for one in seen.rows] == [one.number for one in reversed(calls)]
    assert (seen.hidden, seen.next) == (0, None)
    assert {one.amount for one in seen.rows} == {1}
    here = queries.records(actor(cast.keeper), queries.metric("calls_submitted"), cast.home, MARCH)
    assert [one.title.split()[0] for one in here.rows] == [one.number for one in reversed(calls[:3])]


def test_pages_go_on_by_key_and_never_lose_or_repeat_a_record(cast: Cast) -> None:
    for key in range(1, 8):
        count("sites", cast.home, 1, date(2026, 3, 1 + key % 3), key, "places.Place")
        count("sites", cast.home, -1, date(2026, 3, 9), key, "places.Place.closed")
    boss, seen, cursor, pages = actor(cast.dispatcher), 0, None, 0
    while True:
        page = page_of(boss, cast, cursor, "sites", 4)
        seen, pages = seen + len(page.rows) + page.hidden, pages + 1
        if (cursor := page.next) is None:
            break
    assert (seen, pages) == (14, 4)
    back = page_of(boss, cast, page.previous, "sites", 4)
    assert len(back.rows) + back.hidden == 4
    with pytest.raises(InvalidInput):
        page_of(boss, cast, "nonsense", "sites")


def test_what_the_reader_may_not_see_is_only_counted(cast: Cast) -> None:
    counted_calls(cast)
    count("calls_submitted", cast.home, 1, key=987654, source="calls.Call")  # nobody has it any more
    count("calls_submitted", cast.home, 1, key=5, source="tests.Unknown")
    page = page_of(actor(cast.dispatcher), cast)
    assert (len(page.rows), page.hidden) == (4, 2)
    text = browser(cast.dispatcher).get(reverse("figures:number", args=[cast.county.public_id, "calls_submitted"]))
    assert "这一页还有 2 条记录您不能看" in text.content.decode()


def test_each_kind_of_record_opens_where_its_room_shows_it(cast: Cast) -> None:
    keeper = actor(cast.dispatcher)
    count("volunteers_registered", cast.home, 1, key=cast.li.pk, source="volunteers.Volunteer")
    count("sites", cast.home, 1, key=cast.home.pk, source="places.Place")
    [volunteer] = page_of(keeper, cast, metric="volunteers_registered").rows
    [site] = page_of(keeper, cast, metric="sites").rows
    assert (volunteer.title, site.title) == ("李安和", "和平社区")
    for one in (volunteer, site):
        assert browser(cast.dispatcher).get(one.href).status_code == 200
    inspector = person("督查员", cast.county)
    role(inspector, "inspector", cast.county)
    assert page_of(actor(inspector), cast, metric="volunteers_registered").hidden == 1


def test_the_public_and_others_see_no_records_and_a_ratio_has_none(cast: Cast) -> None:
    counted_calls(cast)
    for who in (actor(cast.outsider), actor(cast.resident)):
        with pytest.raises(NotFound):
            page_of(who, cast)
    with pytest.raises(NotFound):
        page_of(actor(cast.dispatcher), cast, metric="calls_on_time_rate")
    page = Client().get(reverse("figures:number", args=[cast.county.public_id, "calls_submitted"])).content.decode()
    assert "背后的记录" not in page


def read(answer: Any, kind: str) -> list[list[Any]]:
    body = b"".join(answer.streaming_content)
    if kind == "json":
        return [list(one.values()) for one in json.loads(body)]
    if kind == "csv":
        return list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))[1:]
    rows = load_workbook(io.BytesIO(body)).worksheets[0].iter_rows(min_row=2, values_only=True)
    return [list(row) for row in rows]


@pytest.mark.parametrize("kind", ["csv", "xlsx", "json"])
def test_records_leave_as_files_and_the_trail_says_so(cast: Cast, kind: str) -> None:
    calls = counted_calls(cast)
    address = reverse("figures:number_export", args=[cast.county.public_id, "calls_submitted", kind])
    answer = fresh(cast.dispatcher).get(address, DAYS)
    assert [row[1].split()[0] for row in read(answer, kind)] == [one.number for one in reversed(calls)]
    line = AuditLine.objects.get(verb="export")
    assert (line.person_id, line.changes["kind"], line.place_path) == (cast.dispatcher.pk, kind, cast.county.path)


def fresh(who: Any) -> Client:
    """A browser whose holder has just shown who he is."""
    client = browser(who)
    session = client.session
    session["fresh"] = clock.now().timestamp()
    session.save()
    return client


@pytest.mark.parametrize("kind", ["csv", "xlsx", "json"])
def test_all_numbers_of_a_place_leave_by_place_or_by_month(cast: Cast, kind: str) -> None:
    count("attended", cast.home, 1200)
    count("attended", cast.away, 34, date(2026, 4, 3), 2)
    client = fresh(cast.dispatcher)
    at = reverse("figures:export", args=[cast.county.public_id, kind])
    days = {"since": "2026-03-01", "until": "2026-05-01"}

    def values(split: str) -> list[tuple[Any, str, str]]:
        rows = read(client.get(at, days | {"split": split}), kind)
        return [(row[0], str(row[4])[:10], str(row[6])) for row in rows if row[3] == "attended"]

    assert values("none") == [("青禾区", "2026-03-01", "1234")]
    assert values("place") == [
        ("青禾区", "2026-03-01", "1234"),
        *[(name, "2026-03-01", value) for name, value in sorted([("青禾街道", "1200"), ("东篱街道", "34")])],
    ]
    assert values("month") == [("青禾区", "2026-03-01", "1200"), ("青禾区", "2026-04-01", "34")]


def test_a_file_asks_who_it_is_again_and_refuses_others(cast: Cast) -> None:
    at = reverse("figures:export", args=[cast.county.public_id, "csv"])
    stale = browser(cast.dispatcher)
    session = stale.session
    session["fresh"] = (clock.now() - timedelta(hours=1)).timestamp()
    session.save()
    assert stale.get(at).headers["Location"].startswith("/people/")
    assert fresh(cast.outsider).get(at).status_code == 404
    assert fresh(cast.resident).get(at).status_code == 403
    client = fresh(cast.dispatcher)
    assert client.get(at, {"since": "x"}).status_code == 422
    assert client.get(at, {"split": "y"}).status_code == 422
    assert client.get(reverse("figures:export", args=[cast.county.public_id, "pdf"])).status_code == 404


def test_a_table_of_many_places_costs_two_statements_for_each_two_hundred(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    boss = actor(cast.dispatcher)
    with django_assert_num_queries(6):
        rows = list(queries.table(boss, cast.county, YEAR, Split.PLACE))
    assert len(rows) == 3 * queries.register().count()
