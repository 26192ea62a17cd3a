"""Tables that are filled already come through the migrations of this room whole, in a database of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from importlib import import_module
from typing import Any

import psycopg
import pytest
from conftest import admin_url
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import StateApps

from huying.calls.tests.factories import START

ROOM = "volunteers"
BEFORE_SERVICE = "0002_let_helpers_share_their_number"
BEFORE_NOTES = "0006_profiles_teams_and_campaigns"
NOTES = "0007_words_beside_the_history"
HOUR = timedelta(hours=1)
LONG = "改" * 300
STEPS = (("submit", ""), ("give_back", "时间不清楚"), ("resubmit", LONG), ("confirm", ""))
Move = Callable[[str], StateApps]


@pytest.fixture
def move(django_db_setup: None, django_db_blocker: Any) -> Iterator[Move]:
    """``move(name)`` brings this room to one migration, forwards or back, and gives the tables as they are then."""
    settings = connection.settings_dict
    kept = {name: settings[name] for name in ("NAME", "USER")}
    made = f"{kept['NAME']}_early"

    def to(name: str) -> StateApps:
        executor = MigrationExecutor(connection)
        executor.migrate([(ROOM, name)])
        return executor.loader.project_state([(ROOM, name)]).apps

    with psycopg.connect(admin_url(), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {made} OWNER huying_owner")  # type: ignore[arg-type]
        try:
            with django_db_blocker.unblock():
                connection.close()
                settings.update(NAME=made, USER="huying_owner")
                yield to
        finally:
            connection.close()
            settings.update(kept)
            admin.execute(f"DROP DATABASE {made} WITH (FORCE)")  # type: ignore[arg-type]


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


def rows_of(apps: StateApps, name: str, *but: str) -> list[dict[str, Any]]:
    """Every row of a table, without some columns."""
    rows = apps.get_model(ROOM, name).objects.order_by("pk").values()
    return [{key: value for key, value in row.items() if key not in but} for row in rows]


def test_volunteers_and_teams_of_the_time_before_service_was_recorded_stay_as_they_were(move: Move) -> None:
    old = move(BEFORE_SERVICE)
    helpers(old)
    tables = ("Volunteer", "Team", "Membership", "Skill")
    before = {name: rows_of(old, name) for name in tables}

    new = move(NOTES)

    for name in tables:
        known = set(before[name][0])
        after = rows_of(new, name)
        assert [{key: row[key] for key in known} for row in after] == before[name]
    volunteer = new.get_model(ROOM, "Volunteer").objects.get(paused_until__isnull=False)
    assert [one.code for one in volunteer.skills.all()] == ["cook"]
    assert (volunteer.availability, volunteer.insured_until, volunteer.insurance_note) == ([], None, "")
    assert {row["parent_id"] for row in rows_of(new, "Team")} == {None}
    assert rows_of(new, "ServiceRecord") == []


def test_the_words_of_every_step_move_beside_it_and_nothing_else_changes(
    move: Move, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_module(f"huying.volunteers.migrations.{NOTES}"), "CHUNK", 7)
    old = move(BEFORE_NOTES)
    records(old, helpers(old), 10)
    events, served = rows_of(old, "ServiceEvent"), rows_of(old, "ServiceRecord")

    new = move(NOTES)

    said = {row["id"]: row.pop("reason") for row in events}
    assert rows_of(new, "ServiceEvent") == events
    assert rows_of(new, "ServiceRecord") == served
    notes = rows_of(new, "ServiceNote", "id")
    assert len(notes) == 20
    assert {row["event_id"]: row["text"] for row in notes} == {pk: text for pk, text in said.items() if text}

    back = move(BEFORE_NOTES)

    rows = rows_of(back, "ServiceEvent")
    assert {row["id"]: row.pop("reason") for row in rows} == said
    assert rows == events


def test_tables_without_a_word_migrate_too(move: Move) -> None:
    move(BEFORE_NOTES)

    assert rows_of(move(NOTES), "ServiceNote") == []
