"""The clock of a story: it stands still until the story moves it."""

from __future__ import annotations

from datetime import datetime, timedelta

from procrastinate.contrib.django.models import ProcrastinateJob

from huying.calls.tasks import tick
from huying.calls.tests.factories import START
from huying.kernel import clock, jobs


class Time:
    """Begins at ``START``."""

    def __init__(self) -> None:
        self.at = START

    def to(self, text: str) -> None:
        """``03-05 10:00`` of 2026, in China."""
        self.at = datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=clock.SHANGHAI)

    def on(self, **span: float) -> None:
        """So much later, in the words of ``timedelta``."""
        self.at += timedelta(**span)

    def after(self, hours: float) -> None:
        """So many hours after the beginning the clocks are looked at, and a worker does what they queued. The look itself
        is taken without a worker: that one looks each minute is seen in the busy week.
        """
        self.at = START + timedelta(hours=hours)
        tick.func.__wrapped__()
        for _round in range(4):
            if not ProcrastinateJob.objects.filter(status="todo", task_name__startswith="calls.").exists():
                return
            jobs.run_worker(wait=False)
