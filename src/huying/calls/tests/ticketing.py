"""Tickets of a hotline for the tests: rows, tables, and a desk that takes them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from huying.calls import actions
from huying.calls.models import HotlineDraft
from huying.calls.queries import hotline
from huying.calls.tests.factories import START, Cast, actor, kind
from huying.kernel import clock
from huying.kernel.tests.tables import xlsx_upload

HEAD = ["工单编号", "服务", "标题", "内容", "社区或村", "地址", "来电人", "联系电话", "来电时间", "紧急"]
FIRST = [
    "0012345678901234567890",
    "clinic",
    "想请人陪着去医院",
    "腿脚不便",
    "和平社区",
    "桂花里 3 幢",
    "方小雨",
    "13900002222",
    "2026-03-03 09:30",
    "否",
]
_keys = count(1)


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    with clock.frozen(START):
        made = Cast()
        kind("meals", name="送餐")
        made.key, made.text = actions.give_key(actor=actor(made.dispatcher), name="12345", place=made.county)
        yield made


def ticket(number: str = "SJ1", **more: str) -> list[str]:
    names = dict(
        zip(
            ("number", "kind", "title", "details", "place", "address", "name", "phone", "sent_at", "urgent"),
            FIRST,
            strict=True,
        )
    )
    return list((names | {"number": number} | more).values())


def check(cast: Cast, *rows: list[str], who: Any = None) -> tuple[HotlineDraft | None, hotline.Plan]:
    doer = actor(who or cast.dispatcher)
    return actions.check_tickets(actor=doer, area=cast.county, source="12345", upload=xlsx_upload([HEAD, *rows]))


def taken(cast: Cast, *rows: list[str], **decisions: str) -> Any:
    draft, _plan = check(cast, *rows)
    assert draft is not None
    wanted = {row + 2: decisions.get(f"row{row + 2}", "new") for row in range(len(rows))}
    return actions.take_draft(actor=actor(cast.dispatcher), draft=draft, decisions=wanted)
