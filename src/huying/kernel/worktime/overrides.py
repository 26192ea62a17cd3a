"""The override table: local working days, and holiday notices entered before the package has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from huying.kernel import audit, clock
from huying.kernel.actor import Actor
from huying.kernel.errors import InvalidInput
from huying.kernel.models.calendar import DayOverride, HolidayNotice
from huying.kernel.transactions import begin
from huying.kernel.worktime.days import NATIONAL, Calendar, Day


class DayNameMissing(InvalidInput):
    code = "day_name_missing"
    message = _("请写明这一天为什么上班或放假。")


class SourceMissing(InvalidInput):
    code = "source_missing"
    message = _("请写明放假通知的文号。")


class NoticeEmpty(InvalidInput):
    code = "notice_empty"
    message = _("放假通知里没有任何日期。")


class NoticeIncomplete(InvalidInput):
    code = "notice_incomplete"
    message = _("{year} 年的放假通知里有不属于这一年的日期：{day}")


def calendar_for(place_path: str = "") -> Calendar:
    """The calendar that holds at a place: of several overrides of a day, the nearest place's wins (2
    queries).
    """
    overrides: dict[date, Day] = {}
    paths = [place_path[: end + 1] for end, letter in enumerate(place_path) if letter == "/" and end]
    for row in sorted(DayOverride.objects.filter(place_path__in=["", *paths]), key=lambda row: len(row.place_path)):
        overrides[row.date] = Day(row.date, row.working, name=row.name)
    announced = frozenset(HolidayNotice.objects.values_list("year", flat=True))
    return Calendar(overrides, announced) if overrides or announced else NATIONAL


def coming_overrides(paths: Sequence[str], since: date) -> list[DayOverride]:
    """Days declared from ``since`` on that touch the places under ``paths``: those at and below them, those above that
    reach down to them, and those for everywhere; by date, wider before narrower.
    """
    touching = Q(place_path="")
    for path in paths:
        above = [path[: end + 1] for end, letter in enumerate(path) if letter == "/" and end]
        touching |= Q(place_path__startswith=path) | Q(place_path__in=above)
    rows = DayOverride.objects.filter(touching, date__gte=since)
    return sorted(rows, key=lambda row: (row.date, len(row.place_path), row.place_path))


def override_day(*, actor: Actor, day: date, working: bool, name: str, place_path: str = "") -> DayOverride:
    """Declare one day worked or free, everywhere or below a place; an earlier word on the same day is
    replaced.
    """
    if not name.strip():
        raise DayNameMissing(fields={"name": DayNameMissing.message})
    with begin(actor):
        row, _created = DayOverride.objects.update_or_create(
            date=day, place_path=place_path, defaults={"working": working, "name": name.strip()[:60]}
        )

        audit.record(
            actor,
            "day.override",
            row,
            place_path=place_path,
            changes={"date": day.isoformat(), "working": working, "name": row.name},
        )
    return row


def drop_override(*, actor: Actor, override: DayOverride) -> None:
    """Let the national calendar speak again for one day."""
    with begin(actor):
        changes = {"date": override.date.isoformat(), "working": override.working, "name": override.name}
        audit.record(actor, "day.override_dropped", override, place_path=override.place_path, changes=changes)
        override.delete()


def announce_year(*, actor: Actor, year: int, days: Mapping[date, tuple[bool, str]], source: str) -> HolidayNotice:
    """Enter the State Council's notice for one year: each day that departs from the week, as (worked, name).

    ``source`` is the notice's number, such as 国办发明电〔2025〕7号. The year stops being estimated.
    """
    if not source.strip():
        raise SourceMissing(fields={"source": SourceMissing.message})
    if not days:
        raise NoticeEmpty
    for day in days:
        if day.year != year:
            raise NoticeIncomplete(year=year, day=day.isoformat())
    with begin(actor):
        DayOverride.objects.filter(date__year=year, place_path="").delete()
        DayOverride.objects.bulk_create(
            DayOverride(date=day, working=working, name=name[:60]) for day, (working, name) in sorted(days.items())
        )
        notice, _created = HolidayNotice.objects.update_or_create(
            year=year, defaults={"source": source.strip()[:200], "entered_at": clock.now()}
        )

        audit.record(actor, "year.announce", notice, changes={"year": year, "days": len(days), "source": notice.source})
    return notice
