"""Compare figures with the records they were counted from, and tell again what differs."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from huying.figures import queries

LONG = "SELECT set_config('statement_timeout', '0', false)"
"""Everything is read once more; that may take longer than a page may."""


class Command(BaseCommand):
    help = "Count all records afresh and compare; each difference is one line. --mend tells those records again."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--mend", action="store_true", help="queue the records that differ, to be told again")

    def handle(self, *args: Any, mend: bool, **options: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(LONG)
        records, facts = list(queries.differences()), list(queries.drift())
        for one in (*records, *facts):
            self.stdout.write(
                f"{one.what} {one.metric} at {one.place_id} on {one.day}: {one.was}, should be {one.should}"
            )
        if mend:
            self.stdout.write(f"{queries.tell_again(records)} records are told again")
        self.stdout.write(
            f"{len(records)} words differ from their records, {len(facts)} facts or totals from their words"
        )
        if facts or (records and not mend):
            raise CommandError("The figures are not what their records say.")
