"""Keys: one file that only we can read; ciphers by number; a change of keys that may be cut off anywhere."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from django.core.management import call_command
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.models import AuditLine
from huying.kernel.sealed import KeyringTrouble, SealBroken, blind_index, keyring, rotation
from huying.kernel.sealed.algorithms import BY_NAME, REGISTRY, Aes256Gcm, Sm4Gcm
from huying.kernel.sealed.envelope import Spot, key_id, seal, unseal
from huying.kernel.sealed.rotation import Column, KeyTooFresh, keys_in_use, retire_unused, rotate

SYSTEM = Actor.system("test")
SPOT = Spot("letter", "phone", b"\x01" * 16)
COLUMNS = [Column("kernel_letter", name, "public_id", "id") for name in ("phone", "address")]


def keys_of(letters: Any) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT phone FROM kernel_letter UNION ALL SELECT address FROM kernel_letter")
        return {key_id(bytes(row[0])).hex() for row in cursor.fetchall() if row[0] is not None}


@pytest.mark.parametrize("algorithm", REGISTRY, ids=lambda algorithm: algorithm.name)
@given(plain=st.binary(max_size=200), aad=st.binary(max_size=50), nonce=st.binary(min_size=12, max_size=12))
def test_ciphers_open_what_they_sealed_and_nothing_that_was_changed(
    algorithm: Any, plain: bytes, aad: bytes, nonce: bytes
) -> None:
    key = bytes(range(algorithm.key_bytes))
    sealed = algorithm.seal(key, nonce, plain, aad)

    assert len(sealed) == len(plain) + 16
    assert algorithm.open(key, nonce, sealed, aad) == plain
    changed = bytes([sealed[0] ^ 1]) + sealed[1:]
    for wrong in ((key, nonce, changed, aad), (key, nonce, sealed, aad + b"x"), (key[::-1], nonce, sealed, aad)):
        with pytest.raises(InvalidTag):
            algorithm.open(*wrong)


def test_ciphers_agree_with_published_vectors() -> None:
    """AES-256-GCM: test case 15 of the GCM paper of McGrew and Viega; SM4-GCM: RFC 8998 A.1."""
    aes = Aes256Gcm().seal(
        bytes.fromhex("feffe9928665731c6d6a8f9467308308" * 2),
        bytes.fromhex("cafebabefacedbaddecaf888"),
        bytes.fromhex(
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
            "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255"
        ),
        b"",
    )
    sm4 = Sm4Gcm().seal(
        bytes.fromhex("0123456789abcdeffedcba9876543210"),
        bytes.fromhex("00001234567800000000abcd"),
        bytes.fromhex("aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccdddddddddddddddd")
        + bytes.fromhex("eeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa"),
        bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2"),
    )

    assert aes[-16:].hex() == "b094dac5d93471bdec1a502270e3cc6c"
    assert sm4[-16:].hex() == "83de3541e4c2b58177e065a9bf7b62ec"
    assert sm4[:16].hex() == "17f399f08c67d5ee19d0dc9969c4bb7d"


def test_set_up_makes_one_file_that_only_we_can_read(own_keys: Path) -> None:
    path = own_keys / "keys" / "keyring.json"
    before = path.read_bytes()

    assert keyring.ensure() is False
    assert path.read_bytes() == before
    assert (oct(path.stat().st_mode & 0o777), oct(path.parent.stat().st_mode & 0o777)) == ("0o600", "0o700")
    assert repr(keyring.load()).startswith("<Keyring") and json.loads(before)["index"] not in repr(keyring.load())


def test_a_missing_an_open_or_a_damaged_file_stops_with_a_clear_sentence(own_keys: Path) -> None:
    path = own_keys / "keys" / "keyring.json"
    path.chmod(0o644)
    with pytest.raises(KeyringTrouble, match="chmod 600"):
        keyring.load()
    path.chmod(0o600)
    path.write_text('{"keys": [')
    with pytest.raises(KeyringTrouble, match="damaged"):
        keyring.load()
    path.unlink()
    with pytest.raises(KeyringTrouble, match="make_keys"):
        blind_index("13800138000", "phone")


def test_a_key_that_is_not_there_is_named(own_keys: Path) -> None:
    blob = seal("文字", SPOT)
    (own_keys / "keys" / "keyring.json").unlink()
    keyring.ensure()

    with pytest.raises(KeyringTrouble, match=key_id(blob).hex()):
        unseal(blob, SPOT)


def test_another_process_changing_the_keys_is_noticed_at_once(own_keys: Path) -> None:
    old = seal("文字", SPOT)
    path = own_keys / "keys" / "keyring.json"
    pid = os.fork()
    if pid == 0:  # the child leaves without running pytest's own end
        keyring.add_key(BY_NAME["sm4-gcm"])
        os._exit(0)
    os.waitpid(pid, 0)

    new = seal("文字", SPOT)

    assert (old[1], new[1]) == (1, 2)
    assert unseal(old, SPOT) == unseal(new, SPOT) == "文字"
    assert oct(path.stat().st_mode & 0o777) == "0o600"


def test_a_cipher_that_does_not_fit_the_key_is_a_broken_seal(own_keys: Path) -> None:
    blob = seal("文字", SPOT)

    with pytest.raises(SealBroken, match="algorithm"):
        unseal(blob[:1] + b"\x02" + blob[2:], SPOT)


def test_rotation_seals_every_row_anew_and_changes_no_value(own_keys: Path, letters: Any) -> None:
    letters.objects.bulk_create(
        letters(title=str(n), phone=f"1380013{n:04}" if n % 3 else None, address=f"和平街 {n} 号") for n in range(700)
    )
    before = keys_of(letters)

    rows = rotate(actor=SYSTEM, algorithm=BY_NAME["sm4-gcm"], columns=COLUMNS)

    current = keyring.load().current
    assert (len(before), keys_of(letters)) == (1, {current.id.hex()})
    assert rows == 700 + sum(1 for n in range(700) if n % 3)
    assert keys_in_use(COLUMNS) == {current.id: rows}
    for n, letter in enumerate(letters.objects.order_by("id")):
        assert letter.address.open() == f"和平街 {n} 号"
        assert (letter.phone and letter.phone.open()) == (f"1380013{n:04}" if n % 3 else None)
    assert list(AuditLine.objects.order_by("id").values_list("verb", flat=True)) == ["keys.add", "keys.rotated"]


def test_a_rotation_cut_off_goes_on_where_it_was(own_keys: Path, letters: Any) -> None:
    letters.objects.bulk_create(letters(phone="13800138000", address="和平街") for _ in range(1200))
    told: list[int] = []

    class CutOff(Exception):
        pass

    def cut(column: str, done: int) -> None:
        told.append(done)
        raise CutOff

    with pytest.raises(CutOff):
        rotate(actor=SYSTEM, columns=COLUMNS, told=cut)
    assert told == [500]
    assert len(keys_of(letters)) == 2

    rows = rotate(actor=SYSTEM, fresh=False, columns=COLUMNS)

    assert rows == 2 * 1200 - 500
    assert keys_of(letters) == {keyring.load().current.id.hex()}
    assert rotate(actor=SYSTEM, fresh=False, columns=COLUMNS) == 0


def test_a_row_saved_meanwhile_is_not_overwritten(
    own_keys: Path, letters: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter = letters.objects.create(phone="13800138000")

    def meanwhile(blob: bytes, spot: Spot) -> str:
        fresh = letters.objects.get(pk=letter.pk)
        fresh.phone = "13900139000"
        fresh.save()
        return unseal(blob, spot)

    monkeypatch.setattr(rotation, "unseal", meanwhile)
    assert rotate(actor=SYSTEM, columns=COLUMNS) == 0

    assert letters.objects.get().phone.open() == "13900139000"


def test_old_keys_are_forgotten_only_when_no_row_needs_them_and_none_can_come(own_keys: Path, letters: Any) -> None:
    letter = letters.objects.create(phone="13800138000")
    old = keyring.load().current.id
    new = keyring.add_key().id

    with pytest.raises(KeyTooFresh):
        retire_unused(actor=SYSTEM, columns=COLUMNS)
    with clock.frozen(clock.now() + timedelta(minutes=11)):
        assert retire_unused(actor=SYSTEM, columns=COLUMNS) == []
        assert set(keyring.load().keys) == {old, new}

        rotate(actor=SYSTEM, fresh=False, columns=COLUMNS)
        assert retire_unused(actor=SYSTEM, columns=COLUMNS) == [old.hex()]

    assert set(keyring.load().keys) == {new}
    assert letters.objects.get(pk=letter.pk).phone.open() == "13800138000"


def test_the_blind_index_survives_a_rotation(own_keys: Path, letters: Any) -> None:
    before = blind_index("13800138000", "phone")

    rotate(actor=SYSTEM, columns=COLUMNS)

    assert blind_index("13800138000", "phone") == before


def test_the_commands_make_and_change_keys(own_keys: Path, db: None, capsys: pytest.CaptureFixture[str]) -> None:
    first = keyring.load().current.id
    call_command("make_keys")
    call_command("rotate_keys", "--algorithm", "sm4-gcm")

    assert keyring.load().current.algorithm.name == "sm4-gcm"
    assert first in keyring.load().keys
    assert "kept" in capsys.readouterr().out


def test_every_sealed_column_of_the_product_is_known_to_the_rotation() -> None:
    from django.apps import apps

    from huying.kernel.sealed import SealedField

    fields = {
        (model._meta.db_table, field.column)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, SealedField)
    }

    assert {(column.table, column.column) for column in rotation.sealed_columns()} == fields
