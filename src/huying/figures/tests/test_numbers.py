"""A number by itself: its page, its short code, and who sees what of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from huying.calls.tests.factories import START, Cast
from huying.figures import actions, queries
from huying.figures.actions import NothingCounted, Report, Word
from huying.figures.models import Metric, Number
from huying.figures.queries import Period
from huying.kernel import chance, clock
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden, NotFound
from huying.kernel.models.audit import AuditLine
from huying.places.models import Place
from huying.places.tests.factories import staff
from huying.volunteers.tests.factories import browser, sent

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")
FEBRUARY, MARCH, YEAR = Period.month(date(2026, 2, 1)), Period.month(date(2026, 3, 1)), Period.year(2026)


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    actions.install_first_rows()
    with clock.frozen(START):
        yield Cast()


def count(metric: str, at: Place, amount: int, day: date = date(2026, 3, 2), key: int = 1) -> None:
    actions.count(actor=SYSTEM, words=[Word("tests.Record", key, metric, at.pk, day, amount)])


def url(metric: str, at: Place, period: Period | None = None) -> str:
    address = reverse("figures:number", args=[at.public_id, metric])
    return f"{address}?since={period.since}&until={period.until}" if period else address


def text(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, answer.content.decode()[:2000]
    return str(answer.content.decode())


def test_citing_the_same_again_gives_the_same_code(tree: dict[str, Place]) -> None:
    first = actions.cite(actor=SYSTEM, metric="attended", place=tree["one"], period=MARCH)
    again = actions.cite(actor=SYSTEM, metric="attended", place=tree["one"], period=MARCH)
    others = [
        actions.cite(actor=SYSTEM, metric="sessions_held", place=tree["one"], period=MARCH),
        actions.cite(actor=SYSTEM, metric="attended", place=tree["two"], period=MARCH),
        actions.cite(actor=SYSTEM, metric="attended", place=tree["one"], period=YEAR),
    ]
    assert first == again
    assert len({first.code, *(one.code for one in others)}) == 4
    assert set("".join(one.code for one in (first, *others))) <= set(chance.CLEAR)
    assert AuditLine.objects.filter(verb="figure.cite").count() == 4


def test_a_code_that_is_taken_is_drawn_again(tree: dict[str, Place], monkeypatch: pytest.MonkeyPatch) -> None:
    first = actions.cite(actor=SYSTEM, metric="attended", place=tree["one"], period=MARCH)
    drawn = iter([first.code, "ABCDEFGH23"])
    monkeypatch.setattr(chance, "code", lambda _count: next(drawn))
    other = actions.cite(actor=SYSTEM, metric="attended", place=tree["two"], period=MARCH)
    assert other.code == "ABCDEFGH23"


def test_only_who_reads_the_place_cites_its_numbers(tree: dict[str, Place]) -> None:
    keeper = staff(tree["one"], "station_keeper")
    figure = actions.report(actor=SYSTEM, place=tree["one"], facts=Report("teams", "队", "9支", clock.today(), "年报"))
    assert actions.cite(actor=keeper, metric="attended", place=tree["one"], period=MARCH).made_by == keeper.person_id
    assert actions.cite_reported(actor=keeper, figure=figure) == actions.cite_reported(actor=SYSTEM, figure=figure)
    outsider = staff(tree["two"], "station_keeper")
    with pytest.raises(Forbidden):
        actions.cite(actor=outsider, metric="attended", place=tree["one"], period=MARCH)
    with pytest.raises(Forbidden):
        actions.cite_reported(actor=outsider, figure=figure)
    for metric, period in (("nothing", MARCH), ("attended", Period(MARCH.since, MARCH.since))):
        with pytest.raises(NothingCounted):
            actions.cite(actor=keeper, metric=metric, place=tree["one"], period=period)


def test_the_database_keeps_a_citation_to_one_thing(tree: dict[str, Place]) -> None:
    place = tree["one"]
    wrong: list[dict[str, Any]] = [
        {"code": "ABCDEFGH23"},
        {"code": "abcdefgh23", "metric_id": "attended", "since": MARCH.since, "until": MARCH.until},
        {"code": "ABCDEFGH23", "metric_id": "attended", "since": MARCH.until, "until": MARCH.since},
    ]
    for facts in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            Number.objects.create(place=place, **facts)


def test_a_code_is_read_however_it_is_typed_and_anything_else_is_not_found(tree: dict[str, Place]) -> None:
    made = actions.cite(actor=SYSTEM, metric="attended", place=tree["one"], period=MARCH)
    assert queries.number_by_code(f" {made.code.lower()} ") == made
    for typed in ("", "OOOOOOOOOO", "x" * 500, "2" * 10, "\x00", "呼应"):
        with pytest.raises(NotFound):
            queries.number_by_code(typed)


def test_the_page_says_what_is_counted_and_splits_it_by_place_and_time(cast: Cast) -> None:
    count("attended", cast.home, 1200)
    count("attended", cast.away, 34, date(2026, 2, 3), 2)
    page = text(browser(cast.dispatcher).get(url("attended", cast.county)))
    for words in ("1,234", "签到和现场点数的人次", "人次", "青禾街道", "1,200", "东篱街道", "2026 年 2 月"):
        assert words in page, words
    assert url("attended", cast.street, YEAR).replace("&", "&amp;") in page


def test_months_that_have_not_come_are_left_out(cast: Cast) -> None:
    count("attended", cast.home, 1200)
    count("volunteers_registered", cast.home, 7, key=2)
    keeper = browser(cast.dispatcher)
    for metric in ("attended", "volunteers_registered"):
        page = text(keeper.get(url(metric, cast.county, YEAR)))
        times = page.partition('id="times"')[2].partition("</section>")[0]
        assert "2026 年 3 月" in times and "2026 年 4 月" not in times, metric


def test_a_ratio_leads_to_its_two_sums(cast: Cast) -> None:
    count("calls_closed", cast.home, 8)
    count("calls_on_time", cast.home, 6, key=2)
    page = text(browser(cast.dispatcher).get(url("calls_on_time_of_closed", cast.county)))
    assert "75.00%" in page
    for part in ("calls_on_time", "calls_closed"):
        assert url(part, cast.county, YEAR).replace("&", "&amp;") in page


def test_everybody_sees_public_numbers_of_ended_months_with_small_ones_hidden(cast: Cast) -> None:
    count("attended", cast.home, 3, date(2026, 2, 2))
    count("attended", cast.away, 90, date(2026, 2, 2), 2)
    nobody = Client()
    page = text(nobody.get(url("attended", cast.county, FEBRUARY)))
    assert "93" in page
    assert "93" in text(nobody.get(url("attended", cast.county))), "the last month that has ended, when nothing is said"
    assert "不公开" in text(nobody.get(url("attended", cast.street, FEBRUARY)))
    assert "公开的数只能按整月或整年查询" in text(
        nobody.get(url("attended", cast.county, Period(date(2026, 2, 1), date(2026, 2, 9)))), 422
    )
    for running in (MARCH, YEAR):
        assert "这段时间还没有过完" in text(nobody.get(url("attended", cast.county, running)), 422)
    Metric.objects.filter(pk="attended").update(is_public=False)
    assert nobody.get(url("attended", cast.county, FEBRUARY)).status_code == 302
    assert browser(cast.resident).get(url("attended", cast.county, FEBRUARY)).status_code == 404
    assert "93" in text(browser(cast.dispatcher).get(url("attended", cast.county, FEBRUARY)))


def test_days_that_cannot_be_asked_are_pointed_at(cast: Cast) -> None:
    keeper = browser(cast.dispatcher)
    at = reverse("figures:number", args=[cast.county.public_id, "attended"])
    for asked in (
        "since=x",
        "since=2026-03-09&until=2026-03-01",
        "since=0001-01-01&until=9999-12-31",
        "until=2026-03-01",
    ):
        assert "hy-field--bad" in text(keeper.get(f"{at}?{asked}"), 422)
    assert keeper.get(reverse("figures:number", args=[cast.county.public_id, "nothing"])).status_code == 404


def test_a_short_code_opens_the_page_of_the_number(cast: Cast) -> None:
    keeper = browser(cast.dispatcher)
    address = reverse("figures:cite", args=[cast.county.public_id, "attended"])
    days = {"since": "2026-03-01", "until": "2026-04-01"}
    assert sent(keeper, address, **days).headers["Location"] == url("attended", cast.county, MARCH)
    made = Number.objects.get()
    assert made.code in text(keeper.get(url("attended", cast.county, MARCH)))
    assert sent(keeper, address, **days | {"until": "x"}).status_code == 422
    assert sent(browser(cast.resident), address, **days).status_code == 403
    short = reverse("cited", args=[made.code.lower()])
    assert short == f"/n/{made.code.lower()}/"
    assert Client().get(short).headers["Location"] == url("attended", cast.county, MARCH)
    Metric.objects.filter(pk="attended").update(is_public=False)
    assert Client().get(short).status_code == 302
    assert browser(cast.resident).get(short).status_code == 404
    assert keeper.get(short).headers["Location"] == url("attended", cast.county, MARCH)
    assert keeper.get(reverse("cited", args=["2222222222"])).status_code == 404


def test_a_code_of_a_reported_number_opens_the_word_that_was_cited(cast: Cast) -> None:
    keeper = browser(cast.dispatcher)
    facts = Report("teams", "志愿服务队", "9支", clock.today(), "年报")
    figure = actions.report(actor=SYSTEM, place=cast.county, facts=facts)
    page = reverse("figures:reported", args=[figure.public_id])
    assert sent(keeper, reverse("figures:cite_reported", args=[figure.public_id])).headers["Location"] == page
    made = Number.objects.get()
    assert made.code in text(keeper.get(page))
    short = reverse("cited", args=[made.code])
    assert keeper.get(short).headers["Location"] == page
    assert Client().get(short).status_code == 302
    assert browser(cast.resident).get(short).status_code == 404


def test_the_numbers_of_a_place_open_until_today(cast: Cast) -> None:
    count("attended", cast.home, 11, clock.today())
    count("attended", cast.home, 5000, date(2026, 12, 1), 2)
    page = text(browser(cast.dispatcher).get(reverse("figures:place", args=[cast.county.public_id])))
    tomorrow = date.fromordinal(clock.today().toordinal() + 1)
    for period in (Period(YEAR.since, tomorrow), Period(Period.month(clock.today()).since, tomorrow)):
        assert url("attended", cast.county, period).replace("&", "&amp;") in page


def test_the_values_of_a_number_leave_as_the_page_shows_them(cast: Cast) -> None:
    """A ratio with its two sums for who reads the place; for everybody what everybody may see, and no odd days."""
    count("sessions_held", cast.home, 12, date(2026, 2, 10))
    count("attended", cast.home, 3, date(2026, 2, 10), key=2)
    for key, code, amount in ((3, "calls_due_net", 4), (4, "calls_due_closed", 3)):
        count(code, cast.home, amount, date(2026, 2, 10), key=key)

    def values(reader: Client, metric: str, period: Period = FEBRUARY) -> list[tuple[Any, ...]]:
        address = reverse("figures:number_values", args=[cast.county.public_id, metric, "json"])
        answer = reader.get(address, {"since": period.since, "until": period.until})
        rows = json.loads(b"".join(answer.streaming_content))  # type: ignore[arg-type]
        return [(one["part_of"], one["value"], one["part"], one["whole"], one["hidden"]) for one in rows]

    shown = values(browser(cast.dispatcher), "calls_closed_rate")
    assert shown[0] == ("合计", 75.0, 3, 4, False)
    assert {(cast.street.name, 75.0, 3, 4, False), ("2026-02-10", 75.0, 3, 4, False)} <= set(shown)
    assert values(Client(), "sessions_held")[0] == ("合计", 12, None, None, False)
    assert values(Client(), "attended")[0] == ("合计", None, None, None, True)
    assert values(browser(cast.dispatcher), "attended")[0] == ("合计", 3, None, None, False)
    odd = reverse("figures:number_values", args=[cast.county.public_id, "attended", "csv"])
    assert Client().get(odd, {"since": "2026-02-03", "until": "2026-02-09"}).status_code == 422
    page = text(Client().get(url("sessions_held", cast.county, FEBRUARY)))
    assert odd.replace("attended", "sessions_held") in page
