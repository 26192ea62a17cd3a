"""Brings the English catalogue up to date with the source."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from huying.config import languages


class Command(BaseCommand):
    help = "Collect the messages of all screens into locale/en and list those without English."

    def handle(self, *args: Any, **options: Any) -> None:
        missing = languages.untranslated(languages.update())
        for message in missing:
            self.stdout.write(message)
        self.stdout.write(f"{len(missing)} without English")
