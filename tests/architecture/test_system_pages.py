"""The pages about the installation itself: told in plain words, jobs sent again by the right hands only."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client

from huying.kernel import health, jobs
from huying.kernel.models import AuditLine
from huying.people.models import Person
from huying.people.states import RoleKind
from huying.people.tests import factories as make
from huying.places.tests.factories import place

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quick(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.HUYING_STAFF_SECOND_FACTOR = False


def holder(kind: str) -> Person:
    return make.staff(kind, place("county"))


def dead_job(n: int = 1) -> int:
    jobs.enqueue("calls.overdue", call_id=n)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing'")
        cursor.execute("UPDATE procrastinate_jobs SET status = 'failed', attempts = 10")
    return jobs.dead().latest("id").pk


def heartbeat(seconds_ago: int = 0) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - %s * interval '1 second')",
            [seconds_ago],
        )


def test_monitors_learn_that_all_is_well_and_nothing_more() -> None:
    heartbeat()

    response = Client().get("/health/")

    states = dict.fromkeys(("database", "keys", "worker", "queue", "stuck"), "good")
    body = response.json()
    assert body["checks"].pop("disk") in {"good", "watch", "bad"}
    assert (response.status_code, body) == (200, {"live": True, "ready": True, "checks": states})
    assert "no-store" in response["Cache-Control"]


def test_a_missing_worker_is_told_but_pages_go_on() -> None:
    heartbeat(120)
    dead_job()

    response = Client().get("/health/")

    checks = response.json()["checks"]
    assert (response.status_code, checks["worker"], checks["stuck"]) == (200, "bad", "watch")


def test_a_database_that_is_away_makes_it_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(health.connection, "cursor", away)

    response = Client().get("/health/")

    body = response.json()
    assert (response.status_code, body["live"], body["ready"], body["checks"]["database"]) == (503, True, False, "bad")


def test_keys_that_cannot_be_read_make_it_not_ready(settings: Any, tmp_path: Any) -> None:
    settings.DATA = tmp_path / "empty"

    response = Client().get("/health/")

    assert (response.status_code, response.json()["checks"]["keys"]) == (503, "bad")


@pytest.mark.parametrize(("free", "state"), [(50, "good"), (10, "watch"), (3, "bad")])
def test_a_disk_that_fills_up_is_told_in_time(monkeypatch: pytest.MonkeyPatch, free: int, state: str) -> None:
    from shutil import _ntuple_diskusage as usage

    monkeypatch.setattr(health.shutil, "disk_usage", lambda path: usage(100, 100 - free, free))

    assert health.disk().state == state


def test_jobs_that_wait_too_long_are_told() -> None:
    jobs.enqueue("calls.overdue", call_id=1)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_events SET at = now() - interval '12 minutes'")

    found = health.queue()

    assert (found.state, "12" in str(found.said)) == ("bad", True)


def test_staff_read_it_in_plain_words_with_the_next_step() -> None:
    dead_job()

    page = make.client(holder(RoleKind.DISPATCHER)).get("/system/").content.decode()

    assert "数据库正常。" in page
    assert "有 1 项多次重试仍失败。" in page
    assert "/system/jobs/" not in page


def test_the_system_administrator_sees_stuck_jobs_and_sends_one_again() -> None:
    job = dead_job()
    admin = make.client(holder(RoleKind.SYSTEM_ADMIN))

    page = admin.get("/system/jobs/").content.decode()
    sent = admin.post(f"/system/jobs/{job}/retry/", headers={"Idempotency-Key": "retry-one-job"})
    twice = admin.post(f"/system/jobs/{job}/retry/", headers={"Idempotency-Key": "retry-it-again"})

    assert "calls.overdue" in page
    assert (sent.status_code, sent["Location"], twice.status_code) == (303, "/system/jobs/", 404)
    assert not jobs.dead().exists()
    assert AuditLine.objects.filter(verb="job.retry").count() == 1


def test_nobody_else_sees_or_sends_jobs() -> None:
    job = dead_job()
    others = [make.person(phone=make.phone_number()), holder(RoleKind.DISPATCHER), holder(RoleKind.SECURITY_ADMIN)]
    make.account(others[0])

    for somebody in others:
        browser = make.client(Person.objects.get(pk=somebody.pk))
        assert browser.get("/system/jobs/").status_code == 403
        answer = browser.post(f"/system/jobs/{job}/retry/", headers={"Idempotency-Key": f"key-of-{somebody.pk:04d}"})
        assert answer.status_code == 403
    assert jobs.dead().count() == 1
