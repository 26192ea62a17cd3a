"""What a tablet hands in from the door: a JSON body of scans, each with a name of its own, and an answer for each."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Schema
from pydantic import AwareDatetime, ValidationError, model_validator

from huying.activities.actions import Scan, Taken
from huying.kernel.errors import InvalidInput, Unreadable
from huying.kernel.rest import Plain, Strict

AT_ONCE = 200
"""So many scans that their answers are kept whole under the idempotency key (kernel.idempotency.BODY_KEPT)."""


class ScanIn(Strict):
    """One press at a door. ``id`` is the tablet's own name for it, by which the answer speaks of it; ``at`` is when the
    tablet saw it, with its zone; ``count`` how many of a team or group came.
    """

    id: Annotated[Plain, Field(min_length=1, max_length=40)]
    sign_up: UUID
    at: AwareDatetime
    act: Literal["in", "out"] = "in"
    count: Annotated[int, Field(ge=1, le=10_000)] | None = None


class ScansIn(Strict):
    """A batch in any order. Handed in again, by this tablet or another, it counts nobody twice."""

    scans: Annotated[list[ScanIn], Field(min_length=1, max_length=AT_ONCE)]

    @model_validator(mode="before")
    @classmethod
    def readable(cls, data: Any) -> Any:
        """Each scan is looked at by itself, so that a refusal names it."""
        return data

    def seen(self) -> list[Scan]:
        return [Scan(one.sign_up, one.at, one.act == "out", one.count) for one in self.scans]


class ScanOut(Schema):
    """``state``: ``arrived`` (counted now), ``known`` (counted already) or ``refused``, then with ``code`` and
    ``message``.
    """

    id: str
    state: str
    code: str
    message: str


class ScansOut(Schema):
    """How many of each, and every scan of the batch in its order."""

    arrived: int
    known: int
    refused: int
    scans: list[ScanOut]


def read_scans(request: HttpRequest) -> ScansIn:
    """The body of a request. Unreadable when it is no JSON; InvalidInput names each field as ``scans.3.at``."""
    if request.content_type != "application/json":
        raise Unreadable
    try:
        return ScansIn.model_validate(json.loads(request.body))
    except ValidationError as wrong:
        found = {".".join(str(part) for part in one["loc"]) or "body": str(one["msg"]) for one in wrong.errors()}
        raise InvalidInput(fields=found) from None
    except (ValueError, RecursionError):
        raise Unreadable from None


def scans_told(given: ScansIn, taken: Taken) -> dict[str, Any]:
    """The answer to a batch (ScansOut)."""
    rows = [
        {
            "id": one.id,
            "state": answer.state,
            "code": answer.why.code if answer.why else "",
            "message": str(answer.why) if answer.why else "",
        }
        for one, answer in zip(given.scans, taken.answers, strict=True)
    ]
    refused = len(rows) - taken.arrived - taken.known
    return {"arrived": taken.arrived, "known": taken.known, "refused": refused, "scans": rows}
