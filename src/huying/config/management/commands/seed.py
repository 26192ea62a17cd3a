"""Many made-up calls and helpers on top of the demonstration, to measure pages with. Never on real data."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from huying.calls.models import ServiceKind
from huying.config.demo import bulk


class Command(BaseCommand):
    help = "Add many made-up calls and volunteers to a demonstration, to measure pages with."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--calls", type=int, default=20_000)
        parser.add_argument("--volunteers", type=int, default=5_000)
        parser.add_argument("--seed", type=int, default=1, help="the same number gives the same rows")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO or not ServiceKind.objects.exists():
            raise CommandError("Only a demonstration can be filled with made-up rows (HUYING_DEMO=1, then demo).")
        with transaction.atomic():
            bulk.fill(options["calls"], options["volunteers"], options["seed"])
        self.stdout.write(f"{options['calls']} calls, {options['volunteers']} volunteers")
