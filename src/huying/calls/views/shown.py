"""Calls as residents and helpers read them: words of everyday life instead of the words of the office."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huying.calls.models import Call, Offer, ServiceKind
from huying.calls.queries import MyCall, Near, Story
from huying.calls.queries.panel import answered, goods_in_words, time_in_words
from huying.calls.queries.preferring import wish_in_words
from huying.calls.rules import INSIDERS
from huying.calls.states import OfferState, ReachedBy, State
from huying.kernel import clock
from huying.places.models import Place
from huying.ui import when
from huying.ui.naming import named

STATES: dict[str, tuple[Promise, str]] = {
    State.DRAFT: (gettext_lazy("草稿"), "ink"),
    State.SUBMITTED: (gettext_lazy("等受理"), "kaki"),
    State.REVIEWING: (gettext_lazy("受理中"), "kaki"),
    State.NEED_INFO: (gettext_lazy("等您补充"), "mei"),
    State.REJECTED: (gettext_lazy("不予受理"), "ink"),
    State.POOLED: (gettext_lazy("正在找人"), "gui"),
    State.DISPATCHED: (gettext_lazy("正在找人"), "gui"),
    State.ACCEPTED: (gettext_lazy("有人接了"), "pine"),
    State.SCHEDULED: (gettext_lazy("约好时间"), "pine"),
    State.SERVING: (gettext_lazy("服务中"), "pine"),
    State.DELIVERED: (gettext_lazy("请您评价"), "dai"),
    State.RATED: (gettext_lazy("已办结"), "ink"),
    State.AUTO_RATED: (gettext_lazy("已办结"), "ink"),
    State.CLOSED: (gettext_lazy("已办结"), "ink"),
    State.SUSPENDED: (gettext_lazy("缓办"), "ink"),
    State.CANCELLED: (gettext_lazy("已取消"), "ink"),
    State.TRANSFERRED: (gettext_lazy("已转办"), "ink"),
}
HELPED = {State.ACCEPTED, State.SCHEDULED, State.SERVING, State.POOLED, State.DISPATCHED}
HELPER_STATES: dict[str, tuple[Promise, str]] = {
    State.ACCEPTED: (gettext_lazy("请约时间"), "kaki"),
    State.SCHEDULED: (gettext_lazy("约好时间"), "pine"),
    State.SERVING: (gettext_lazy("服务中"), "pine"),
    State.DELIVERED: (gettext_lazy("等评价"), "dai"),
    State.POOLED: (gettext_lazy("还在找人"), "gui"),
    State.DISPATCHED: (gettext_lazy("还在找人"), "gui"),
}


def tiles(kinds: Iterable[ServiceKind]) -> list[dict[str, Any]]:
    """The services for the grid, and the way to all of them."""
    shown = [
        {"label": named(kind), "icon": kind.icon, "tone": kind.tone, "url": reverse("calls:ask_kind", args=[kind.code])}
        for kind in kinds
    ]
    return [*shown, {"label": _("全部"), "icon": "squares-four-duotone", "tone": "kaki", "url": reverse("calls:ask")}]


def headline(call: Call) -> str:
    """陪诊 · 去医院复查; the kind alone when the title only repeats it."""
    kind = named(call.kind)
    return kind if call.title in {kind, call.kind.name} else f"{kind} · {call.title}"


def state_of(call: Call) -> tuple[str, str]:
    """The state in words for the person who asked, and its tone."""
    words, tone = STATES[call.state]
    return str(words), tone


def helper_state_of(call: Call) -> tuple[str, str]:
    """The state in words for the one who helps."""
    words, tone = HELPER_STATES.get(call.state, STATES[call.state])
    return str(words), tone


def when_of(call: Call) -> str:
    """The agreed time, else the wanted one, else when it was asked."""
    if call.scheduled_at:
        return when.moment_text(call.scheduled_at, clock.now())
    if call.wanted_from:
        return time_in_words(call)
    asked = when.ago_text(call.submitted_at or call.created_at, clock.now())
    return _("%(when)s提交") % {"when": asked} if call.submitted_at else _("%(when)s写下") % {"when": asked}


def my_card(card: MyCall, person_id: int | None) -> dict[str, Any]:
    """One of my calls for the list and the home page."""
    call = card.call
    words, tone = state_of(call)
    others = _("替%(name)s求助") % {"name": call.asker} if call.requester_id != person_id else ""
    return {
        "call": call,
        "title": headline(call),
        "meta": " · ".join(filter(None, [others, when_of(call), named(call.place)])),
        "state": words,
        "tone": tone,
        "progress": card.progress,
        "helpers": [coming(offer, call) for offer in card.helpers[:3]],
        "url": draft_url(call) if call.state == State.DRAFT else reverse("calls:call", args=[call.public_id]),
    }


def draft_url(call: Call) -> str:
    return f"{reverse('calls:ask_kind', args=[call.kind.code])}?draft={call.public_id}"


def coming(offer: Offer, call: Call, known: frozenset[str] = frozenset({"requester"})) -> dict[str, Any]:
    """Who comes: name, what he is, when, and his masked number if he agreed that it may be shown (staff: always)."""
    staff = "staff" in known
    helper = offer.volunteer
    phone = helper.person.phone if helper and (helper.shares_phone or staff) else None
    busy = offer.state == OfferState.ACCEPTED and call.state in HELPED
    agreed = call.scheduled_at is not None and busy
    visit = _("约好%(when)s") % {"when": when_of(call)} if agreed else ""
    number = _("电话 %(number)s") % {"number": phone} if phone and busy else ""
    return {
        "offer": offer,
        "id": str(offer.public_id),
        "name": str(offer.team or offer.volunteer),
        "role": _("志愿队") if offer.team_id else _("志愿者"),
        "visit": visit,
        "line": " · ".join(filter(None, [visit, number])),
        "can_ring": bool(phone) and busy and bool(known & {"requester", "staff"}),
    }


def near_row(seen: Near) -> dict[str, Any]:
    """A call as a possible helper sees it: what, when, roughly where; nothing that leads to the door."""
    call = seen.call
    needed = _("要 %(n)d 人") % {"n": call.people_needed} if call.people_needed > 1 else ""
    return {
        "call": call,
        "title": headline(call),
        "meta": " · ".join(filter(None, [time_in_words(call), named(call.place), seen.band, needed])),
        "reasons": " · ".join(seen.reasons),
        "url": reverse("calls:call", args=[call.public_id]),
    }


def offer_row(offer: Offer, seen: Near) -> dict[str, Any]:
    """An offer that waits: the call, until when, and for which team it is asked."""
    due = when.left_text(offer.answer_due_at, clock.now()) if offer.answer_due_at else ""
    key = seen.call.public_id
    return {
        **near_row(seen),
        "due": due,
        "team": str(offer.team) if offer.team_id else "",
        "url": offer_url(offer),
        "must_answer": offer.must_answer,
        "later": when.moment_text(offer.remind_at, clock.now()) if offer.remind_at else "",
        "accept_url": reverse("calls:step", args=[key, "accept"]),
        "decline_url": reverse("calls:step", args=[key, "decline"]),
    }


def offer_url(offer: Offer) -> str:
    """The helper's own page of an offer."""
    return f"{reverse('calls:offer', args=[offer.call.public_id])}?offer={offer.public_id}"


def taken_row(offer: Offer) -> dict[str, Any]:
    """A call I took on, or have done: for whom and when."""
    call = offer.call
    words, tone = helper_state_of(call)
    parts = [call.asker, when_of(call), named(call.place), str(offer.team) if offer.team_id else ""]
    return {
        "call": call,
        "title": headline(call),
        "meta": " · ".join(filter(None, parts)),
        "state": words,
        "tone": tone,
        "url": reverse("calls:call", args=[call.public_id]),
    }


def facts(story: Story, band: str) -> list[tuple[str, str]]:
    """Pairs (name, words) about the call; who only looks at a call near him learns neither details nor answers."""
    call, looks_on = story.call, not story.parties & (INSIDERS | {"offered"})
    who = call.requester.name if story.parties & INSIDERS else masked(call.requester.name)
    if call.asked_by_id != call.requester_id and story.parties & INSIDERS:
        who = _("%(name)s（%(by)s代办）") % {"name": who, "by": call.asked_by.name}
    if call.raised_for is not None:
        who = _("%(place)s吹哨") % {"place": named(call.raised_for)}
    people = _("要 %(n)d 人，有 %(found)d 人") % {"n": call.people_needed, "found": call.accepted_count}
    pairs = [
        (_("求助人"), who),
        (_("约定时间"), when.moment_text(call.scheduled_at, clock.now()) if call.scheduled_at else ""),
        (_("希望时间"), time_in_words(call)),
        (_("在哪里"), place_line(call.place)),
        (_("离您"), band),
        (_("想请"), wish_in_words(call)),
        *([] if looks_on else answered(call)),
        (_("说明"), "" if looks_on else call.details),
        (_("怎么告诉他"), "" if looks_on or call.reached_by == ReachedBy.PHONE else call.get_reached_by_display()),
        (_("人数"), people if call.people_needed > 1 else ""),
        (_("物资"), goods_in_words(call)),
        (_("编号"), "" if looks_on else call.number),
    ]
    return [(name, words) for name, words in pairs if words]


def masked(name: str) -> str:
    """陈＊＊: the family name is enough until somebody accepts."""
    return name[:1] + "＊" * max(1, len(name[1:3]))


def phone_in_words(number: str) -> str:
    """138 0000 1001, 0571-88886666: a number as people write it; what is not of China stays as it is."""
    local = number.removeprefix("+86")
    if local == number or not local.isdigit():
        return number
    if len(local) == 11 and local[0] == "1":
        return f"{local[:3]} {local[3:7]} {local[7:]}"
    if local[:3] in {"400", "800"}:
        return f"{local[:3]}-{local[3:6]}-{local[6:]}"
    code = 2 if local[:2] == "10" or local[0] == "2" else 3
    return f"0{local[:code]}-{local[code:]}"


def reason_of(story: Story) -> str:
    """Why the call stands still or ended, in the words of the one who decided; "" when there is nothing to say."""
    verbs = {
        State.NEED_INFO: "ask_info",
        State.REJECTED: "reject",
        State.SUSPENDED: "suspend",
        State.CANCELLED: "cancel",
        State.TRANSFERRED: "transfer",
    }
    wanted = verbs.get(State(story.call.state))
    return next((event.note for event in reversed(story.events) if event.verb == wanted), "")


def place_line(place: Place | None) -> str:
    """青禾街道 · 和平社区."""
    if place is None:
        return ""
    return " · ".join(named(one) for one in (place.parent, place) if one is not None and one.depth > 1)
