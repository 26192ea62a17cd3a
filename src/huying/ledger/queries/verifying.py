"""Everything in the ledger reckoned again: seals and their chain, each sealed row, the counters of each account."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from itertools import cycle

from django.conf import settings
from django.db import connection

from huying.kernel import signing
from huying.ledger.models import Seal, Transfer
from huying.ledger.queries.lines import groups, key_of, lines_between
from huying.ledger.rules import merkle

SIGNED = "ledger.seal"
THREADS = min(len(os.sched_getaffinity(0)), 4)
SUMS = """
SELECT a.id, a.debits, a.credits, a.held, coalesce(d.s, 0), coalesce(c.s, 0), coalesce(h.s, 0)
FROM ledger_account a
LEFT JOIN (SELECT debit_account_id AS id, sum(amount) AS s FROM ledger_transfer GROUP BY 1) d USING (id)
LEFT JOIN (SELECT credit_account_id AS id, sum(amount) AS s FROM ledger_transfer GROUP BY 1) c USING (id)
LEFT JOIN (SELECT debit_account_id AS id, sum(amount) AS s FROM ledger_hold WHERE state = 'pending' GROUP BY 1) h USING (id)
WHERE (a.debits, a.credits, a.held) IS DISTINCT FROM (coalesce(d.s, 0), coalesce(c.s, 0), coalesce(h.s, 0)) ORDER BY a.id
"""
SETTLED = """
SELECT h.id, t.id FROM ledger_hold h JOIN ledger_transfer t ON t.id = h.transfer_id
WHERE t.amount > h.amount OR t.debit_account_id <> h.debit_account_id OR t.credit_account_id <> h.credit_account_id
ORDER BY h.id
"""
UNLIKE = """
SELECT t.id, t.reverses_id FROM ledger_transfer t LEFT JOIN ledger_transfer o ON o.id = t.reverses_id AND o.id < t.id
    AND o.debit_account_id = t.credit_account_id AND o.credit_account_id = t.debit_account_id AND o.amount = t.amount
WHERE t.reverses_id IS NOT NULL AND o.id IS NULL ORDER BY t.id
"""
BY_ONE = """
SELECT t.id FROM ledger_transfer t JOIN ledger_account a ON a.id = t.debit_account_id
WHERE (a.issuing OR t.issuing OR t.reverses_id IS NOT NULL) AND (t.made_by_id IS NULL OR t.approved_by_id IS NULL
    OR t.made_by_id = t.approved_by_id OR t.evidence = '' OR t.issuing <> a.issuing) ORDER BY t.id
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it was written: ``subject`` names the row, ``said`` what is wrong with it."""

    subject: str
    said: str

    def __str__(self) -> str:
        return f"{self.subject}: {self.said}"


@dataclass
class Tally:
    """How much was looked at."""

    seals: int = 0
    transfers: int = 0
    unsealed: int = 0


def findings(tally: Tally | None = None) -> Iterator[Finding]:
    """Everything that is wrong with the ledger, seal by seal, then account by account; nothing when all is well."""
    counted, last = tally or Tally(), Standing()
    for found, looked_at in in_parallel(reckoned(last)):
        counted.transfers += looked_at
        yield from found
    counted.seals = last.seals
    counted.unsealed = Transfer.objects.filter(pk__gt=last.covered).count()
    yield from of_heads()
    yield from of_reversals()
    yield from of_sums()


@dataclass
class Standing:
    """Where the chain has come to: the number that is next, the head and the last transfer before it."""

    expected: int = 1
    previous: bytes = merkle.EMPTY
    covered: int = 0
    seals: int = 0


@dataclass(frozen=True, slots=True)
class Link:
    """A seal with what stood before it; ``missing``: seals of the chain that are not there."""

    seal: Seal
    previous: bytes
    covered: int
    missing: range


def reckoned(last: Standing) -> Iterator[Callable[[], tuple[list[Finding], int]]]:
    """For each group of seals the work of checking it, in the order of the chain."""
    for group in groups():
        links = []
        for seal in group:
            missing = range(last.expected, seal.number)
            links.append(Link(seal, last.previous, last.covered, missing))
            last.previous, last.covered = bytes(seal.head), seal.last_id
            last.expected, last.seals = seal.number + 1, last.seals + 1
        yield partial(of_group, links)


def in_parallel(
    works: Iterator[Callable[[], tuple[list[Finding], int]]],
) -> Iterator[tuple[list[Finding], int]]:
    """The answers in order. While the server writes lines for one thread, another hashes; few wait at a time.

    Inside a transaction one after another, for other connections would not see what it did.
    """
    if connection.in_atomic_block:
        yield from (work() for work in works)
        return
    pools = [ThreadPoolExecutor(1) for _ in range(THREADS)]  # a thread each, so that each has one connection
    try:
        under_way: deque[Future[tuple[list[Finding], int]]] = deque()
        for pool, work in zip(cycle(pools), works, strict=False):
            under_way.append(pool.submit(work))
            if len(under_way) > THREADS:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()
    finally:
        for pool in pools:
            pool.submit(connection.close)
            pool.shutdown()


def of_group(links: Sequence[Link]) -> tuple[list[Finding], int]:
    """What is wrong with these seals and their transfers; how many transfers were looked at."""
    found: list[Finding] = []
    lines = lines_between(links[0].covered, links[-1].seal.last_id)
    leaves = [sha256(merkle.LEAF + line).digest() for line in lines]
    packed = b"".join(bytes(link.seal.leaves) for link in links)
    # The form of a line begins with its key: where all hashes are equal and in order, so are the keys.
    as_sealed = len(packed) == 40 * len(leaves) and all(
        packed[40 * n + 8 : 40 * n + 40] == x for n, x in enumerate(leaves)
    )
    for link in links:
        found += [Finding(f"seal {number}", "is missing") for number in link.missing]
        wrong = list(of_seal(link.seal, link.previous, link.covered))
        found += wrong
        if wrong or not as_sealed:
            found += of_rows(link.seal, link.covered)
    return found, len(lines)


def of_seal(seal: Seal, previous: bytes, covered: int) -> Iterator[Finding]:
    """The seal itself: its leaves, root, chain, head and signature."""
    name = f"seal {seal.number}"
    leaves = merkle.unpack(bytes(seal.leaves))
    keys = [key for key, _leaf in leaves]
    if not keys or keys != sorted(set(keys)) or keys[0] <= covered:
        yield Finding(name, "its list of transfers was changed")
        return
    if (seal.first_id, seal.last_id, seal.count) != (keys[0], keys[-1], len(keys)):
        yield Finding(name, "its range was changed")
    if merkle.root_of([leaf for _key, leaf in leaves]) != bytes(seal.root):
        yield Finding(name, "its root does not follow from its leaves")
    if bytes(seal.previous) != previous:
        yield Finding(name, "does not follow the seal before it")
    facts = (seal.number, seal.first_id, seal.last_id, seal.count, bytes(seal.root), bytes(seal.previous))
    if merkle.head_of(*facts) != bytes(seal.head):
        yield Finding(name, "its head was changed")
    if not is_signed(seal):
        yield Finding(name, "was not signed by this installation")


def is_signed(seal: Seal) -> bool:
    """True when the head was signed with a key that is still known here."""
    try:
        return signing.unsign(seal.signature, SIGNED) == bytes(seal.head)
    except signing.BadSignature:
        return False


def of_rows(seal: Seal, covered: int) -> Iterator[Finding]:
    """Each transfer in the seal's range against its leaf."""
    sealed = dict(merkle.unpack(bytes(seal.leaves)))
    for line in lines_between(covered, seal.last_id):
        key = key_of(line)
        leaf = sealed.pop(key, None)
        if leaf is None:
            yield Finding(f"transfer {key}", f"was added after seal {seal.number}")
        elif leaf != sha256(merkle.LEAF + line).digest():
            yield Finding(f"transfer {key}", f"was changed after seal {seal.number}")
    for key in sealed:
        yield Finding(f"transfer {key}", f"is missing, it was in seal {seal.number}")


def of_heads() -> Iterator[Finding]:
    """The heads that were written down outside the database."""
    path = settings.DATA / "ledger" / "heads.txt"
    if not path.exists():
        return
    heads = {number: bytes(head).hex() for number, head in Seal.objects.values_list("number", "head")}
    for line in path.read_text(encoding="ascii").splitlines():
        number, head, _at = line.split(" ", 2)
        if int(number) not in heads:
            yield Finding(f"seal {number}", "is missing, its head was written down")
        elif heads[int(number)] != head:
            yield Finding(f"seal {number}", "is not the one whose head was written down")


def of_reversals() -> Iterator[Finding]:
    """What a reversal must be, and two people for each of them and for whatever came into being."""
    with connection.cursor() as cursor:
        cursor.execute(UNLIKE)
        for key, original in cursor.fetchall():
            yield Finding(f"transfer {key}", f"is not transfer {original} the other way")
        cursor.execute(BY_ONE)
        for (key,) in cursor.fetchall():
            yield Finding(f"transfer {key}", "was not made by two people")


def of_sums() -> Iterator[Finding]:
    """Counters against the transfers and holds that they count."""
    with connection.cursor() as cursor:
        cursor.execute(SUMS)
        for key, debits, credits, held, *real in cursor.fetchall():
            told = zip(("debits", "credits", "held"), (debits, credits, held), real, strict=True)
            wrong = [f"{name} {kept} instead of {true}" for name, kept, true in told if kept != true]
            yield Finding(f"account {key}", ", ".join(wrong))
        cursor.execute(SETTLED)
        for hold, transfer in cursor.fetchall():
            yield Finding(f"hold {hold}", f"does not fit transfer {transfer}")
