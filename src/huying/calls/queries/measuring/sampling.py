"""Drawing calls for calling back (回访抽样): stratified, and the same again for the same seed. Pure functions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from hashlib import sha256
from uuid import UUID

Stratum = Hashable


def drawn(population: Iterable[tuple[UUID, Stratum]], size: int, seed: str) -> list[UUID]:
    """``size`` keys (all of them when there are fewer), shared out over the strata by their size.

    Within a stratum whoever has the smallest hash of seed and key comes first: no order of the database, no version of a
    random generator enters, so anybody can draw again from the list and the seed.
    """
    strata: dict[Stratum, list[UUID]] = defaultdict(list)
    for key, stratum in population:
        strata[stratum].append(key)
    shares = allotted({stratum: len(keys) for stratum, keys in strata.items()}, size)
    found: list[UUID] = []
    for stratum in sorted(strata, key=str):
        found += sorted(strata[stratum], key=lambda key: ticket(seed, key))[: shares[stratum]]
    return found


def ticket(seed: str, key: UUID) -> bytes:
    """The place of one key in the order of ``seed``."""
    return sha256(f"{seed}:{key}".encode()).digest()


def allotted(sizes: Mapping[Stratum, int], size: int) -> dict[Stratum, int]:
    """How many of each stratum: in proportion (largest remainder), at least one of each while there are enough."""
    whole = sum(sizes.values())
    size = min(size, whole)
    order = sorted(sizes, key=lambda one: (-sizes[one], str(one)))
    least = 1 if size >= len(sizes) else 0
    shares = {one: max(least, sizes[one] * size // whole) for one in order}
    by_remainder = sorted(order, key=lambda one: -(sizes[one] * size % whole))
    while (missing := size - sum(shares.values())) > 0:
        room = [one for one in by_remainder if shares[one] < sizes[one]]
        for one in room[:missing]:
            shares[one] += 1
    while (over := sum(shares.values()) - size) > 0:
        for one in [one for one in order if shares[one] > least][:over]:
            shares[one] -= 1
    return shares


def digest(population: Sequence[tuple[UUID, Stratum]]) -> str:
    """What stands for the whole population, whatever order it was read in."""
    lines = sorted(f"{key} {stratum}" for key, stratum in population)
    return sha256("\n".join(lines).encode()).hexdigest()
