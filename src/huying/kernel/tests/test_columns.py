"""Columns read at once are what the ORM reads row by row."""

from __future__ import annotations

import uuid
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import DataError, connection, transaction
from django.db.models import F, FloatField, IntegerField, Value
from django.db.models.functions import NullIf

from huying.kernel import columns

pytestmark = pytest.mark.django_db


def test_columns_are_what_the_rows_say() -> None:
    rows = ContentType.objects.annotate(
        twice=F("id") * 2, less=Value(-7, IntegerField()), part=F("id") * Value(0.25, FloatField())
    )

    found = columns.read(rows.filter(model__contains="a"), id=int, twice=int, less=int, part=float)

    told = sorted(zip(*(found[name].tolist() for name in found), strict=True))
    asked = rows.filter(model__contains="a").order_by("id").values_list("id", "twice", "less", "part")
    assert told == list(asked) and len(told) > 5
    assert (found["id"].dtype, found["part"].dtype) == ("int64", "float64")


def test_no_rows_are_columns_without_length() -> None:
    nothing = (ContentType.objects.filter(pk=-1), ContentType.objects.none())
    for rows in nothing:
        found = columns.read(rows.annotate(part=Value(0.5, FloatField())), id=int, part=float)
        assert {name: len(values) for name, values in found.items()} == {"id": 0, "part": 0}


def test_an_empty_value_is_named() -> None:
    some = ContentType.objects.order_by("id")[0].pk
    for rows in (ContentType.objects.filter(pk=some), ContentType.objects.all()):
        with pytest.raises(ValueError, match="gone"):
            columns.read(rows.annotate(gone=NullIf("id", Value(some))), id=int, gone=int)


def test_columns_written_are_what_the_rows_say_then() -> None:
    made = [uuid.UUID(int=n) for n in (1, 1 << 127, 3)]
    values = {
        "number": np.array([5, -(1 << 40), 1 << 40]),
        "small": np.array([-1, 2, 3], np.int16),
        "middle": np.array([1 << 30, -7, 0], np.int32),
        "part": np.array([0.25, -1e300, np.inf]),
        "yes": np.array([True, False, True]),
        "public": np.frombuffer(b"".join(one.bytes for one in made), "V16"),
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE columns_written (number bigint, small smallint, middle int, part float8, yes bool,"
            " public uuid, word text, nothing text, own int DEFAULT 9) ON COMMIT DROP"
        )
    table: Any = SimpleNamespace(_meta=SimpleNamespace(db_table="columns_written"))

    columns.write(table, values, {"word": "呼应", "nothing": ""})
    columns.write(table, {name: one[:0] for name, one in values.items()}, {"word": "none"})

    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM columns_written")
        told = cursor.fetchall()
    numbers = [values[name].tolist() for name in ("number", "small", "middle", "part", "yes")]
    assert told == [(*row, "呼应", "", 9) for row in zip(*numbers, made, strict=True)]


def test_a_column_of_another_type_is_refused() -> None:
    table: Any = SimpleNamespace(_meta=SimpleNamespace(db_table="columns_refused"))
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE columns_refused (number int) ON COMMIT DROP")

    with pytest.raises(DataError), transaction.atomic():
        columns.write(table, {"number": np.array([1])}, {})
