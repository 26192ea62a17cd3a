"""One client of the bench: reserves, fetches and cancels for its passbooks until it is killed or has nothing left.

``python -m huying.points.management.redeem KEEPER GOOD SEED`` reads keys of passbooks from standard input and writes one
line for each exchange that was confirmed to it: seconds, what was done, the exchange. A pick-up code is always tried twice
more, as somebody would who replays it.
"""

from __future__ import annotations

import random
import sys
import time

import django


def forgive(keeper_id: int, bank_id: int) -> None:
    """Forget the wrong codes of this counter: guessing is stopped after twenty, and here every code is replayed."""
    from huying.people.models import Allowance  # noqa: PLC0415 - Django is set up first
    from huying.points.actions.gifts import WRONG  # noqa: PLC0415

    Allowance.objects.filter(scope=WRONG.scope, key=f"{keeper_id}:{bank_id}").update(used=0)


def main(keeper_id: int, good_id: int, seed: int, keys: list[int]) -> None:
    from huying.kernel.actor import Actor  # noqa: PLC0415 - Django is set up first
    from huying.kernel.errors import DomainError  # noqa: PLC0415
    from huying.people.queries import actor_of_person  # noqa: PLC0415
    from huying.points import actions  # noqa: PLC0415
    from huying.points.models import Gift, Good, Passbook  # noqa: PLC0415
    from huying.points.rules import codes  # noqa: PLC0415

    keeper = actor_of_person(keeper_id)
    good = Good.objects.select_related("bank__place").get(pk=good_id)
    luck = random.Random(seed)  # noqa: S311 - a course that can be repeated
    assert keeper is not None

    def told(what: str, since: float, gift: Gift) -> None:
        sys.stdout.write(f"{time.perf_counter() - since:.6f} {what} {gift.public_id}\n")
        sys.stdout.flush()

    left = list(keys)
    while left:
        key = luck.choice(left)
        passbook = Passbook.objects.select_related("book__place", "person").get(pk=key)
        begun = time.perf_counter()
        try:
            gift = actions.reserve(actor=Actor(person_id=passbook.person_id), passbook=passbook, good=good)
            told("reserve", begun, gift)
        except (actions.NotEnoughPoints, actions.OutOfStock):
            left.remove(key)
            continue
        code, begun = codes.digits(gift.public_id, gift.serial), time.perf_counter()
        if luck.random() < 0.1:
            actions.cancel(actor=Actor(person_id=passbook.person_id), gift=gift)
            told("cancel", begun, gift)
            continue
        actions.hand_over(actor=keeper, bank=good.bank, code=code)
        told("hand", begun, gift)
        for _again in range(2):
            try:
                actions.hand_over(actor=keeper, bank=good.bank, code=code)
                told("double", begun, gift)
            except DomainError:
                forgive(keeper_id, good.bank_id)


if __name__ == "__main__":
    django.setup()
    numbers = [int(one) for one in sys.argv[1:4]]
    main(numbers[0], numbers[1], numbers[2], [int(line) for line in sys.stdin.read().split()])
