"""Tables that are filled already come through the migrations of this room whole, in a database of their own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.state import StateApps

from huying.calls.tests.factories import START
from huying.kernel.tests.early import early_database, migrated

ROOM = "volunteers"
BEFORE_SERVICE = "0002_let_helpers_share_their_number"
BEFORE_NOTES = "0006_profiles_teams_and_campaigns"
NOTES = "0007_words_beside_the_history"
BEFORE_NUMBERS = "0008_seen_people_serials_and_refused_papers"
NUMBERS = "0009_number_the_certificates_there_are"
PLACED = "0010_place_the_accounts_of_people"
CELLS = "0015_skills_know_where"
FIRST_ASSETS = ("ledger", "0003_first_assets")
HOUR = timedelta(hours=1)
LONG = "改" * 300
STEPS = (("submit", ""), ("give_back", "时间不清楚"), ("resubmit", LONG), ("confirm", ""))
TABLES = ("Volunteer", "Team", "Membership", "Skill")
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Way:
    """The tables as they were and became: before service was recorded, before the words moved, after, and back again;
    then certificates with their numbers, the places of accounts by owner, and the cells of skills by volunteer.
    """

    first: dict[str, Rows]
    served: dict[str, Rows]
    moved: dict[str, Rows]
    back: dict[str, Rows]
    numbered: dict[str, Rows]
    places: dict[tuple[str, int], str]
    cells: list[tuple[int, int]]


@pytest.fixture(scope="module")
def way(django_db_setup: None, django_db_blocker: Any) -> Iterator[Way]:
    """The whole way, gone once; the words in chunks so small that there are several."""
    with early_database("early", django_db_blocker), pytest.MonkeyPatch.context() as patched:
        for name, rows in ((NOTES, 7), (NUMBERS, 2)):
            patched.setattr(import_module(f"huying.volunteers.migrations.{name}"), "CHUNK", rows)
        yield gone()


def gone() -> Way:
    old = to(BEFORE_SERVICE)
    made = helpers(old)
    first = rows_of(old, *TABLES)
    middle = to(BEFORE_NOTES)
    records(middle, made, 10)
    served = rows_of(middle, "ServiceRecord", "ServiceEvent")
    moved = rows_of(to(NOTES), *TABLES, "ServiceRecord", "ServiceEvent", "ServiceNote")
    back = rows_of(to(BEFORE_NOTES), "ServiceRecord", "ServiceEvent")
    certificates(to(BEFORE_NUMBERS), made)
    numbered = rows_of(to(NUMBERS), "Certificate", "CertificateCounter")
    accounts(to(NUMBERS, FIRST_ASSETS), made)
    owned = to(PLACED).get_model("ledger", "Account").objects.values_list("owner_type", "owner_id", "place_path")
    places = {(kind, pk): path for kind, pk, path in owned}
    return Way(first, served, moved, back, numbered, places, cells(made))


def cells(made: dict[str, Any]) -> list[tuple[int, int]]:
    """Two who hold a skill, one of them with a position; (volunteer, cell) of their skills after the migration."""
    before = to("0012_nearest_first")
    other = before.get_model(ROOM, "Volunteer").objects.exclude(pk=made["row"].pk).get()
    other.lon, other.lat = 120.05, 30.28
    other.save()
    other.skills.add(before.get_model(ROOM, "Skill").objects.get(code="cook"))
    to(CELLS)
    with connection.cursor() as cursor:
        cursor.execute("SELECT volunteer_id, cell FROM volunteers_volunteer_skills ORDER BY volunteer_id")
        found: list[tuple[int, int]] = cursor.fetchall()
    assert [key for key, _cell in found] == [made["row"].pk, other.pk]
    return found


def to(name: str, *others: tuple[str, str]) -> StateApps:
    """Bring this room to one migration and others to theirs."""
    return migrated((ROOM, name), *others)


def helpers(apps: StateApps) -> dict[str, Any]:
    """A community with a team: li helps and rests, the leader leads, the keeper is neither; li left another team."""
    person, volunteer, team = (
        apps.get_model(*name) for name in (("people", "Person"), (ROOM, "Volunteer"), (ROOM, "Team"))
    )
    skill, membership = (apps.get_model(ROOM, name) for name in ("Skill", "Membership"))
    home = apps.get_model("places", "Place").objects.create(
        name="和平社区", kind_id="community", path="/1/", depth=1, sort_key="和平社区"
    )
    li, leader, keeper = (
        person.objects.create(name=name, home_place=home, created_at=START) for name in ("李安和", "吴长青", "王敏之")
    )
    facts = {"base_place": home, "joined_at": START, "travel_km": 4.5, "shares_phone": True}
    row = volunteer.objects.create(person=li, paused_until=START.date(), **facts)
    other = volunteer.objects.create(person=leader, base_place=home, joined_at=START)
    row.skills.add(skill.objects.create(code="cook", name="做饭"))
    ours, former = (team.objects.create(name=name, place=home, open_limit=7) for name in ("助老队", "旧队"))
    for one, leads in ((row, False), (other, True)):
        membership.objects.create(team=ours, volunteer=one, is_leader=leads, starts_at=START)
    membership.objects.create(team=former, volunteer=row, starts_at=START, ends_at=START + HOUR)
    return {"home": home, "team": ours, "row": row, "li": li, "leader": leader, "keeper": keeper}


def records(apps: StateApps, made: dict[str, Any], number: int) -> None:
    """Records of service, each with four steps; two of them came with words."""
    record, event = (apps.get_model(ROOM, name) for name in ("ServiceRecord", "ServiceEvent"))
    for n in range(number):
        begins = START + n * 2 * HOUR
        span = {"starts_at": begins, "ends_at": begins + HOUR, "minutes": 60}
        row = record.objects.create(
            volunteer_id=made["row"].pk,
            person_id=made["li"].pk,
            team_id=made["team"].pk,
            place_id=made["home"].pk,
            title=f"助餐{n}",
            host="助老队",
            in_charge="吴长青",
            evidence="A",
            state="confirmed",
            entered_by_id=made["leader"].pk,
            confirmed_by_id=made["keeper"].pk,
            confirmed_at=begins + 3 * HOUR,
            recorded_at=begins + 2 * HOUR,
            due_at=begins + 20 * HOUR,
            **span,
        )
        for version, (verb, reason) in enumerate(STEPS, 1):
            event.objects.create(
                record=row,
                verb=verb,
                to_state="submitted",
                version=version,
                by_id=made["leader"].pk,
                at=begins + 2 * HOUR,
                reason=f"{reason}{n}"[:300] if reason else "",
                **span,
            )


def certificates(apps: StateApps, made: dict[str, Any]) -> None:
    """Five, given before certificates had a number."""
    certificate, day = apps.get_model(ROOM, "Certificate"), START.date()
    facts = {"volunteer_id": made["row"].pk, "issuer_id": made["home"].pk, "issuer_name": "和平社区", "minutes": 60}
    for n in range(5):
        certificate.objects.create(code=f"C{n}", since=day, until=day, records=[], issued_at=START + n * HOUR, **facts)


def accounts(apps: StateApps, made: dict[str, Any]) -> None:
    """Of a person, of another at a place already, of one who lives nowhere, and of a team with a number like his."""
    person, asset = apps.get_model("people", "Person"), apps.get_model("ledger", "Asset").objects.get(code="minutes")
    nowhere = person.objects.create(name="无住处", created_at=START)
    for kind, pk, path in (
        ("people.Person", made["li"].pk, ""),
        ("people.Person", made["keeper"].pk, "/9/"),
        ("people.Person", nowhere.pk, ""),
        ("volunteers.Team", made["li"].pk, ""),
    ):
        apps.get_model("ledger", "Account").objects.create(
            asset=asset, owner_type=kind, owner_id=pk, place_path=path, opened_at=START
        )


def rows_of(apps: StateApps, *names: str) -> dict[str, Rows]:
    """Every row of these tables."""
    return {name: list(apps.get_model(ROOM, name).objects.order_by("pk").values()) for name in names}


def without(rows: Rows, *names: str) -> Rows:
    return [{key: value for key, value in row.items() if key not in names} for row in rows]


@pytest.mark.parametrize("name", TABLES)
def test_what_was_there_before_service_was_recorded_stays_as_it_was(way: Way, name: str) -> None:
    known = set(way.first[name][0])

    assert way.first[name]
    assert without(way.moved[name], *(set(way.moved[name][0]) - known)) == way.first[name]


def test_volunteers_and_teams_of_that_time_begin_without_what_nobody_told(way: Way) -> None:
    assert {(*row["availability"], row["insured_until"], row["insurance_note"]) for row in way.moved["Volunteer"]} == {
        (None, "")
    }
    assert {(row["parent_id"], row["kind_id"]) for row in way.moved["Team"]} == {(None, None)}


def test_the_words_of_every_step_move_beside_it_and_nothing_else_changes(way: Way) -> None:
    said = {row["id"]: row["reason"] for row in way.served["ServiceEvent"]}

    assert way.moved["ServiceEvent"] == without(way.served["ServiceEvent"], "reason")
    assert way.moved["ServiceRecord"] == way.served["ServiceRecord"]
    notes = way.moved["ServiceNote"]
    assert len(notes) == 20
    assert {row["event_id"]: row["text"] for row in notes} == {pk: text for pk, text in said.items() if text}


def test_the_words_go_back_as_they_came(way: Way) -> None:
    assert way.back == way.served


def test_certificates_are_numbered_in_the_order_in_which_they_were_given(way: Way) -> None:
    assert [(row["code"], row["serial"]) for row in way.numbered["Certificate"]] == [(f"C{n}", n + 1) for n in range(5)]
    assert [row["last"] for row in way.numbered["CertificateCounter"]] == [5]


def test_accounts_without_a_place_go_to_where_their_person_lives_and_no_other(way: Way) -> None:
    assert sorted(way.places.values()) == ["", "", "/1/", "/9/"]
    assert [path for (kind, _pk), path in way.places.items() if kind == "volunteers.Team"] == [""]


def test_skills_learn_where_their_holders_start_from(way: Way) -> None:
    assert [cell for _key, cell in way.cells] == [-1, 240_560 * 1_000_000 + 600_100]
