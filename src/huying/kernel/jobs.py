"""Background work over procrastinate, on the same database: a job commits with the change that asked for it.

A job carries ids only, does one action, and leaves effects that are unique by key: it may run twice, its effect
happens once. A worker that dies is noticed by its silence (the healer), a job that fails is tried again, a job that
keeps failing is shown on the page of stuck jobs and can be sent again (security sections 2 and 7).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import close_old_connections, connection, transaction
from django.db.models import Count, Max, Min, OuterRef, Subquery
from django.db.models.functions import Coalesce
from procrastinate import App, BaseRetryStrategy, JobContext, RetryDecision
from procrastinate.contrib.django import app as procrastinate_app
from procrastinate.contrib.django.models import ProcrastinateEvent, ProcrastinateJob, ProcrastinateWorker
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Job

from huying.kernel import audit, chance, clock
from huying.kernel.actor import Actor
from huying.kernel.errors import NotFound
from huying.kernel.models.jobs import JobEffect
from huying.kernel.transactions import begin

log = logging.getLogger("huying.jobs")
app: Any = procrastinate_app  # a proxy that its types do not describe
LONGEST_WAIT = 3600
LONGEST_RUN = 3600
KEPT_DAYS = 30


@dataclass(frozen=True, slots=True)
class Run:
    """The run under way: which job, and its attempt number as fencing token."""

    job_id: int
    attempt: int


_run: ContextVar[Run | None] = ContextVar("huying_job_run", default=None)
_leaves: ContextVar[bool] = ContextVar("huying_worker_leaves", default=False)
"""Whether the worker ends when nothing waits: its threads end with it, and must not leave their sessions behind."""


class LostJob(Exception):
    """This run was given up for dead and another has begun: stop before touching the outside world."""


class BackOff(BaseRetryStrategy):
    """Wait 2, 4, 8 … seconds, an hour at most, a quarter more or less, so that a crowd of failures spreads out."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """When to try again; None when it was tried often enough. A lost run leaves the job to the newer one."""
        if isinstance(exception, LostJob):
            return RetryDecision(retry_in={"seconds": settings.HUYING_STALLED_AFTER})
        if job.attempts + 1 >= settings.HUYING_JOB_TRIES:
            return None
        wait = min(settings.HUYING_JOB_WAIT * 2**job.attempts, LONGEST_WAIT)
        return RetryDecision(retry_in={"seconds": round(wait * (0.75 + chance.fraction() / 2))})


RETRY = BackOff()


def task(name: str, *, queue: str = "default", cron: str | None = None) -> Callable[[Callable[..., None]], Any]:
    """Register a function of ids as a job called ``name`` (``room.verb``).

    ``cron`` makes it periodic: five fields as read on a wall in China, a sixth at the end for seconds.
    """

    def register(function: Callable[..., None]) -> Any:
        @wraps(function)
        def run(context: JobContext, **ids: Any) -> None:
            ids.pop("timestamp", None)  # periodic jobs are told their tick; actions ask the clock
            assert context.job is not None and context.job.id is not None
            mark = _run.set(Run(context.job.id, context.job.attempts))
            close_old_connections()
            try:
                _free_key(context.job)
                function(**ids)
                check_fence()  # a run that was given up must not close the job of the newer one
            finally:
                _run.reset(mark)
                connection.close() if _leaves.get() else close_old_connections()

        lock = name if cron else None
        registered = app.task(name=name, queue=queue, retry=RETRY, queueing_lock=lock, pass_context=True)(run)
        if cron:
            registered = app.periodic(cron=_china(cron))(registered)
        return registered

    return register


def _china(cron: str) -> str:
    """procrastinate reads a schedule in UTC; a schedule at fixed hours of each day is shifted by China's eight."""
    minute, hour, *rest = cron.split()
    if not hour.isdigit():
        return cron
    assert rest[:3] == ["*", "*", "*"], "an hour of the day goes with every day only"
    return " ".join([minute, str((int(hour) - 8) % 24), *rest])


def _free_key(job: Job) -> None:
    """The key only keeps *waiting* jobs single; a running one that kept it could not be put back beside a newer one."""
    if job.queueing_lock is not None:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE procrastinate_jobs SET queueing_lock = NULL WHERE id = %s", [job.id])


def enqueue(name: str, *, key: str | None = None, at: datetime | None = None, **ids: int | str | UUID) -> bool:
    """Queue the job ``name`` inside the present transaction; False when one with this ``key`` already waits."""
    deferrer = app.configure_task(name, queueing_lock=key, schedule_at=at, allow_unknown=False)
    try:
        with transaction.atomic():
            deferrer.defer(**{name: str(value) if isinstance(value, UUID) else value for name, value in ids.items()})
    except AlreadyEnqueued:
        return False
    return True


def effect(key: str) -> bool:
    """True the first time ``key`` is seen; call it in the transaction of the effect itself.

    A second run that arrives while the first is under way waits here until the first has ended.
    """
    table = JobEffect._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (key, at) VALUES (%s, %s) ON CONFLICT (key) DO NOTHING RETURNING id",  # noqa: S608
            [key, clock.now()],
        )
        return cursor.fetchone() is not None


def check_fence() -> None:
    """Raise LostJob when a newer attempt of this job has begun; call it right before a network call."""
    run = _run.get()
    if run is None:
        return
    mine = ProcrastinateJob.objects.filter(id=run.job_id, status="doing", attempts=run.attempt).exists()
    if not mine:
        raise LostJob(run)


STALLED = """
UPDATE procrastinate_jobs SET queueing_lock = NULL WHERE status = 'doing' AND id <> %(mine)s AND (
    worker_id IS NULL
    OR worker_id IN (
        SELECT id FROM procrastinate_workers WHERE last_heartbeat < now() - %(silent)s * interval '1 second')
    OR NOT EXISTS (SELECT FROM procrastinate_events WHERE job_id = procrastinate_jobs.id AND type = 'started'
        AND at > now() - %(longest)s * interval '1 second')
) RETURNING id, task_name
"""


async def heal(context: JobContext, timestamp: int) -> None:
    """Give jobs whose worker fell silent, or that run for over an hour, back to the queue (security finding 1)."""
    manager, database = context.app.job_manager, context.app.connector
    assert context.job is not None
    silent = settings.HUYING_STALLED_AFTER
    found = await database.execute_query_all_async(STALLED, mine=context.job.id, silent=silent, longest=LONGEST_RUN)
    for row in found:
        log.warning("job %s (%s) lost its worker, running it again", row["id"], row["task_name"])
        try:
            await manager.retry_job_by_id_async(row["id"], retry_at=clock.now())
        except ConnectorException:  # it has just ended by itself, or another healer was faster
            log.info("job %s needs no healing any more", row["id"])
    await manager.prune_stalled_workers(silent)


app.periodic(cron=f"* * * * * */{settings.HUYING_HEAL_EVERY}")(
    app.task(name="kernel.heal", queueing_lock="kernel.heal", pass_context=True)(heal)
)


@task("kernel.forget_old", cron="17 3 * * *")
def forget_old() -> None:
    """Nightly: finished jobs and stored answers older than a month go; marks of effects a good deal later."""
    from huying.kernel.models.idempotency import StoredAnswer  # noqa: PLC0415 - keeps the job module light

    limit = clock.now() - timedelta(days=KEPT_DAYS)
    StoredAnswer.objects.filter(at__lt=limit).delete()
    JobEffect.objects.filter(at__lt=limit - timedelta(days=2 * KEPT_DAYS)).delete()
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM procrastinate_jobs WHERE status IN ('succeeded', 'cancelled', 'aborted') AND NOT EXISTS"
            " (SELECT FROM procrastinate_events e WHERE e.job_id = procrastinate_jobs.id AND e.at >= %s)",
            [limit],
        )


def dead() -> Any:
    """Jobs that failed for good (a query of procrastinate's own read-only model), unordered, with ``ended_at``."""
    ended = ProcrastinateEvent.objects.filter(job_id=OuterRef("pk"), type="failed").order_by("-id").values("at")
    return ProcrastinateJob.objects.filter(status="failed").annotate(ended_at=Subquery(ended[:1]))


def waiting() -> dict[str, Any]:
    """``late``: jobs due for over a minute; ``oldest``: since when the first of them is due (None: none)."""
    limit = clock.now() - timedelta(minutes=1)
    queued = ProcrastinateEvent.objects.filter(job_id=OuterRef("pk")).order_by("-id").values("at")
    due = Coalesce("scheduled_at", Subquery(queued[:1]))
    rows = ProcrastinateJob.objects.filter(status="todo").annotate(due_at=due).filter(due_at__lt=limit)
    found: dict[str, Any] = rows.aggregate(late=Count("id"), oldest=Min("due_at"))
    return found


def last_sign_of_life() -> datetime | None:
    """When any worker was last seen at work; None when none has ever been or all have left in order."""
    last: datetime | None = ProcrastinateWorker.objects.aggregate(last=Max("last_heartbeat"))["last"]
    return last


def retry(*, actor: Actor, job_id: int) -> None:
    """Put one dead job back on the queue, to run now; NotFound when it is not dead (any more)."""
    with begin(actor):
        job = ProcrastinateJob.objects.select_for_update(of=("self",)).filter(id=job_id, status="failed").first()
        if job is None:
            raise NotFound
        with connection.cursor() as cursor:
            cursor.execute("UPDATE procrastinate_jobs SET queueing_lock = NULL WHERE id = %s", [job_id])
        app.job_manager.retry_job_by_id(job_id, retry_at=clock.now())
        audit.record(actor, "job.retry", None, changes={"job": job_id, "task": job.task_name})


def run_worker(*, concurrency: int = 2, queues: list[str] | None = None, wait: bool = True) -> None:
    """Run jobs until told to stop; the supervisor starts us again whenever we end.

    ``wait=False`` runs what is queued and due, and returns; work by the calendar is left to workers that stay.
    """
    # An app of its own for the worker's pool: jobs that queue jobs go on using Django's connection and its transaction.
    worker_app = App(connector=app.connector.get_worker_connector())
    worker_app.tasks = app.tasks
    if wait:
        worker_app.periodic_registry = app.periodic_registry
    _leaves.set(not wait)
    worker_app.run_worker(
        queues=queues,
        concurrency=concurrency,
        wait=wait,
        update_heartbeat_interval=settings.HUYING_HEARTBEAT,
        stalled_worker_timeout=settings.HUYING_STALLED_AFTER,
        delete_jobs="never",
    )
