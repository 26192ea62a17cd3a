"""A large demonstration that is killed again and again is, in the end, the one that nobody disturbed."""

from __future__ import annotations

import os
import signal
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections, transaction

from huying.config.demo.city import activities, calls, people, plan, steps, teams
from huying.figures import queries as figures
from huying.kernel import clock
from huying.kernel.sealed import keyring
from huying.ledger import queries as ledger
from huying.places.models import Place
from tests.invariants import broken_gatherings, broken_points, broken_rules, broken_service

NOON = datetime(2026, 11, 18, 12, tzinfo=clock.SHANGHAI)
SMALL = {people: 250, teams: 2, activities: 90, calls: 60}
KILLS = (
    "known:0",
    "volunteers:2",
    "teams:0",
    "activities:1",
    "calls:0",
    "calls:1",
    "packs:0",
    "points:0",
    "reports:0",
    "seal:0",
)
"""Each child dies in one of these parts, with its rows written and nothing committed; or right after the commit."""
DIGESTS = (
    "SELECT public_id, path IS NOT NULL, name, lon, opened_date FROM places_place",
    "SELECT e.public_id, e.name, e.birth_date, p.public_id, e.search_text FROM people_person e"
    " LEFT JOIN places_place p ON p.id = e.home_place_id",
    "SELECT v.public_id, e.public_id, v.joined_at, v.availability FROM volunteers_volunteer v"
    " JOIN people_person e ON e.id = v.person_id",
    "SELECT t.public_id, t.name, v.public_id, m.is_leader, m.starts_at FROM volunteers_membership m"
    " JOIN volunteers_team t ON t.id = m.team_id JOIN volunteers_volunteer v ON v.id = m.volunteer_id",
    "SELECT a.public_id, a.title, a.state, s.public_id, s.starts_at, s.state FROM activities_session s"
    " JOIN activities_activity a ON a.id = s.activity_id",
    "SELECT u.public_id, e.public_id, u.state, u.at, u.changed_at FROM activities_signup u"
    " JOIN people_person e ON e.id = u.person_id",
    "SELECT s.public_id, c.count, c.in_at, c.out_at, c.key FROM activities_checkin c"
    " JOIN activities_session s ON s.id = c.session_id",
    "SELECT r.public_id, r.state, r.version, r.minutes, r.recorded_at, e.verb, e.at FROM volunteers_serviceevent e"
    " JOIN volunteers_servicerecord r ON r.id = e.record_id",
    "SELECT key, amount, recorded_at, occurred_at, public_id FROM ledger_transfer",
    "SELECT e.public_id, a.credits, a.debits FROM ledger_account a JOIN people_person e ON e.id = a.owner_id"
    " WHERE a.owner_type = 'people.Person'",
    "SELECT c.public_id, c.state, c.score, c.stage_due_at, e.verb, e.at, p.public_id FROM calls_callevent e"
    " JOIN calls_call c ON c.id = e.call_id LEFT JOIN people_person p ON p.id = e.person_id",
    "SELECT o.public_id, c.public_id, o.state, o.answered_at FROM calls_offer o JOIN calls_call c ON c.id = o.call_id",
    "SELECT m.code, p.public_id, f.day, f.amount FROM figures_fact f JOIN figures_metric m ON m.number = f.metric_id"
    " JOIN places_place p ON p.id = f.place_id",
    "SELECT m.code, p.public_id, t.daily, t.since, t.amount FROM figures_total t"
    " JOIN figures_metric m ON m.number = t.metric_id JOIN places_place p ON p.id = t.place_id",
    "SELECT k.code, s.on_at, s.reason FROM packs_switch s JOIN packs_pack k ON k.id = s.pack_id",
    "SELECT p.public_id, c.state, c.met, c.applies, c.checked_at FROM places_sitecheck c"
    " JOIN places_place p ON p.id = c.place_id",
    "SELECT k.number, c.public_id, c.title, c.state, c.amount, c.done_on FROM points_claim c"
    " JOIN points_passbook k ON k.id = c.passbook_id",
    "SELECT g.public_id, g.state, g.points, g.value_fen FROM points_gift g",
    "SELECT r.title, r.state, r.public_id, r.number FROM cockpit_report r",
    "SELECT verb, count(*) FROM kernel_auditline GROUP BY verb",
    "SELECT task_name, status::text, count(*) FROM procrastinate_jobs GROUP BY 1, 2",
)


def digest() -> list[tuple[int, str]]:
    """Rows and sum of each question; keys of rows are left out, for a part that was taken back has used some up."""
    found = []
    with connection.cursor() as cursor:
        for question in DIGESTS:
            cursor.execute(
                f"SELECT count(*), md5(coalesce(string_agg(q::text, ',' ORDER BY q::text), '')) FROM ({question}) q"
            )
            found.append(cursor.fetchone())
    return found


def load(seed: int = 3) -> None:
    with clock.frozen(NOON):
        steps.run(plan.standing() or plan.begun("town", seed, 0.3))


@pytest.fixture(autouse=True)
def in_many_parts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: Any) -> None:
    """Small parts, and a data folder without the seals' heads of other tests."""
    settings.DATA = tmp_path
    keyring.ensure()
    for module, size in SMALL.items():
        monkeypatch.setattr(module, "CHUNK", size)


def killed(monkeypatch: pytest.MonkeyPatch, at: str, *, committed: bool) -> bool:
    """A child makes parts until it dies in this one; whether it did."""
    make, wanted = plan.make, at.split(":")

    def dies(made: plan.Plan, step: str, number: int, write: object, *, played: bool) -> None:
        here = [step, str(number)] == wanted

        def then_die(of: plan.Plan, part: int) -> None:
            write(of, part)  # type: ignore[operator]
            if here and not committed:
                os.kill(os.getpid(), signal.SIGKILL)

        make(made, step, number, then_die, played=played)
        if here:
            os.kill(os.getpid(), signal.SIGKILL)

    connections.close_all()
    child = os.fork()
    if not child:
        try:
            with monkeypatch.context() as patch:
                patch.setattr(plan, "make", dies)
                load()
        finally:
            os._exit(0)
    _pid, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def test_killed_in_any_part_and_started_again_it_is_the_same(
    committed_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction.atomic():
        load()
        undisturbed = digest()
        transaction.set_rollback(True)
    assert Place.objects.count() == 0

    for number, part in enumerate(KILLS):
        assert killed(monkeypatch, part, committed=number % 2 == 1), part
    load()

    assert digest() == undisturbed
    assert broken_rules() + broken_service() + broken_gatherings() + broken_points() == []
    assert [*figures.drift(), *figures.differences(), *ledger.findings()] == []


def test_another_seed_makes_another_one(db: None) -> None:
    found = []
    for seed in (3, 3, 4):
        with transaction.atomic(), clock.frozen(NOON):
            made = plan.begun("district", seed, 0.002)
            for step in steps.STEPS[:1]:
                plan.make(made, step.code, 0, step.write)
            found.append(digest()[0])
            transaction.set_rollback(True)

    assert found[0] == found[1] != found[2]
