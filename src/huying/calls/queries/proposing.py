"""Proposals as a dispatcher reads them: what can be weighed, a line with its reasons, a call that stays open with its way out.

How one looks through the lines of one: ``proposed``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from huying.calls import rules
from huying.calls.models import Offer, Proposal, ProposalGap, ProposalLine
from huying.calls.queries.candidates import Candidate, candidates, spot_of
from huying.calls.queries.preferring import prefers, taken_by
from huying.calls.queries.reasons import language_in_words, time_in_words, way_in_words, work_in_words
from huying.calls.queries.wishes import PROMISED_AT, week_start, wish_of
from huying.calls.states import LACKS, LIVE_PROPOSALS, TROUBLES, LineState, OfferState
from huying.kernel import paging
from huying.kernel.actor import Actor
from huying.people import rules as people_rules
from huying.places.models import Place
from huying.places.queries.maps import Spot
from huying.ui.naming import named

LISTED = 20


@dataclass(frozen=True, slots=True)
class Line:
    """One line as shown: ``spot`` is the position of the place, never the call's own, which is somebody's home; ``trouble``
    in words when it was not sent.
    """

    row: ProposalLine
    kind: str
    where: str
    who: str
    reasons: list[str]
    trouble: str
    spot: tuple[float, float] | None

    @property
    def anchor(self) -> str:
        return f"line-{self.row.public_id}"


@dataclass(slots=True)
class Pace:
    """Services of this week, and when somebody is expected elsewhere."""

    served: int = 0
    promised: list[datetime] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Gap:
    """A call nobody can take: why, how many were asked about, and what would help, or why no bending would."""

    row: ProposalGap
    kind: str
    where: str
    why: str
    people: str
    way: str


def places_to_weigh(actor: Actor) -> QuerySet[Place]:
    """The places where the actor handles calls, and the divisions right below them."""
    keys = [int(path.strip("/").rpartition("/")[2]) for path in people_rules.held(actor, rules.HANDLERS) if path != "/"]
    rows = Place.objects.filter(Q(pk__in=keys) | Q(parent_id__in=keys, kind__is_division=True))
    return rows.only("public_id", "name", "name_en", "path", "depth").order_by("depth", "sort_key", "id")


def proposals(actor: Actor, cursor: str | None = None, size: int = LISTED) -> paging.Page[Proposal]:
    """One page of them, newest first, with how many lines went out (``sent``) or could not (``stale``): counted once, when
    all was sent.
    """
    rows = Proposal.objects.filter(rules.proposals_visible_to(actor)).select_related("place", "asked_by")
    page = paging.page(rows, ("-id",), cursor, size)
    for one in page.rows:
        went = one.figures.get("lines") or one.figures.get("settled") or {}
        one.sent, one.stale = (went.get(state, 0) for state in (LineState.SENT, LineState.STALE))  # type: ignore[attr-defined]
    return page


def proposal(actor: Actor, public_id: UUID) -> Proposal | None:
    """One proposal, when it is the actor's to see."""
    rows = Proposal.objects.filter(rules.proposals_visible_to(actor), public_id=public_id)
    return rows.select_related("place", "confirmed_by").first()


def proposal_line(actor: Actor, public_id: UUID) -> ProposalLine | None:
    """One line with its call and proposal, when the proposal is the actor's to see."""
    seen = Proposal.objects.filter(rules.proposals_visible_to(actor))
    rows = ProposalLine.objects.filter(public_id=public_id, proposal__in=seen)
    joined = ("proposal__place", "call__place", "call__kind__category", "call__language", "volunteer__person", "team")
    return rows.select_related(*joined).first()


def counts(found: Proposal) -> dict[str, int]:
    """How many lines there are of each state, or were (``actions.forget_lines``)."""
    if is_forgotten(found):
        return dict(found.figures["lines"])
    return dict(found.lines.order_by().values_list("state").annotate(n=Count("*")))


def open_calls(found: Proposal) -> int:
    """How many calls nobody can take, or could."""
    return int(found.figures.get("gaps", 0)) if is_forgotten(found) else found.gaps.count()


def paces_of(volunteers: set[int]) -> dict[int, Pace]:
    """What each of these did this week and has promised by now."""
    found = {key: Pace() for key in volunteers}
    done = Q(state=OfferState.DONE, call__delivered_at__gte=week_start())
    rows = Offer.objects.filter(done | Q(state=OfferState.ACCEPTED), volunteer__in=volunteers)
    for key, state, at in rows.values_list("volunteer", "state", PROMISED_AT):
        if state == OfferState.DONE:
            found[key].served += 1
        elif at is not None:
            found[key].promised.append(at)
    return found


def line_of(row: ProposalLine, pace: Pace | None = None) -> Line:
    key = row.volunteer_id or 0
    pace = pace or paces_of({key})[key]
    return Line(
        row=row,
        kind=named(row.call.kind),
        where=named(row.call.place),
        who=row.volunteer.person.name if row.volunteer else str(row.team),
        reasons=reasons(row, pace),
        trouble=str(TROUBLES.get(row.trouble, _("这一步现在不能做。"))) if row.trouble else "",
        spot=spot_of(row.call.place),
    )


def reasons(row: ProposalLine, pace: Pace) -> list[str]:
    """Why this helper, in the words of the list of candidates."""
    if row.by_hand:
        return [_("人工选定")]
    said = way_in_words(row.km, on_foot=row.team_id is None)
    said += language_in_words(row.call, team=row.team_id is not None)
    if row.volunteer:
        said += time_in_words(wish_of(row.call), row.volunteer.availability, pace.promised)
    if row.seats > 1:
        said.append(ngettext("来 %(n)d 人", "来 %(n)d 人", row.seats) % {"n": row.seats})
    said += work_in_words(row.held, pace.served)
    return [*said, _("以前帮过这位居民")] if row.knows else said


def gap_of(row: ProposalGap) -> Gap:
    people = row.people.get("skill", 0)
    return Gap(
        row=row,
        kind=named(row.call.kind),
        where=named(row.call.place),
        why=_("会做的人里没有求助人想请的（性别、年龄）") if not_as_wished(row) else str(LACKS.get(row.lack, row.lack)),
        people=ngettext("%(n)d 人会做", "%(n)d 人会做", people) % {"n": people} if people else "",
        way=way_out(row),
    )


def way_out(row: ProposalGap) -> str:
    """Who could come, and what would have to give way for it; without anybody, why no limit is worth bending."""
    who = row.volunteer.person.name if row.volunteer else row.team.name if row.team else ""
    if who:
        said = [bend_in_words(bend, amount, row) for bend, amount in row.bends]
        return _("可以问%(who)s：%(how)s") % {"who": who, "how": _("，").join(said)}
    if row.lack == "position":
        return _("在求助里或地方的资料里补上位置，再重新计算")
    if row.lack == "time":
        return _("会做的人那段时间都没有空：和求助人商量换一天或换个时段，再重新计算")
    if row.lack == "rest":
        return _("会做的人刚服务完：和求助人商量晚一点或换一天，再重新计算")
    skilled = row.people.get("skill", 0)
    if not skilled:
        return _("放宽路程、时间都没有用：要先有人登记并通过需要的技能和检查")
    return ngettext(
        "放宽路程、时间都没有用：会做的 %(n)d 人在这份方案里都有安排了，可以改派其中一条，或等人空出来",
        "放宽路程、时间都没有用：会做的 %(n)d 人在这份方案里都有安排了，可以改派其中一条，或等人空出来",
        skilled,
    ) % {"n": skilled}


def bend_in_words(bend: str, amount: int, row: ProposalGap) -> str:
    """One rule that would give way (``matching.explaining.Bend``); every bend has words."""
    if bend == "farther":
        return _("比愿意走的远 %(km).1f 公里") % {"km": max(amount / 1_000, 0.1)}
    if bend == "slot":
        words = ngettext("改早 %(n)d 个时段", "改早 %(n)d 个时段", -amount) if amount < 0 else ""
        return (words or ngettext("改晚 %(n)d 个时段", "改晚 %(n)d 个时段", amount)) % {"n": abs(amount)}
    if bend == "load":
        return ngettext("比自己定的多接 %(n)d 件", "比自己定的多接 %(n)d 件", amount) % {"n": amount}
    if bend == "preference":
        return whom_instead(row)
    if bend == "rest":
        return ngettext("少休息 %(n)d 分钟", "少休息 %(n)d 分钟", amount) % {"n": amount}
    if bend == "language":
        return _("没有共同的语言")
    return _("路比较远")


def not_as_wished(row: ProposalGap) -> bool:
    """It is the wish of the person served that leaves nobody."""
    return row.lack == "preference" and prefers(row.call)


def whom_instead(row: ProposalGap) -> str:
    """A team for a call that goes to persons, or the other way round: at once, or when the menu lets them."""
    people, teams = taken_by(row.call.kind)
    if people and prefers(row.call):
        return _("不是求助人想请的性别或年龄，先问求助人愿不愿意")
    if row.team_id:
        return _("请整支队伍来") if teams else _("先在服务菜单里让队伍也能接这一项")
    return _("请个人来") if people else _("先在服务菜单里让个人也能接这一项")


def others(actor: Actor, line: ProposalLine) -> list[Candidate]:
    """Who else could take this call: the ordinary candidates, without those who stand in this proposal."""
    taken = line.proposal.lines.exclude(state=LineState.DROPPED)
    here: set[UUID] = set(taken.filter(volunteer__isnull=False).values_list("volunteer__public_id", flat=True))
    return [one for one in candidates(actor, line.call, 12) if one.public_id not in here]


def is_forgotten(found: Proposal) -> bool:
    """Of its lines only the totals are left."""
    return "lines" in found.figures


def is_live(found: Proposal) -> bool:
    return found.state in LIVE_PROPOSALS


def spots(shown: Sequence[Line]) -> list[Spot]:
    """Where these lines lead to: one dot for each place, with the number of its lines and the way to the first of them."""
    here: dict[tuple[float, float], list[Line]] = {}
    for one in shown:
        if one.spot:
            here.setdefault(one.spot, []).append(one)
    return [Spot(*at, there_in_words(lines), f"#{lines[0].anchor}") for at, lines in here.items()]


def there_in_words(lines: Sequence[Line]) -> str:
    """和平社区 · 12 条."""
    many = ngettext("%(n)d 条", "%(n)d 条", len(lines)) % {"n": len(lines)}
    return f"{lines[0].where} · {many}"


def proof(figures: dict[str, Any]) -> str:
    """How good the plan is, as it was proven."""
    total, bound = figures.get("total", 0), figures.get("bound", 0)
    if total <= bound:
        return _("已证明：没有总代价更小的派法。")
    return _("离最省的派法最多差 %(share).2f%%。") % {"share": 100 * (total - bound) / max(bound, 1)}
