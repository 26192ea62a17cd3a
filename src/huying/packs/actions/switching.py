"""A pack is switched on and off at places; what has its day is switched off, plans go on into a new year."""

from __future__ import annotations

import logging
from datetime import date

from django.utils.translation import gettext_lazy as _

from huying.kernel import audit, clock, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import DomainError, Forbidden, InvalidInput, NotFound
from huying.kernel.transactions import begin
from huying.packs import rules
from huying.packs.actions.loading import offer
from huying.packs.actions.placing import keep_at
from huying.packs.actions.refusals import AlreadyOff, AlreadyOn, UntilPast
from huying.packs.models import Pack, Switch
from huying.packs.queries.running import file_of, newest
from huying.places.models import Place

log = logging.getLogger("huying.packs")
LONGEST_REASON = 200


def switch_on(*, actor: Actor, pack: Pack, place: Place, until: date | None = None, reason: str = "") -> Switch:
    """Put the version in force on at a place and below it. Forbidden, AlreadyOn, UntilPast, InvalidInput from a room."""
    if until is not None and until <= clock.today():
        raise UntilPast(fields={"until": UntilPast.message})
    with begin(actor):
        row = locked(pack)
        place = place_of(place)
        if not rules.can_switch(actor, place):
            raise Forbidden
        version = newest(row)
        if version is None:
            raise NotFound
        if Switch.objects.filter(pack=row, place=place, off_at__isnull=True).exists():
            raise AlreadyOn(key=row.key)
        last = Switch.objects.filter(pack=row, place=place).select_related("version").order_by("-on_at", "-id").first()
        facts = {"until": until, "on_by": actor.person_id, "reason": reason.strip()[:LONGEST_REASON]}
        made = Switch.objects.create(pack=row, version=version, place=place, **facts)
        offer(row)
        before = file_of(last.version) if last else None  # what a draft from then may still say
        keep_at(actor=actor, pack=row, file=file_of(version), places=[place], before=before)

        changes = {"key": row.key, "version": version.version, "until": until.isoformat() if until else None}
        audit.record(actor, "pack.on", made, place_path=place.path, changes=changes, reason=made.reason)
        return made


def switch_off(*, actor: Actor, switch: Switch, reason: str) -> Switch:
    """Offer it no longer here; records keep what they have. Forbidden, AlreadyOff, InvalidInput without a reason."""
    if not reason.strip():
        raise InvalidInput(fields={"reason": _("请写一句为什么停用。")})
    with begin(actor):
        row = locked(switch.pack)
        place = place_of(switch.place)
        fresh = Switch.objects.select_related("place").get(pk=switch.pk)
        if not rules.can_switch(actor, place):
            raise Forbidden
        if fresh.off_at is not None:
            raise AlreadyOff
        fresh.off_at, fresh.off_by = max(clock.now(), fresh.on_at), actor.person_id
        fresh.save(update_fields=["off_at", "off_by"])
        offer(row)
        keep_at(actor=actor, pack=row, file=None, places=[place])

        changes = {"key": row.key}
        audit.record(actor, "pack.off", fresh, place_path=place.path, changes=changes, reason=reason.strip())
        return fresh


def lapse(*, actor: Actor) -> int:
    """Switch off what was to end by today; how many."""
    due = Switch.objects.filter(off_at__isnull=True, until__lte=clock.today()).select_related("pack", "place")
    done = 0
    for one in due.order_by("pk"):
        try:
            switch_off(actor=actor, switch=one, reason=str(_("到期")))
        except AlreadyOff:
            continue
        except DomainError as refusal:
            left_out(actor, one, refusal)
            continue
        done += 1
    return done


def left_out(actor: Actor, switch: Switch, refusal: DomainError) -> None:
    """What the night could not do at one place is written down; the others go on."""
    said = " ".join(str(one) for one in (refusal, *refusal.fields.values()))
    log.warning("%s at place %d was left out: %s", switch.pack.key, switch.place_id, said)
    with begin(actor):
        changes = {"key": switch.pack.key, "code": refusal.code}
        path = switch.place.path
        audit.record(actor, "pack.left_out", switch, place_path=path, changes=changes, reason=said[:LONGEST_REASON])


def renew(*, actor: Actor) -> int:
    """The plans of the calendar year at every place where a pack with rhythms is on; again changes nothing. A place that
    refuses its plan is left out.
    """
    rows = (
        Switch.objects.filter(off_at__isnull=True).select_related("pack", "place", "version").order_by("pack", "place")
    )
    done = 0
    for one in rows:
        file = file_of(one.version)
        if not file.things.rhythms:
            continue
        try:
            with begin(actor):
                row = locked(one.pack)
                if Switch.objects.filter(pk=one.pk, off_at__isnull=True).exists():
                    keep_at(actor=actor, pack=row, file=file, places=[one.place], kinds=("rhythms",))
                    done += 1
        except DomainError as refusal:
            left_out(actor, one, refusal)
    return done


def locked(pack: Pack) -> Pack:
    """The pack under lock, with all others: what is offered where is worked out by one at a time."""
    return next(one for one in locks.many(Pack.objects.all()) if one.pk == pack.pk)


def place_of(place: Place) -> Place:
    """As it is now; it stays where it is until the end."""
    return locks.one(Place, pk=place.pk)
