"""The model field of a sealed value."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from django.core import checks
from django.core.exceptions import FieldError
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models.query_utils import DeferredAttribute

from huying.kernel.sealed.envelope import Spot
from huying.kernel.sealed.value import Sealed


class Blob(bytes):
    """Bytes that were sealed for the very row they are being written to."""


class SealedAttribute(DeferredAttribute):
    """Gives each value its row on the way out and takes plain text on the way in."""

    field: SealedField

    def __get__(self, instance: models.Model | None, cls: type[models.Model] | None = None) -> Any:
        value = super().__get__(instance, cls)
        if instance is None or not isinstance(value, Sealed):
            return value
        return self.field.placed(instance, value)

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = self.field.to_python(value)


if TYPE_CHECKING:
    TextField = models.Field[str | Sealed | None, Sealed | None]
else:
    TextField = models.Field  # Django's own class takes no type arguments at run time


class SealedField(TextField):
    """Text sealed for its table, column and row; the row is known by ``public_id``, which the model must
    have.

    Assign text (or None); read a ``Sealed`` (or None). The empty string is stored as NULL. ``shows`` is
    how many last characters the mask keeps: 0 for addresses. No look-up but ``isnull``: to find by value,
    keep ``blind_index`` beside it. ``update()`` and ``bulk_update()`` are refused except with None: each
    row has its own seal. Not part of model forms.
    """

    descriptor_class = SealedAttribute
    empty_strings_allowed = False

    def __init__(self, verbose_name: Any = None, *, shows: int = 4, max_length: int = 500, **kwargs: Any):
        self.shows = shows
        super().__init__(verbose_name, max_length=max_length, **kwargs)

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, _path, args, kwargs = super().deconstruct()
        kwargs.pop("max_length", None)
        return name, "huying.kernel.sealed.SealedField", args, kwargs

    def get_internal_type(self) -> str:
        return "BinaryField"

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        errors = super().check(**kwargs)
        if not any(field.name == "public_id" for field in self.model._meta.fields):
            errors.append(checks.Error("A sealed field needs public_id on its model.", obj=self, id="huying.E001"))
        if self.unique or getattr(self, "db_index", False):
            errors.append(checks.Error("A sealed field cannot be indexed.", obj=self, id="huying.E002"))
        return errors

    def formfield(self, *args: Any, **kwargs: Any) -> None:
        """None: a form with the mask as its value would save the mask."""

    def spot(self, instance: models.Model) -> Spot:
        """Where the instance's value belongs."""
        row = instance.public_id  # type: ignore[attr-defined]
        assert self.column is not None
        return Spot(instance._meta.db_table, self.column, row.bytes)

    def placed(self, instance: models.Model, value: Sealed) -> Sealed:
        if "public_id" not in instance.__dict__:  # deferred: do not load it for a value nobody opens
            return value.found_by(partial(self.spot, instance))
        placed = value.at(self.spot(instance), self.shows)
        instance.__dict__[self.attname] = placed
        return placed

    def to_python(self, value: Any) -> Sealed | None:
        if value is None or value == "":
            return None
        if isinstance(value, Sealed):
            return value
        if isinstance(value, str):
            return Sealed(plain=value, shows=self.shows)
        raise TypeError(f"{self} takes text, not {type(value).__name__}")

    def run_validators(self, value: Any) -> None:
        text = value.open() if isinstance(value, Sealed) else value
        if text:
            MaxLengthValidator(self.max_length or 0)(text)
        super().run_validators(text)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Sealed | None:
        return None if value is None else Sealed(blob=bytes(value), shows=self.shows)

    def pre_save(self, model_instance: models.Model, add: bool) -> Blob | None:
        value = getattr(model_instance, self.attname)
        if value is None:
            return None
        value = value.at(self.spot(model_instance), self.shows)
        model_instance.__dict__[self.attname] = value
        return Blob(value.blob())

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        if value is None or isinstance(value, Blob) or hasattr(value, "as_sql"):
            return value
        raise TypeError(f"{self} is written row by row with save(): each row has its own seal")

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        """For constraint checks only, which ask whether there is a value."""
        return value.blob() if isinstance(value, Sealed) else value

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name != "isnull":
            raise FieldError(f"{self} is sealed: look it up by its blind index")
        return super().get_lookup(lookup_name)

    def value_to_string(self, obj: models.Model) -> str:
        raise TypeError(f"{self} is sealed and is not written to fixtures")
