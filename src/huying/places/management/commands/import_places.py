"""``import_places --into 330106 villages.csv``: villages and sites from a table, all or nothing."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.management.base import BaseCommand, CommandError

from huying.kernel.actor import Actor
from huying.kernel.errors import DomainError
from huying.places import actions, queries
from huying.places.models import Place


class Command(BaseCommand):
    help = "Import villages and sites from CSV (UTF-8, GBK) or XLSX below a place; all rows or none."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--into", required=True, help="division code or public id of the place the table is for")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen and change nothing")

    def handle(self, *args: Any, file: Path, into: str, dry_run: bool, **options: Any) -> None:
        actor = Actor.system("import")
        try:
            place = queries.by_code(into) or queries.by_public_id(into)
            with file.open("rb") as content:
                upload = UploadedFile(content, file.name, size=file.stat().st_size)
                rows = actions.read_table(upload)
            found = self.plan(actor, place, rows, dry_run)
        except OSError as trouble:
            raise CommandError(f"{file}: {trouble.strerror}") from trouble
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{len(found.added)} added, {len(found.changed)} changed, {found.same} same")
        if dry_run:
            self.stdout.write("dry run: nothing was changed")

    def plan(self, actor: Actor, place: Place, rows: list[dict[str, Any]], dry_run: bool) -> actions.Plan:
        """Check; write when it is meant. Each problem goes to the error output with its row and column."""
        found = actions.plan(actor, place, rows)
        for problem in found.problems:
            self.stderr.write(f"{problem.row} {problem.column}: {problem.sentence}")
        if found.problems:
            raise actions.TableHasProblems(count=len(found.problems))
        return found if dry_run else actions.write_rows(actor=actor, place=place, rows=rows)
