"""``./huying train_sorter [--report FILE]``: teach the shipped course, examine it, show or write the figures.

Nothing of the platform is touched: the sorter that serves is taught by the job ``calls.learn``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from huying.sorting import written

BEGIN, END = "<!-- figures: ./huying train_sorter --report -->", "<!-- end of figures -->"


class Command(BaseCommand):
    """See the module."""

    help = "Teach and examine the shipped sorter; --report writes the figures into docs/classification.md"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """``--seed``, ``--json``, ``--report FILE``."""
        parser.add_argument("--seed", type=int, default=written.SEED)
        parser.add_argument("--json", action="store_true")
        parser.add_argument("--report", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Measure, then write between the marks of the page, or print."""
        from huying.sorting.report import measured, page  # noqa: PLC0415 - brings numpy

        found = measured(options["seed"])
        if options["json"]:
            self.stdout.write(json.dumps(found, ensure_ascii=False, indent=1))
        elif options["report"] is None:
            self.stdout.write(page(found))
        else:
            text = options["report"].read_text(encoding="utf-8")
            if BEGIN not in text or END not in text:
                raise CommandError(f"{options['report']} has no place for figures")
            before, rest = text.split(BEGIN, 1)
            after = rest.split(END, 1)[1]
            body = f"{before}{BEGIN}\n\n{page(found)}\n\n{END}{after}"
            options["report"].write_text(body, encoding="utf-8")
            self.stdout.write(f"Figures written into {options['report']}.")
