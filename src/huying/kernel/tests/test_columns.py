"""Columns read at once are what the ORM reads row by row."""

from __future__ import annotations

import pytest
from django.contrib.contenttypes.models import ContentType
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
