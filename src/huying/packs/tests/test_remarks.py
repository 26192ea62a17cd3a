"""Remarks: a template that puts numbers of a whole place beside the name of a theme is told of it and loaded."""

from __future__ import annotations

from typing import Any

import pytest

from huying.calls.tests.browsing import browser, sent
from huying.calls.tests.factories import actor
from huying.packs import actions
from huying.packs.rules.reading import read_pack
from huying.packs.rules.remarks import remarks_in
from huying.packs.tests.conftest import SEASONS, World

BODY = """  templates:
    - code: seasons
      name: {zh: 四季小结}
      stretch: month
      body: |
        # 春有学
        举办活动{sessions_held}。
        # 借纳凉室
        本节没有数。
        # 其他
        HERE
"""


def told(here: str) -> list[tuple[int, str]]:
    text = SEASONS + BODY.replace("HERE", here)
    return [(one.line, str(one)) for one in remarks_in(*read_pack(text))]


def test_a_number_under_the_name_of_a_theme_is_told_with_its_line() -> None:
    line = next(n for n, one in enumerate((SEASONS + BODY).splitlines(), start=1) if "body: |" in one)

    ((at, words),) = told("什么也没有。")
    assert at in (line, line + 1) and "“seasons”" in words and "不只是“春有学”的" in words


@pytest.mark.parametrize(
    ("here", "names"),
    [
        ("收到求助{calls_submitted}。", ["春有学"]),
        ("其中借纳凉室{calls_submitted}。", ["春有学", "借纳凉室"]),
        ("【表】借纳凉室：calls_submitted", ["春有学", "借纳凉室"]),
        ("借纳凉室写作{{数}}。", ["春有学"]),
    ],
)
def test_only_names_beside_a_number_are_told(here: str, names: list[str]) -> None:
    assert [words.split("“")[2].partition("”")[0] for _line, words in told(here)] == names


def test_whoever_loads_it_reads_the_remark_first_and_may_go_on(world: World, settings: Any) -> None:
    settings.HUYING_STAFF_SECOND_FACTOR = False
    text = SEASONS + BODY.replace("HERE", "完。")
    tried = actions.try_pack(actor=actor(world.chief), text=text)
    page = sent(browser(world.chief), "/packs/load/", text=text, **{"try": "1"}).content.decode()

    assert len(tried.remarks) == 1 and str(tried.remarks[0]) in page and "请留意" in page
    assert not actions.try_pack(actor=actor(world.chief), text=SEASONS).remarks
    assert actions.load_pack(actor=actor(world.chief), text=text).version
