"""Enter the State Council's holiday notice of a year before the calendar package knows it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from django.core.files.base import File
from django.core.management.base import BaseCommand, CommandError

from huying.kernel import imports
from huying.kernel.actor import Actor
from huying.kernel.errors import DomainError
from huying.kernel.worktime import announce_year

COLUMNS = {"date": ("日期",), "working": ("上班",), "name": ("节日", "名称")}
WORKING = {"是": True, "上班": True, "true": True, "1": True, "否": False, "放假": False, "false": False, "0": False}


class Command(BaseCommand):
    help = (
        "Enter a year's holiday notice from a table (CSV or XLSX) with the columns 日期, 上班 (是/否) and 节日:"
        " one row for each day that departs from the week."
    )

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("year", type=int)
        parser.add_argument("file", type=Path)
        parser.add_argument("--source", required=True, help="the notice's number, such as 国办发明电〔2026〕7号")

    def handle(self, *args: Any, year: int, file: Path, source: str, **options: Any) -> None:
        try:
            with file.open("rb") as opened:
                days = self.days(opened)
            announce_year(actor=Actor.system("announce_year"), year=year, days=days, source=source)
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from None
        except DomainError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{year}: {len(days)} days entered")

    def days(self, opened: Any) -> dict[date, tuple[bool, str]]:
        found: dict[date, tuple[bool, str]] = {}
        for record in imports.records(File(opened), COLUMNS, required=tuple(COLUMNS)):
            try:
                day, working = date.fromisoformat(record.values["date"]), WORKING[record.values["working"].lower()]
            except (ValueError, KeyError):
                raise CommandError(
                    f"row {record.number}: 日期 must be like 2027-01-01 and 上班 must be 是 or 否"
                ) from None
            if day in found:
                raise CommandError(f"row {record.number}: {day} comes twice")
            found[day] = (working, record.values["name"])
        return found
