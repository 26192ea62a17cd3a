"""The audit trail on the screen: who reads which lines, how they are found, and what never stands there in clear."""

from __future__ import annotations

import ast
import csv
import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from huying.calls.tests.factories import START, Cast
from huying.config import languages
from huying.config.trail.words import WORDS
from huying.kernel import audit, clock
from huying.kernel.actor import Actor
from huying.kernel.models import AuditLine
from huying.kernel.sealed.reveal import reveal
from huying.people.models import Person
from huying.people.states import RoleKind
from huying.people.tests import factories as make

pytestmark = pytest.mark.django_db
TRAIL = "/system/audit/"


@pytest.fixture(autouse=True)
def quick(settings: Any) -> Any:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.HUYING_STAFF_SECOND_FACTOR = False
    with clock.frozen(START):
        yield


@pytest.fixture
def cast() -> Cast:
    return Cast()


def reader(kind: str, at: Any) -> Client:
    return make.client(Person.objects.get(pk=make.staff(kind, at, "沈既白").pk))


def text(browser: Client, **asked: str) -> str:
    answer = browser.get(TRAIL, asked)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def file_rows(browser: Client, form: str = "csv", **asked: str) -> list[list[str]]:
    body = b"".join(browser.get(f"{TRAIL}export/{form}/", asked).streaming_content)  # type: ignore[attr-defined]
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))


def test_the_audit_administrator_reads_who_did_what_where_and_why(cast: Cast) -> None:
    call = cast.call("pooled")

    page = text(reader(RoleKind.AUDIT_ADMIN, cast.county))

    assert call.number in page
    assert "王敏之" in page and "放入待派" in page and "和平社区" in page
    assert "陈桂英" in page  # she acted herself: she asked


def test_lines_of_other_places_stay_hidden(cast: Cast) -> None:
    here, there = cast.call("pooled"), AuditLine.objects.count()
    audit.record(Actor.system("tests"), "place.change", cast.away, place_path=cast.away.path)
    assert AuditLine.objects.count() == there + 1

    near = text(reader(RoleKind.AUDITOR, cast.home))
    far = text(reader(RoleKind.AUDITOR, cast.away))

    assert here.number in near and "麦田社区" not in near
    assert here.number not in far and "麦田社区" in far


def test_lines_without_a_place_are_for_the_audit_administrator_of_the_people_concerned(cast: Cast) -> None:
    audit.record(make.actor(cast.keeper), "person.preferences", cast.keeper)

    seen = {
        (kind, at.name): "person.preferences" in text(reader(kind, at)).split("<table")[-1]
        for kind in (RoleKind.AUDIT_ADMIN, RoleKind.AUDITOR)
        for at in (cast.county, cast.street, cast.other_street)
    }

    allowed = {(RoleKind.AUDIT_ADMIN, cast.county.name), (RoleKind.AUDIT_ADMIN, cast.street.name)}
    assert {pair for pair, there in seen.items() if there} == allowed


@pytest.mark.parametrize("kind", [kind for kind in RoleKind if kind not in {RoleKind.AUDIT_ADMIN, RoleKind.AUDITOR}])
def test_nobody_else_reads_the_trail(cast: Cast, kind: str) -> None:
    browser = reader(kind, cast.county)

    answers = [browser.get(address).status_code for address in (TRAIL, f"{TRAIL}export/csv/", f"{TRAIL}export/xlsx/")]

    assert answers == [403, 403, 403]
    assert not AuditLine.objects.filter(verb__in=["audit.read", "export"]).exists()


def test_the_trail_is_narrowed_by_who_verb_subject_place_and_day(cast: Cast) -> None:
    first = cast.call("pooled")
    with clock.frozen(START + timedelta(days=1)):
        second = cast.call("dispatched")
        audit.record(make.actor(cast.outsider), "place.change", cast.away, place_path=cast.away.path)
        browser = reader(RoleKind.AUDIT_ADMIN, cast.county)
        day = clock.local(clock.now()).date().isoformat()

        found = {
            "who": file_rows(browser, who="王敏之"),
            "verb": file_rows(browser, verb="call.dispatch"),
            "subject": file_rows(browser, subject="calls.Call", number=str(first.pk)),
            "place": file_rows(browser, place_words="麦田社区"),
            "day": file_rows(browser, since=day, subject="calls.Call"),
            "before": file_rows(browser, until=clock.local(START).date().isoformat(), subject="calls.Call"),
        }

    rows = {name: lines[1:] for name, lines in found.items()}
    assert {row[1] for row in rows["who"]} == {"王敏之"}
    assert [(row[4], row[6]) for row in rows["verb"]] == [("call.dispatch", second.number)]
    assert {row[6] for row in rows["subject"]} == {first.number}
    assert "place.change" in {row[4] for row in rows["place"]} and {row[7] for row in rows["place"]} == {"麦田社区"}
    assert {row[6] for row in rows["day"]} == {second.number}
    assert {row[6] for row in rows["before"]} == {first.number}


@pytest.mark.parametrize(
    "asked",
    [
        {"since": "2026-02-31"},
        {"since": "2026-03-02", "until": "2026-03-01"},
        {"verb": "' OR 1=1 --"},
        {"subject": "people.Nobody"},
        {"number": "9" * 40},
        {"number": "-1"},
        {"who": "\x00"},
        {"who": "a" * 10_000},
        {"place_words": "没有这个地方"},
        {"place_words": "和平社区", "place_pick": "x" * 5000},
        {"cursor": "abc"},
    ],
)
def test_hostile_filters_are_said_and_break_nothing(cast: Cast, asked: dict[str, str]) -> None:
    browser = reader(RoleKind.AUDIT_ADMIN, cast.county)

    assert browser.get(TRAIL, asked).status_code in {200, 422}
    assert browser.get(f"{TRAIL}export/csv/", asked).status_code in {200, 422}


def test_a_long_trail_is_read_page_by_page_in_a_fixed_number_of_queries(cast: Cast) -> None:
    browser = reader(RoleKind.AUDIT_ADMIN, cast.county)
    text(browser)

    counts = []
    for more in (5, 120):
        for _ in range(more):
            audit.record(make.actor(cast.keeper), "place.change", cast.home, place_path=cast.home.path)
        with CaptureQueriesContext(connection) as seen:
            page = browser.get(TRAIL)
        counts.append(len(seen))
    cursor = page.content.decode().split('href="?cursor=')[1].split('"')[0]
    second = browser.get(f"{TRAIL}?cursor={cursor}")

    assert max(counts) <= 11, counts
    assert second.status_code == 200
    assert second.content.decode().count("place.change") >= 50


def test_reading_and_taking_the_trail_stand_in_it(cast: Cast) -> None:
    browser = reader(RoleKind.AUDITOR, cast.street)

    text(browser, verb="sealed.reveal", who="王敏之")
    file_rows(browser)

    lines = list(AuditLine.objects.filter(verb__in=["audit.read", "export"]).order_by("id"))
    assert [(line.verb, line.place_path) for line in lines] == [
        ("audit.read", cast.street.path),
        ("export", cast.street.path),
    ]
    assert lines[0].changes == {"who": True, "verb": "sealed.reveal"}
    assert all(line.person_id for line in lines)


def test_a_file_asks_again_who_one_is_after_ten_minutes(cast: Cast) -> None:
    browser = reader(RoleKind.AUDIT_ADMIN, cast.county)

    with clock.frozen(START + timedelta(minutes=11)):
        page = browser.get(TRAIL)
        answer = browser.get(f"{TRAIL}export/csv/", {"verb": "sign_in"})
        browser.post("/people/confirm/", {"password": make.PASSWORD})
        after = browser.get(f"{TRAIL}export/csv/", {"verb": "sign_in"})

    assert (page.status_code, answer.status_code, after.status_code) == (200, 303, 200)
    assert answer["Location"] == "/people/confirm/?next=%2Fsystem%2Faudit%2Fexport%2Fcsv%2F%3Fverb%3Dsign_in"


def test_no_sealed_value_and_no_whole_name_of_who_was_looked_at_stands_there(cast: Cast) -> None:
    shown = make.person(
        "欧阳桂花", home=cast.home, phone="13912345678", id_number="11010519491231002X", address="桂花里3幢"
    )
    for field in ("phone", "id_number", "address"):
        reveal(make.actor(cast.keeper), shown, field, "回电 13912345678", place_path=cast.home.path, named=shown.name)
    browser = reader(RoleKind.AUDIT_ADMIN, cast.county)

    page, rows = text(browser), "\n".join(",".join(row) for row in file_rows(browser))

    for where in (page, rows):
        assert "sealed.reveal" in where and "欧＊＊" in where
        assert not any(word in where for word in ("13912345678", "11010519491231002X", "桂花里3幢", "欧阳桂花"))


def test_the_entry_of_the_rail_is_there_for_readers_only(cast: Cast) -> None:
    home = {
        kind: TRAIL in reader(kind, cast.county).get("/people/me/").content.decode()
        for kind in (RoleKind.AUDIT_ADMIN, RoleKind.AUDITOR, RoleKind.ADMINISTRATOR, RoleKind.SYSTEM_ADMIN)
    }

    assert [kind for kind, there in home.items() if there] == [RoleKind.AUDIT_ADMIN, RoleKind.AUDITOR]


def test_every_verb_that_is_recorded_has_its_words() -> None:
    assert recorded() - set(WORDS) == set()


def recorded() -> set[str]:
    """The verbs that calls of ``audit.record`` in the source name."""
    found = set()
    for path in Path(languages.SOURCE).rglob("*.py"):
        if "tests" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and ast.unparse(node.func) in {"audit.record", "record"}
                and len(node.args) > 1
            ):
                found |= {
                    part.value
                    for part in ast.walk(node.args[1])
                    if isinstance(part, ast.Constant)
                    and isinstance(part.value, str)
                    and "{" not in ast.unparse(node.args[1])
                }
    return found
