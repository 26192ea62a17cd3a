"""Shapes that every endpoint shares: strict bodies, text that can be stored, one kind of error."""

from __future__ import annotations

import math
from typing import Annotated, Any

from ninja import Schema
from pydantic import AfterValidator, ConfigDict, model_validator

DEEPEST = 6
REFUSALS = (400, 401, 403, 404, 405, 409, 413, 422, 429, 503)


def storable(text: str) -> str:
    """The text, if the database can hold it: no NUL and no half of a surrogate pair."""
    if "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueError("holds characters that cannot be stored")
    return text


Plain = Annotated[str, AfterValidator(storable)]


class Strict(Schema):
    """A body: unknown names are refused, so that nothing is set by surprise (security 5 no. 23)."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    @model_validator(mode="before")
    @classmethod
    def readable(cls, data: Any) -> Any:
        """Refuse what PostgreSQL cannot hold or what is nested without end, wherever in the body it stands."""
        check(getattr(data, "_obj", data), 0)
        return data


def check(value: Any, depth: int) -> None:
    if depth > DEEPEST:
        raise ValueError("is nested too deep")
    if isinstance(value, str):
        storable(value)
    elif isinstance(value, float) and not math.isfinite(value):
        raise ValueError("holds a number that is none")
    elif isinstance(value, dict):
        for name, inner in value.items():
            check(name, depth)
            check(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            check(inner, depth + 1)


class ErrorFacts(Schema):
    """``code`` is stable; ``message`` is for people; ``fields`` says per field what to mend."""

    code: str
    message: str
    fields: dict[str, str]


class ErrorOut(Schema):
    """The one shape of every refusal."""

    error: ErrorFacts


def gives(shape: Any, status: int = 200) -> dict[Any, Any]:
    """The ``response=`` of an endpoint: what it gives, and that every refusal has the one shape."""
    return {status: shape, frozenset(REFUSALS): ErrorOut}
