"""Check an export of a Huying ledger anywhere, with this one file and Python 3.10 or newer, and nothing else.

    python check_export.py FILE [--heads HEADS] [--processes N]

FILE is what ``./huying ledger verify --export FILE`` writes. Every transfer is hashed again, every hash tree (RFC 6962,
SHA-256) and the chain of seals are reckoned again; nobody may have given what he had not; what came into being and what
was reversed must name two different people. HEADS holds lines "number head …" that were written down at other times or
places (<data>/ledger/heads.txt, a printed report, a receipt): only they can show that everything was sealed anew.
Each finding is one line. Exit code 1: something was found. This stays one file that imports nothing of ours.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path
from typing import Any

FORM, EXPORT = "huying.ledger.transfer.1", "huying.ledger.export.1"
LEAF, NODE, HEAD = b"\x00", b"\x01", b"\x02"
CHUNK = 4096
"""Transfers that are checked in one go."""
FIELDS = 18
KEY, GIVER, TAKER, ISSUING, AMOUNT, REVERSES, MAKER, CHECKER, EVIDENCE = 1, 4, 5, 6, 7, 9, 10, 11, 15
Seal = dict[str, Any]
Chunk = list[tuple["Seal | None", list[bytes]]]


class Looked:
    """What was found, and what accounts gave and got (``sums``: account -> units; ``issuing`` may go below nothing)."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self.sums: Counter[int] = Counter()
        self.issuing: set[int] = set()
        self.reversed: Counter[int] = Counter()

    def add(self, other: Looked) -> None:
        self.found += other.found
        self.sums.update(other.sums)
        self.issuing |= other.issuing
        self.reversed.update(other.reversed)


def leaves_of(seal: Seal) -> list[tuple[int, bytes]]:
    """Key and hash of each transfer that the seal is over."""
    packed = bytes.fromhex(seal["leaves"])
    return [(int.from_bytes(packed[n : n + 8], "big"), packed[n + 8 : n + 40]) for n in range(0, len(packed), 40)]


def root_of(leaves: list[bytes]) -> bytes:
    """The root of the hash tree over these leaf hashes."""
    level = leaves
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=False)
        up = [hashlib.sha256(NODE + one + other).digest() for one, other in pairs]
        level = up + level[-1:] if len(level) % 2 else up
    return level[0]


def of_seal(seal: Seal) -> Iterator[str]:
    """What is wrong with a seal by itself."""
    name, leaves = f"seal {seal['number']}", leaves_of(seal)
    keys = [key for key, _leaf in leaves]
    if not keys or keys != sorted(set(keys)):
        yield f"{name}: its list of transfers was changed"
        return
    if (seal["first_id"], seal["last_id"], seal["count"]) != (keys[0], keys[-1], len(keys)):
        yield f"{name}: its range was changed"
    if root_of([leaf for _key, leaf in leaves]).hex() != seal["root"]:
        yield f"{name}: its root does not follow from its leaves"
    numbers = b"".join(seal[one].to_bytes(8, "big") for one in ("number", "first_id", "last_id", "count"))
    hashes = bytes.fromhex(seal["root"]) + bytes.fromhex(seal["previous"])
    if hashlib.sha256(HEAD + numbers + hashes).hexdigest() != seal["head"]:
        yield f"{name}: its head was changed"


def of_lines(seal: Seal | None, lines: list[bytes], looked: Looked) -> Iterator[str]:
    """What is wrong with the transfers below a seal (None: those that are not sealed yet)."""
    leaves, before = dict(leaves_of(seal)) if seal else {}, 0
    for line in lines:
        row = read(line)
        if row is None:
            yield f"line {line[:60]!r}: is no transfer"
            continue
        key = row[KEY]
        if key <= before:
            yield f"transfer {key}: stands in the wrong place"
        before = max(before, key)
        if seal:
            leaf = leaves.pop(key, None)
            if leaf is None:
                yield f"transfer {key}: was added after seal {seal['number']}"
            elif leaf != hashlib.sha256(LEAF + line).digest():
                yield f"transfer {key}: was changed after seal {seal['number']}"
        if (row[ISSUING] or row[REVERSES]) and not by_two(row):
            yield f"transfer {key}: was not made by two people"
        note(row, looked)
    if seal:
        yield from (f"transfer {key}: is missing, it was in seal {seal['number']}" for key in leaves)


def read(line: bytes) -> list[Any] | None:
    """The fields of a transfer; None when the line cannot be one."""
    try:
        row: list[Any] = json.loads(line)
        numbers = all(type(row[one]) is int for one in (KEY, GIVER, TAKER, AMOUNT))
        whole = len(row) == FIELDS and row[0] == FORM and numbers and row[AMOUNT] > 0 and row[GIVER] != row[TAKER]
    except (ValueError, LookupError, TypeError):
        return None
    return row if whole else None


def by_two(row: list[Any]) -> bool:
    return None not in (row[MAKER], row[CHECKER]) and row[MAKER] != row[CHECKER] and row[EVIDENCE] != ""


def note(row: list[Any], looked: Looked) -> None:
    looked.sums[row[GIVER]] -= row[AMOUNT]
    looked.sums[row[TAKER]] += row[AMOUNT]
    if row[ISSUING]:
        looked.issuing.add(row[GIVER])
    if row[REVERSES]:
        looked.reversed[row[REVERSES]] += 1


def of_chunk(chunk: Chunk) -> Looked:
    """What is wrong with some seals and their transfers, and what they move."""
    looked = Looked()
    for seal, lines in chunk:
        if seal:
            looked.found += of_seal(seal)
        looked.found += of_lines(seal, lines, looked)
    return looked


class Reader:
    """Goes through the lines once: chunks for others to check, and what shows only in the order of the seals."""

    def __init__(self, lines: Iterable[bytes], heads: Iterable[tuple[int, str]]) -> None:
        self.lines, self.heads = lines, dict(heads)
        self.found: list[str] = []
        self.seals = self.transfers = self.number = self.covered = 0
        self.previous = bytes(32).hex()
        self.told: dict[str, int] = {}

    def chunks(self) -> Iterator[Chunk]:
        chunk: Chunk = []
        size = 0
        for line in self.lines:
            line = line.rstrip(b"\n")
            if line[:1] == b"[" and chunk:
                chunk[-1][1].append(line)
                self.transfers += 1
                size += 1
                continue
            if size >= CHUNK:
                yield chunk
                chunk, size = [], 0
            chunk += self.headed(line)
        if self.told != {"seals": self.seals, "transfers": self.transfers}:
            self.found.append("file: does not hold as many seals and transfers as it says at its end")
        yield chunk

    def headed(self, line: bytes) -> Chunk:
        """What begins with this line, which is no transfer."""
        head = json.loads(line)
        if "seal" in head:
            self.found += self.of_chain(head["seal"])
            return [(head["seal"], [])]
        if "end" in head:
            self.told = head["end"]
        elif "unsealed" not in head and head.get("form") != EXPORT:
            self.found.append("file: is no export of a ledger")
        return [(None, [])]

    def of_chain(self, seal: Seal) -> Iterator[str]:
        name, first = f"seal {seal['number']}", int(seal["leaves"][:16] or "0", 16)
        yield from (f"seal {number}: is missing" for number in range(self.number + 1, seal["number"]))
        if seal["number"] <= self.number or first <= self.covered:
            yield f"{name}: stands in the wrong place"
        if seal["previous"] != self.previous:
            yield f"{name}: does not follow the seal before it"
        if self.heads.pop(seal["number"], seal["head"]) != seal["head"]:
            yield f"{name}: is not the one whose head was written down"
        self.number, self.previous, self.covered = seal["number"], seal["head"], seal["last_id"]
        self.seals += 1


def answers(chunks: Iterator[Chunk], processes: int) -> Iterator[Looked]:
    """What is said of each chunk, in order; few are in memory at a time."""
    if processes < 2:
        yield from map(of_chunk, chunks)
        return
    with ProcessPoolExecutor(processes) as pool:
        waiting: deque[Future[Looked]] = deque()
        for chunk in chunks:
            waiting.append(pool.submit(of_chunk, chunk))
            if len(waiting) > 2 * processes:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def findings(
    lines: Iterable[bytes], heads: Iterable[tuple[int, str]] = (), processes: int = 1
) -> tuple[list[str], str]:
    """Everything that is wrong with an export (its lines), and a sentence on how much was looked at."""
    reader, looked = Reader(lines, heads), Looked()
    for one in answers(reader.chunks(), processes):
        looked.add(one)
    found = looked.found + reader.found
    found += [f"seal {number}: is missing, its head was written down" for number in reader.heads]
    found += [f"transfer {key}: was reversed {times} times" for key, times in looked.reversed.items() if times > 1]
    poor = [key for key, units in looked.sums.items() if units < 0 and key not in looked.issuing]
    found += [f"account {key}: gave more than it had" for key in poor]
    return found, f"{reader.seals} seals, {reader.transfers} transfers, {len(found)} findings"


def main() -> int:
    parser = argparse.ArgumentParser(description="Check an export of a Huying ledger.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--heads", type=Path, help="file of lines: number head")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    asked = parser.parse_args()
    kept = asked.heads.read_text(encoding="ascii").splitlines() if asked.heads else []
    heads = [(int(line.split()[0]), line.split()[1]) for line in kept if line.strip()]
    with asked.file.open("rb") as lines:
        found, told = findings(lines, heads, asked.processes)
    sys.stdout.write("".join(f"{one}\n" for one in [*found, told]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
