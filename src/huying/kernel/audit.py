"""The trail: who did what, for whom, why and from where, written in the same transaction as the change."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any

from django.db.models import Model

from huying.kernel import clock, prepared
from huying.kernel.actor import Actor
from huying.kernel.masking import mask
from huying.kernel.models.audit import AuditLine

of_line = attrgetter(
    *("at", "person_id", "on_behalf_of_id", "system", "channel", "address", "verb"),
    *("subject_type", "subject_id", "place_path", "reason"),
)
WRITE = (
    f"INSERT INTO {AuditLine._meta.db_table} (at, person_id, on_behalf_of_id, system, channel, address, verb,"  # noqa: S608
    " subject_type, subject_id, place_path, reason, changes)"
    " SELECT at, person_id, on_behalf_of_id, system, channel, address::inet, verb, subject_type, subject_id, place_path,"
    " reason, changes::jsonb"
    " FROM unnest(%s::timestamptz[], %s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[],"
    " %s::text[], %s::bigint[], %s::text[], %s::text[], %s::text[]) WITH ORDINALITY told (at, person_id, on_behalf_of_id,"
    " system, channel, address, verb, subject_type, subject_id, place_path, reason, changes, n) ORDER BY n"
)


def record(
    actor: Actor,
    verb: str,
    subject: Model | None,
    *,
    place_path: str = "",
    changes: dict[str, Any] | None = None,
    reason: str = "",
) -> AuditLine:
    """Append one line (S0-1c, security 5 no. 22). ``changes`` holds no personal values, only what moved;
    numbers of people written into a reason are masked, for a line can never be changed.
    """
    row = line(actor, verb, subject, place_path=place_path, changes=changes, reason=reason)
    row.save(force_insert=True)
    return row


def record_many(actor: Actor, verb: str, subjects: Sequence[Model], *, place_path: str = "") -> None:
    """Append one line for each subject of the same act, in their order, in one statement."""
    write(line(actor, verb, one, place_path=place_path) for one in subjects)


def write(lines: Iterable[AuditLine]) -> None:
    """Append lines of several acts done in one transaction, in their order, in one statement."""
    written = [(*of_line(one), json.dumps(one.changes)) for one in lines]
    if written:
        prepared.rows(WRITE, [list(column) for column in zip(*written, strict=True)])


def line(
    actor: Actor,
    verb: str,
    subject: Model | None,
    *,
    place_path: str = "",
    changes: dict[str, Any] | None = None,
    reason: str = "",
) -> AuditLine:
    """A line that is not written yet."""
    return AuditLine(
        at=clock.now(),
        person_id=actor.person_id,
        on_behalf_of_id=actor.on_behalf_of_id,
        system=actor.name if actor.is_system else "",
        channel=actor.channel,
        address=actor.address or None,
        verb=verb,
        subject_type=subject._meta.label if subject is not None else "",
        subject_id=subject.pk if subject is not None else None,
        place_path=place_path,
        changes=changes or {},
        reason=mask(reason or actor.reason),
    )
