"""The export of the ledger, and the one file that checks it anywhere: ten thousand changes, every one found and named."""

from __future__ import annotations

import copy
import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from huying.kernel import clock
from huying.ledger import actions
from huying.ledger.management import check_export
from huying.ledger.queries.exporting import export
from huying.ledger.rules import merkle
from huying.ledger.tests.factories import CHECKER, START, SYSTEM, account, entry, give, key, person
from huying.ledger.tests.test_seals import as_owner

TAMPERED = int(os.environ.get("HUYING_LEDGER_TAMPERED", "10000"))
SIZE = 4
Lines = list[bytes]


@pytest.fixture
def lines(committed_db: None, own_heads: Path, monkeypatch: pytest.MonkeyPatch) -> Lines:
    """The export of a ledger with six seals, a reversal, and two transfers that wait for theirs."""
    monkeypatch.setattr("huying.ledger.actions.sealing.SIZE", SIZE)
    with clock.frozen(START):
        one, two = account(1000), account(50)
        for amount in range(1, 20):
            made = actions.transfer(actor=person(), entry=entry(one, two, amount, reason="测试"))
        actions.reverse(actor=person(), transfer=made, reason="", key=key(), approved_by=CHECKER)
        actions.transfer(actor=person(), entry=entry(one, two, 5))
        actions.seal(actor=SYSTEM)
        give(two, 7)
        actions.transfer(actor=person(), entry=entry(two, one, 3))
        return list(export())


def heads(lines: Lines) -> dict[int, str]:
    """Heads as somebody wrote them down."""
    seals = (json.loads(line).get("seal") for line in lines if line[:1] == b"{")
    return {seal["number"]: seal["head"] for seal in seals if seal}


@pytest.mark.django_db(transaction=True)
def test_an_honest_export_is_found_whole(lines: Lines) -> None:
    assert check_export.findings(lines, heads(lines).items()) == ([], "6 seals, 25 transfers, 0 findings")
    assert check_export.findings(lines, processes=2) == ([], "6 seals, 25 transfers, 0 findings")


@pytest.mark.django_db(transaction=True)
def test_the_one_file_runs_alone_and_says_what_is_wrong(
    lines: Lines, tmp_path: Path, own_heads: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "ledger.jsonl"
    call_command("ledger_verify", export=file)
    script = tmp_path / "alone" / "check.py"
    script.parent.mkdir()
    script.write_text(Path(check_export.__file__).read_text())

    def run(*more: str) -> Any:
        argv = [sys.executable, "-I", "-S", str(script), str(file), *more]
        return subprocess.run(argv, capture_output=True, text=True, check=False, cwd=script.parent)

    whole, known = run(), run("--heads", str(own_heads), "--processes", "1")
    file.write_bytes(file.read_bytes().replace(b'"key":"', b'"key": "').replace("测试".encode(), "改过".encode(), 1))
    changed = run()

    assert (whole.stdout, whole.returncode) == ("6 seals, 25 transfers, 0 findings\n", 0)
    assert (known.stdout, known.returncode) == (whole.stdout, 0)
    assert (changed.returncode, changed.stdout.count("was changed after seal")) == (1, 1)
    assert file.stat().st_mode & 0o077 == 0


@pytest.mark.django_db(transaction=True)
def test_an_export_that_cannot_be_written_says_so_and_a_ledger_that_is_wrong_is_exported_all_the_same(
    lines: Lines, tmp_path: Path
) -> None:
    with pytest.raises(CommandError, match="could not be written"):
        call_command("ledger_verify", export=tmp_path / "nowhere" / "x")
    as_owner("UPDATE ledger_transfer SET reason = 'x' WHERE id = (SELECT min(id) FROM ledger_transfer)")
    with pytest.raises(CommandError, match="not as it was written"):
        call_command("ledger_verify", export=tmp_path / "x")

    found, _told = check_export.findings((tmp_path / "x").read_bytes().splitlines())

    assert [one.partition(": ")[2] for one in found] == ["was changed after seal 1"]


# ── ten thousand changes ────────────────────────────────────────────────────
class Book:
    """An export taken apart: seals with their rows, so that it can be changed and put together again."""

    def __init__(self, lines: Lines) -> None:
        self.seals: list[tuple[dict[str, Any], Lines]] = []
        self.first, self.open = lines[0], []
        rows: Lines = self.open
        for line in lines[1:-1]:
            if line[:1] == b"[":
                rows.append(line)
            elif (told := json.loads(line)).get("seal"):
                rows = []
                self.seals.append((told["seal"], rows))
            else:
                rows = self.open

    def lines(self) -> Lines:
        out = [self.first]
        for seal, rows in self.seals:
            out += [told({"seal": seal}), *rows]
        out += [told({"unsealed": True}), *self.open]
        count = sum(len(rows) for _seal, rows in self.seals) + len(self.open)
        return [*out, told({"end": {"seals": len(self.seals), "transfers": count}})]

    def resealed(self, start: int) -> None:
        """Seals from this one on made again over the rows that are there, by somebody without the key."""
        previous = bytes.fromhex(self.seals[start - 1][0]["head"]) if start else bytes(32)
        for seal, rows in self.seals[start:]:
            leaves = [(json.loads(row)[1], merkle.hashlib.sha256(merkle.LEAF + row).digest()) for row in rows]
            root = merkle.root_of([leaf for _key, leaf in leaves])
            first, last = leaves[0][0], leaves[-1][0]
            head = merkle.head_of(seal["number"], first, last, len(leaves), root, previous)
            seal.update(first_id=first, last_id=last, count=len(leaves), root=root.hex(), previous=previous.hex())
            seal.update(head=head.hex(), leaves=merkle.pack(leaves).hex())
            previous = head


def told(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def changed(row: bytes, chance: random.Random) -> bytes:
    """Any field but the key, to any other value of its kind."""
    values = json.loads(row)
    at = chance.randrange(2, len(values))
    now = values[at]
    if isinstance(now, bool):
        values[at] = not now
    elif isinstance(now, int):
        values[at] = now + chance.choice([-1, 1]) * chance.randint(1, 10**6)
    elif now is None:
        values[at] = chance.randint(1, 10**6)
    else:
        values[at] = now + chance.choice([" ", "0", "x", "账"])
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()


def edit(book: Book, at: int, n: int, chance: random.Random) -> str:
    rows = book.seals[at][1]
    rows[n] = changed(rows[n], chance)
    return f"transfer {json.loads(rows[n])[1]}"


def delete(book: Book, at: int, n: int, chance: random.Random) -> str:
    return f"transfer {json.loads(book.seals[at][1].pop(n))[1]}"


def insert(book: Book, at: int, n: int, chance: random.Random) -> str:
    """One more, with a key of its own, anywhere in a seal."""
    rows = book.seals[at][1]
    values = json.loads(chance.choice(rows))
    values[1] = 10**6 + chance.randint(1, 10**6)
    rows.insert(chance.randint(0, len(rows)), told(values))
    return f"transfer {values[1]}"


def reorder(book: Book, at: int, n: int, chance: random.Random) -> str:
    """Two transfers of one seal stand in each other's place, or say each other's words."""
    rows = book.seals[at][1]
    one, other = sorted(chance.sample(range(len(rows)), 2))
    if chance.random() < 0.5:
        rows[one], rows[other] = rows[other], rows[one]
        return f"transfer {json.loads(rows[other])[1]}"
    first, second = json.loads(rows[one]), json.loads(rows[other])
    first[1], second[1] = second[1], first[1]
    rows[one], rows[other] = told_words(second), told_words(first)
    return f"transfer {first[1]}"


def told_words(values: Any) -> bytes:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()


def move(book: Book, at: int, n: int, chance: random.Random) -> str:
    """A transfer goes over to another seal."""
    row = book.seals[at][1].pop(n)
    book.seals[(at + 1) % len(book.seals)][1].append(row)
    return f"transfer {json.loads(row)[1]}"


def touch(book: Book, at: int, n: int, chance: random.Random) -> str:
    """A field of the seal itself."""
    seal = book.seals[at][0]
    name = chance.choice(["number", "first_id", "last_id", "count", "root", "previous", "head", "leaves"])
    if isinstance(seal[name], int):
        seal[name] += chance.randint(1, 9)
    else:
        place = chance.randrange(len(seal[name]))
        other = chance.choice([x for x in "0123456789abcdef" if x != seal[name][place]])
        seal[name] = seal[name][:place] + other + seal[name][place + 1 :]
    return "" if name == "leaves" else f"seal {seal['number']}"


def drop(book: Book, at: int, n: int, chance: random.Random) -> str:
    """A seal with all its transfers; of the last one only a head that was written down tells."""
    return f"seal {book.seals.pop(at)[0]['number']}"


def reseal(book: Book, at: int, n: int, chance: random.Random) -> str:
    """Change a transfer, then make every seal from there on again, as far as that goes without the key."""
    edit(book, at, n, chance)
    book.resealed(at)
    return f"seal {book.seals[at][0]['number']}"


CHANGES = (edit, edit, edit, delete, insert, reorder, move, touch, drop, reseal)


@pytest.mark.django_db(transaction=True)
def test_ten_thousand_random_changes_are_all_found_and_named(lines: Lines, tally: Callable[..., None]) -> None:
    chance, known, whole = random.Random(20260302), heads(lines), Book(lines)
    missed = []
    for number in range(TAMPERED):
        book, change = copy.deepcopy(whole), chance.choice(CHANGES)
        at = chance.randrange(len(book.seals))
        if change is reorder and len(book.seals[at][1]) < 2:
            at = 0
        name = change(book, at, chance.randrange(len(book.seals[at][1])), chance)

        found, _told = check_export.findings(book.lines(), known.items())

        if not any(one.startswith(f"{name}:" if name else "") for one in found) or not found:
            missed.append(f"{number} {change.__name__} {name}: {found}")
    tally("ledger tampered with", changes=TAMPERED, named=TAMPERED - len(missed))
    assert missed == []


def test_negative_control_without_the_heads_that_were_written_down_a_whole_new_chain_passes() -> None:
    rows = [
        told_words([merkle.FORM, n, "x", 1, 2, 3, False, 5, f"k{n}", None, 1, None, None, "", "", "", 0, 0])
        for n in (1, 2)
    ]
    seal: dict[str, Any] = {"number": 1}
    book = Book([told({"form": check_export.EXPORT}), told({"end": {}})])
    book.seals = [(seal, rows)]
    book.resealed(0)
    rows[0] = rows[0].replace(b'"k1"', b'"k9"')
    honest = seal["head"]
    book.resealed(0)

    without, _told = check_export.findings(book.lines())
    found, _told = check_export.findings(book.lines(), {1: honest}.items())

    assert "seal 1: is not the one whose head was written down" not in without
    assert "seal 1: is not the one whose head was written down" in found


@pytest.mark.parametrize("line", [b"[]", b"[1,2]", b'["x"]', b"[nonsense", b'["huying.ledger.transfer.1",1]'])
def test_a_line_that_is_no_transfer_is_named(line: bytes) -> None:
    lines = [told({"form": check_export.EXPORT}), told({"unsealed": True}), line]

    found, _told = check_export.findings([*lines, told({"end": {"seals": 0, "transfers": 1}})])

    assert found == [f"line {line!r}: is no transfer"]
