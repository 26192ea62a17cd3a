"""The kernel's own nightly jobs."""

from __future__ import annotations

from datetime import timedelta

from huying.kernel import attachments, clock, jobs
from huying.kernel.models.reveal import RevealBudget


@jobs.task("kernel.sweep_files", cron="41 2 * * *")
def sweep_files() -> None:
    """Files that no row needs go, a day after they were written."""
    attachments.sweep()


@jobs.task("kernel.forget_budgets", cron="47 2 * * *")
def forget_budgets() -> None:
    """How much somebody looked at is kept half a year, as long as the trail has to be (网络安全法 art.
    21).
    """
    RevealBudget.objects.filter(day__lt=clock.today() - timedelta(days=183)).delete()
