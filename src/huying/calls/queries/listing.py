"""The list of calls: filters, two orders that page by keys, and the rows of an export."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from huying.calls import rules
from huying.calls.models import NO_CLOCK, Call
from huying.calls.queries.board import ROW, Card, Filters, desk_calls, narrowed, with_offers
from huying.calls.queries.rings import as_far_as
from huying.calls.queries.shown import cards_of
from huying.calls.states import COLUMNS, OPEN_STATES, OfferState
from huying.kernel import clock, paging
from huying.kernel.actor import Actor
from huying.kernel.exports import Column
from huying.people import rules as people_rules
from huying.places.models import Place
from huying.ui.naming import named

DATED: dict[str, Promise] = {
    "created": _("提交"),
    "accepted": _("接单"),
    "delivered": _("服务完成"),
    "ended": _("办结"),
}
SORTS: dict[str, Promise] = {"newest": _("新提交的在前"), "due": _("快到期的在前")}
ORDERS = {"newest": ("-id",), "due": ("due", "id")}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the list shall hold. ``state``: "", "open", a column code, or "=" and one state; ``until`` is exclusive; ``ring``:
    the key of a ring, for calls that got as far as it.
    """

    filters: Filters = field(default_factory=Filters)
    state: str = ""
    level: str = ""
    late: bool = False
    dated: str = "created"
    since: datetime | None = None
    until: datetime | None = None
    sort: str = "newest"
    ring: int | None = None


def listed(actor: Actor, wanted: Wanted) -> QuerySet[Call]:
    """Calls on the desk that pass, with what a row shows, annotated for the order of ``ORDERS[wanted.sort]``."""
    rows = desk_calls(actor).select_related("raised_for").only(*ROW, "raised_for__name")
    return with_offers(passing(actor, wanted, rows))


def page_of(actor: Actor, wanted: Wanted, cursor: str | None, size: int) -> paging.Page[Card]:
    """One page of the calls that pass: their keys by index, then what their rows show in a statement of its own."""
    order = ORDERS[wanted.sort]
    rows = passing(actor, wanted, Call.objects.filter(rules.on_desk(actor)))
    page = paging.page(rows.values(*(name.removeprefix("-") for name in order)), order, cursor, size)
    cards = cards_of([row["id"] for row in page.rows], clock.now())
    return paging.Page([cards[row["id"]] for row in page.rows if row["id"] in cards], page.next, page.previous)


def passing(actor: Actor, wanted: Wanted, rows: QuerySet[Call]) -> QuerySet[Call]:
    """Those of the rows that the actor wants, annotated for his order."""
    rows = narrowed(actor, rows, wanted.filters)
    rows = rows.filter(states_wanted(wanted.state))
    if wanted.level:
        rows = rows.filter(level=wanted.level, state__in=OPEN_STATES)
    if wanted.late:
        rows = rows.filter(stage_due_at__lte=clock.now(), state__in=OPEN_STATES)
    if wanted.since:
        rows = rows.filter(**{f"{wanted.dated}_at__gte": wanted.since})
    if wanted.until:
        rows = rows.filter(**{f"{wanted.dated}_at__lt": wanted.until})
    if wanted.ring is not None:
        rows = rows.filter(as_far_as(wanted.ring))
    if wanted.sort == "due":
        rows = rows.annotate(due=Coalesce("stage_due_at", NO_CLOCK))
    return rows


def states_wanted(code: str) -> Q:
    """The states behind a choice of the list; an unknown one holds nothing back."""
    if code == "open":
        return Q(state__in=OPEN_STATES)
    if code in COLUMNS:
        return Q(state__in=COLUMNS[code][2])
    return Q(state=code[1:]) if code.startswith("=") else Q()


def desk_call(actor: Actor, public_id: UUID) -> Call | None:
    """One call on this actor's desk with everything a panel shows; None for all others."""
    rows = Call.objects.filter(rules.on_desk(actor), public_id=public_id)
    return rows.select_related("kind", "place", "requester", "asked_by", "duplicate_of").first()


def desk_place(actor: Actor, public_id: UUID) -> Place | None:
    """A place on this actor's desk, to filter by; None for all others."""
    here = people_rules.within(actor, rules.READERS, "path")
    return Place.objects.filter(here, public_id=public_id).first()


EXPORTED: tuple[Column[Call], ...] = (
    Column(_("编号"), "number"),
    Column(_("服务"), lambda call: named(call.kind), "service"),
    Column(_("事项"), "title"),
    Column(_("求助人"), lambda call: call.asker if call.raised_for_id else masked(call.requester.name), "requester"),
    Column(_("地方"), lambda call: named(call.place), "place"),
    Column(_("方式"), lambda call: call.get_channel_display(), "channel"),
    Column(_("紧急"), "urgent"),
    Column(_("状态"), lambda call: call.get_state_display(), "state"),
    Column(_("归谁办"), lambda call: call.get_level_display(), "level"),
    Column(_("提交时间"), "submitted_at"),
    Column(_("接单时间"), "accepted_at"),
    Column(_("服务完成时间"), "delivered_at"),
    Column(_("办结时间"), "ended_at"),
    Column(_("应办时限"), "stage_due_at"),
    Column(_("超时"), "overdue"),
    Column(_("重办次数"), "reopened_count"),
    Column(_("评分"), "score"),
    Column(_("已解决"), "solved"),
    Column(_("谁去的"), lambda call: helpers_masked(call), "helpers"),
)
"""Columns of the file: names cut to the family name, no address, no telephone number, no free text but the title."""


def helpers_masked(call: Call) -> str:
    """Who said yes: persons by family name, teams by name."""
    came = [one for one in getattr(call, "shown_offers", ()) if one.state != OfferState.OFFERED]
    return _("；").join(one.team.name if one.team else masked(one.volunteer.person.name) for one in came)


def masked(name: str) -> str:
    """陈桂英 becomes 陈**; an erased person stays as he is."""
    return name[:1] + "*" * min(2, len(name) - 1) if name else ""
