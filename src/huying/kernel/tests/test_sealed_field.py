"""Sealed values in the ORM: readable in place, masked everywhere else, unopenable anywhere else."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest
from django.core import serializers
from django.core.exceptions import FieldError, ValidationError
from django.db import connection, transaction
from django.forms import modelform_factory
from django.template import Context, Template

from huying.kernel import chance
from huying.kernel.sealed import SealBroken, Sealed, blind_index, blind_indexes, seal_many
from huying.kernel.sealed.field import SealedField

PHONE = "13800138000"


def stored(letter: Any, column: str = "phone") -> bytes | None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM kernel_letter WHERE id = %s", [letter.pk])
        value = cursor.fetchone()[0]
    return None if value is None else bytes(value)


def test_text_goes_in_sealed_and_comes_out_masked(letters: Any) -> None:
    letter = letters.objects.create(phone=PHONE, address="青禾县柳溪镇和平街 12 号")

    fresh = letters.objects.get()

    assert PHONE.encode() not in (stored(letter) or b"")
    assert (stored(letter) or b"")[:2] == b"\x01\x01"  # version 1, AES-256-GCM
    assert (str(fresh.phone), repr(fresh.phone), f"{fresh.phone:>10}") == (
        "••••8000",
        "<Sealed ••••8000>",
        "  ••••8000",
    )
    assert (fresh.phone.last4, fresh.phone.open()) == ("8000", PHONE)
    assert (str(fresh.address), fresh.address.open()) == ("••••", "青禾县柳溪镇和平街 12 号")


def test_nothing_and_the_empty_text_are_both_null(letters: Any) -> None:
    nothing = letters.objects.create(phone=None)
    empty = letters.objects.create(phone="")
    full = letters.objects.create(phone=PHONE)

    assert (stored(nothing), stored(empty)) == (None, None)
    assert [row.phone for row in letters.objects.filter(phone__isnull=True)] == [None, None]
    assert list(letters.objects.exclude(phone__isnull=True)) == [full]


def test_the_same_text_never_looks_the_same(letters: Any) -> None:
    one, two = letters.objects.create(phone=PHONE), letters.objects.create(phone=PHONE)

    assert stored(one) != stored(two)


def test_saving_again_does_not_touch_the_seal_and_new_text_does(letters: Any) -> None:
    letter = letters.objects.create(phone=PHONE)
    before = stored(letter)

    fresh = letters.objects.get()
    fresh.title = "改了标题"
    fresh.save()
    assert stored(letter) == before

    fresh.phone = "13900139000"
    fresh.save(update_fields=["phone"])
    assert stored(letter) != before
    assert letters.objects.get().phone.open() == "13900139000"


def test_no_look_up_but_isnull(letters: Any) -> None:
    for lookup in (
        {"phone": PHONE},
        {"phone__in": [PHONE]},
        {"phone__startswith": "138"},
        {"phone__gt": b""},
    ):
        with pytest.raises(FieldError):
            letters.objects.filter(**lookup)


def test_the_blind_index_finds_the_row(letters: Any) -> None:
    letter = letters.objects.create(phone=PHONE, phone_index=blind_index(PHONE, "phone"))

    assert letters.objects.get(phone_index=blind_index("＋86 138-0013-8000", "phone")) == letter
    assert not letters.objects.filter(phone_index=blind_index("13800138001", "phone")).exists()


def test_bulk_create_seals_and_bulk_writes_are_refused(letters: Any) -> None:
    made = letters.objects.bulk_create([letters(phone=PHONE), letters(phone="13900139000")])
    assert [row.phone.open() for row in letters.objects.order_by("id")] == [PHONE, "13900139000"]

    refused = [
        lambda: letters.objects.update(phone="13700137000"),
        lambda: letters.objects.filter(pk=made[0].pk).update(phone=made[1].phone),
        lambda: letters.objects.bulk_update(made, ["phone"]),
    ]
    for write in refused:
        with pytest.raises(TypeError, match="save"), transaction.atomic():
            write()

    assert letters.objects.update(phone=None) == 2


def test_deferred_values_are_read_when_asked_for(letters: Any, django_assert_num_queries: Any) -> None:
    letters.objects.create(phone=PHONE, title="信")

    letter = letters.objects.defer("phone").get()
    with django_assert_num_queries(1):
        assert letter.phone.open() == PHONE
    bare = letters.objects.only("phone").get()
    with django_assert_num_queries(1):  # the row's public id
        assert bare.phone.open() == PHONE


def test_values_without_their_row_show_nothing(letters: Any) -> None:
    letters.objects.create(phone=PHONE)

    [value] = letters.objects.values_list("phone", flat=True)

    assert (str(value), value.last4) == ("••••", "")
    with pytest.raises(SealBroken):
        value.open()


def test_a_blob_moved_to_another_row_or_column_does_not_open(letters: Any) -> None:
    mine, other = letters.objects.create(phone=PHONE), letters.objects.create(phone="13900139000")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE kernel_letter SET phone = %s, address = %s WHERE id = %s",
            [stored(mine), stored(mine), other.pk],
        )

    stolen = letters.objects.get(pk=other.pk)

    for value in (stolen.phone, stolen.address):
        assert (str(value), value.last4) == ("••••", "")
        with pytest.raises(SealBroken):
            value.open()


@pytest.mark.parametrize("damage", [b"", b"\x01\x01", b"\x00" * 60, None])
def test_damaged_blobs_are_told_apart_from_text(letters: Any, damage: bytes | None) -> None:
    letter = letters.objects.create(phone=PHONE)
    whole = stored(letter) or b""
    broken = whole[:-1] + bytes([whole[-1] ^ 1]) if damage is None else damage
    with connection.cursor() as cursor:
        cursor.execute("UPDATE kernel_letter SET phone = %s", [broken])

    with pytest.raises(SealBroken):
        letters.objects.get().phone.open()


def test_a_value_given_from_one_row_to_another_is_sealed_anew(letters: Any) -> None:
    first = letters.objects.create(phone=PHONE)
    second = letters.objects.create(phone=letters.objects.get(pk=first.pk).phone)

    assert letters.objects.get(pk=second.pk).phone.open() == PHONE
    assert stored(first) != stored(second)


def test_a_value_does_not_leave_through_pickle_json_or_fixtures(letters: Any) -> None:
    letter = letters.objects.create(phone=PHONE)

    with pytest.raises(TypeError):
        pickle.dumps(letter)
    with pytest.raises(TypeError):
        json.dumps({"phone": letter.phone})
    with pytest.raises(TypeError):
        serializers.serialize("json", [letter])
    assert copy.deepcopy(letter.phone) is letter.phone


def test_validation_sees_length_and_blank_and_forms_leave_the_field_out(letters: Any) -> None:
    letters(phone=PHONE, title="信", phone_index=b"1").full_clean()
    with pytest.raises(ValidationError) as error:
        letters(phone="9" * 501, title="信").full_clean(validate_unique=False)

    assert list(error.value.message_dict) == ["phone"]
    assert list(modelform_factory(letters, fields=["title", "phone"]).base_fields) == ["title"]
    with pytest.raises(TypeError):
        letters(phone=13800138000)


def test_a_template_shows_the_mask_and_cannot_open_the_value(letters: Any) -> None:
    letter = letters.objects.create(phone=PHONE)
    template = Template("{{ letter.phone }} {{ letter.phone.last4 }} [{{ letter.phone.open }}]")

    assert template.render(Context({"letter": letter})) == "••••8000 8000 []"


def test_short_values_show_less(letters: Any) -> None:
    shown = {text: letters.objects.create(phone=text).phone.last4 for text in ("110", "12345", "4001234567", PHONE)}
    long = letters.objects.create(phone="110101199003070000").phone.last4

    assert shown == {"110": "0", "12345": "45", "4001234567": "4567", PHONE: "8000"}
    assert long == "0000"


def test_the_field_is_known_to_migrations_by_its_public_name() -> None:
    _name, path, args, kwargs = SealedField(null=True, shows=0).deconstruct()

    assert (path, args, kwargs) == ("huying.kernel.sealed.SealedField", [], {"null": True})


def test_a_model_without_public_id_or_with_an_index_is_refused_by_the_checks(letters: Any) -> None:
    from django.db import models
    from django.test.utils import isolate_apps

    with isolate_apps("huying.kernel"):

        class Note(models.Model):
            text = SealedField(null=True, unique=True)

            class Meta:
                app_label = "kernel"

            def __str__(self) -> str:
                return ""

        assert {error.id for error in Note.check() if error.id.startswith("huying")} == {
            "huying.E001",
            "huying.E002",
        }
    assert [error for error in letters.check() if error.id.startswith("huying")] == []


def test_a_fresh_value_without_a_row_cannot_be_stored() -> None:
    with pytest.raises(SealBroken):
        Sealed(plain=PHONE).blob()
    assert chance.token(4)


def test_many_are_sealed_and_hashed_at_once_as_each_would_be(letters: Any) -> None:
    rows = [letters.objects.create(phone=None) for _n in range(3)]
    phones = ["13800138000", "138 0013 8001", "13800138000"]

    blobs = seal_many(phones, "kernel_letter", "phone", [one.public_id.bytes for one in rows])
    with connection.cursor() as cursor:
        for row, blob in zip(rows, blobs, strict=True):
            cursor.execute("UPDATE kernel_letter SET phone = %s WHERE id = %s", [blob, row.pk])

    assert [letters.objects.get(pk=one.pk).phone.open() for one in rows] == phones
    assert blobs[0] != blobs[2]  # another nonce and another row
    assert blind_indexes(phones, "phone") == [bytes(blind_index(one, "phone")) for one in phones]
