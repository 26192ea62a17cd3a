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
        most = MOST_SESSIONS if count is None else min(count, MOST_SESSIONS)
        found = list(islice((one for one in wanted if one >= start), most + (count is None)))
    except (ValueError, TypeError, OverflowError, KeyError):
        raise RuleUnclear from None
    if len(found) > MOST_SESSIONS or (count or 0) > MOST_SESSIONS:
        raise RuleUnclear(_("重复得太多了，最多 {most} 场。"), most=MOST_SESSIONS)
    if count is not None and len(found) < count:
        raise RuleUnclear(_("重复得太久了，最多排到一年以后。"))
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


def bounded(rule: str, start: datetime) -> tuple[rrule, int | None]:
    """The rule with an end it cannot pass, and how many of its days from ``start`` on are wanted (None: all)."""
    given = dict(part.split("=") for part in rule.split(";"))
    if not fits(given, start):
        raise RuleUnclear(_("第一次的日期要符合重复的规律。"))
    count = int(given.pop("COUNT")) if "COUNT" in given else None
    horizon = (start + HORIZON).astimezone(UTC)
    until = min(read_until(given.pop("UNTIL")), horizon) if "UNTIL" in given else horizon
    begin = start
    if given["FREQ"] == "WEEKLY" and "BYSETPOS" in given:  # dateutil counts the first week from its first day given
        begin = datetime.combine(period(given, start)[0], start.timetz())
        given.setdefault("BYDAY", WEEKDAYS[start.weekday()])
    text = ";".join([*(f"{name}={value}" for name, value in given.items()), f"UNTIL={until:%Y%m%dT%H%M%SZ}"])
    made = rrulestr(f"RRULE:{text}", dtstart=begin, cache=False)
    if not isinstance(made, rrule) or (count is not None and count < 1):
        raise RuleUnclear
    return made, count


def fits(given: dict[str, str], start: datetime) -> bool:
    """False when the first day cannot be a day of the rule, which may then have none at all (30 February, the sixth Monday
    of a month, the twentieth of four): dateutil would look for one up to the year 9999. ValueError for what is no number.
    """
    values = {name: given[name].split(",") for name in ("BYMONTH", "BYMONTHDAY") if name in given}
    from_end = start.day - monthrange(start.year, start.month)[1] - 1
    here = {"BYMONTH": {start.month}, "BYMONTHDAY": {start.day, from_end}}
    inside = all(here[name] & {int(one) for one in values[name]} for name in values)
    return inside and on_weekday(given, start) and in_place(given, start)


def on_weekday(given: dict[str, str], start: datetime) -> bool:
    """Whether the first day is one of BYDAY: MO, or the second (2MO) or last (-1MO) Monday of its month or year.

    A number goes with months and years only (RFC 5545 3.3.10): ValueError elsewhere.
    """
    if "BYDAY" not in given:
        return True
    first, last = period(given, start, whole="BYMONTH" not in given)
    numbers = {(start.date() - first).days // 7 + 1, -((last - start.date()).days // 7 + 1)}
    days = [(one[:-2], one[-2:]) for one in given["BYDAY"].split(",")]
    if given["FREQ"] in {"DAILY", "WEEKLY"} and any(number for number, _name in days):
        raise ValueError(given["BYDAY"])
    known = [not number or int(number) in numbers for number, name in days if name == WEEKDAYS[start.weekday()]]
    return any(known)


def in_place(given: dict[str, str], start: datetime) -> bool:
    """Whether the first day stands at a place of BYSETPOS among the days that the rest of the rule gives in its period."""
    if "BYSETPOS" not in given:
        return True
    plain = {name: value for name, value in given.items() if name in {"FREQ", "BYDAY", "BYMONTHDAY", "BYMONTH", "WKST"}}
    if not plain.keys() & {"BYDAY", "BYMONTHDAY"}:
        plain |= {"BYDAY": WEEKDAYS[start.weekday()]} if given["FREQ"] == "WEEKLY" else {"BYMONTHDAY": str(start.day)}
    first, last = period(given, start)
    until = datetime.combine(last, time(23, 59, 59))
    text = ";".join([*(f"{name}={value}" for name, value in plain.items()), f"UNTIL={until:%Y%m%dT%H%M%S}"])
    days = [one.date() for one in rrulestr(f"RRULE:{text}", dtstart=datetime.combine(first, time()))]
    place = days.index(start.date())
    return bool({place + 1, place - len(days)} & {int(one) for one in given["BYSETPOS"].split(",")})


def period(given: dict[str, str], start: datetime, *, whole: bool = True) -> tuple[date, date]:
    """First and last day of the day, week, month or year of the rule that holds the first day; of a year with its months
    given (not ``whole``) only this month.
    """
    day, every = start.date(), given["FREQ"]
    if every == "DAILY":
        return day, day
    if every == "WEEKLY":
        first = day - timedelta(days=(day.weekday() - WEEKDAYS.index(given.get("WKST", "MO"))) % 7)
        return first, first + timedelta(days=6)
    if every == "YEARLY" and whole:
        return date(day.year, 1, 1), date(day.year, 12, 31)
    return day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])


def read_until(text: str) -> datetime:
    """The last moment: a UTC moment, or a day, which is then included."""
    if len(text) == 8:
        day = datetime.strptime(text, "%Y%m%d").replace(tzinfo=clock.SHANGHAI)
        return (day + timedelta(days=1, seconds=-1)).astimezone(UTC)
    return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
