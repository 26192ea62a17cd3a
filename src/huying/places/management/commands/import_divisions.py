"""``import_divisions --root 110000 --to township``: the divisions of the Ministry of Civil Affairs' list."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from huying.kernel.actor import Actor
from huying.kernel.errors import DomainError
from huying.places.actions.divisions import LEVELS, Imported, import_divisions, published

MOST_NAMES = 20


class Command(BaseCommand):
    help = "Import real divisions down to townships; may be run again, updates names, never deletes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--root", default="", help="division code to begin at (110000); all of China if left out")
        parser.add_argument("--to", choices=list(LEVELS), default="township")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen and change nothing")

    def handle(self, *args: Any, root: str, to: str, dry_run: bool, **options: Any) -> None:
        divisions = published()
        try:
            with transaction.atomic():
                done = import_divisions(actor=Actor.system("import"), root=root, to=to, divisions=divisions)
                transaction.set_rollback(dry_run)
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{divisions.as_of}: " + ", ".join(f"{n} {word}" for word, n in done.numbers().items()))
        self.names(done)
        if dry_run:
            self.stdout.write("dry run: nothing was changed")

    def names(self, done: Imported) -> None:
        """Each list of names that somebody has to look at, cut after the first few."""
        for word in ("renamed", "elsewhere", "vanished"):
            names: list[str] = getattr(done, word)
            if names:
                more = f" … (+{len(names) - MOST_NAMES})" if len(names) > MOST_NAMES else ""
                self.stdout.write(f"{word}: " + "、".join(names[:MOST_NAMES]) + more)
