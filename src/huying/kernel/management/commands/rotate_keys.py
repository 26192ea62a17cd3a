"""Change the key that seals personal fields, or finish a change that was cut off."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from huying.kernel.actor import Actor
from huying.kernel.sealed import rotation
from huying.kernel.sealed.algorithms import BY_NAME


class Command(BaseCommand):
    help = "Make a new sealing key and seal every row with it; may be stopped and resumed at any time."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--algorithm", choices=sorted(BY_NAME), help="cipher of the new key (default: as now)")
        parser.add_argument("--resume", action="store_true", help="make no new key, finish the last change")
        parser.add_argument("--retire", action="store_true", help="forget keys that no row needs any more")

    def handle(
        self,
        *args: Any,
        algorithm: str | None = None,
        resume: bool = False,
        retire: bool = False,
        **options: Any,
    ) -> None:
        actor = Actor.system("rotate_keys")
        chosen = BY_NAME[algorithm] if algorithm else None
        rows = rotation.rotate(actor=actor, algorithm=chosen, fresh=not resume, told=self.told)
        self.stdout.write(f"{rows} values sealed with the current key")
        if retire:
            gone = rotation.retire_unused(actor=actor)
            self.stdout.write(f"forgotten: {', '.join(gone) or 'none'}")

    def told(self, column: str, done: int) -> None:
        self.stdout.write(f"  {column}: {done}")
