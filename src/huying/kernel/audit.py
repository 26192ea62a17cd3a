"""The trail: who did what, for whom, why and from where, written in the same transaction as the change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Model

from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.masking import mask
from huying.kernel.models.audit import AuditLine


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
    AuditLine.objects.bulk_create(list(lines))


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
