"""What a call looks like on the board: cards and figures in words, for the components of the design system."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from huying.calls.models import Call
from huying.calls.queries import Card, Column, Kpis
from huying.calls.queries.board import ONLY
from huying.calls.queries.panel import some_names
from huying.calls.states import OPEN_STATES, Channel, Level, State
from huying.kernel import clock
from huying.ui import when
from huying.ui.components.basic import chip
from huying.ui.naming import named, reads_chinese
from huying.ui.registry import escaped

ONLY_CHIPS = dict.fromkeys(("", *ONLY), "") | {"soon": "warning-circle-fill", "urgent": "lightning-fill"}
"""The chips above the board in their order, each with its icon."""


def address(name: str, asked: Mapping[str, str], **changed: str) -> str:
    """The address of a desk page with the filters of this one; ``changed`` replaces some, empty values drop out."""
    kept = {key: value for key, value in {**asked, **changed}.items() if value}
    return f"{_bare(name)}?{urlencode(kept)}" if kept else _bare(name)


def panel_address(public_id: UUID) -> str:
    """The address of a call's page on the desk; a long list has many of them, so it is looked up once."""
    return _panel().replace(str(NOBODY), str(public_id))


NOBODY = UUID(int=0)


@cache
def _bare(name: str) -> str:
    return reverse(name)


@cache
def _panel() -> str:
    return reverse("calls:panel", args=[NOBODY])


def drawn(column: Column, card: Card, board: str, chosen: Call | None, words: Said) -> dict[str, Any]:
    """The arguments of one ticket; ``board`` is the address of the board with its filters, up to the chosen call."""
    call = card.call
    early = column.code in {"review", "dispatch"}
    clock_words, tone = clock_in_words(column.code, card, words)
    return {
        "id": f"t-{call.pk}",
        "href": f"{board}{call.public_id}",
        "kind": named(call.kind, chinese=words.chinese),
        "title": call.title,
        "icon": call.kind.icon,
        "tone": call.kind.tone,
        "at": ago(call.submitted_at or call.created_at, words) if early else short_number(call),
        "who": who_in_words(card, words),
        "where": named(call.place, chinese=words.chinese),
        "tags": tags(card, words),
        "clock": clock_words,
        "clock_tone": tone,
        "used": card.percent if early and card.level != "none" else None,
        "person": "" if early else words.and_.join(card.helpers[:2]),
        "urgent": call.urgent,
        "selected": chosen is not None and chosen.pk == call.pk,
    }


@dataclass(frozen=True, slots=True)
class Said:
    """What is said on card after card and line after line, in one language. ``states`` are chips, the rest is words."""

    language: str | None
    chinese: bool
    aged: str
    and_: str
    urgent: SafeString
    states: dict[State, SafeString]
    levels: dict[Level, str]
    channels: dict[Channel, str]
    reopened: str
    callback: str
    need_info: str
    serving: str
    unarranged: str
    unrated: str
    untimed: str
    whistle: str
    until: str


def said() -> Said:
    """In the language of this reader."""
    return _said(get_language())


@lru_cache(maxsize=16)
def _said(language: str | None) -> Said:
    """Looked up once a process for each language, the one that is active: the words hang on nothing else."""
    return Said(
        language=language,
        chinese=reads_chinese(),
        aged=_("%(name)s · %(age)d 岁"),
        and_=_("、"),
        urgent=chip(label=_("紧急"), tone="mei"),
        states={one: chip(label=str(one.label), tone=STATE_TONES.get(one, "ink")) for one in State},
        levels={one: str(one.label) for one in Level},
        channels={one: str(words) for one, words in CHANNELS.items()},
        reopened=_("重办"),
        callback=_("要回访"),
        need_info=_("等对方补充"),
        serving=_("已 %(span)s"),
        unarranged=_("待约时间"),
        unrated=_("等评价"),
        untimed=_("不计时"),
        whistle=_("单位吹哨"),
        until=_("单位吹哨 · %(when)s前"),
    )


def ago(at: datetime, words: Said) -> str:
    """刚刚, 12 分钟前, 15 小时前, 11月18日 周三: as much as a card has room for."""
    passed = clock.now() - at
    if passed < timedelta(hours=1):
        return when.ago_text(at, clock.now())
    if passed < timedelta(days=1):
        return _hours_ago(passed // timedelta(hours=1), words.language)
    return when.day_text(at)


@lru_cache(maxsize=256)
def _hours_ago(hours: int, language: str | None) -> str:
    return ngettext("%(n)d 小时前", "%(n)d 小时前", hours) % {"n": hours}


def short_number(call: Call) -> str:
    """#00179, the serial part of the number."""
    return f"#{call.number.rpartition('-')[2]}"


def who_in_words(card: Card, words: Said) -> str:
    """沈守拙 · 86 岁; the name alone when the age is not words."""
    if card.call.raised_for_id:
        limit = card.call.limit_at
        return words.until % {"when": when.moment_text(limit, clock.now())} if limit else words.whistle
    name = card.call.requester.name
    return words.aged % {"name": name, "age": card.age} if card.age is not None else name


CHANNELS = {
    Channel.PROXY: gettext_lazy("代办"),
    Channel.PHONE: gettext_lazy("电话"),
    Channel.HOTLINE: gettext_lazy("热线"),
    Channel.OPEN311: gettext_lazy("接口"),
}


def tags(card: Card, words: Said) -> list[dict[str, str]]:
    """Facts that change what the dispatcher does, in words; colours only support them."""
    call = card.call
    found: list[tuple[str, str]] = []
    if call.state == State.NEED_INFO:
        found.append((words.need_info, "dai"))
    if card.asked:
        found.append((ngettext("在问 %(n)d 位", "在问 %(n)d 位", card.asked) % {"n": card.asked}, "dai"))
    if call.people_needed > 1:
        found.append((needed(call), "pine"))
    if call.level != Level.STATION and call.state in OPEN_STATES:
        found.append((raised(call), "gui"))
    if call.reopened_count > 0:
        found.append((words.reopened, "kaki"))
    if call.needs_callback:
        found.append((words.callback, "kaki"))
    if call.channel in CHANNELS:
        found.append((words.channels[Channel(call.channel)], "ink"))
    return [{"label": label, "tone": tone} for label, tone in found]


def needed(call: Call) -> str:
    if call.accepted_count:
        return _("要 %(n)d 人，有 %(found)d 人") % {"n": call.people_needed, "found": call.accepted_count}
    return _("要 %(n)d 人") % {"n": call.people_needed}


def raised(call: Call) -> str:
    """The level a silent call was lifted to."""
    return _("已升到中心") if call.level == Level.CENTRE else _("已升到所")


def clock_in_words(column: str, card: Card, words: Said) -> tuple[str, str]:
    """What the clock says and its tone: the time left or passed, the visit that is agreed, or how long it takes."""
    call, now = card.call, clock.now()
    if card.level == "late" and column != "rating":
        return left(call.stage_due_at or now, words), "mei"
    if column == "serving" and call.state == State.SCHEDULED and call.scheduled_at:
        return when.moment_text(call.scheduled_at, now), ""
    if column == "serving" and call.state == State.SERVING and call.started_at:
        return words.serving % {"span": when.span_text(whole(now - call.started_at))}, ""
    if column == "serving":
        return words.unarranged, "kaki" if card.level == "amber" else ""
    if column == "rating":
        return words.unrated, ""
    if call.stage_due_at is None:
        return words.untimed, ""
    return estimated(call, left(call.stage_due_at, words)), card.clock_tone


def left(due: datetime, words: Said) -> str:
    """剩 6 分钟, 剩 9 小时, 超时 2 天: as much as a card has room for."""
    now = clock.now()
    span = whole(abs(due - now))
    return when.left_text(now + span if due > now else now - span, now, words.language)


def whole(span: timedelta) -> timedelta:
    """The span in its largest unit once there are two of it, rounded down: 9 小时, not 9 小时 14 分钟."""
    for unit in (timedelta(days=1), timedelta(hours=1)):
        if span >= 2 * unit:
            return (span // unit) * unit
    return span


def estimated(call: Call, words: str) -> str:
    """A deadline in days whose holidays are not announced yet is marked as an estimate."""
    return _("%(words)s（估）") % {"words": words} if call.due_estimated else words


def figures(kpis: Kpis) -> list[dict[str, Any]]:
    """The strip of key figures; each leads to the list behind it."""
    today = clock.today().isoformat()
    answer, unit = minutes(kpis.answer_minutes)
    yesterday = _("昨天 %(n)d 件") % {"n": kpis.closed_yesterday}
    return [
        figure(_("待受理"), kpis.review, _("件"), "kaki", soon(kpis.review_soon), state="review"),
        figure(_("待派单"), kpis.dispatch, _("件"), "gui", soon(kpis.dispatch_soon), state="dispatch"),
        figure(_("服务中"), kpis.serving, _("件"), "pine", late(kpis.late), state="serving"),
        figure(
            *(_("今日办结"), kpis.closed_today, _("件"), "dai", yesterday),
            calm=True,
            state="=closed",
            dated="ended",
            since=today,
            until=today,
        ),
        figure(_("平均响应"), answer, unit, "", "", dated="accepted", since=today, until=today),
    ]


def figure(
    label: str, value: int | str, unit: str, tone: str, hint: str, *, calm: bool = False, **link: str
) -> dict[str, Any]:
    """Arguments of one ``kpi``; ``link`` are the filters of the list behind it."""
    href = address("calls:list", {}, **link)
    hint_tone = "ink" if calm else "kaki"
    return {
        "label": label,
        "value": value,
        "unit": unit,
        "tone": tone,
        "hint": hint,
        "hint_tone": hint_tone,
        "href": href,
    }


def soon(count: int) -> str:
    return ngettext("%(n)d 件将超时", "%(n)d 件将超时", count) % {"n": count} if count else ""


def late(count: int) -> str:
    return ngettext("共 %(n)d 件已超时", "共 %(n)d 件已超时", count) % {"n": count} if count else ""


def minutes(amount: int | None) -> tuple[str, str]:
    """A figure and its unit: minutes up to two hours, then hours; a dash when nothing was measured."""
    if amount is None:
        return "–", _("今天还没有接单")
    if amount < 120:
        return str(amount), _("分钟")
    return f"{timedelta(minutes=amount) / timedelta(hours=1):.1f}", _("小时")


def lead(place: str, at: datetime) -> str:
    """青禾街道 · 10月23日 周五 14:41."""
    return " · ".join(filter(None, [place, f"{when.day_text(at)} {when.clock_text(at)}"]))


STATE_TONES = {
    State.SUBMITTED: "kaki",
    State.REVIEWING: "kaki",
    State.NEED_INFO: "dai",
    State.POOLED: "gui",
    State.DISPATCHED: "gui",
    State.ACCEPTED: "pine",
    State.SCHEDULED: "pine",
    State.SERVING: "pine",
    State.DELIVERED: "dai",
}


def row_facts(card: Card, words: Said) -> dict[str, Any]:
    """What one line of the list tells: the call, its state as a chip, its clock in words."""
    call, now = card.call, clock.now()
    running = call.stage_due_at is not None and call.state in OPEN_STATES
    ended = when.moment_text(call.ended_at, now) if call.ended_at else ""
    return {
        "call": call,
        "href": panel_address(call.public_id),
        "kind": named(call.kind, chinese=words.chinese),
        "who": who_in_words(card, words),
        "where": named(call.place, chinese=words.chinese),
        "state": words.states[State(call.state)],
        "level": words.levels[Level(call.level)] if call.state in OPEN_STATES else "",
        "clock": estimated(call, when.left_text(call.stage_due_at or now, now, words.language)) if running else ended,
        "clock_tone": card.clock_tone if running and card.level in {"amber", "late"} else "",
        "helpers": some_names(card.helpers),
    }


def listed_row(card: Card, words: Said) -> dict[str, Any]:
    """One line of the list as the cells of ``lines``, in the order of its heads."""
    facts = row_facts(card, words)
    call, tone = card.call, f"hy-ticket__clock--{facts['clock_tone']}" if facts["clock_tone"] else ""
    urgent = f" {words.urgent}" if call.urgent else ""
    level = f" <small>{escaped(facts['level'])}</small>" if facts["level"] else ""
    return {
        "call": call,
        "cells": (
            SafeString(f'<a class="hy-num hy-nowrap" href="{facts["href"]}">{escaped(call.number)}</a>'),
            SafeString(f"{escaped(facts['kind'])} · {escaped(call.title)}{urgent}"),
            facts["who"],
            facts["where"],
            SafeString(f"{facts['state']}{level}"),
            SafeString(f'<span class="{tone}">{escaped(facts["clock"] or "–")}</span>'),
            facts["helpers"] or "–",
        ),
    }


def export_address(form: str, asked: Mapping[str, str]) -> str:
    """The address of the same list as a file (csv or xlsx)."""
    kept = {key: value for key, value in asked.items() if value}
    base = reverse("calls:export", args=[form])
    return f"{base}?{urlencode(kept)}" if kept else base
