"""Limits that hold across processes: a row per key and window of time, raised by a conditional statement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network

from django.db import connection
from django.db.models import F

from huying.kernel import clock
from huying.people.models import Allowance


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``most`` uses of one key in each window of ``per``."""

    scope: str
    most: int
    per: timedelta


def spend(limit: Limit, key: str) -> int:
    """Use one of the allowance; 0 when it was free, else the whole seconds until the next window opens.

    The statement itself compares with the limit, so parallel requests cannot pass it together.
    """
    begins_at = window_of(limit, clock.now())
    wait = max(1, int((begins_at + limit.per - clock.now()).total_seconds()))
    if limit.most < 1:
        return wait
    table = Allowance._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} AS mine (scope, key, begins_at, used) VALUES (%s, %s, %s, 1)"  # noqa: S608
            " ON CONFLICT (scope, key, begins_at) DO UPDATE SET used = mine.used + 1 WHERE mine.used < %s"
            " RETURNING used",
            [limit.scope, key, begins_at, limit.most],
        )
        return 0 if cursor.fetchone() else wait


def forgive(limit: Limit, key: str) -> None:
    """Forget what was used in the present window (a right password clears the wrong tries before it)."""
    begins_at = window_of(limit, clock.now())
    Allowance.objects.filter(scope=limit.scope, key=key, begins_at=begins_at).delete()


def give_back(limit: Limit, key: str) -> None:
    """Return one use of the present window: it was not needed after all."""
    begins_at = window_of(limit, clock.now())
    rows = Allowance.objects.filter(scope=limit.scope, key=key, begins_at=begins_at, used__gt=0)
    rows.update(used=F("used") - 1)


def window_of(limit: Limit, at: datetime) -> datetime:
    """The beginning of the window in which ``at`` lies; windows are counted from 1970 in UTC."""
    seconds = int(limit.per.total_seconds())
    return datetime.fromtimestamp(int(at.timestamp()) // seconds * seconds, UTC)


def block_of(address: str) -> str:
    """The block of an address: /24 of IPv4, /48 of IPv6; unreadable ones share one block."""
    try:
        ip = ip_address(address)
    except ValueError:
        return "unknown"
    mapped = getattr(ip, "ipv4_mapped", None)
    ip = mapped or ip
    return str(ip_network(f"{ip}/{24 if ip.version == 4 else 48}", strict=False))


def forget_old() -> int:
    """Delete windows that ended more than two days ago."""
    return Allowance.objects.filter(begins_at__lt=clock.now() - timedelta(days=3)).delete()[0]
