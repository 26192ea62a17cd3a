"""Rhythms of an activity as RFC 5545 rules, read by python-dateutil and always bounded: a rule has an end."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any

from dateutil.rrule import DAILY, MONTHLY, WEEKLY, YEARLY, rrule, rrulestr
from django.utils.translation import gettext_lazy as _

from huying.activities.states import MOST_SESSIONS
from huying.kernel import clock
from huying.kernel.errors import InvalidInput, Text

PARTS = ("FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "WKST")
FREQUENCIES = {"DAILY": DAILY, "WEEKLY": WEEKLY, "MONTHLY": MONTHLY, "YEARLY": YEARLY}
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
HORIZON = timedelta(days=400)


class RuleUnclear(InvalidInput):
    code = "rule_unclear"
    message = _("重复的规律看不懂，请按 RFC 5545 写，例如 FREQ=WEEKLY;COUNT=10。")

    def __init__(self, message: Text | None = None, **facts: Any):
        super().__init__(message, fields={"rrule": str(message or self.message).format(**facts)}, **facts)


def normal(text: str) -> str:
    """The rule with its parts in one order; RuleUnclear for what we do not read, or when it has no end."""
    given: dict[str, str] = {}
    for part in text.strip().upper().removeprefix("RRULE:").split(";"):
        name, sign, value = part.partition("=")
        if name not in PARTS or not sign or not value or name in given:
            raise RuleUnclear
        given[name] = value
    if given.get("FREQ") not in FREQUENCIES or ("COUNT" in given) == ("UNTIL" in given):
        raise RuleUnclear(_("请写清多久一次，以及到哪天为止或共几次。"))
    return ";".join(f"{name}={given[name]}" for name in PARTS if name in given)


def build(every: str, starts: date, until: date, *, interval: int = 1) -> str:
    """A rule from what people choose: DAILY, WEEKLY, MONTHLY (the same day of the month), NTH (the same weekday of the
    month) or YEARLY, until and with a day.
    """
    last = datetime.combine(until, time(23, 59, 59), tzinfo=clock.SHANGHAI).astimezone(UTC)
    end = f"UNTIL={last:%Y%m%dT%H%M%SZ}"
    if every == "NTH":
        nth = (starts.day - 1) // 7 + 1
        place = "-1" if nth == 5 else str(nth)
        return normal(f"FREQ=MONTHLY;{end};BYDAY={place}{WEEKDAYS[starts.weekday()]}")
    more = f";INTERVAL={interval}" if interval > 1 else ""
    return normal(f"FREQ={every};{end}{more}")


def occurrences(rule: str, first: datetime) -> list[datetime]:
    """Every beginning that ``rule`` gives from ``first`` on, in UTC; ``first`` must be one of them.

    At most 400 of them within 400 days, else RuleUnclear: what people sign up for stands as rows, not as a promise.
    """
    if not rule:
        return [first]
    start = clock.local(first).replace(second=0, microsecond=0)
    try:
        wanted, count = bounded(normal(rule), start)
        found = list(islice(iter(wanted), min(count, MOST_SESSIONS) + 1))
    except (ValueError, TypeError, OverflowError, KeyError):
        raise RuleUnclear from None
    if count <= MOST_SESSIONS and len(found) < count != MOST_SESSIONS + 1:
        raise RuleUnclear(_("重复得太久了，最多排到一年以后。"))
    found = found[:count]
    if len(found) > MOST_SESSIONS:
        raise RuleUnclear(_("重复得太多了，最多 {most} 场。"), most=MOST_SESSIONS)
    if not found or found[0] != start:
        raise RuleUnclear(_("第一次的日期要符合重复的规律。"))
    return [one.astimezone(UTC) for one in found]


def check_end(rule: str, first: datetime) -> None:
    """RuleUnclear for an UNTIL past the 400 days, of which ``occurrences`` would silently leave the rest out."""
    given = dict(part.split("=") for part in rule.split(";") if part)
    try:
        until = read_until(given["UNTIL"]) if "UNTIL" in given else first
    except (ValueError, OverflowError):
        raise RuleUnclear from None
    if until > first + HORIZON:
        raise RuleUnclear(_("重复得太久了，最多排到一年以后。"))


def bounded(rule: str, start: datetime) -> tuple[rrule, int]:
    """The rule with an end it cannot pass, and how many of its days are wanted (one more than allowed: all)."""
    given = dict(part.split("=") for part in rule.split(";"))
    if not fits(given, start):
        raise RuleUnclear(_("第一次的日期要符合重复的规律。"))
    count = int(given.pop("COUNT", MOST_SESSIONS + 1))
    horizon = (start + HORIZON).astimezone(UTC)
    until = min(read_until(given.pop("UNTIL")), horizon) if "UNTIL" in given else horizon
    text = ";".join([*(f"{name}={value}" for name, value in given.items()), f"UNTIL={until:%Y%m%dT%H%M%SZ}"])
    made = rrulestr(f"RRULE:{text}", dtstart=start, cache=False)
    if not isinstance(made, rrule) or count < 1:
        raise RuleUnclear
    return made, count


def fits(given: dict[str, str], start: datetime) -> bool:
    """False when the first day cannot be a day of the rule, which may then have none at all (30 February): dateutil would
    look for one up to the year 9999. ValueError for what is no number.
    """
    values = {name: given[name].split(",") for name in ("BYMONTH", "BYMONTHDAY", "BYDAY") if name in given}
    from_end = start.day - monthrange(start.year, start.month)[1] - 1
    here = {"BYMONTH": {start.month}, "BYMONTHDAY": {start.day, from_end}}
    inside = all(here[name] & {int(one) for one in values[name]} for name in here if name in values)
    return inside and ("BYDAY" not in values or WEEKDAYS[start.weekday()] in {one[-2:] for one in values["BYDAY"]})


def read_until(text: str) -> datetime:
    """The last moment: a UTC moment, or a day, which is then included."""
    if len(text) == 8:
        day = datetime.strptime(text, "%Y%m%d").replace(tzinfo=clock.SHANGHAI)
        return (day + timedelta(days=1, seconds=-1)).astimezone(UTC)
    return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
