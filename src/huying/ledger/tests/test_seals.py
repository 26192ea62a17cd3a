"""Seals: whatever is changed behind the application's back is found and named."""

from __future__ import annotations

import hashlib
import io
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from conftest import url_for
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from huying.kernel import clock
from huying.ledger import actions, queries
from huying.ledger.models import Seal, Transfer
from huying.ledger.queries.lines import key_of, lines_between
from huying.ledger.queries.verifying import Tally, findings
from huying.ledger.rules import merkle
from huying.ledger.tests.factories import START, SYSTEM, account, entry, give, person

EDITED = int(os.environ.get("HUYING_LEDGER_EDITS", "100"))
LEAVES = [hashlib.sha256(bytes([n])).digest() for n in range(33)]


def reckoned(leaves: list[bytes]) -> bytes:
    """RFC 6962 section 2.1 word for word: split at the largest power of two below n."""
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + reckoned(leaves[:k]) + reckoned(leaves[k:])).digest()


@pytest.mark.parametrize("count", range(1, 34))
def test_the_tree_is_that_of_rfc_6962_and_every_leaf_climbs_to_its_root(count: int) -> None:
    leaves = LEAVES[:count]
    root = merkle.root_of(leaves)

    assert root == reckoned(leaves)
    for index, leaf in enumerate(leaves):
        assert merkle.climb(leaf, merkle.path_to(leaves, index)) == root
        if count > 1:
            assert merkle.climb(LEAVES[(index + 1) % count], merkle.path_to(leaves, index)) != root


def test_packed_leaves_come_back() -> None:
    both = [(7, LEAVES[0]), (2**40, LEAVES[1])]

    assert merkle.unpack(merkle.pack(both)) == both


@pytest.fixture
def sealed(committed_db: None, own_heads: Path, monkeypatch: pytest.MonkeyPatch) -> list[Transfer]:
    """Seven transfers in three seals, and one that is not sealed yet."""
    monkeypatch.setattr("huying.ledger.actions.sealing.SIZE", 3)
    with clock.frozen(START):
        one, two = account(100), account()
        made = [actions.transfer(actor=person(), entry=entry(one, two, n, reason="测试")) for n in range(1, 7)]
        seals = actions.seal(actor=SYSTEM)
        give(two, 1)
    assert [(seal.number, seal.count) for seal in seals] == [(1, 3), (2, 3), (3, 1)]
    assert list(findings()) == []
    return made


def as_owner(*statements: str) -> None:
    """Behind the application's back: somebody with the owner's password."""
    with psycopg.connect(url_for(connection.settings_dict["NAME"], "huying_owner")) as owner:
        for statement in statements:
            owner.execute(statement)


def found() -> list[str]:
    return [str(one) for one in findings()]


@pytest.mark.django_db(transaction=True)
def test_seals_chain_and_are_written_down_outside(sealed: list[Transfer], own_heads: Path) -> None:
    seals = list(Seal.objects.order_by("number"))

    assert [bytes(one.previous) for one in seals] == [merkle.EMPTY, bytes(seals[0].head), bytes(seals[1].head)]
    assert [line.split()[1] for line in own_heads.read_text().splitlines()] == [bytes(one.head).hex() for one in seals]
    tally = Tally()
    assert list(findings(tally)) == []
    assert (tally.seals, tally.transfers, tally.unsealed) == (3, 7, 1)
    assert actions.seal(actor=SYSTEM)[0].count == 1
    assert actions.seal(actor=SYSTEM) == []


CHANGES: dict[str, Callable[[Transfer], tuple[list[str], list[str]]]] = {
    "another amount": lambda t: (
        [f"UPDATE ledger_transfer SET amount = amount + 1 WHERE id = {t.pk}"],
        [
            f"transfer {t.pk}: was changed after seal 2",
            f"account {t.debit_account_id}: debits 21 instead of 22",
            f"account {t.credit_account_id}: credits 22 instead of 23",
        ],
    ),
    "another reason": lambda t: (
        [f"UPDATE ledger_transfer SET reason = 'x' WHERE id = {t.pk}"],
        [f"transfer {t.pk}: was changed after seal 2"],
    ),
    "another day": lambda t: (
        [f"UPDATE ledger_transfer SET occurred_at = occurred_at - interval '1 day' WHERE id = {t.pk}"],
        [f"transfer {t.pk}: was changed after seal 2"],
    ),
    "another person": lambda t: (
        [f"UPDATE ledger_transfer SET made_by_id = 999 WHERE id = {t.pk}"],
        [f"transfer {t.pk}: was changed after seal 2"],
    ),
    "a row away, with its counters": lambda t: (
        [
            f"UPDATE ledger_account SET debits = debits - {t.amount} WHERE id = {t.debit_account_id}",
            f"UPDATE ledger_account SET credits = credits - {t.amount} WHERE id = {t.credit_account_id}",
            f"DELETE FROM ledger_transfer WHERE id = {t.pk}",
        ],
        [f"transfer {t.pk}: is missing, it was in seal 2"],
    ),
    "a row moved to a free key": lambda t: (
        [f"UPDATE ledger_transfer SET id = -{t.pk} WHERE id = {t.pk}"],
        [f"transfer {t.pk}: is missing, it was in seal 2"],
    ),
    "a counter": lambda t: (
        [f"UPDATE ledger_account SET credits = credits + 5 WHERE id = {t.credit_account_id}"],
        [f"account {t.credit_account_id}: credits 27 instead of 22"],
    ),
    "a held amount": lambda t: (
        [f"UPDATE ledger_account SET held = 3 WHERE id = {t.credit_account_id}"],
        [f"account {t.credit_account_id}: held 3 instead of 0"],
    ),
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", CHANGES)
def test_a_change_behind_our_back_is_found_and_named(sealed: list[Transfer], name: str) -> None:
    statements, expected = CHANGES[name](sealed[3])

    as_owner(*statements)

    assert found() == expected
    with pytest.raises(CommandError):
        call_command("ledger_verify", stdout=io.StringIO())


EDITS = {
    "public_id": "gen_random_uuid()",
    "amount": "amount + {n}",
    "key": "key || 'x'",
    "made_by_id": "coalesce(made_by_id, 0) + {n}",
    "approved_by_id": "coalesce(approved_by_id, 0) + {n} + 5000",
    "on_behalf": "{n}",
    "reason": "reason || ' '",
    "rule_version": "rule_version || '{n}'",
    "evidence": "evidence || '{n}'",
    "occurred_at": "occurred_at + interval '{n} microseconds'",
    "recorded_at": "recorded_at - interval '{n} microseconds'",
    "reverses_id": "id, approved_by_id = 7, evidence = 'x'",  # the table itself refuses one made by one person
}


@pytest.mark.django_db(transaction=True)
def test_whatever_is_edited_at_random_the_row_is_named(sealed: list[Transfer], tally: Callable[..., None]) -> None:
    """Many edits of any column of any sealed row, each put back afterwards (ten thousand: test_export)."""
    chance, named = random.Random(20260302), 0
    columns = ", ".join(merkle.FIELDS[1:])
    with psycopg.connect(url_for(connection.settings_dict["NAME"], "huying_owner"), autocommit=True) as owner:
        owner.execute("CREATE TEMPORARY TABLE kept AS TABLE ledger_transfer")  # gone with this connection
        for _ in range(EDITED):
            row, (column, edit) = chance.choice(sealed), chance.choice(list(EDITS.items()))
            change = edit.format(n=chance.randint(1, 900))
            owner.execute(f"UPDATE ledger_transfer SET {column} = {change} WHERE id = {row.pk}")

            said = [one for one in found() if "changed after" in one]

            assert said == [
                f"transfer {row.pk}: was changed after seal {1 if row in sealed[:2] else 2 if row in sealed[2:5] else 3}"
            ]
            named += 1
            owner.execute(
                f"UPDATE ledger_transfer t SET ({columns}) = (SELECT {columns} FROM kept k WHERE k.id = t.id) WHERE id = {row.pk}"
            )
    assert list(findings()) == []
    tally("ledger tampered with", edits=EDITED, named=named)


@pytest.mark.django_db(transaction=True)
def test_a_row_put_in_between_is_named(sealed: list[Transfer]) -> None:
    wrong = sealed[1]
    as_owner(
        f"DELETE FROM ledger_transfer WHERE id = {wrong.pk}",
        "INSERT INTO ledger_transfer (id, public_id, asset_id, debit_account_id, credit_account_id, issuing, amount, key,"
        " made_by_id, reason, rule_version, evidence, occurred_at, recorded_at)"
        f" SELECT {wrong.pk}, gen_random_uuid(), asset_id, debit_account_id, credit_account_id, issuing, {wrong.amount},"
        f" 'new', 1, '', '', '', now(), now() FROM ledger_transfer WHERE id = {sealed[0].pk}",
    )

    assert found() == [f"transfer {wrong.pk}: was changed after seal 1"]


def resealed(number: int, key: bytes = b"x" * 16) -> list[str]:
    """All seals from ``number`` on made again over the rows as they are now, by somebody without our signing key."""
    statements, previous = [], merkle.EMPTY
    for one in Seal.objects.order_by("number"):
        if one.number >= number:
            rows = Transfer.objects.filter(pk__gte=one.first_id, pk__lte=one.last_id).order_by("pk")
            leaves = [(row[0], merkle.leaf_hash(row)) for row in rows.values_list(*merkle.FIELDS)]
            root = merkle.root_of([leaf for _key, leaf in leaves])
            head = merkle.head_of(one.number, leaves[0][0], leaves[-1][0], len(leaves), root, previous)
            statements.append(
                f"UPDATE ledger_seal SET leaves = '\\x{merkle.pack(leaves).hex()}', root = '\\x{root.hex()}', previous ="
                f" '\\x{previous.hex()}', head = '\\x{head.hex()}', count = {len(leaves)} WHERE id = {one.pk}"
            )
            previous = head
        else:
            previous = bytes(one.head)
    return statements


@pytest.mark.django_db(transaction=True)
def test_sealing_again_without_the_key_is_found(sealed: list[Transfer], own_heads: Path) -> None:
    as_owner(f"UPDATE ledger_transfer SET reason = 'x' WHERE id = {sealed[3].pk}")
    as_owner(*resealed(2))

    assert [line for line in found() if "signed" in line] == [
        "seal 2: was not signed by this installation",
        "seal 3: was not signed by this installation",
    ]
    own_heads.unlink()
    assert len(found()) == 2


@pytest.mark.django_db(transaction=True)
def test_a_chain_cut_at_its_end_is_found(sealed: list[Transfer]) -> None:
    as_owner("DELETE FROM ledger_seal WHERE number = 3")

    assert found() == ["seal 3: is missing, its head was written down"]


@pytest.mark.django_db(transaction=True)
def test_a_seal_taken_out_or_changed_is_found(sealed: list[Transfer]) -> None:
    as_owner("DELETE FROM ledger_seal WHERE number = 2")
    assert "seal 2: is missing" in found()
    assert "seal 3: does not follow the seal before it" in found()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("leaves = substr(leaves, 1, 80)", "its range was changed"),
        ("leaves = ''", "its list of transfers was changed"),
        ("root = sha256(root)", "its root does not follow from its leaves"),
        ("head = sha256(head)", "its head was changed"),
        ("previous = sha256(previous)", "does not follow the seal before it"),
        ("count = 99", "its range was changed"),
        ("signature = 'x'", "was not signed by this installation"),
    ],
)
def test_a_seal_that_was_touched_is_named(sealed: list[Transfer], change: str, said: str) -> None:
    as_owner(f"UPDATE ledger_seal SET {change} WHERE number = 2")

    assert f"seal 2: {said}" in found()


@pytest.mark.django_db(transaction=True)
def test_the_command_says_what_it_looked_at(sealed: list[Transfer]) -> None:
    said = io.StringIO()

    call_command("ledger_verify", stdout=said)

    assert said.getvalue() == "3 seals, 7 sealed transfers, 1 not sealed yet, 0 findings\n"


@pytest.mark.django_db(transaction=True)
def test_nothing_is_sealed_past_a_transfer_that_is_still_under_way(sealed: list[Transfer]) -> None:
    """The other connection has taken a key, but not yet committed: a later one must wait for it."""
    settings_dict = connection.settings_dict
    with psycopg.connect(url_for(settings_dict["NAME"], "huying_app")) as other:
        other.execute("SELECT * FROM ledger_account ORDER BY id LIMIT 1 FOR UPDATE")

        assert actions.seal(actor=SYSTEM, patience=0.1) == []

        other.rollback()
        assert [one.count for one in actions.seal(actor=SYSTEM, patience=5)] == [1]


def test_the_data_folder_of_this_run_is_not_the_real_one(own_heads: Path) -> None:
    assert own_heads.parent.parent == settings.DATA


def test_the_canonical_form_names_every_column() -> None:
    assert {field.attname for field in Transfer._meta.concrete_fields} == set(merkle.FIELDS)


NASTY = ['"', "\\", "\n\r\t\b\f", "\x01\x1f\x7f", "</script>", "\u2028\u2029\ufeff", "😀𠮷", "é", "'", "{}[],:", " "]


@pytest.mark.django_db
def test_the_server_writes_every_transfer_in_the_same_form_as_we_do() -> None:
    moments = (
        START,
        START.replace(microsecond=1),
        START.replace(year=1969, microsecond=999_999),
        START.replace(year=9999),
    )
    giver, taker = account(10**6), account()
    for n, words in enumerate([*NASTY, "".join(NASTY)]):
        facts = {"reason": words, "rule_version": words, "evidence": words, "occurred_at": moments[n % len(moments)]}
        made = actions.transfer(actor=person(), entry=entry(giver, taker, n + 1, key=f"{words}-{n}", **facts))
    actions.reverse(actor=person(), transfer=made, reason="", key="back", approved_by=102)

    ours = [merkle.canonical(row) for row in Transfer.objects.order_by("pk").values_list(*merkle.FIELDS)]
    theirs = lines_between(0, 2**62)

    assert theirs == ours
    assert [key_of(line) for line in theirs] == list(Transfer.objects.order_by("pk").values_list("pk", flat=True))
    assert lines_between(2**61, 2**62) == []


REVERSALS = {
    "another amount": ("amount = amount + 1", "is not transfer {0} the other way"),
    "another taker": ("credit_account_id = debit_account_id", "is not transfer {0} the other way"),
    "of a later one": ("reverses_id = id", "is not transfer {1} the other way"),
    "by one person": ("approved_by_id = made_by_id", "was not made by two people"),
    "of what nobody checked": ("evidence = ''", "was not made by two people"),
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", REVERSALS)
def test_a_reversal_that_is_none_is_found_even_before_it_is_sealed(
    committed_db: None, own_heads: Path, name: str
) -> None:
    change, said = REVERSALS[name]
    made = actions.transfer(actor=person(), entry=entry(account(100), account(), 9))
    back = actions.reverse(actor=person(), transfer=made, reason="", key="back", approved_by=102)
    assert found() == []
    names = ("ledger_transfer_reversed_by_two", "ledger_transfer_between_two")
    as_owner(
        *(f"ALTER TABLE ledger_transfer DROP CONSTRAINT {one}" for one in names),
        f"UPDATE ledger_transfer SET {change} WHERE id = {back.pk}",
    )

    try:
        assert f"transfer {back.pk}: {said.format(made.pk, back.pk)}" in found()
    finally:
        rules = {one.name: one for one in Transfer._meta.constraints if one.name in names}
        as_owner(f"DELETE FROM ledger_transfer WHERE id = {back.pk}")
        as_owner(
            *(str(one.create_sql(Transfer, connection.schema_editor())) for one in rules.values()),
        )


@pytest.mark.django_db(transaction=True)
def test_units_that_one_person_brought_into_being_are_found(committed_db: None, own_heads: Path) -> None:
    made = give(account(), 9)
    as_owner(
        "ALTER TABLE ledger_transfer DROP CONSTRAINT ledger_transfer_two_people",
        f"UPDATE ledger_transfer SET approved_by_id = made_by_id WHERE id = {made.pk}",
    )

    try:
        assert f"transfer {made.pk}: was not made by two people" in found()
    finally:
        as_owner(f"UPDATE ledger_transfer SET approved_by_id = made_by_id + 1 WHERE id = {made.pk}")
        rule = next(one for one in Transfer._meta.constraints if one.name == "ledger_transfer_two_people")
        as_owner(str(rule.create_sql(Transfer, connection.schema_editor())))


def receipt_words(code: str) -> Any:
    told = queries.receipt(code)
    return told.proof.value, told.seal.number if told.seal else None


@pytest.mark.django_db(transaction=True)
def test_a_receipt_is_proven_by_its_seal_until_the_row_is_changed(sealed: list[Transfer]) -> None:
    codes = [queries.receipt_code(one) for one in sealed]
    waiting = queries.receipt_code(Transfer.objects.order_by("-id")[0])

    assert [receipt_words(code) for code in codes] == [("sealed", n) for n in (1, 1, 2, 2, 2, 3)]
    assert receipt_words(waiting) == ("waiting", None)
    as_owner(f"UPDATE ledger_transfer SET amount = amount + 1 WHERE id = {sealed[3].pk}")
    assert [receipt_words(code)[0] for code in codes] == ["sealed"] * 3 + ["broken"] + ["sealed"] * 2
