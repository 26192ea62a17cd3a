"""Published papers as everybody reads them: the list, one paper, what is left of one that was taken back."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse

from huying.cockpit import actions
from huying.cockpit.models import Report
from huying.cockpit.states import Verb
from huying.cockpit.tests.conftest import NOW, Desk
from huying.cockpit.tests.test_report_pages import at, text
from huying.cockpit.tests.test_reports import letterhead, step
from huying.figures import actions as figures
from huying.figures.actions import Report as Told
from huying.figures.models import Metric
from huying.kernel import chance, clock
from huying.people.models import Person
from huying.places.models import Place
from huying.volunteers.tests.factories import browser, sent

pytestmark = pytest.mark.django_db
LIST = "/cockpit/papers/"
TO_SIGNED = (Verb.LOCK, Verb.SIGN)


def stepped(desk: Desk, report: Report, *verbs: Verb, reason: str = "") -> Report:
    for verb in verbs:
        report = step(desk, report, verb, desk.signer if verb in {Verb.SIGN, Verb.WITHDRAW} else desk.writer, reason)
    return report


def published(desk: Desk, title: str = "三月公开通报", code: str = "monthly", where: Place | None = None) -> Report:
    if where is not None:
        actions.set_letterhead(
            actor=desk.actor(desk.writer), place=where, organ=f"{where.name}实践所", letters="东实发"
        )
    return stepped(desk, desk.draft(code, title=title, is_public=True, at=where), *TO_SIGNED, Verb.PUBLISH)


@pytest.fixture
def filled(desk: Desk) -> Desk:
    """128 calls in three places, one of them small; 12 sessions."""
    for where, amount in ((desk.one, 120), (desk.two, 2), (desk.three, 90)):
        desk.count("calls_submitted", where, amount)
    desk.count("sessions_held", desk.one, 12)
    letterhead(desk)
    return desk


def test_nobody_has_to_sign_in_to_read_what_is_published_and_nothing_else_is_listed(filled: Desk) -> None:
    visitor = Client()
    assert "还没有公开的通报" in text(visitor.get(LIST))
    paper = published(filled)
    inside = stepped(filled, filled.draft(title="内部通报"), *TO_SIGNED, Verb.PUBLISH)
    signed = stepped(filled, filled.draft(title="只签发的", is_public=True), *TO_SIGNED)
    draft = filled.draft(title="还在写的", is_public=True)
    page = text(visitor.get(LIST))
    assert at("paper", paper) in page and "三月公开通报" in page and "青实发〔2026〕1号" in page
    assert not [one.title for one in (inside, signed, draft) if one.title in page]
    for other in (inside, signed, draft):
        assert visitor.get(at("paper", other)).status_code == 404
        assert browser(filled.writer).get(at("paper", other)).status_code == 404


def test_a_paper_is_read_with_links_to_numbers_that_open_for_everybody(filled: Desk) -> None:
    paper, visitor = published(filled), Client()
    page = text(visitor.get(at("paper", paper)))
    link = re.search(r'href="(/n/\w{10}/)">212件</a>', page)
    assert link and "青禾区实践中心" in page and "2026年4月2日" in page
    opened = visitor.get(link[1], follow=True)
    assert opened.status_code == 200 and "212" in opened.content.decode()
    cells = re.findall(r'href="(/figures/at/[^"]+)">([\d,]+)</a>', page)
    assert ("212" in {words for _href, words in cells}) and "120" not in {words for _href, words in cells}
    for href, _words in cells:
        assert visitor.get(href.replace("&amp;", "&")).status_code == 200
    assert visitor.get(at("report_file", paper, "pdf")).content.startswith(b"%PDF")
    assert visitor.get(at("report_file", paper, "docx")).content.startswith(b"PK")


def test_small_numbers_stay_hidden_and_no_name_of_who_worked_on_it_is_there(filled: Desk) -> None:
    for where, amount in ((filled.one, 120), (filled.three, 2)):
        filled.count("attended", where, amount)
    filled.own("【表】各地参加：attended\n本期参加{attended}。", stretch="month")
    paper = published(filled, code="own")
    for reader in (Client(), browser(filled.writer)):
        page = text(reader.get(at("paper", paper)))
        assert "*" in main(page) and "表示数较小，不公布" in page
        assert not [who.name for who in Person.objects.all() if who.name in page and who.pk != reader_of(reader)]
        assert "办理记录" not in page and "/do/" not in page


def reader_of(browser: Client) -> int | None:
    """His own name stands in the frame of the page."""
    key = browser.session.get("_auth_user_id")
    return Person.objects.filter(account__pk=key).values_list("pk", flat=True).first() if key else None


def test_numbers_without_a_public_page_are_words_and_no_links(filled: Desk) -> None:
    facts = Told(code="teams", name="队伍", told="1,781支", source="年报", as_of=date(2026, 3, 1))
    figures.report(actor=filled.actor(filled.writer), place=filled.county, facts=facts)
    filled.own("共{calls_submitted}，办结{calls_closed}，队伍{reported.teams}。", stretch="month")
    Metric.objects.filter(pk="calls_closed").update(is_public=False)
    paper = published(filled, code="own")
    page = text(Client().get(at("paper", paper)))
    codes = {fact["name"]: fact["codes"][0] for fact in paper.frozen["numbers"]}
    assert f'href="/n/{codes.pop("提交的求助")}/"' in page
    assert len(codes) == 2 and all(code in page and f"/n/{code}/" not in page for code in codes.values())


def test_one_taken_back_says_so_with_the_reason_and_nothing_it_said(filled: Desk) -> None:
    paper, visitor = published(filled), Client()
    reader = browser(filled.signer)
    assert "这个原因居民会看到" in text(reader.get(at("report", paper)))
    assert sent(reader, at("report_step", paper, "withdraw"), reason="数据口径有误").status_code == 303
    answer = visitor.get(at("paper", paper))
    page = answer.content.decode()
    assert answer.status_code == 410
    assert "这份通报已经撤回" in page and "数据口径有误" in page and "青实发〔2026〕1号" in page
    assert not [words for words in ("三月公开通报", "212件", "求助", filled.signer.name) if words in main(page)]
    assert "三月公开通报" not in text(visitor.get(LIST))
    assert visitor.get(at("report_file", paper, "pdf")).status_code == 302
    assert "三月公开通报" in text(reader.get(at("report", paper)))


def main(page: str) -> str:
    return page[page.index("<main") : page.index("</main>")]


def test_one_taken_back_before_it_was_out_was_never_there(filled: Desk) -> None:
    report = stepped(filled, filled.draft(is_public=True), *TO_SIGNED, Verb.WITHDRAW, reason="错")
    assert Client().get(at("paper", report)).status_code == 404


def test_they_are_found_by_place_and_year(filled: Desk) -> None:
    published(filled)
    with clock.frozen(NOW.replace(year=2025)):
        last = (date(2025, 3, 1), date(2025, 4, 1))
        stepped(filled, filled.draft(title="去年的通报", is_public=True, period=last), *TO_SIGNED, Verb.PUBLISH)
    street = published(filled, "东街通报", where=filled.east)
    visitor = Client()

    def listed(**asked: str) -> list[str]:
        page = text(visitor.get(LIST, asked))
        return re.findall(r'hy-papers__title"[^>]*>([^<]+)<', page)

    assert listed() == ["东街通报", "三月公开通报", "去年的通报"]
    assert listed(within=str(filled.east.public_id)) == [street.title]
    assert listed(within=str(filled.one.public_id)) == []
    assert listed(year="2025") == ["去年的通报"]
    assert listed(within=str(filled.county.public_id), year="2026") == ["东街通报", "三月公开通报"]
    assert listed(within="nonsense", year="abc") == listed()
    page = text(visitor.get(LIST, {"within": str(filled.one.public_id)}))
    assert "没有找到公开的通报" in page and "和平社区" in page


def test_twenty_stand_on_a_page_and_the_rest_behind_it(filled: Desk) -> None:
    paper = published(filled)
    facts = {one.attname: getattr(paper, one.attname) for one in Report._meta.concrete_fields if one.attname != "id"}
    days = [timedelta(days=n) for n in range(1, 23)]
    copied(facts, days)
    visitor = Client()
    first = text(visitor.get(LIST))
    titles = re.findall(r'hy-papers__title"[^>]*>([^<]+)<', first)
    assert titles == ["三月公开通报", *(f"第{n}份" for n in range(1, 20))]
    cursor = re.search(r"cursor=([^\"&]+)", first)
    assert cursor
    second = text(visitor.get(f"{LIST}?cursor={cursor[1]}"))
    assert re.findall(r'hy-papers__title"[^>]*>([^<]+)<', second) == ["第20份", "第21份", "第22份"]
    assert visitor.get(LIST + "?cursor=" + quote("wrong")).status_code == 422


def copied(facts: dict[str, Any], days: list[timedelta]) -> None:
    """The same paper, signed on other days."""
    Report.objects.bulk_create(
        Report(**facts | {"public_id": chance.uuid7(), "number": n + 1, "title": f"第{n}份", "signed_at": NOW - day})
        for n, day in enumerate(days, start=1)
    )


def test_the_desk_and_the_page_of_a_place_lead_there(filled: Desk) -> None:
    paper = published(filled)
    where = f"{LIST}?within={filled.county.public_id}"
    desk = browser(filled.writer)
    assert where in text(desk.get(at("reports_at", filled.county)))
    assert at("paper", paper) in text(desk.get(at("report", paper)))
    visitor = Client()
    assert where in text(visitor.get(reverse("places:detail", args=[filled.county.public_id])))
    assert f'href="{LIST}"' in text(visitor.get(reverse("places:tree")))
    led = visitor.get(at("report", paper))
    assert (led.status_code, led["Location"]) == (302, at("paper", paper))
