"""Reckon the whole ledger again and name what was changed behind the application's back."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from huying.ledger.queries.verifying import Tally, findings


class Command(BaseCommand):
    help = "Check every seal, every sealed transfer and every account; each finding is one line. Exit code 1: found."

    def handle(self, *args: Any, **options: Any) -> None:
        tally, wrong = Tally(), 0
        for finding in findings(tally):
            self.stdout.write(str(finding))
            wrong += 1
        self.stdout.write(
            f"{tally.seals} seals, {tally.transfers} sealed transfers, {tally.unsealed} not sealed yet, {wrong} findings"
        )
        if wrong:
            raise CommandError("The ledger is not as it was written.")
