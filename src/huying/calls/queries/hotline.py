"""Tickets of a hotline (12345) as they lie in a table or come by the interface: read, checked, compared with what is there.

A ticket is known by its number at the hotline; whether it speaks of the same matter as a call is for a person to decide,
who is shown the likely ones (catalogue S1-8d.2).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huying.calls import rules
from huying.calls.models import Call, CallEvent, HotlineDraft, HotlineTicket, ServiceKind
from huying.calls.queries.asking import NEIGHBOURHOOD_LEVEL, menu
from huying.calls.queries.calls import ALIKE, DUPLICATE_DAYS, likeness
from huying.calls.queries.locating import by_words, in_address
from huying.calls.states import OPEN_STATES, State, told
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.errors import InvalidInput, NotFound, Text
from huying.kernel.exports import Column
from huying.kernel.sealed import BlindIndex, blind_index, normal_phone
from huying.people import rules as people_rules
from huying.places.models import Place
from huying.ui.naming import named

COLUMNS: dict[str, tuple[str, ...]] = {
    "number": ("工单编号", "工单号", "编号"),
    "kind": ("服务", "服务类别", "类别", "诉求类型"),
    "title": ("标题", "诉求标题", "主题"),
    "details": ("内容", "诉求内容", "问题描述"),
    "place": ("社区或村", "社区（村）", "社区", "村", "所属社区"),
    "address": ("地址", "详细地址", "诉求地址"),
    "name": ("来电人", "姓名", "诉求人"),
    "phone": ("联系电话", "来电号码", "电话"),
    "sent_at": ("来电时间", "受理时间", "时间"),
    "urgent": ("紧急", "是否紧急"),
}
"""Our name of a column -> the headings that hotlines use for it; the first is ours."""
REQUIRED = ("number", "kind")
MOST = {"number": 60, "title": 60, "details": 4000, "address": 200, "name": 50}
MASKED = re.compile(r"[*＊xX•·]{2,}")
YES = {"是", "急", "紧急", "1", "y", "yes", "true", "√"}
NO = {"", "否", "不急", "一般", "普通", "0", "n", "no", "false"}
TIMES = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d")
MOST_COMPARED, MOST_LIKE = 3000, 3
DRAFTS_LAST = timedelta(days=1)
"""So long a table waits for decisions, sealed; it holds names and numbers."""
NUMBER_HIDDEN = "号码已隐去，回话请经热线。"


@dataclass(frozen=True, slots=True)
class Problem:
    """What cannot be taken: the row as the table counts it, the column, one sentence."""

    row: int
    column: str
    sentence: str

    @property
    def heading(self) -> str:
        """The column as the table calls it."""
        return COLUMNS[self.column][0] if self.column in COLUMNS else ""


@dataclass
class Planned:
    """One ticket made ready. ``known`` when its number is here already; ``like`` are open calls that may be the same
    matter, the sure one (same number, same kind) first; ``twin`` is an earlier row of this table that may be.
    """

    row: int
    number: str
    kind: ServiceKind
    place: Place
    title: str
    details: str
    address: str
    name: str
    phone: str
    sent_at: datetime | None
    urgent: bool
    index: BlindIndex | None
    known: HotlineTicket | None = None
    like: list[Call] = field(default_factory=list)
    sure: bool = False
    twin: int | None = None


@dataclass
class Plan:
    """What the tickets would become. With ``problems`` nothing can be written."""

    tickets: list[Planned] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def fresh(self) -> list[Planned]:
        """Those that are not here yet."""
        return [one for one in self.tickets if one.known is None]


def plan(actor: Actor, area: Place, source: str, rows: Sequence[Mapping[str, Any]], *, compared: bool = True) -> Plan:
    """Read every row (``row`` and the columns as text) for tickets of ``source`` at ``area`` and below.

    A number that came in at a place outside ``area`` is a problem of its row, its call is not shown. ``compared``: each
    ticket is shown what it may repeat, which only a person can use.
    """
    reader = Reader(area)
    for row in rows:
        reader.take(row)
    found = reader.plan
    numbers = [one.number for one in found.tickets]
    known = HotlineTicket.objects.filter(source=source, number__in=numbers).select_related("call", "place")
    by_number = {one.number: one for one in known}
    for ticket in found.tickets:
        ticket.known = by_number.get(ticket.number)
        if ticket.known and not ticket.known.place.path.startswith(area.path):
            ticket.known = None
            reader.refuse(ticket.row, "number", _("这个工单编号已在别处收进，请联系上级中心。"))
    if compared and not found.problems:
        compare(actor, found.fresh)
    return found


class Reader:
    """Reads rows one after the other; remembers kinds, places and numbers it has met."""

    def __init__(self, area: Place) -> None:
        self.area, self.plan = area, Plan()
        kinds = list(menu())
        self.kinds = {word: one for one in kinds for word in (one.code, one.name, one.name_en) if word}
        self.places: dict[tuple[str, str], Place | None] = {}
        self.numbers: dict[str, int] = {}

    def take(self, row: Mapping[str, Any]) -> None:
        """One row into the plan: a ticket, or what is wrong with it."""
        before, number = len(self.plan.problems), int(row["row"])
        values = {name: str(row.get(name) or "").strip() for name in COLUMNS}
        for name, most in MOST.items():
            if len(values[name]) > most:
                self.refuse(number, name, _("最多 %(most)s 个字。") % {"most": most})
        self.check_number(number, values["number"])
        kind = self.kinds.get(values["kind"])
        if kind is None:
            self.refuse(number, "kind", _("服务菜单里没有“%(words)s”。") % {"words": values["kind"][:20]})
        place, sent_at = self.place_of(number, values), self.moment(number, values["sent_at"])
        phone, hidden = self.phone_of(number, values["phone"])
        urgent = values["urgent"].casefold()
        if urgent not in YES | NO:
            self.refuse(number, "urgent", _("请写“是”或“否”。"))
        if len(self.plan.problems) > before or kind is None or place is None:
            return
        details = "\n".join(filter(None, (values["details"], NUMBER_HIDDEN if hidden else "")))
        self.plan.tickets.append(
            Planned(
                row=number,
                number=values["number"],
                kind=kind,
                place=place,
                title=values["title"] or kind.name,
                details=details,
                address=values["address"],
                name=values["name"],
                phone=phone,
                sent_at=sent_at,
                urgent=urgent in YES,
                index=blind_index(phone, "phone") if phone else None,
            )
        )

    def refuse(self, row: int, column: str, sentence: Text) -> None:
        self.plan.problems.append(Problem(row, column, str(sentence)))

    def check_number(self, row: int, number: str) -> None:
        """There is one, and it comes once."""
        if not number:
            self.refuse(row, "number", _("请填写工单编号。"))
        elif number in self.numbers:
            self.refuse(row, "number", _("和第 %(row)s 行的工单编号一样。") % {"row": self.numbers[number]})
        else:
            self.numbers[number] = row

    def place_of(self, row: int, values: Mapping[str, str]) -> Place | None:
        """The neighbourhood by its name or code, else by the address; the whole area when neither was written."""
        words, address = values["place"], values["address"]
        if not words:
            key = ("", address)
            if key not in self.places:
                self.places[key] = in_address(self.area, address) or self.area
            return self.places[key]
        if (words, "") not in self.places:
            found = by_words(self.area, words)
            self.places[words, ""] = found[0] if len(found) == 1 else None
            if len(found) == 2:
                self.refuse(row, "place", _("有几个地方叫“%(words)s”，请写区划代码。") % {"words": words[:20]})
                return None
        if self.places[words, ""] is None:
            self.refuse(row, "place", _("在您的范围内没有叫“%(words)s”的社区或村。") % {"words": words[:20]})
        return self.places[words, ""]

    def phone_of(self, row: int, text: str) -> tuple[str, bool]:
        """The number in one form, and whether the hotline has hidden it (138****0000), which is no fault."""
        if not text or MASKED.search(text):
            return "", bool(text)
        try:
            return normal_phone(text), False
        except InvalidInput as wrong:
            self.refuse(row, "phone", str(wrong))
            return "", False

    def moment(self, row: int, text: str) -> datetime | None:
        """When it came in at the hotline: China's time unless the text names a zone; not in the future."""
        if not text:
            return None
        at = read_moment(text)
        if at is None:
            self.refuse(row, "sent_at", _("时间请写成 2026-01-31 08:00。"))
        elif at > clock.now() + timedelta(hours=1):
            self.refuse(row, "sent_at", _("这个时间还没有到。"))
        return at


def read_moment(text: str) -> datetime | None:
    """A moment as people and programs write it; None for what is none."""
    plain = text.replace("/", "-")
    for form in TIMES:
        try:
            return datetime.strptime(plain, form).replace(tzinfo=clock.SHANGHAI)
        except ValueError:
            continue
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo is not None and at.year > 1900 else None


# ── the same matter ─────────────────────────────────────────────────────────
def compare(actor: Actor, tickets: Sequence[Planned]) -> None:
    """Show each ticket the open calls, and the earlier tickets, that may be the same matter: the same kind within a week
    from the same number (sure), or at the same place in like words. One question for all of them.
    """
    calls = comparable(actor, tickets)
    for place, ticket in enumerate(tickets):
        alike = [(one_number(ticket, one), one) for one in calls if one.kind_id == ticket.kind.pk]
        same = [(sure, one) for sure, one in alike if sure or like_words(ticket, one)]
        same.sort(key=lambda pair: (not pair[0], -int(pair[1].pk)))
        ticket.like, ticket.sure = [one for _sure, one in same[:MOST_LIKE]], any(sure for sure, _one in same)
        ticket.twin = next((one.row for one in tickets[:place] if twins(ticket, one)), None)


def comparable(actor: Actor, tickets: Sequence[Planned]) -> list[Call]:
    """Calls of the desk that go on, of these kinds, at these places or from these numbers, asked about then."""
    if not tickets:
        return []
    since = min(one.sent_at or clock.now() for one in tickets) - timedelta(days=DUPLICATE_DAYS)
    hashes = [form for one in tickets if one.index for form in one.index.forms]
    near = Q(place__in={one.place.pk for one in tickets}) | Q(contact_index__in=hashes)
    rows = Call.objects.filter(rules.on_desk(actor), near, state__in=OPEN_STATES | {State.DELIVERED})
    rows = rows.filter(kind__in={one.kind.pk for one in tickets}, created_at__gte=since)
    return list(rows.select_related("kind", "place").order_by("-id")[:MOST_COMPARED])


def one_number(ticket: Planned, call: Call) -> bool:
    """Both came from the same telephone."""
    return ticket.index is not None and bytes(call.contact_index or b"") in ticket.index.forms


def like_words(ticket: Planned, call: Call) -> bool:
    return call.place_id == ticket.place.pk and likeness(ticket.title, call.title) >= ALIKE


def twins(one: Planned, other: Planned) -> bool:
    """Two tickets of one table that may be the same matter."""
    if one.kind.pk != other.kind.pk:
        return False
    same = one.index is not None and one.index == other.index
    return same or (one.place.pk == other.place.pk and likeness(one.title, other.title) >= ALIKE)


# ── what is there ───────────────────────────────────────────────────────────
def draft(actor: Actor, public_id: UUID) -> HotlineDraft:
    """A table of one's own that waits for decisions; NotFound for others, for one that was taken, and after its day."""
    rows = waiting_drafts().filter(public_id=public_id, person_id=actor.person_id or 0)
    found = rows.select_related("place").first()
    if found is None:
        raise NotFound
    return found


def waiting_drafts() -> QuerySet[HotlineDraft]:
    """Tables nobody has decided about yet and whose day is not over."""
    return HotlineDraft.objects.filter(done_at=None, made_at__gte=clock.now() - DRAFTS_LAST)


def tickets(actor: Actor, since: datetime | None = None, until: datetime | None = None) -> QuerySet[HotlineTicket]:
    """Tickets at the places of this desk, with their calls; taken from ``since``, before ``until``."""
    rows = HotlineTicket.objects.filter(people_rules.within(actor, rules.READERS, "place__path"))
    if since:
        rows = rows.filter(taken_at__gte=since)
    if until:
        rows = rows.filter(taken_at__lt=until)
    return rows.select_related("call__kind", "call__place", "place")


def known_calls(actor: Actor, public_ids: Iterable[UUID]) -> dict[UUID, Call]:
    """Calls of this desk by their ids; unknown ones are left out."""
    rows = Call.objects.filter(rules.on_desk(actor), public_id__in=list(public_ids))
    return {one.public_id: one for one in rows.select_related("place")}


# ── back to the hotline ─────────────────────────────────────────────────────
SAID = ("deliver", "reject", "cancel", "transfer", "suspend")
"""Steps whose words answer the hotline."""


def replies(actor: Actor, since: datetime | None, until: datetime | None) -> QuerySet[HotlineTicket]:
    """Tickets with what the hotline is answered, oldest first."""
    said = CallEvent.objects.filter(verb__in=SAID).select_related("words").order_by("-id")
    rows = tickets(actor, since, until).order_by("id")
    return rows.prefetch_related(Prefetch("call__events", queryset=said, to_attr="said"))


def result(ticket: HotlineTicket) -> str:
    """What was done, or why nothing was, in the words of the last such step."""
    said = getattr(ticket.call, "said", []) if ticket.call else []
    return said[0].note if said else ""


def of_call(name: str) -> Callable[[HotlineTicket], Any]:
    """A value of the ticket's call; nothing for a ticket that was skipped."""
    return lambda ticket: getattr(ticket.call, name) if ticket.call else None


REPLY: tuple[Column[HotlineTicket], ...] = (
    Column(gettext_lazy("工单编号"), "number"),
    Column(gettext_lazy("来源"), "source"),
    Column(gettext_lazy("来电时间"), "sent_at"),
    Column(gettext_lazy("收进时间"), "taken_at"),
    Column(gettext_lazy("怎么收的"), lambda ticket: ticket.get_decision_display(), "decision"),
    Column(gettext_lazy("求助编号"), of_call("number"), "call"),
    Column(gettext_lazy("服务"), lambda ticket: named(ticket.call.kind) if ticket.call else None, "service"),
    Column(gettext_lazy("社区或村"), lambda ticket: named(ticket.place), "place"),
    Column(gettext_lazy("状态"), lambda ticket: str(told(ticket.call.state).label) if ticket.call else None, "state"),
    Column(gettext_lazy("受理时间"), of_call("reviewed_at"), "reviewed_at"),
    Column(gettext_lazy("服务完成时间"), of_call("delivered_at"), "delivered_at"),
    Column(gettext_lazy("办结时间"), of_call("ended_at"), "ended_at"),
    Column(gettext_lazy("办理结果"), result, "result"),
    Column(gettext_lazy("已解决"), of_call("solved"), "solved"),
)
"""What goes back: numbers, progress and the words of the result; no name, no telephone number, no address."""
TICKETS: tuple[Column[HotlineTicket], ...] = REPLY[:9]
"""What the page of tickets lists: where each came from, and the call it became."""
TEMPLATE: tuple[Column[Mapping[str, str]], ...] = tuple(
    Column(words[0], itemgetter(name), name) for name, words in COLUMNS.items()
)
"""The headings of a table that can be read, to be filled in."""


def example(kind: ServiceKind | None, area: Place) -> dict[str, str]:
    """One row as it may look, with people who do not exist."""
    return {
        "number": "SJ202603030001",
        "kind": kind.name if kind else "",
        "title": "想请人陪着去医院",
        "details": "腿脚不便，家里没有别人。",
        "place": area.name if (area.kind.level or 0) >= NEIGHBOURHOOD_LEVEL else "",
        "address": "桂花里 3 幢 201",
        "name": "陈桂英",
        "phone": "13800000000",
        "sent_at": "2026-03-03 09:30",
        "urgent": "否",
    }
