"""What is kept at a place besides its facts: opening hours and flags."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from huying.kernel import audit, clock, locks, worktime
from huying.kernel.actor import Actor
from huying.kernel.errors import Conflict, Forbidden, InvalidInput
from huying.kernel.transactions import begin
from huying.places import rules
from huying.places.actions.refusals import FlagNotOffered
from huying.places.models import Place, PlaceFlag, PlaceFlagging
from huying.places.queries.offering import offered_at

MOST_SPECIAL_DAYS = 200


class FlagHeld(Conflict):
    code = "place_flag_held"
    message = _("这里已经有这个标记。")


class FlagNotHeld(Conflict):
    code = "place_flag_not_held"
    message = _("这里没有这个标记。")


def set_hours(*, actor: Actor, place: Place, hours: dict[str, Any] | None) -> Place:
    """Keep opening hours in the form of ``worktime.parse`` (half-open; special days; holidays), or None.

    HoursUnclear when they cannot be read; a room without hours of its own follows its site (S1-6.1).
    """
    kept = None if hours is None else worktime.dump(worktime.parse(hours))
    if kept is not None and len(kept["special"]) > MOST_SPECIAL_DAYS:
        raise worktime.HoursUnclear(problem=_("特别日期太多"))
    with begin(actor):
        place = locks.one(Place, pk=place.pk)
        if not rules.can_keep(actor, place):
            raise Forbidden
        before, place.hours = place.hours, kept
        place.changed_at = clock.now()
        place.save(update_fields=["hours", "changed_at"])

        changes = {"hours": [before, kept]}
        audit.record(actor, "place.hours", place, place_path=place.path, changes=changes)
        return place


def set_flag(
    *, actor: Actor, place: Place, flag: PlaceFlag, given_date: date | None = None, reason: str = ""
) -> PlaceFlagging:
    """Give a flag with its date and reason (S1-2c.1, S3-1a.3). Forbidden, FlagNotOffered, FlagHeld."""
    if len(reason.strip()) > 200:
        raise InvalidInput(fields={"reason": _("原因最多 200 个字。")})
    with begin(actor):
        place = locks.one(Place, pk=place.pk)
        if not rules.can_give_flag(actor, place, flag):
            raise Forbidden
        if flag.limited and not offered_at(PlaceFlag.objects.filter(pk=flag.pk), [place]).exists():
            raise FlagNotOffered(flag=flag.name)
        if flag.pk in place.flags:
            raise FlagHeld
        held = PlaceFlagging.objects.create(
            place=place, flag=flag, given_date=given_date or clock.today(), reason=reason.strip()
        )
        place.flags = sorted({*place.flags, flag.pk})
        place.changed_at = clock.now()
        place.save(update_fields=["flags", "changed_at"])

        changes = {"flag": flag.pk, "given_date": held.given_date.isoformat()}
        audit.record(actor, "place.flag", place, place_path=place.path, changes=changes, reason=held.reason)
        return held


def clear_flag(
    *, actor: Actor, place: Place, flag: PlaceFlag, ended_date: date | None = None, reason: str = ""
) -> PlaceFlagging:
    """End a flag; that it was held stays known. Forbidden, FlagNotHeld."""
    with begin(actor):
        place = locks.one(Place, pk=place.pk)
        if not rules.can_give_flag(actor, place, flag):
            raise Forbidden
        held = PlaceFlagging.objects.filter(place=place, flag=flag, ended_date=None).first()
        if held is None:
            raise FlagNotHeld
        held.ended_date = max(ended_date or clock.today(), held.given_date)
        held.save(update_fields=["ended_date"])
        place.flags = [code for code in place.flags if code != flag.pk]
        place.changed_at = clock.now()
        place.save(update_fields=["flags", "changed_at"])

        changes = {"flag": flag.pk, "ended_date": held.ended_date.isoformat()}
        audit.record(actor, "place.unflag", place, place_path=place.path, changes=changes, reason=reason.strip()[:200])
        return held
