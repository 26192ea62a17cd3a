"""Make the key file of a new installation; does nothing where there is one."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from huying.kernel.sealed import keyring


class Command(BaseCommand):
    help = "Make the key file that seals personal fields, once. Keep a copy apart from the database backups."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        made = keyring.ensure()
        self.stdout.write(f"{'made' if made else 'kept'} {keyring.path()}")
