"""Fill an empty database with the demonstration: places, people, menu, helpers, calls, activities and service. Everything is invented."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction

from huying.config.demo import activities, calls, people, places, service
from huying.people.models import Account


class Command(BaseCommand):
    help = "Load the demonstration into an empty database and print its sign-ins."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--say", action="store_true", help="only print the sign-ins of the one that is loaded")
        parser.add_argument("--again", action="store_true", help="refused: a demonstration is loaded once")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["say"]:
            if people.is_loaded():
                self.say_sign_ins()
            return
        if options["again"] or Account.objects.exists():
            raise CommandError(
                "This database is not empty. A demonstration is loaded once; for a fresh one start with another"
                " data folder (./huying up --data DIR)."
            )
        self.take_your_time()
        with transaction.atomic():
            found = places.load()
            known = people.load(found)
            calls.load(found, known)
            activities.load(known)
            service.load()
        self.say_sign_ins()

    def say_sign_ins(self) -> None:
        for username, password, words in people.SIGN_INS:
            self.stdout.write(f"{username:<12} {password}  {words}")

    def take_your_time(self) -> None:
        """One long transaction on purpose: a demonstration is there as a whole or not at all, also on a slow machine."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(set_config(name, '0', false)) FROM pg_settings WHERE name = ANY(%s)", [LIMITS])


LIMITS = ["transaction_timeout", "statement_timeout", "idle_in_transaction_session_timeout"]
