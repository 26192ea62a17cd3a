"""Change the key that seals personal fields, or the one they are found by, or finish a change that was cut off."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from huying.kernel.actor import Actor
from huying.kernel.sealed import reindexing, rotation
from huying.kernel.sealed.algorithms import BY_NAME


class Command(BaseCommand):
    help = "Make a new sealing key and seal every row with it; may be stopped and resumed at any time."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--algorithm", choices=sorted(BY_NAME), help="cipher of the new key (default: as now)")
        parser.add_argument("--resume", action="store_true", help="make no new key, finish the last change")
        parser.add_argument("--retire", action="store_true", help="forget keys that no row needs any more")
        parser.add_argument("--index", action="store_true", help="change the key that numbers are found by instead")
        parser.add_argument(
            "--void-codes", action="store_true", help="with --index --retire: delete older recovery codes"
        )

    def handle(
        self,
        *args: Any,
        algorithm: str | None = None,
        resume: bool = False,
        retire: bool = False,
        index: bool = False,
        void_codes: bool = False,
        **options: Any,
    ) -> None:
        actor = Actor.system("rotate_keys")
        if index:
            self.reindex(actor, resume=resume, retire=retire, void=void_codes)
            return
        chosen = BY_NAME[algorithm] if algorithm else None
        rows = rotation.rotate(actor=actor, algorithm=chosen, fresh=not resume, told=self.told)
        self.stdout.write(f"{rows} values sealed with the current key")
        if retire:
            gone = rotation.retire_unused(actor=actor)
            self.stdout.write(f"forgotten: {', '.join(gone) or 'none'}")

    def reindex(self, actor: Actor, *, resume: bool, retire: bool, void: bool) -> None:
        done = reindexing.rotate_index(actor=actor, fresh=not resume, told=self.told)
        self.stdout.write(
            f"{done.changed} values are found by the current key, {done.left} left, {done.clashing} twice"
        )
        if retire:
            gone, held = reindexing.retire_index_unused(actor=actor, void=void)
            self.stdout.write(f"forgotten: {', '.join(gone) or 'none'}")
            for column, count in sorted(held.items()):
                self.stdout.write(f"  an older key stays for {count} in {column}")

    def told(self, column: str, done: int) -> None:
        self.stdout.write(f"  {column}: {done}")
