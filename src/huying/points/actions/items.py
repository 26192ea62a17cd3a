"""Items of a draft: read from plain values, checked, and named with the row where something is wrong."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext as _

from huying.points import rules
from huying.points.actions.refusals import ItemRefused, ItemsUnclear
from huying.points.rules import Why
from huying.points.states import LEAST_MONTHS, LEAST_VALID, Confirmer, Measure, Source

MOST_ITEMS = 100
LARGEST = 10_000
CODE = re.compile(r"[a-z][a-z0-9_-]{0,39}\Z")
CAPS = ("cap_day", "cap_month", "cap_year")


@dataclass(frozen=True, slots=True)
class Item:
    """One item as it is read out and voted on; ``amount`` points for each measure. Caps are points, None: no cap.

    Points can be used for ``validity_days`` (>= 90) or ``validity_months`` (calendar months, >= 3); neither: for ever.
    """

    code: str
    name: str
    amount: int
    source: str = Source.CLAIM
    measure: str = Measure.TIME
    proof: str = ""
    confirmer: str = Confirmer.KEEPER
    cap_day: int | None = None
    cap_month: int | None = None
    cap_year: int | None = None
    validity_days: int | None = None
    validity_months: int | None = None
    name_en: str = ""


def read_items(given: Sequence[Mapping[str, Any]]) -> list[Item]:
    """The items, each whole and allowed. Raises ItemsUnclear, ItemRefused (minus items, private life, rights)."""
    if not 0 < len(given) <= MOST_ITEMS:
        raise ItemsUnclear(row=1, what=_("至少一项，最多 {n} 项").format(n=MOST_ITEMS))
    items = [read_item(number, dict(one)) for number, one in enumerate(given, 1)]
    codes = [one.code for one in items]
    for number, code in enumerate(codes, 1):
        if code in codes[: number - 1]:
            raise ItemsUnclear(row=number, what=_("编号重复：{code}").format(code=code))
    return items


def read_item(number: int, given: dict[str, Any]) -> Item:
    """One item; unknown names are refused, so that nothing is voted on that does nothing."""
    unknown = sorted(set(given) - set(Item.__slots__))
    if unknown:
        raise ItemsUnclear(row=number, what=_("没有这一栏：{name}").format(name=unknown[0]))
    try:
        item = Item(**given)
    except TypeError:
        raise ItemsUnclear(row=number, what=_("要有编号、名称和分值")) from None
    if what := wrong_in(item):
        raise ItemsUnclear(row=number, what=what)
    check_words(item)
    return item


def wrong_in(item: Item) -> str:
    """What is wrong in an item, "" when nothing is."""
    texts = (item.code, item.name, item.name_en, item.proof)
    if not all(isinstance(one, str) for one in texts) or not CODE.match(item.code):
        return _("编号用小写字母、数字和短横线")
    if not 0 < len(item.name.strip()) <= 40 or len(item.name_en) > 60:
        return _("名称要写，最多 40 个字")
    if not 0 < len(item.proof.strip()) <= 120:
        return _("凭什么证明要写，最多 120 个字")
    if item.source not in Source.values or item.measure not in Measure.values or item.confirmer not in Confirmer.values:
        return _("来源、计量或核对人不认识")
    numbers = [item.amount, *(cap for cap in (item.cap_day, item.cap_month, item.cap_year) if cap is not None)]
    if any(type(one) is not int or not 0 < one <= LARGEST for one in numbers):
        return _("分值和上限是 1 到 {n} 的整数：积分只加不减").format(n=LARGEST)
    days = item.validity_days
    if days is not None and (type(days) is not int or not LEAST_VALID <= days <= 3660):
        return _("有效期至少 {n} 天，才来得及提前 60 天通知").format(n=LEAST_VALID)
    months = item.validity_months
    if months is not None and (type(months) is not int or not LEAST_MONTHS <= months <= 120):
        return _("有效期至少 {n} 个月，才来得及提前 60 天通知").format(n=LEAST_MONTHS)
    if months is not None and days is not None:
        return _("有效期按天或按月，只填一个")
    if item.source == Source.SERVICE and item.measure == Measure.KILO:
        return _("志愿服务按次或按小时计")
    return ""


def check_words(item: Item) -> None:
    """Raises ItemRefused for what can never be an item."""
    grounds = {item.name: rules.RULES, item.name_en: rules.RULES, item.proof: (Why.PRIVATE, Why.HOME)}
    for text, whys in grounds.items():
        if found := rules.refused(text, whys):
            raise ItemRefused(name=item.name, word=found[0], why=found[1])


def as_rows(items: Sequence[Item]) -> list[dict[str, Any]]:
    """Items as they are kept in a draft."""
    return [asdict(one) for one in items]


def read_caps(given: Mapping[str, Any]) -> dict[str, int | None]:
    """Caps over all items, points in a day, month and year. Raises ItemsUnclear."""
    caps = {name: given.get(name) for name in CAPS}
    if any(cap is not None and (type(cap) is not int or not 0 < cap <= LARGEST * 100) for cap in caps.values()):
        raise ItemsUnclear(row=0, what=_("上限是大于零的整数，不限就空着"))
    return caps


def digest_of(rows: Sequence[Mapping[str, Any]], caps: Mapping[str, int | None]) -> str:
    """SHA-256 over all that is voted on."""
    text = json.dumps([list(rows), dict(caps)], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
