"""Pages of round-ups: from the list through a draft to the signed paper; errors keep what was typed."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from huying.cockpit import actions
from huying.cockpit.actions.report_writing import Words
from huying.cockpit.models import Letterhead, Report, ReportTemplate
from huying.cockpit.queries import report_templates
from huying.cockpit.states import Verb
from huying.cockpit.tests.conftest import Desk
from huying.cockpit.tests.test_reports import letterhead, step
from huying.cockpit.views import report_paper
from huying.volunteers.tests.factories import browser, sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def writer(desk: Desk) -> Client:
    return browser(desk.writer)


def at(name: str, key: Any, *more: str) -> str:
    return reverse(f"cockpit:{name}", args=[key.public_id, *more])


def text(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, answer.content.decode()[:2000]
    return str(answer.content.decode())


def test_from_an_empty_list_to_a_draft(desk: Desk, writer: Client) -> None:
    assert writer.get(reverse("cockpit:reports"))["Location"] == at("reports_at", desk.county)
    assert "还没有综述" in text(writer.get(at("reports_at", desk.county)))
    desk.count("calls_submitted", desk.one, 128)
    answer = sent(writer, at("report_new", desk.county), template="monthly", since="2026-03-17")
    report = Report.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, at("report", report))
    assert (str(report.since), str(report.until), report.title) == (
        "2026-03-01",
        "2026-04-01",
        f"{desk.county.name}2026年3月通报",
    )
    page = text(writer.get(at("report", report)))
    link = re.search(r'<a class="hy-link hy-num" href="([^"]+)">128件</a>', page)
    assert (
        link
        and link[1]
        == f"/figures/at/{desk.county.public_id}/number/calls_submitted/?since=2026-03-01&amp;until=2026-04-01"
    )
    assert writer.get(link[1].replace("&amp;", "&")).status_code == 200
    assert report.title in text(writer.get(at("reports_at", desk.county)))
    assert "没有这个状态的综述" in text(writer.get(at("reports_at", desk.county) + "?state=signed"))


def test_a_wrong_period_is_pointed_at_and_nothing_typed_is_lost(desk: Desk, writer: Client) -> None:
    address = at("report_new", desk.county)
    typed = {"template": "roundup", "title": "自己的标题"}
    for since, until, field in (
        ("2026-03-01", "", "until"),
        ("2026-03-09", "2026-03-01", "until"),
        ("0001-01-01", "2026-03-01", "since"),
        ("9999-12-31", "9999-12-31", "since"),
        ("2026-03-01", "9999-12-31", "until"),
    ):
        page = text(sent(writer, address, **typed, since=since, until=until), 422)
        assert f'href="#id_{field}"' in page and "自己的标题" in page
    page = text(sent(writer, address, **typed, since="2026-03-02", until="2026-03-09", is_public="on"), 422)
    assert "公开的只能是一个整月或一整年" in page
    assert not Report.objects.exists()


def test_a_draft_is_edited_and_a_wrong_field_is_named_beside_its_sentence(desk: Desk, writer: Client) -> None:
    desk.own("收到{calls_submitted}。\n+ 办结{calls_closed}。")
    report = desk.draft("own")
    page = text(writer.get(at("report_edit", report)))
    assert "收到{calls_submitted}。" in page
    typed = {
        "title": "新标题",
        "addressed_to": "各街道",
        "edition": "1",
        "words_0": "共{calls_recieved}。",
        "words_1": "办结{calls_closed}。",
    }
    page = text(sent(writer, at("report_edit", report), **typed), 422)
    assert "calls_recieved" in page and "可以用" in page and "新标题" in page
    assert (
        sent(writer, at("report_edit", report), **typed | {"words_0": "共{calls_submitted=9件}，访37户。"}).status_code
        == 303
    )
    report.refresh_from_db()
    assert report.overrides == {"0": "共{calls_submitted=9件}，访37户。"}
    page = text(writer.get(at("report", report)))
    assert "9件</a>" in page and "人工填写；平台计算：0件" in page and 'class="hy-paper__typed"' in page
    assert "您编辑的时候" in text(
        sent(writer, at("report_edit", report), **typed | {"words_0": "又{calls_submitted}"}), 422
    )


def test_it_is_locked_signed_by_another_and_read_as_a_file(desk: Desk, writer: Client) -> None:
    desk.count("calls_submitted", desk.one, 128)
    report, signer = desk.draft(), browser(desk.signer)
    assert sent(writer, at("report_step", report, "lock")).status_code == 303
    assert "由另一位" in text(writer.get(at("report", report)))
    assert sent(writer, at("report_step", report, "sign")).status_code == 403
    assert "机关代字" in text(sent(signer, at("report_step", report, "sign")), 422)
    assert sent(writer, at("letterhead", desk.county), organ="实践中心", letters="").status_code == 422
    assert sent(writer, at("letterhead", desk.county), organ="实践中心", letters="实发").status_code == 303
    assert Letterhead.objects.get().letters == "实发"
    assert sent(signer, at("report_step", report, "sign")).status_code == 303
    page = text(writer.get(at("report", report)))
    code = re.search(r'hy-num" href="/n/(\w{10})/">128件', page)
    assert "实发〔2026〕1号" in page and code
    assert writer.get(f"/n/{code[1]}/").status_code == 303
    for form, start in (("pdf", b"%PDF"), ("docx", b"PK")):
        answer = writer.get(at("report_file", report, form))
        assert answer.status_code == 200 and answer.content.startswith(start) and len(answer["X-Content-SHA256"]) == 64
    assert writer.get(at("report_file", report, "exe")).status_code == 404
    assert "请写明原因" in text(sent(signer, at("report_step", report, "withdraw")), 422)
    assert "不能做这一步" in text(sent(writer, at("report_step", report, "lock")), 422)
    assert sent(writer, at("report_step", report, "explode")).status_code == 404


def test_what_is_published_to_all_is_read_by_everybody_and_nothing_else(desk: Desk) -> None:
    letterhead(desk)
    inside, outside = desk.draft(), desk.draft(is_public=True, title="公开的通报")
    for verb in (Verb.LOCK, Verb.SIGN, Verb.PUBLISH):
        for one in (inside, outside):
            step(desk, one, verb, desk.signer if verb == Verb.SIGN else desk.writer)
    visitor = Client()
    assert visitor.get(at("report", outside))["Location"] == at("paper", outside)
    assert browser(desk.outsider).get(at("report", outside))["Location"] == at("paper", outside)
    assert visitor.get(at("report_file", outside, "pdf")).content.startswith(b"%PDF")
    assert visitor.get(at("report", inside)).status_code == 302
    assert browser(desk.outsider).get(at("report", inside)).status_code == 404
    assert browser(desk.reader).get(at("report_edit", outside)).status_code == 403


def test_a_template_is_tried_and_saved_and_its_errors_keep_what_was_typed(desk: Desk, writer: Client) -> None:
    desk.count("calls_submitted", desk.one, 128)
    address = at("report_template", desk.county, "monthly")
    assert "这个模板现在会这样写" in text(writer.get(address))
    typed = {"name": "月报", "stretch": "month", "after": "0", "body": "# 求助\n一共{calls_submitted}。"}
    page = text(sent(writer, address, **typed, preview="1"))
    assert "128件" in page and "改过的模板" in page and not ReportTemplate.objects.filter(place=desk.county).exists()
    page = text(sent(writer, address, **typed | {"body": "# 求助\n一共{calls}。"}), 422)
    assert "第 2 行" in page and "没有“calls”这个数" in page and "一共{calls}。" in page
    assert sent(writer, address, **typed).status_code == 303
    assert ReportTemplate.objects.get(place=desk.county).version == 1
    assert "您编辑的时候" in text(sent(writer, address, **typed), 422)
    assert browser(desk.reader).get(address).status_code == 403
    assert browser(desk.outsider).get(address).status_code == 404


def test_a_template_of_ones_own_is_copied_and_what_was_typed_stays(desk: Desk, writer: Client) -> None:
    address = at("report_template_new", desk.county)
    assert "照着哪个模板写" in text(writer.get(address))
    typed = {"source": "monthly", "name": "季度通报", "name_en": "Quarterly", "code": "quarter", "stretch": "any"}
    for wrong, said in (("Quarter 1", "小写英文字母"), ("monthly", "用这个代码"), ("", "必填"), ("ｑ", "小写英文字母")):
        page = text(sent(writer, address, **typed | {"code": wrong}), 422)
        assert said in page and "季度通报" in page and 'href="#id_code"' in page, page[:3000]
    assert text(sent(writer, address, **typed | {"name": ""}), 422).count("quarter")
    answer = sent(writer, address, **typed)
    made = ReportTemplate.objects.get(place=desk.county)
    assert (answer.status_code, answer["Location"]) == (303, at("report_template", desk.county, "quarter"))
    assert (made.code, made.version, made.name, made.stretch) == ("quarter", 1, "季度通报", "any")
    assert made.body == report_templates.template(desk.one, "monthly").body
    assert report_templates.template(desk.one, "quarter") == made
    assert "季度通报" in text(writer.get(at("report_new", desk.county)))
    assert browser(desk.reader).get(address).status_code == 403
    assert browser(desk.outsider).get(address).status_code == 404


def test_a_template_copied_without_a_length_has_that_of_its_source(desk: Desk, writer: Client) -> None:
    typed = {"source": "yearly", "name": "年度总结", "code": "summary", "stretch": ""}
    assert sent(writer, at("report_template_new", desk.county), **typed).status_code == 303
    assert ReportTemplate.objects.get(place=desk.county).stretch == "year"


def test_every_version_stands_in_the_list_and_an_older_one_is_taken_up_again(desk: Desk, writer: Client) -> None:
    desk.own("# 第一\n一共{calls_submitted}。", code="monthly", stretch="month")
    words = Words("月报", "month", "# 第二\n共{calls_submitted}。")
    actions.write_template(actor=desk.actor(desk.writer), place=desk.county, code="monthly", words=words, after=1)
    first = ReportTemplate.objects.get(place=desk.county, version=1)
    page = text(writer.get(at("report_templates", desk.county)))
    assert f"{desk.county.name}写的第 2 版" in page and desk.writer.name in page and "平台自带" in page
    assert f"?version={first.public_id}" in page
    address = at("report_template", desk.county, "monthly")
    page = text(writer.get(address, {"version": str(first.public_id)}))
    assert "# 第一" in page and "第 1 版" in page
    typed = {"name": "月报", "stretch": "month", "after": "2", "body": first.body}
    assert sent(writer, f"{address}?version={first.public_id}", **typed).status_code == 303
    assert report_templates.template(desk.county, "monthly").version == 3
    for key in ("nonsense", "0195d6c0-0000-7000-8000-000000000000"):
        assert writer.get(address, {"version": key}).status_code == 404
    below = ReportTemplate.objects.create(
        place=desk.one, code="monthly", version=1, name="甲", stretch="any", body="甲"
    )
    assert writer.get(address, {"version": str(below.public_id)}).status_code == 404
    reader = text(browser(desk.reader).get(at("report_templates", desk.county)))
    assert "新建模板" not in reader and "?version=" not in reader


def test_a_number_of_an_earlier_stretch_opens_its_own_page(desk: Desk, writer: Client) -> None:
    amounts = ((128, date(2026, 3, 9)), (46, date(2026, 2, 9)), (77, date(2025, 3, 9)))
    for amount, day in amounts:
        desk.count("calls_submitted", desk.one, amount, day)
    desk.own("{calls_submitted}；{calls_submitted|before}；{calls_submitted|last_year}；{calls_submitted|prev}。")
    report = desk.draft("own")
    told = {"128件": 128, "46件": 46, "77件": 77, "比上期增长178.3%": 128}
    assert opened(writer, report) == told
    facts = step(desk, report, Verb.LOCK).frozen["numbers"]
    assert opened(writer, report) == told
    links = [report_paper.link_of(one, "") for one in facts]
    assert {
        one["told"]: writer.get(link, follow=True).context["value"].amount
        for one, link in zip(facts, links, strict=True)
    } == told


def opened(reader: Client, report: Report) -> dict[str, int]:
    """Words of each number on the page -> the value of the page that it leads to."""
    links = re.findall(r'hy-num" href="([^"]+)">([^<]+)</a>', text(reader.get(at("report", report))))
    return {said: reader.get(unescape(href), follow=True).context["value"].amount for href, said in links}
