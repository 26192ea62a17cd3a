"""The register, numbers, splits, records, citations for programs: the same rules as the pages, errors that name the field."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from jsonschema import Draft202012Validator, FormatChecker

from huying.calls.tests.factories import START, Cast
from huying.figures import actions
from huying.figures.actions import Report, Word
from huying.figures.models import Metric
from huying.figures.queries import Period
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.volunteers.tests.factories import browser

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")
MARCH = {"since": "2026-03-01", "until": "2026-04-01"}
NOTHING = {"part": None, "whole": None, "percent": None, "hidden": False}


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    actions.install_first_rows()
    with clock.frozen(START):
        yield Cast()


def count(metric: str, cast: Cast, amount: int, key: int = 1, **more: Any) -> None:
    at = more.get("at", cast.home)
    word = Word("tests.R", key, metric, at.pk, more.get("day", date(2026, 3, 2)), amount)
    actions.count(actor=SYSTEM, words=[word])


def get(client: Client, path: str, status: int = 200, **asked: Any) -> Any:
    answer = client.get(f"/api/v1/figures/{path}", asked)
    assert answer.status_code == status, answer.content
    return answer.json()


def test_the_register_is_for_everybody_as_far_as_it_is_public(cast: Cast) -> None:
    Metric.objects.filter(pk="sites").update(is_public=False)
    public = {one["code"] for one in get(Client(), "metrics")["metrics"]}
    whole = {one["code"]: one for one in get(browser(cast.dispatcher), "metrics")["metrics"]}
    assert set(whole) - public == {"sites"}
    rate = whole["calls_on_time_rate"]
    assert (rate["numerator"], rate["denominator"], rate["kind"]) == ("calls_due_on_time", "calls_due_net", "ratio")


def test_a_number_with_its_parts_and_its_months(cast: Cast) -> None:
    count("attended", cast, 1200)
    count("attended", cast, 34, 2, at=cast.away, day=date(2026, 4, 2))
    keeper, at = browser(cast.dispatcher), f"at/{cast.county.public_id}/attended"
    found = get(keeper, at, **MARCH)
    assert found == {
        "metric": "attended",
        "place": str(cast.county.public_id),
        **MARCH,
        "unit": "person_time",
        "value": {"amount": 1200, **NOTHING},
        "code": None,
    }
    parts = {one["name"]: one["value"]["amount"] for one in get(keeper, f"{at}/children")["parts"]}
    assert parts == {"青禾街道": 1200, "东篱街道": 34, None: 0}
    series = get(keeper, f"{at}/series", since="2026-03-01", until="2026-05-01")["series"]
    assert [(one["since"], one["value"]["amount"]) for one in series] == [("2026-03-01", 1200), ("2026-04-01", 34)]


def test_wrong_days_are_named_by_their_field(cast: Cast) -> None:
    keeper, at = browser(cast.dispatcher), f"at/{cast.county.public_id}/attended"
    for asked, field in (
        ({"since": "x", "until": "2026-04-01"}, "since"),
        ({"since": "2026-04-01", "until": "2026-04-01"}, "until"),
        ({"since": "0001-01-01", "until": "2026-04-01"}, "since"),
    ):
        assert list(get(keeper, at, 422, **asked)["error"]["fields"]) == [field]
    long = {"since": "1949-01-01", "until": "2026-01-01", "grain": "day"}
    assert list(get(keeper, f"{at}/series", 422, **long)["error"]["fields"]) == ["grain"]
    assert get(keeper, f"{at}/records", 422, cursor="x")["error"]["code"] == "cursor_unknown"


def test_the_public_sees_what_is_public_and_small_numbers_are_hidden(cast: Cast) -> None:
    count("attended", cast, 3)
    at = f"at/{cast.street.public_id}/attended"
    assert get(Client(), at, 422, **MARCH)["error"]["code"] == "period_open"
    assert get(Client(), at)["since"] == "2026-02-01", "the last month that has ended, when nothing is said"
    with clock.frozen(START + timedelta(days=60)):
        assert get(Client(), at, **MARCH)["value"] == {"amount": None, **NOTHING, "hidden": True}
    assert get(browser(cast.dispatcher), at, **MARCH)["value"]["amount"] == 3
    assert get(Client(), at, 422, since="2026-03-01", until="2026-03-05")["error"]["code"] == "period_odd"
    assert get(Client(), f"{at}/records", 401)["error"]["code"] == "sign_in_needed"
    assert get(browser(cast.outsider), f"{at}/records", 404)["error"]["code"] == "not_found"
    Metric.objects.filter(pk="attended").update(is_public=False)
    get(Client(), at, 401)
    get(browser(cast.resident), at, 404)


def test_records_come_page_by_page_and_what_may_not_be_seen_is_counted(cast: Cast) -> None:
    calls = [cast.call() for _ in range(27)]
    for one in calls:
        actions.count(
            actor=SYSTEM, words=[Word("calls.Call", one.pk, "calls_submitted", one.place_id, clock.today(), 1)]
        )
    count("calls_submitted", cast, 1, 999_999, day=clock.today())
    keeper, at = browser(cast.dispatcher), f"at/{cast.county.public_id}/calls_submitted/records"
    first = get(keeper, at)
    rest = get(keeper, at, cursor=first["next"])
    assert (len(first["records"]), first["hidden"], len(rest["records"]), rest["next"]) == (24, 1, 3, None)
    assert {one["kind"] for one in first["records"]} == {"求助"}


def test_a_code_opens_a_number_or_the_word_of_somebody_else(cast: Cast) -> None:
    count("attended", cast, 1200)
    made = actions.cite(actor=SYSTEM, metric="attended", place=cast.county, period=Period.month(date(2026, 3, 1)))
    facts = Report("teams", "志愿服务队", "1,070余支", clock.today(), "年报")
    figure = actions.report(actor=SYSTEM, place=cast.county, facts=facts)
    other = actions.cite_reported(actor=SYSTEM, figure=figure)
    assert get(Client(), f"numbers/{made.code.lower()}", 422)["error"]["code"] == "period_open"
    with clock.frozen(START + timedelta(days=60)):
        assert get(Client(), f"numbers/{made.code.lower()}")["number"]["value"]["amount"] == 1200
    told = get(browser(cast.dispatcher), f"numbers/{other.code}")["reported"]
    assert (told["told"], told["sign"], told["source"]) == ("1,070余支", "+", "年报")
    get(Client(), f"numbers/{other.code}", 401)
    get(browser(cast.resident), f"numbers/{other.code}", 404)
    get(Client(), "numbers/2222222222", 404)
    at = f"at/{cast.county.public_id}/reported"
    assert [one["code"] for one in get(browser(cast.dispatcher), at)["reported"]] == ["teams"]
    get(browser(cast.resident), at, 404)


PATHS = {
    "metrics": {"get"},
    "numbers/{code}": {"get"},
    "at/{public_id}/reported": {"get"},
    "at/{public_id}/{metric}": {"get"},
    "at/{public_id}/{metric}/children": {"get"},
    "at/{public_id}/{metric}/series": {"get"},
    "at/{public_id}/{metric}/records": {"get"},
}


def test_the_document_of_the_interface_says_what_is_answered(cast: Cast) -> None:
    """Every path of figures stands in it, and answers are as their schemas say, nothing more and nothing less."""
    document = Client().get("/api/v1/openapi.json").json()
    begin = "/api/v1/figures/"
    named = {path.removeprefix(begin): set(ways) for path, ways in document["paths"].items() if path.startswith(begin)}
    assert named == PATHS
    count("attended", cast, 1200)
    made = actions.cite(actor=SYSTEM, metric="attended", place=cast.county, period=Period.month(date(2026, 3, 1)))
    actions.report(
        actor=SYSTEM, place=cast.county, facts=Report("teams", "志愿服务队", "1,070余支", clock.today(), "年报")
    )
    keeper, uuid = browser(cast.dispatcher), str(cast.county.public_id)
    for path in PATHS:
        asked = path.format(code=made.code, public_id=uuid, metric="attended")
        content = document["paths"][begin + path]["get"]["responses"]["200"]["content"]["application/json"]
        schema = closed({**content["schema"], "components": document["components"]})
        answer = get(keeper, asked)
        Draft202012Validator(schema, format_checker=FormatChecker()).validate(answer)
        assert answer
        assert list(Draft202012Validator(schema).iter_errors({**answer, "more": 1})), "the schema names every field"


def closed(schema: Any) -> Any:
    """The same schema, in which objects have no fields but those that are named."""
    if isinstance(schema, list):
        return [closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: closed(one) for key, one in schema.items()}
    return {**made, "additionalProperties": False} if isinstance(schema.get("properties"), dict) else made
