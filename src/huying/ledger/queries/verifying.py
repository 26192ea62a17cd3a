"""Everything in the ledger reckoned again: seals and their chain, each sealed row, the counters of each account."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db import connection

from huying.kernel import signing
from huying.ledger.models import Seal, Transfer
from huying.ledger.rules import merkle

SIGNED = "ledger.seal"
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
    counted = tally or Tally()
    previous, expected, covered = merkle.EMPTY, 1, 0
    for seal in Seal.objects.order_by("number").iterator(chunk_size=20):
        while expected < seal.number:
            yield Finding(f"seal {expected}", "is missing")
            expected += 1
        yield from of_seal(seal, previous, covered)
        yield from of_rows(seal, covered, counted)
        previous, covered, expected = bytes(seal.head), seal.last_id, seal.number + 1
        counted.seals += 1
    counted.unsealed = Transfer.objects.filter(pk__gt=covered).count()
    yield from of_heads()
    yield from of_sums()


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


def of_rows(seal: Seal, covered: int, tally: Tally) -> Iterator[Finding]:
    """Each transfer in the seal's range against its leaf."""
    sealed = dict(merkle.unpack(bytes(seal.leaves)))
    rows = Transfer.objects.filter(pk__gt=covered, pk__lte=seal.last_id).order_by("pk")
    for row in rows.values_list(*merkle.FIELDS).iterator(chunk_size=2000):
        tally.transfers += 1
        leaf = sealed.pop(row[0], None)
        if leaf is None:
            yield Finding(f"transfer {row[0]}", f"was added after seal {seal.number}")
        elif leaf != merkle.leaf_hash(row):
            yield Finding(f"transfer {row[0]}", f"was changed after seal {seal.number}")
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
