"""Jobs commit with the change that asked for them, run again when they fail, and leave each effect once."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import TaskNotFound

from huying.kernel import clock, jobs
from huying.kernel.actor import Actor
from huying.kernel.errors import NotFound
from huying.kernel.models import AuditLine, JobEffect, StoredAnswer
from huying.kernel.tests.test_idempotency import at_once, wait_until_somebody_waits
from huying.kernel.transactions import begin

pytestmark = pytest.mark.django_db
ME = Actor(person_id=1)
committed = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("committed_db")]
SEEN: list[Any] = []


def on_commit(test: Any) -> Any:
    for mark in committed:
        test = mark(test)
    return test


@pytest.fixture(autouse=True)
def quick(settings: Any) -> Iterator[None]:
    settings.HUYING_JOB_WAIT, settings.HUYING_JOB_TRIES = 0, 3
    SEEN.clear()
    before = dict(app.tasks)
    yield
    app.tasks.clear()
    app.tasks.update(before)


def known(name: str, work: Any) -> str:
    """Register ``work`` as a job for this test only."""
    jobs.task(name)(work)
    return name


def queued() -> list[tuple[str, str, dict[str, Any]]]:
    """Jobs of these tests; a worker that starts also queues what is due by the clock."""
    return list(ours().values_list("task_name", "status", "args"))


def ours() -> Any:
    return ProcrastinateJob.objects.filter(task_name__startswith="t.").order_by("id")


def run_due() -> None:
    """Let a worker run what is due, and again while failed ones came back to be tried again at once."""
    for _ in range(8):
        jobs.run_worker(wait=False)
        if not ours().filter(status="todo").exclude(scheduled_at__gt=clock.now()).exists():
            return


def set_job(job_id: int, **values: Any) -> None:
    with connection.cursor() as cursor:
        for name, value in values.items():
            cursor.execute(f"UPDATE procrastinate_jobs SET {name} = %s WHERE id = %s", [value, job_id])


def test_a_job_goes_when_the_change_goes() -> None:
    known("t.work", lambda: None)
    with pytest.raises(ZeroDivisionError), begin(ME):
        jobs.enqueue("t.work")
        1 / 0  # noqa: B018
    assert queued() == []

    with begin(ME):
        jobs.enqueue("t.work")
    assert queued() == [("t.work", "todo", {})]


def test_a_job_with_a_key_waits_once_and_the_refused_one_spoils_nothing() -> None:
    known("t.tidy", lambda n: None)

    with begin(ME):
        answers = [jobs.enqueue("t.tidy", key="tidy:1", n=n) for n in (1, 2)] + [
            jobs.enqueue("t.tidy", key="tidy:2", n=3)
        ]
        jobs.effect("still writing")

    assert answers == [True, False, True]
    assert queued() == [("t.tidy", "todo", {"n": 1}), ("t.tidy", "todo", {"n": 3})]


@on_commit
def test_a_worker_that_ends_when_nothing_waits_leaves_no_session_behind() -> None:
    def sessions() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
            return int(cursor.fetchone()[0])

    known("t.look", lambda n: ours().count())
    before = sessions()

    for _turn in range(3):
        for n in range(4):
            jobs.enqueue("t.look", n=n)
        run_due()

    assert [status for _name, status, _args in queued()] == ["succeeded"] * 12
    until = time.monotonic() + 10  # the server takes a moment to end what was closed
    while sessions() > before and time.monotonic() < until:
        time.sleep(0.05)
    assert sessions() <= before


@on_commit
def test_two_connections_queue_one_job_for_one_key() -> None:
    known("t.tidy", lambda n: None)
    first = {"waits": True}

    def one(n: int) -> bool:
        with begin(Actor(person_id=n)):
            queued_now = jobs.enqueue("t.tidy", key="tidy:1", n=n)
            if first.pop("waits", False):
                wait_until_somebody_waits()
        return queued_now

    assert sorted(at_once(2, one)) == [False, True]
    assert len(queued()) == 1


def test_a_job_nobody_knows_is_refused_where_it_is_asked_for() -> None:
    with pytest.raises(TaskNotFound):
        jobs.enqueue("no.such_job", n=1)


def test_a_public_id_travels_as_text_and_a_moment_is_kept() -> None:
    known("t.later", lambda who: None)
    at = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)

    jobs.enqueue("t.later", at=at, who=UUID(int=7))

    job = ProcrastinateJob.objects.get()
    assert (job.scheduled_at, job.args) == (at, {"who": "00000000-0000-0000-0000-000000000007"})


def test_an_effect_is_new_once() -> None:
    assert [jobs.effect("a"), jobs.effect("a"), jobs.effect("b"), jobs.effect("a")] == [True, False, True, False]


@on_commit
def test_of_two_runs_at_once_one_makes_the_effect() -> None:
    first = {"waits": True}

    def one(n: int) -> bool:
        with begin(ME):
            mine = jobs.effect("letter:1")
            if first.pop("waits", False):
                wait_until_somebody_waits()
        return mine

    assert sorted(at_once(2, one)) == [False, True]
    assert JobEffect.objects.count() == 1


@on_commit
def test_negative_control_looking_before_writing_makes_it_twice() -> None:
    import threading

    both = threading.Barrier(2, timeout=10)

    def one(n: int) -> bool:
        with begin(ME):
            mine = not JobEffect.objects.filter(key__startswith="letter").exists()
            both.wait()
            jobs.effect(f"letter:{n}")
        return mine

    assert at_once(2, one) == [True, True]
    assert JobEffect.objects.count() == 2


@on_commit
def test_a_worker_runs_what_is_queued_on_djangos_own_connection() -> None:
    def work(n: int) -> None:
        with begin(Actor.system("t")):
            jobs.effect(f"done:{n}")
            jobs.enqueue("t.next", n=n)  # a job that queues a job does it in its own transaction
            SEEN.append(ProcrastinateJob.objects.filter(task_name="t.next").count())

    known("t.next", lambda n: SEEN.append("next"))
    known("t.work", work)
    jobs.enqueue("t.work", n=5)

    run_due()

    assert SEEN == [1, "next"]
    assert JobEffect.objects.get().key == "done:5"
    assert queued() == [("t.work", "succeeded", {"n": 5}), ("t.next", "succeeded", {"n": 5})]


@on_commit
def test_a_job_that_fails_queues_nothing_and_is_tried_again_until_it_is_dead(caplog: pytest.LogCaptureFixture) -> None:
    def work(n: int) -> None:
        SEEN.append(n)
        with begin(Actor.system("t")):
            jobs.effect("half")
            jobs.enqueue("t.other")
            raise ZeroDivisionError

    known("t.other", lambda: None)
    known("t.broken", work)
    jobs.enqueue("t.broken", key="broken", n=1)

    with caplog.at_level(logging.CRITICAL):
        run_due()

    assert SEEN == [1, 1, 1]
    assert queued() == [("t.broken", "failed", {"n": 1})]
    assert [job.task_name for job in jobs.dead()] == ["t.broken"]
    assert not JobEffect.objects.exists()


@on_commit
def test_a_dead_job_can_be_sent_again_once(caplog: pytest.LogCaptureFixture) -> None:
    def work(n: int) -> None:
        if not JobEffect.objects.filter(key="mended").exists():
            raise ZeroDivisionError
        jobs.effect("sent")

    known("t.mended", work)
    jobs.enqueue("t.mended", n=1)
    with caplog.at_level(logging.CRITICAL):
        run_due()
    dead = jobs.dead().get()
    jobs.effect("mended")

    jobs.retry(actor=ME, job_id=dead.pk)
    with pytest.raises(NotFound):
        jobs.retry(actor=ME, job_id=dead.pk)
    run_due()

    assert queued() == [("t.mended", "succeeded", {"n": 1})]
    assert not jobs.dead().exists()
    line = AuditLine.objects.get()
    assert (line.verb, line.person_id, line.changes) == ("job.retry", 1, {"job": dead.pk, "task": "t.mended"})


@on_commit
def test_a_failing_job_goes_back_although_a_newer_one_with_its_key_waits(caplog: pytest.LogCaptureFixture) -> None:
    """Without freeing the key the retry would break the uniqueness of waiting keys and the job would hang for ever."""

    def work(n: int) -> None:
        SEEN.append(n)
        if n == 1 and SEEN.count(1) == 1:
            jobs.enqueue("t.clash", key="clash", n=2)
            raise ZeroDivisionError

    known("t.clash", work)
    jobs.enqueue("t.clash", key="clash", n=1)

    with caplog.at_level(logging.CRITICAL):
        run_due()

    assert sorted(SEEN) == [1, 1, 2]
    assert [status for _name, status, _args in queued()] == ["succeeded", "succeeded"]


def doing(name: str, *, worker: int | None, attempts: int = 0) -> int:
    """A job as it stands when a worker took it."""
    jobs.enqueue(name, n=1)
    job_id = ProcrastinateJob.objects.latest("id").pk
    set_job(job_id, status="doing", worker_id=worker, attempts=attempts)
    return job_id


def a_worker(silent_for: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - %s * interval '1 second') RETURNING id",
            [silent_for],
        )
        return int(cursor.fetchone()[0])


@on_commit
def test_the_healer_takes_jobs_from_the_silent_and_leaves_those_of_the_living() -> None:
    known("t.work", lambda n: SEEN.append(n))
    silent, living, gone = a_worker(25), a_worker(1), None
    healed = [doing("t.work", worker=silent), doing("t.work", worker=gone)]
    kept = doing("t.work", worker=living)
    endless = doing("t.work", worker=living)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_events SET at = at - interval '2 hours' WHERE job_id = %s", [endless])
    app.configure_task("kernel.heal").defer(timestamp=0)

    run_due()

    assert dict(ProcrastinateJob.objects.filter(task_name="t.work").values_list("id", "status")) == {
        healed[0]: "succeeded",
        healed[1]: "succeeded",
        endless: "succeeded",
        kept: "doing",
    }
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM procrastinate_workers")
        assert cursor.fetchall() == [(living,)]


@on_commit
def test_the_healer_heals_the_rest_when_a_key_is_taken_meanwhile() -> None:
    known("t.work", lambda n: SEEN.append(n))
    for n in (1, 2):
        stuck = doing("t.work", worker=None)
        set_job(stuck, queueing_lock=f"key:{n}")
    jobs.enqueue("t.work", key="key:1", n=1)
    app.configure_task("kernel.heal").defer(timestamp=0)

    run_due()

    assert {status for name, status, _args in queued() if name == "t.work"} == {"succeeded"}
    assert SEEN == [1, 1, 1]


@on_commit
def test_a_run_that_was_given_up_stops_at_the_fence_and_leaves_the_job_to_the_newer_one() -> None:
    def work(n: int) -> None:
        job_id = ProcrastinateJob.objects.get(task_name="t.work").pk
        if not SEEN:
            SEEN.append("first begins")
            set_job(job_id, attempts=1)  # as if the healer had given it to another worker
            jobs.check_fence()
        SEEN.append("reached the outside world")

    known("t.work", work)
    jobs.enqueue("t.work", n=1)

    run_due()

    assert SEEN == ["first begins"]
    job = ours().get()
    assert (job.status, job.scheduled_at > clock.now()) == ("todo", True)


@on_commit
def test_a_run_that_was_given_up_does_not_close_the_job_of_the_newer_one() -> None:
    def work(n: int) -> None:
        SEEN.append("run")
        set_job(ProcrastinateJob.objects.get(task_name="t.work").pk, attempts=7)

    known("t.work", work)
    jobs.enqueue("t.work", n=1)

    run_due()

    assert (SEEN, ours().get().status) == (["run"], "todo")


def test_outside_a_job_there_is_no_fence() -> None:
    jobs.check_fence()


def test_old_marks_answers_and_finished_jobs_go_and_nothing_else(settings: Any) -> None:
    now = clock.now()
    known("t.work", lambda n: None)
    for days in (20, 31, 95):
        with clock.frozen(now - timedelta(days=days)):
            jobs.effect(f"{days} days")
            StoredAnswer.objects.create(scope="person:1", key=f"{days} days", digest=b"x", at=clock.now())
            jobs.enqueue("t.work", n=days)
    states = dict(zip((20, 31, 95), ("succeeded", "succeeded", "failed"), strict=True))
    for job in ProcrastinateJob.objects.all():
        set_job(job.pk, status="doing")
        set_job(job.pk, status=states[job.args["n"]])
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE procrastinate_events SET at = at - %s * interval '1 day' WHERE job_id = %s",
                [job.args["n"], job.pk],
            )

    app.tasks["kernel.forget_old"].func.__wrapped__()

    assert sorted(JobEffect.objects.values_list("key", flat=True)) == ["20 days", "31 days"]
    assert list(StoredAnswer.objects.values_list("key", flat=True)) == ["20 days"]
    assert sorted((args["n"], status) for _name, status, args in queued()) == [(20, "succeeded"), (95, "failed")]
