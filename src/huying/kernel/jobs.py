"""Background work over procrastinate, on the same database: a job commits with the change that asked for it.

A job carries ids only, does one action, and leaves effects that are unique by key: it may run twice, its effect happens once.
A worker that dies is noticed by its silence (the healer), a job that fails is tried again, a job that keeps failing is
shown on the page of stuck jobs and can be sent again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, cast

from django.db import IntegrityError, close_old_connections, transaction
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued

from huying.kernel import clock
from huying.kernel.models.jobs import JobEffect

log = logging.getLogger("huying.jobs")
RETRY = RetryStrategy(max_attempts=10, exponential_wait=2)
HEARTBEAT = 5
STALLED_AFTER = 20


@dataclass(frozen=True, slots=True)
class Run:
    """The run under way: which job, and its attempt number as fencing token."""

    job_id: int
    attempt: int


_run: ContextVar[Run | None] = ContextVar("huying_job_run", default=None)


class LostJob(Exception):
    """This run was given up for dead and another has begun: stop before touching the outside world."""


def task(
    name: str, *, queue: str = "default", cron: str | None = None
) -> Callable[[Callable[..., None]], Any]:
    """Register a function of ids as a job called ``name`` (``room.verb``); ``cron`` makes it periodic."""

    def register(function: Callable[..., None]) -> Any:
        @wraps(function)
        def run(context: JobContext, **ids: Any) -> None:
            ids.pop("timestamp", None)  # periodic jobs are told their tick; actions ask the clock
            assert context.job is not None and context.job.id is not None
            mark = _run.set(Run(context.job.id, context.job.attempts))
            close_old_connections()
            try:
                function(**ids)
            finally:
                _run.reset(mark)
                close_old_connections()

        registered = app.task(name=name, queue=queue, retry=RETRY, pass_context=True)(run)  # type: ignore[arg-type] # functools.wraps hides the signature
        if cron:
            registered = app.periodic(cron=cron)(registered)  # type: ignore[arg-type] # run() drops the tick
        return registered

    return register


def enqueue(name: str, *, key: str | None = None, at: datetime | None = None, **ids: Any) -> bool:
    """Queue the job ``name`` inside the present transaction; False when one with this ``key`` already waits."""
    deferrer = app.configure_task(name, queueing_lock=key, schedule_at=at)
    try:
        with transaction.atomic():
            deferrer.defer(**ids)
    except (AlreadyEnqueued, IntegrityError):
        return False
    return True


def effect(key: str) -> bool:
    """True the first time ``key`` is seen; call it in the transaction of the effect itself."""
    with transaction.atomic():
        return bool(
            JobEffect.objects.bulk_create([JobEffect(key=key, at=clock.now())], ignore_conflicts=True)
        ) and (JobEffect.objects.filter(key=key).exists())


def check_fence() -> None:
    """Raise LostJob when a newer attempt of this job has begun; call it right before a network call."""
    run = _run.get()
    if run is None:
        return
    mine = ProcrastinateJob.objects.filter(id=run.job_id, status="doing", attempts=run.attempt).exists()
    if not mine:
        raise LostJob(run)


@app.periodic(cron="*/10 * * * * *")
@app.task(name="kernel.heal", queue="default", queueing_lock="kernel.heal", pass_context=True)
async def heal(context: JobContext, timestamp: int) -> None:
    """Give jobs whose worker fell silent back to the queue (security finding 1)."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER):
        log.warning("job %s (%s) lost its worker, running it again", job.id, job.task_name)
        await manager.retry_job(job)
    await manager.prune_stalled_workers(STALLED_AFTER)


@task("kernel.forget_old", cron="17 3 * * *")
def forget_old() -> None:
    """Nightly: finished jobs and stored answers older than a month go."""
    from huying.kernel.models.idempotency import StoredAnswer  # noqa: PLC0415 - keeps the job module light

    limit = clock.now() - timedelta(days=30)
    StoredAnswer.objects.filter(at__lt=limit).delete()
    JobEffect.objects.filter(at__lt=limit - timedelta(days=60)).delete()


def dead() -> Any:
    """Jobs that failed for good, newest first (a query of procrastinate's own read-only model)."""
    return ProcrastinateJob.objects.filter(status="failed").order_by("-id")


def retry(job_id: int) -> None:
    """Put one dead job back on the queue, to run now."""
    app.job_manager.retry_job_by_id(job_id, retry_at=clock.now())


def run_worker(*, concurrency: int = 2, queues: list[str] | None = None) -> None:
    """Run jobs until told to stop; the supervisor starts us again whenever we end."""
    connector = cast(DjangoConnector, app.connector).get_worker_connector()
    worker_app = app.with_connector(connector)
    worker_app.perform_import_paths()  # type: ignore[no-untyped-call] # procrastinate leaves it untyped
    with worker_app.replace_connector(worker_app.connector):
        worker_app.run_worker(
            queues=queues,
            concurrency=concurrency,
            update_heartbeat_interval=HEARTBEAT,
            stalled_worker_timeout=STALLED_AFTER,
            delete_jobs="never",
        )
