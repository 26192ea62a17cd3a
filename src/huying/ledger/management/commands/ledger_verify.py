"""Reckon the whole ledger again and name what was changed behind the application's back."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from huying.ledger.queries.exporting import export
from huying.ledger.queries.verifying import Tally, findings

LONG = "SELECT set_config(name, '0', false) FROM pg_settings WHERE name IN ('statement_timeout', 'transaction_timeout')"
"""One sum over ten million transfers may take longer than a page may."""


class Command(BaseCommand):
    help = "Check every seal, every sealed transfer and every account; each finding is one line. Exit code 1: found."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument(
            "--export",
            type=Path,
            metavar="FILE",
            help="also write seals and transfers as JSON lines, to be checked elsewhere",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(LONG)
        tally, wrong = Tally(), 0
        for finding in findings(tally):
            self.stdout.write(str(finding))
            wrong += 1
        self.stdout.write(
            f"{tally.seals} seals, {tally.transfers} sealed transfers, {tally.unsealed} not sealed yet, {wrong} findings"
        )
        if options["export"]:
            written(options["export"])
        if wrong:
            raise CommandError("The ledger is not as it was written.")


def written(path: Path) -> None:
    """The export, whole or not at all; for nobody but us to read, as it says what each number of a person was given."""
    fresh = path.with_name(f"{path.name}.new")
    try:
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.writelines(line + b"\n" for line in export())
        fresh.replace(path)
    except OSError as error:
        raise CommandError(f"The export could not be written: {error}") from None
