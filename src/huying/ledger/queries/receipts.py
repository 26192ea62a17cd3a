"""Receipts: whoever has the code of a transfer sees whether it stands in a seal, and nothing of anybody else."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from huying.kernel import signing
from huying.kernel.errors import NotFound
from huying.ledger.models import Seal, Transfer
from huying.ledger.queries.verifying import is_signed
from huying.ledger.rules import merkle

PURPOSE = "ledger.receipt"


class Proof(StrEnum):
    """What became of a receipt."""

    SEALED = "sealed"
    WAITING = "waiting"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Receipt:
    """One transfer and its proof; ``path`` leads from ``leaf`` to the seal's root: (stands on the left, hash)."""

    transfer: Transfer
    proof: Proof
    seal: Seal | None
    leaf: str
    path: list[tuple[bool, str]]

    @property
    def root(self) -> str:
        """The seal's root, in hexadecimal."""
        return bytes(self.seal.root).hex() if self.seal else ""

    @property
    def head(self) -> str:
        """The seal's head, in hexadecimal."""
        return bytes(self.seal.head).hex() if self.seal else ""


def receipt_code(transfer: Transfer | int) -> str:
    """The secret part of a receipt's address: the public id of the transfer (or of the one with this key), signed.

    Whoever has it sees this one entry: give it to its owner and to auditors only. NotFound.
    """
    if isinstance(transfer, Transfer):
        return signing.sign(transfer.public_id.bytes, PURPOSE)
    public_id = Transfer.objects.filter(pk=transfer).values_list("public_id", flat=True).first()
    if public_id is None:
        raise NotFound
    return signing.sign(public_id.bytes, PURPOSE)


def receipt(code: str) -> Receipt:
    """The receipt with this code; NotFound for a code that was not made here."""
    try:
        public_id = UUID(bytes=signing.unsign(code, PURPOSE))
    except (signing.BadSignature, ValueError):
        raise NotFound from None
    transfer = Transfer.objects.filter(public_id=public_id).select_related("asset").first()
    if transfer is None:
        raise NotFound
    row = Transfer.objects.values_list(*merkle.FIELDS).get(pk=transfer.pk)
    leaf = merkle.leaf_hash(row)
    seal = Seal.objects.filter(first_id__lte=transfer.pk, last_id__gte=transfer.pk).first()
    if seal is None:
        return Receipt(transfer, Proof.WAITING, None, leaf.hex(), [])
    return proven(transfer, leaf, seal)


def proven(transfer: Transfer, leaf: bytes, seal: Seal) -> Receipt:
    """Climb from the row as it is now to the seal's root, and look at the seal's own chain and signature."""
    leaves = merkle.unpack(bytes(seal.leaves))
    keys = [key for key, _leaf in leaves]
    if transfer.pk not in keys:
        return Receipt(transfer, Proof.BROKEN, seal, leaf.hex(), [])
    path = merkle.path_to([one for _key, one in leaves], keys.index(transfer.pk))
    facts = (seal.number, seal.first_id, seal.last_id, seal.count, bytes(seal.root), bytes(seal.previous))
    whole = (
        merkle.climb(leaf, path) == bytes(seal.root)
        and merkle.head_of(*facts) == bytes(seal.head)
        and is_signed(seal)
        and linked(seal)
    )
    told = [(on_left, one.hex()) for on_left, one in path]
    return Receipt(transfer, Proof.SEALED if whole else Proof.BROKEN, seal, leaf.hex(), told)


def linked(seal: Seal) -> bool:
    """True when the neighbours in the chain agree with this seal."""
    around = dict(Seal.objects.filter(number__in=(seal.number - 1, seal.number + 1)).values_list("number", "head"))
    before = bytes(around[seal.number - 1]) if seal.number - 1 in around else merkle.EMPTY
    after = Seal.objects.filter(number=seal.number + 1).values_list("previous", flat=True).first()
    return bytes(seal.previous) == before and (after is None or bytes(after) == bytes(seal.head))
