"""Writes that wait for one row are done together, each as if it were alone."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest
from django.db import connection, transaction

from huying.kernel import gathering
from huying.kernel.gathering import Line


class Slow:
    """Writes that wait at a gate, so that others come to stand in line meanwhile; keeps what was done together."""

    def __init__(self) -> None:
        self.begun, self.gate, self.together = threading.Event(), threading.Event(), list[list[int]]()

    def write(self, wanted: Sequence[int]) -> list[int]:
        self.begun.set()
        assert self.gate.wait(20)
        self.together.append(list(wanted))
        if 13 in wanted:
            raise ValueError("13")
        return [one * 10 for one in wanted]


def joined(slow: Slow, first: int, others: Sequence[int]) -> dict[int, object]:
    """What each got, when ``first`` has the turn and the others come while he writes."""
    line, got = Line(slow.write), dict[int, object]()

    def join(one: int) -> None:
        try:
            got[one] = line.join(one)
        except ValueError as trouble:
            got[one] = trouble
        finally:
            connection.close()

    threads = [threading.Thread(target=join, args=(one,)) for one in (first, *others)]
    threads[0].start()
    assert slow.begun.wait(20)
    for thread in threads[1:]:
        thread.start()
    while len(line.waiting) < len(others):
        pass
    slow.gate.set()
    for thread in threads:
        thread.join(20)
    return got


@pytest.mark.django_db(transaction=True)
def test_whoever_waits_while_another_writes_is_written_with_the_others_in_one_go() -> None:
    slow = Slow()

    got = joined(slow, 1, [2, 3, 4])

    assert got == {1: 10, 2: 20, 3: 30, 4: 40}
    assert slow.together[0] == [1] and sorted(slow.together[1]) == [2, 3, 4] and len(slow.together) == 2


@pytest.mark.django_db(transaction=True)
def test_trouble_stays_with_whoever_brings_it() -> None:
    slow = Slow()

    got = joined(slow, 1, [2, 13, 4])

    assert (got[1], got[2], got[4]) == (10, 20, 40)
    assert isinstance(got[13], ValueError)


@pytest.mark.django_db(transaction=True)
def test_a_long_line_is_written_in_several_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "MOST", 2)
    slow = Slow()

    got = joined(slow, 1, [2, 3, 4, 5, 6])

    assert got == {n: n * 10 for n in range(1, 7)}
    assert max(map(len, slow.together)) == 2


@pytest.mark.django_db(transaction=True)
def test_inside_a_transaction_it_is_written_there_and_alone() -> None:
    slow = Slow()
    slow.gate.set()
    line = Line(slow.write)
    line.waiting.append(gathering._Waiting(7))

    with transaction.atomic():
        assert line.join(5) == 50

    assert slow.together == [[5]] and len(line.waiting) == 1
