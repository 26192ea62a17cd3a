"""The one clock. Tests and drills set it; nothing else reads the machine's time for decisions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def _machine() -> datetime:
    return datetime.now(UTC)


_source: Callable[[], datetime] = _machine


def now() -> datetime:
    """This moment, aware, in UTC."""
    return _source()


def today() -> date:
    """The calendar day in Asia/Shanghai."""
    return local(now()).date()


def local(moment: datetime) -> datetime:
    """The same moment as read on a wall in China."""
    return moment.astimezone(SHANGHAI)


@contextmanager
def frozen(at: datetime | Callable[[], datetime]) -> Iterator[None]:
    """Inside, the clock shows ``at`` (an aware moment, or a function that gives one)."""
    global _source
    before = _source
    _source = at if callable(at) else lambda: at
    try:
        yield
    finally:
        _source = before
