"""The notation of templates and how numbers are said: strict, and never a lie."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from huying.cockpit.queries import reports as queries
from huying.cockpit.rules import report_saying as saying
from huying.cockpit.rules.report_notation import Grid, Heading, Pictures, Sentence, TemplateWrong, parse
from huying.cockpit.states import FIRST_TEMPLATES
from huying.figures.models import Metric, Unit
from huying.figures.queries import Period, Value
from huying.figures.rules.words import parse as number
from huying.figures.states import Sign

CASES = Metric(code="m", name="求助", unit=Unit(code="piece", name="件"), kind="flow")
RATE = Metric(code="r", name="率", unit=Unit(code="percent", name="%"), kind="ratio")
MINUTES = Metric(code="t", name="时长", unit=Unit(code="minute", name="分钟"), kind="flow")


def test_a_template_is_read_into_blocks() -> None:
    body = (
        "# 情况\n共{a}。\n+ 其中{b|prev}。\n【看】a|yoy；接上段\n增：多\n减：少\n平：平\n无：无\n"
        "【表】表：a、b；按月\n【柱状图】图:a\n【照片】3"
    )
    found = parse(body)
    assert [type(one) for one in found] == [Heading, Sentence, Sentence, Sentence, Grid, Grid, Pictures]
    assert [one.joined for one in found if isinstance(one, Sentence)] == [False, True, True]
    assert [(one.split, one.metrics) for one in found if isinstance(one, Grid)] == [
        ("month", ("a", "b")),
        ("child", ("a",)),
    ]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("", "模板是空的"),
        ("\n##### 太深", "第 2 行：标题用一到四个 # 开头"),
        ("好{a|}。", "第 1 行：“{a|}”写得不对"),
        ("好{A}。", "“{A}”写得不对"),
        ("好{a.b.c}。", "写得不对"),
        ("开{a", "“{”写得不对"),
        ("关}", "“}”写得不对"),
        ("好{a=5件}。", "模板里不能手工写数"),
        ("好{a.__class__}。", "写得不对"),
        ("【看】a|prev\n增：多", "还要写这几种情况的句子：减、平、无"),
        ("【看】a\n有：多", "还要写这几种情况的句子：无"),
        ("【看】a\n增：多", "这里只能写这几种情况：有、零、无"),
        ("【看】a\n有：多\n有：多", "不能写两遍"),
        ("【看】", "【看】后面写一个数的名称"),
        ("【别的】", "【】里只能写"),
        ("【表】没有指标", "表和图这样写"),
        ("【照片】13", "最多几张"),
        ("【照片】٣", "最多几张"),
    ],
)
def test_what_is_written_wrong_is_named_with_its_line(body: str, told: str) -> None:
    with pytest.raises(TemplateWrong) as refusal:
        parse(body)
    assert told in str(refusal.value.fields["body"])


def test_braces_are_written_twice() -> None:
    sentence = parse("集合{{a}}。")[0]
    assert isinstance(sentence, Sentence)
    assert "".join(str(one) for one in queries.pieces(sentence.cases["some"])) == "集合{a}。"


@pytest.mark.django_db
def test_the_first_templates_name_only_what_exists() -> None:
    for _code, _name, _name_en, _stretch, body in FIRST_TEMPLATES:
        assert queries.read_template(body)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("# 好\n共{nothing}。", "第 2 行：没有“nothing”这个数。可以用：place、period"),
        ("共{calls_closed|louder}。", "“louder”没有这种写法。可以用：bare"),
        ("占{calls_on_time|share:sessions_held}。", "单位要相同"),
        ("占{calls_on_time|share}。", "占比这样写"),
        ("{place|prev}", "不能再写竖线"),
        ("【表】甲：calls_closed、nothing", "没有“nothing”这个数"),
        ("【看】place\n有：多\n无：无", "没有“place”这个数"),
    ],
)
def test_a_name_nobody_knows_is_told_with_those_that_exist(body: str, told: str) -> None:
    with pytest.raises(TemplateWrong) as refusal:
        queries.read_template(body)
    assert told in str(refusal.value.fields["body"])


@given(some.text(alphabet="#{}|:=【】看表照片有增减平零无：；、ab_ \n+1", max_size=60))
def test_whatever_is_typed_is_read_or_refused(body: str) -> None:
    try:
        parse(body)
    except TemplateWrong as refusal:
        assert refusal.fields["body"]


@pytest.mark.parametrize(
    ("now", "base", "told"),
    [
        (112, 100, "比上期增长12.0%"),
        (88, 100, "比上期下降12.0%"),
        (100, 100, "与上期持平"),
        (0, 0, "与上期持平"),
        (5, 0, "上期为0"),
        (0, 5, "比上期下降100.0%"),
        (100_001, 100_000, "比上期略有增长（不到0.1%）"),
        (300, 1, "比上期增长29,900.0%"),
        (1125, 1000, "比上期增长12.5%"),
        (2001, 4000, "比上期下降50.0%"),
    ],
)
def test_a_change_is_worked_out_against_its_base(now: int, base: int, told: str) -> None:
    assert saying.compared(CASES, Value(now), Value(base), "prev") == told


def test_shares_change_by_percentage_points_and_what_is_missing_is_not_compared() -> None:
    assert saying.compared(RATE, Value(None, 55, 100), Value(None, 50, 100), "yoy") == "比上年同期提高5.00个百分点"
    for one in (Value(None, 0, 0), Value(hidden=True)):
        assert saying.compared(RATE, Value(None, 5, 10), one, "yoy") == "没有上年同期的数可比"
        assert saying.compared(RATE, one, Value(None, 5, 10), "prev") == "没有上期的数可比"
    assert saying.said(RATE, Value(None, 0, 0)) == "（暂无数据）"
    assert saying.said(CASES, Value(hidden=True)) == "（数较小，不公布）"
    assert [saying.said(MINUTES, Value(one)) for one in (0, 45, 60, 754_321)] == [
        "0分钟",
        "45分钟",
        "1小时",
        "12,572小时1分钟",
    ]


@pytest.mark.parametrize(
    ("value", "way", "told"),
    [
        (97, "about", "97件"),
        (12_345, "about", "1.2万余件"),
        (12_000, "about", "12,000件"),
        (1_234, "about", "1,200余件"),
        (123_456_789, "about", "1.2亿余件"),
        (19_980, "near", "近2万件"),
        (12_700, "near", "近1.3万件"),
        (12_345, "near", "1.2万余件"),
        (10_100, "near", "1万余件"),
        (12_345, "over", "超1.2万件"),
        (12_000, "over", "12,000件"),
    ],
)
def test_round_numbers_carry_the_sign_that_is_true(value: int, way: str, told: str) -> None:
    assert saying.rounded(value, "件", way) == told


@given(some.integers(min_value=0, max_value=10**14), some.sampled_from(["about", "near", "over"]))
def test_a_sign_never_lies(value: int, way: str) -> None:
    told = saying.rounded(value, "件", way)
    read = number(told)
    if told.startswith("近"):
        assert read.value > value >= read.value * Decimal("0.95")
    elif read.sign in {Sign.MORE, Sign.OVER}:
        assert read.value < value < read.value * Decimal("1.1")
    else:
        assert read.value == value


@pytest.mark.parametrize(
    ("since", "until", "words", "before", "year_before"),
    [
        ("2026-03-01", "2026-04-01", "2026年3月", ("2026-02-01", "2026-03-01"), ("2025-03-01", "2025-04-01")),
        ("2026-01-01", "2027-01-01", "2026年", ("2025-01-01", "2026-01-01"), ("2025-01-01", "2026-01-01")),
        (
            "2028-02-29",
            "2028-03-02",
            "2028年2月29日至2028年3月1日",
            ("2028-02-27", "2028-02-29"),
            ("2027-02-28", "2027-03-02"),
        ),
        ("2028-02-01", "2028-03-01", "2028年2月", ("2028-01-01", "2028-02-01"), ("2027-02-01", "2027-03-01")),
    ],
)
def test_stretches_before(
    since: str, until: str, words: str, before: tuple[str, str], year_before: tuple[str, str]
) -> None:
    period = Period(date.fromisoformat(since), date.fromisoformat(until))
    assert saying.period_words(period) == words
    assert saying.before(period) == Period(*map(date.fromisoformat, before))
    assert saying.year_before(period) == Period(*map(date.fromisoformat, year_before))
