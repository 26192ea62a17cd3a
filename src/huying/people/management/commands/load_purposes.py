"""Adds the purposes of personal data that the product starts with (idempotent; run after migrate)."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from huying.people.actions.consents import load_purposes


class Command(BaseCommand):
    help = "Add the purposes of personal data that are not there yet."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(str(load_purposes()))
