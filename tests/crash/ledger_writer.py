"""One of several who write the ledger while its database is killed; what was acknowledged to him he writes to a file.

``python -m tests.crash.ledger_writer NUMBER FOLDER OPERATIONS``. He sends each operation again, with the same key, until
he gets an answer, as any client does.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import django
from django.db import InterfaceError, OperationalError, close_old_connections, connection

ACCOUNTS, BATCH, SINGLE = 10, 250, 10
PATIENCE = 120.0


class Writer:
    def __init__(self, number: int, folder: Path, operations: int) -> None:
        from huying.kernel.actor import Actor
        from huying.ledger.models import Account

        self.number, self.wanted, self.done = number, operations, 0
        self.chance = random.Random(number)
        self.actor = Actor(person_id=1000 + number)
        self.acknowledged = (folder / f"acknowledged-{number}").open("a", buffering=1)
        self.accounts = self.answered(
            lambda: list(Account.objects.filter(owner_type="tests.Crash").order_by("id").values_list("pk", flat=True))
        )

    def answered(self, step: Callable[[], Any]) -> Any:
        """The answer of ``step``, asked again after every lost connection."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                return step()
            except (OperationalError, InterfaceError):
                if time.monotonic() > until:
                    raise
                connection.close()
                close_old_connections()
                time.sleep(0.02)

    def entry(self) -> Any:
        from huying.ledger.actions import Entry

        self.done += 1
        giver, taker = self.chance.sample(self.accounts, 2)
        return Entry(debit=giver, credit=taker, amount=self.chance.randint(1, 30), key=f"{self.number}-{self.done}")

    def tell(self, one: Any, key: str) -> None:
        """One line for what was written, one for what was refused."""
        from huying.ledger.models import Transfer

        if isinstance(one, Transfer):
            line = f"{key} {one.pk} {one.debit_account_id} {one.credit_account_id} {one.amount}"
        else:
            line = f"{key} refused"
        self.acknowledged.write(line + "\n")

    def run(self) -> None:
        while self.done < self.wanted:
            self.batch()
            for _ in range(SINGLE):
                self.single()
            self.hold()

    def batch(self) -> None:
        from huying.ledger import actions

        wanted = [self.entry() for _ in range(BATCH)]
        for entry, one in zip(
            wanted, self.answered(lambda: actions.post_each(actor=self.actor, entries=wanted)), strict=True
        ):
            self.tell(one, entry.key)

    def single(self) -> None:
        from huying.ledger import actions

        wanted = self.entry()
        self.tell(
            self.answered(lambda: refusable(lambda: actions.transfer(actor=self.actor, entry=wanted))), wanted.key
        )

    def hold(self) -> None:
        """Set aside, then post a part."""
        from huying.kernel import clock
        from huying.ledger import actions
        from huying.ledger.models import Hold

        wanted, until = self.entry(), clock.now() + timedelta(days=1)
        held = self.answered(lambda: refusable(lambda: actions.hold(actor=self.actor, entry=wanted, until=until)))
        if isinstance(held, Hold):
            part, key = max(held.amount // 2, 1), f"{wanted.key}-settled"
            made = self.answered(lambda: actions.settle(actor=self.actor, hold=held, amount=part, key=key))
            self.tell(made, key)


def refusable(step: Callable[[], Any]) -> Any:
    from huying.kernel.errors import DomainError

    try:
        return step()
    except DomainError as error:
        return error


def main() -> None:
    number, folder, operations = sys.argv[1:]
    django.setup()
    Writer(int(number), Path(folder), int(operations)).run()


if __name__ == "__main__":
    main()
