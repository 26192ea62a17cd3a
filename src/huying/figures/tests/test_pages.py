"""Pages of figures: counted beside reported, entering, correcting, checking; errors stand at their fields."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse

from huying.calls.tests.factories import START, Cast, actor, person, role
from huying.figures import actions, queries
from huying.figures.actions import Word
from huying.figures.models import Check, ReportedFigure
from huying.figures.tests.page_checks import PAGES, SOURCES
from huying.figures.tests.test_checks import expect
from huying.figures.tests.test_reporting import renamed
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.volunteers.tests.factories import browser, sent

pytestmark = pytest.mark.django_db
TYPED = {"name": "注册志愿者", "told": "近91万人", "as_of": "2026-02-01", "source": "年报", "code": "volunteers"}


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    actions.install_first_rows()
    with clock.frozen(START):
        yield Cast()


@pytest.fixture
def keeper(cast: Cast) -> Client:
    return browser(cast.dispatcher)


def url(name: str, cast: Cast) -> str:
    return reverse(f"figures:{name}", args=[cast.county.public_id])


def text(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, answer.content.decode()[:2000]
    return str(answer.content.decode())


def test_the_first_page_leads_to_the_place_where_one_works(cast: Cast, keeper: Client) -> None:
    assert keeper.get(reverse("figures:home"))["Location"] == url("place", cast)
    assert browser(cast.resident).get(reverse("figures:home")).status_code == 403


def test_counted_and_reported_numbers_stand_in_two_tables(cast: Cast, keeper: Client) -> None:
    word = Word("tests.Record", 1, "attended", cast.home.pk, clock.today(), 1234)
    actions.count(actor=Actor.system("tests"), words=[word])
    assert sent(keeper, url("report", cast), **TYPED).status_code == 303
    page = text(keeper.get(url("place", cast)))
    counted, reported = page.index('id="counted"'), page.index('id="reported"')
    assert counted < page.index("1,234") < reported < page.index("近91万人")


def test_a_wrong_number_is_pointed_at_and_nothing_typed_is_lost(cast: Cast, keeper: Client) -> None:
    page = text(sent(keeper, url("report", cast), **TYPED | {"told": "很多人"}), 422)
    assert "这个数看不懂" in page
    assert 'href="#id_told"' in page
    assert 'value="很多人"' in page
    assert 'value="年报"' in page
    assert not ReportedFigure.objects.exists()


def test_a_correction_is_made_on_the_newest_word_and_the_old_one_stays_to_be_read(cast: Cast, keeper: Client) -> None:
    sent(keeper, url("report", cast), **TYPED)
    first = ReportedFigure.objects.get()
    address = reverse("figures:correct", args=[first.public_id])
    typed = TYPED | {"told": "91.2万人"}
    assert "为什么更正" in text(sent(keeper, address, **typed), 422)
    assert sent(keeper, address, **typed, reason="年报勘误").status_code == 303
    assert "已经有人更正过" in text(sent(keeper, address, **typed, reason="又一次"), 422)
    page = text(keeper.get(reverse("figures:reported", args=[first.public_id])))
    assert page.index("91.2万人") < page.index("近91万人")


def test_a_check_is_set_shows_its_verdict_and_is_taken_out_of_use(cast: Cast, keeper: Client) -> None:
    for code, told in (("offices", "29个"), ("stations", "648个"), ("sites", "677个"), ("people", "3人")):
        sent(keeper, url("report", cast), **TYPED | {"code": code, "told": told, "name": code})
    typed = {"name": "所和站", "kind": "sum", "first": "offices\nstations", "second": "", "result": "sites"}
    assert sent(keeper, url("check", cast), **typed).status_code == 303
    assert sent(keeper, url("check", cast), **typed | {"name": "混单位", "first": "offices\npeople"}).status_code == 303
    page = text(keeper.get(url("place", cast)))
    assert "对得上" in page
    assert "单位不同的数不能相加：个、人。" in page
    for wrong, field in (({"first": ""}, "first"), ({"second": "sites"}, "second"), ({"result": "A B"}, "result")):
        assert f'href="#id_{field}"' in text(sent(keeper, url("check", cast), **typed | {"name": "错的"} | wrong), 422)
    check = Check.objects.get(name="所和站")
    assert sent(keeper, reverse("figures:end_check", args=[check.public_id])).status_code == 303
    assert "对得上" not in text(keeper.get(url("place", cast)))


def test_who_reads_may_not_write_and_who_works_elsewhere_sees_nothing(cast: Cast, keeper: Client) -> None:
    sent(keeper, url("report", cast), **TYPED)
    figure = ReportedFigure.objects.get()
    inspector = person("督查员", cast.county)
    role(inspector, "inspector", cast.county)
    addresses = [url("report", cast), url("check", cast), reverse("figures:correct", args=[figure.public_id])]
    assert [browser(inspector).get(one).status_code for one in addresses] == [403, 403, 403]
    assert [browser(cast.keeper).get(one).status_code for one in addresses] == [404, 404, 404]
    assert browser(cast.keeper).get(reverse("figures:place", args=[cast.home.public_id])).status_code == 200
    assert "填报一个数" not in text(browser(inspector).get(url("place", cast)))
    assert actor(inspector).roles


def typed(statement: dict[str, Any]) -> dict[str, str]:
    """The fields in which a statement is typed."""

    def lines(term: Any) -> str:
        return "\n".join(map(str, term if isinstance(term, list) else [term]))

    first = next(statement[key] for key in ("of", "rate", "top") if key in statement)
    known = statement.get("top", "") if "rate" in statement else ""
    second = lines(statement.get("less", statement.get("base", known)))
    if "bases" in statement:
        second = "\n或\n".join(map(lines, statement["bases"]))
    percent = {"percent": "on"} if statement.get("percent") else {}
    facts = {"kind": statement["kind"], "first": lines(first), "second": second, "result": str(statement.get("is", ""))}
    return facts | percent


def test_all_checks_of_the_pages_are_typed_into_the_form(cast: Cast, keeper: Client) -> None:
    """Several figures as a base (X10), two possible ones (X19), a whole number (X21), percentages (X09, X20 …)."""
    reader, expected = actor(cast.dispatcher), {}
    for page in PAGES:
        for name, told in page.figures.items():
            names = tuple(page.names.get(name, "").split())
            given = actions.Report(
                f"{page.id.lower()}_{name}", name, told, clock.today(), SOURCES[page.item], names=names
            )
            actions.report(actor=reader, place=cast.county, facts=given)
        for n, (statement, verdict, facts) in enumerate(page.asks):
            fields = typed(renamed(statement, page.id.lower()))
            assert sent(keeper, url("check", cast), name=f"{page.id}-{n}", **fields).status_code == 303, page.id
            expected[f"{page.id}-{n}"] = (verdict, facts)

    found = {one.check.name: one.result for one in queries.verdicts(reader, cast.county)}

    assert found.keys() == expected.keys()
    for name, (verdict, facts) in expected.items():
        expect(found[name], verdict, facts)
    page = text(keeper.get(url("place", cast)))
    assert "19.39" in page and "0.19" not in page


def test_what_cannot_be_typed_is_pointed_at_in_its_own_field(cast: Cast, keeper: Client) -> None:
    fields = {"name": "错的", "kind": "sum", "first": "a\nb", "second": "", "result": ""}
    for wrong, field in (
        ({"second": "c\n或\nd"}, "second"),
        ({"percent": "on"}, "percent"),
        ({"kind": "ratio", "second": "12000"}, "second"),
        ({"kind": "ratio", "second": "a\n或\nB"}, "second"),
        ({"kind": "whole", "first": "a", "second": "C"}, "second"),
    ):
        page = text(sent(keeper, url("check", cast), **fields | wrong), 422)
        assert f'href="#id_{field}"' in page, wrong
    assert not Check.objects.exists()


def test_every_reported_number_is_reached_by_paging_and_by_searching(cast: Cast, keeper: Client) -> None:
    """Twenty numbers a month are over two hundred in a year; the newest stand first and none is lost."""
    reader, today = actor(cast.dispatcher), clock.today()
    for n in range(210):
        facts = actions.Report(f"n{n % 105}", f"第{n}个数", f"{n + 1}人", today - timedelta(days=n // 105), "旬报")
        actions.report(actor=reader, place=cast.county, facts=facts)
    seen, address = [], url("place", cast)
    while address:
        answer = keeper.get(address)
        seen += [one.told for one in answer.context["page"].rows]
        following = answer.context["page"].next
        address = f"{url('place', cast)}?cursor={quote(following)}" if following else ""
    assert len(seen) == len(set(seen)) == 210
    found = keeper.get(url("place", cast), {"q": "第7个数"})
    assert [one.told for one in found.context["page"].rows] == ["8人"] and "q=" in text(found)
    assert "没有找到填报的数" in text(keeper.get(url("place", cast), {"q": "不存在"}))
    file = reverse("figures:reported_export", args=[cast.county.public_id, "json"])
    rows = json.loads(b"".join(keeper.get(file, {"q": "N7"}).streaming_content))  # type: ignore[arg-type]
    assert {one["code"] for one in rows} == {"n7", *(f"n{n}" for n in range(70, 80))}
    assert len(keeper.get(url("check", cast)).context["codes"]) == 105
