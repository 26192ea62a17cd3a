"""Round-ups filled from figures, edited, locked, signed by a second person, numbered, withdrawn."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.urls import reverse

from huying.calls.tests.browsing import browser
from huying.cockpit import actions
from huying.cockpit.actions.report_refusals import (
    EditedMeanwhile,
    LetterheadMissing,
    PeriodNotOver,
    PeriodNotPublic,
    ReasonMissing,
    SecondPersonNeeded,
    StepNotNow,
)
from huying.cockpit.actions.report_writing import Edit
from huying.cockpit.models import Report, ReportEvent
from huying.cockpit.queries import report_templates
from huying.cockpit.queries import reports as queries
from huying.cockpit.queries.report_filling import set_back
from huying.cockpit.states import TRANSITIONS, ReportState, Verb
from huying.cockpit.tests.conftest import Desk
from huying.figures import actions as figures
from huying.figures.actions import Report as Told
from huying.figures.models import Number
from huying.kernel import clock
from huying.kernel.errors import Forbidden, InvalidInput, NotFound

pytestmark = pytest.mark.django_db


def text(document: dict[str, Any]) -> str:
    return "\n".join(
        "".join(piece["text"] for piece in block["pieces"])
        for block in document["blocks"]
        if block["kind"] == "paragraph"
    )


def filled(report: Report) -> dict[str, Any]:
    return queries.document(Report.objects.select_related("place", "template").get(pk=report.pk))


def letterhead(desk: Desk) -> None:
    actions.set_letterhead(actor=desk.actor(desk.writer), place=desk.county, organ="青禾区实践中心", letters="青实发")


def step(desk: Desk, report: Report, verb: Verb, who: Any = None, reason: str = "") -> Report:
    report = Report.objects.select_related("place", "template").get(pk=report.pk)
    return actions.step_report(actor=desk.actor(who or desk.writer), report=report, verb=verb, reason=reason)


def edit(desk: Desk, report: Report, words: dict[int, str], **more: Any) -> Report:
    facts = {"title": report.title, "addressed_to": "各街道", "words": words, "edition": report.edition} | more
    return actions.edit_report(actor=desk.actor(desk.writer), report=report, edit=Edit(**facts))


def test_sentences_fill_themselves_and_change_with_the_numbers(desk: Desk) -> None:
    report = desk.draft()
    first = text(filled(report))
    assert "没有收到居民求助" in first and "没有办结的求助" in first
    desk.count("calls_submitted", desk.one, 128)
    desk.count("calls_submitted", desk.three, 100, date(2026, 2, 3))
    desk.count("calls_submitted", desk.two, 200, date(2025, 3, 30))
    desk.count("calls_closed", desk.one, 120)
    desk.count("calls_on_time", desk.one, 90)
    desk.count("calls_due_net", desk.one, 150)
    desk.count("calls_due_on_time", desk.one, 90)
    told = text(filled(report))
    assert "共收到居民求助128件，比上期增长28.0%，比上年同期下降36.0%。办结求助120件，上期为0；" in told
    assert "按期办结90件，按期办结率60.00%" in told


@pytest.mark.parametrize(
    ("now", "before", "said"),
    [(5, 3, "多了2件"), (3, 5, "少了2件"), (4, 4, "一样"), (0, 0, "都没有"), (0, 4, "都没有"), (4, 0, "多了4件")],
)
def test_the_words_follow_the_direction(desk: Desk, now: int, before: int, said: str) -> None:
    body = "【看】calls_closed|prev\n增：多了{calls_closed|prev_by}\n减：少了{calls_closed|prev_by}\n平：一样\n零：都没有\n无：不知"
    desk.own(body)
    report = desk.draft("own")
    for amount, day in ((now, date(2026, 3, 9)), (before, date(2026, 2, 9))):
        if amount:
            desk.count("calls_closed", desk.one, amount, day)
    assert text(filled(report)) == said


def test_a_ratio_of_nothing_is_no_number(desk: Desk) -> None:
    desk.own("【看】calls_on_time_rate\n有：率{calls_on_time_rate}\n无：没有办结，不算率\n又{calls_on_time_rate}")
    assert text(filled(desk.draft("own"))) == "没有办结，不算率\n又（暂无数据）"


def test_reported_numbers_keep_their_sign_and_name_source_and_day(desk: Desk) -> None:
    desk.own("全区志愿者{reported.volunteers}，平台上{volunteers_registered}。缺{reported.nobody}。")
    facts = Told("volunteers", "注册志愿者", "近91万人", date(2026, 2, 1), "区年报")
    figures.report(actor=desk.actor(desk.writer), place=desk.county, facts=facts)
    document = filled(desk.draft("own"))
    assert text(document) == "全区志愿者约91万人（区年报，截至2026年2月1日），平台上0人。缺（没有填报）。"
    assert [one.get("source", "") for one in document["numbers"]] == ["区年报", ""]


def test_a_reported_number_is_of_the_period_and_never_of_later(desk: Desk) -> None:
    desk.own("志愿者{reported.volunteers}。")
    for told, day in (("80万人", date(2026, 2, 1)), ("81万人", date(2026, 3, 31)), ("91万人", date(2026, 4, 1))):
        facts = Told("volunteers", "注册志愿者", told, day, "区年报")
        figures.report(actor=desk.actor(desk.writer), place=desk.county, facts=facts)
    spans = [(date(2026, n, 1), date(2026, n + 1, 1)) for n in (1, 2, 3, 4)]
    said = [text(filled(desk.draft("own", period=span))) for span in spans]
    assert [one.partition("（区")[0] for one in said] == [
        "志愿者（没有填报）。",
        "志愿者80万人",
        "志愿者81万人",
        "志愿者91万人",
    ]


def test_tables_add_up_and_charts_have_every_month(desk: Desk) -> None:
    for at, amount in ((desk.one, 10), (desk.two, 20), (desk.three, 30), (desk.county, 4)):
        desk.count("calls_submitted", at, amount)
    blocks = {one["kind"]: one for one in filled(desk.draft())["blocks"] if "title" in one}
    assert [row[:2] for row in blocks["table"]["rows"]] == [
        ["东街", "30"],
        ["西街", "30"],
        ["本级", "4"],
        ["合计", "64"],
    ]
    assert (len(blocks["line"]["labels"]), blocks["line"]["labels"][0]) == (12, "2025年4月")
    assert blocks["line"]["series"][0]["values"][-1] == 64


def test_a_table_by_month_is_cut_as_the_period_is_and_adds_up_to_the_text(desk: Desk) -> None:
    for day, amount in (
        (date(2026, 1, 14), 100),
        (date(2026, 1, 15), 1),
        (date(2026, 2, 20), 20),
        (date(2026, 3, 9), 3),
    ):
        desk.count("calls_submitted", desk.one, amount, day)
    desk.count("calls_submitted", desk.one, 1000, date(2026, 3, 10))
    desk.own("共{calls_submitted|bare}\n【表】逐月：calls_submitted；按月\n【折线图】逐月：calls_submitted")
    blocks = filled(desk.draft("own", period=(date(2026, 1, 15), date(2026, 3, 10))))["blocks"]
    assert blocks[0]["pieces"][1]["text"] == "24"
    assert blocks[1]["rows"] == [["2026年1月15日至31日", "1"], ["2026年2月", "20"], ["2026年3月1日至9日", "3"]]
    assert [one[1:] for one in blocks[1]["of"]] == [
        ["2026-01-15", "2026-02-01"],
        ["2026-02-01", "2026-03-01"],
        ["2026-03-01", "2026-03-10"],
    ]
    assert blocks[2]["series"][0]["values"] == [1, 20, 3]


def test_edited_words_on_a_rise_go_when_the_number_falls_and_come_back_with_it(desk: Desk) -> None:
    body = "【看】calls_closed|prev\n增：比上期多{calls_closed|prev_by}。\n减：比上期少{calls_closed|prev_by}。\n平：一样\n无：不知"
    desk.own(body)
    report, writer = desk.draft("own"), desk.actor(desk.writer)
    desk.count("calls_closed", desk.one, 4, date(2026, 2, 9))
    desk.count("calls_closed", desk.one, 9, date(2026, 3, 9))
    mine = "办结大幅增长，多了{calls_closed|prev_by}！"
    report = actions.edit_report(actor=writer, report=report, edit=Edit("通报", "", {0: mine}, 1))
    up = (text(filled(report)), set_back(queries.asked(report)))

    desk.count("calls_closed", desk.one, 1, date(2026, 3, 9))
    down = (text(filled(report)), set_back(queries.asked(report)))
    page = browser(desk.writer).get(reverse("cockpit:report", args=[report.public_id])).content.decode()
    edit = browser(desk.writer).get(reverse("cockpit:report_edit", args=[report.public_id]))
    locked = actions.step_report(actor=writer, report=report, verb=Verb.LOCK)

    assert up == ("办结大幅增长，多了5件！", {})
    assert down == ("比上期少3件。", {0: mine})
    assert "先恢复成模板的句子" in page and f"<del>{mine}</del>" in page
    assert f"您原来写的：{mine}" in edit.content.decode()
    assert edit.context["form"]["words_0"].value() == "比上期少{calls_closed|prev_by}。"
    assert text(locked.frozen or {}) == "比上期少3件。"


def test_words_written_before_the_period_of_a_public_paper_ends_stay_at_locking(desk: Desk) -> None:
    """Nothing is told to everybody of March before April: the editor saw no case."""
    desk.own("【看】calls_closed\n有：办结{calls_closed}。\n零：没有办结。\n无：不知")
    report, writer = desk.draft("own", is_public=True), desk.actor(desk.writer)
    mine = "办结{calls_closed}，辛苦大家。"
    with clock.frozen(datetime(2026, 3, 20, 2, tzinfo=UTC)):
        report = actions.edit_report(actor=writer, report=report, edit=Edit("通报", "", {0: mine}, 1))
    desk.count("calls_closed", desk.one, 40, date(2026, 3, 9))

    locked = actions.step_report(actor=writer, report=report, verb=Verb.LOCK)

    assert text(locked.frozen or {}) == "办结40件，辛苦大家。"


def test_words_keep_the_case_that_the_editor_saw_though_the_number_went_on_meanwhile(desk: Desk) -> None:
    desk.own("【看】calls_closed\n有：办结{calls_closed}。\n零：没有办结。\n无：不知")
    report = desk.draft("own")
    desk.count("calls_closed", desk.one, 9)
    edit = Edit("通报", "", {0: "这个月一件也没有办结。"}, 1, {"0": "zero"})

    report = actions.edit_report(actor=desk.actor(desk.writer), report=report, edit=edit)

    assert (report.cases, text(filled(report))) == ({"0": "zero"}, "办结9件。")


def test_small_numbers_are_hidden_from_the_public(desk: Desk) -> None:
    desk.count("calls_submitted", desk.one, 3)
    desk.count("calls_submitted", desk.three, 60)
    inside, outside = filled(desk.draft()), filled(desk.draft(is_public=True))
    tables = [next(one for one in doc["blocks"] if one["kind"] == "table") for doc in (inside, outside)]
    assert [row[1] for row in tables[0]["rows"]] == ["3", "60", "0", "63"]
    assert [row[1] for row in tables[1]["rows"]][:2] == ["*", "*"]
    assert "不公布" in tables[1]["note"] and not tables[0]["note"]
    only = desk.draft(at=desk.east, is_public=True)
    assert "居民求助（数较小，不公布）" in text(filled(only))


def test_the_public_is_told_of_whole_months_and_years_only(desk: Desk) -> None:
    with pytest.raises(PeriodNotPublic):
        desk.draft("roundup", period=(date(2026, 3, 2), date(2026, 4, 1)), is_public=True)
    for code, period in (
        ("monthly", (date(2026, 3, 2), date(2026, 4, 1))),
        ("yearly", (date(2026, 1, 1), date(2026, 4, 1))),
    ):
        with pytest.raises(InvalidInput):
            desk.draft(code, period=period)


def test_an_editor_changes_words_and_numbers_stay_fields(desk: Desk) -> None:
    desk.count("calls_submitted", desk.one, 128)
    desk.own("收到{calls_submitted}。")
    report = edit(desk, desk.draft("own"), {0: "三月共收到{calls_submitted}，上门37次，另有{calls_submitted=130件}。"})
    document = filled(report)
    pieces = document["blocks"][0]["pieces"]
    assert [one["kind"] for one in pieces] == ["words", "number", "words", "typed", "words", "hand", "words"]
    assert document["numbers"][1]["hand"] == "130件" and document["numbers"][1]["told"] == "128件"
    desk.count("calls_submitted", desk.two, 2)
    assert "收到130件" in text(filled(report))
    event = ReportEvent.objects.get(verb="edit")
    assert event.changes["0"] == ["", "三月共收到{calls_submitted}，上门37次，另有{calls_submitted=130件}。"]


def test_wrong_fields_are_named_and_an_edit_of_something_older_is_refused(desk: Desk) -> None:
    desk.own("收到{calls_submitted}。")
    report = desk.draft("own")
    with pytest.raises(InvalidInput) as refusal:
        edit(desk, report, {0: "收到{calls_recieved}。"})
    assert "calls_recieved" in str(refusal.value.fields["words_0"])
    edit(desk, report, {0: "共{calls_submitted}。"})
    with pytest.raises(EditedMeanwhile):
        edit(desk, report, {0: "只{calls_submitted}。"})


def test_locking_freezes_every_number_with_its_code(desk: Desk) -> None:
    desk.count("calls_submitted", desk.one, 128)
    report = step(desk, desk.draft(), Verb.LOCK)
    before = filled(report)
    desk.count("calls_submitted", desk.two, 50)
    assert filled(report) == before and len(report.digest) == 64
    codes = {code for one in before["numbers"] for code in one["codes"]}
    tables = [one for one in before["blocks"] if one["kind"] == "table"]
    codes |= {code for one in tables for row in one["codes"] for code in row if code}
    assert codes and set(Number.objects.values_list("code", flat=True)) == codes
    first = before["numbers"][1]
    assert (first["field"], len(first["codes"])) == ("calls_submitted|prev", 2)
    back = step(desk, report, Verb.UNLOCK, reason="数要改")
    assert "178件" in text(filled(back))


def test_nobody_signs_what_he_locked_and_only_signers_sign(desk: Desk) -> None:
    letterhead(desk)
    role = desk.actor(desk.signer).roles
    report = step(desk, desk.draft(), Verb.LOCK)
    with pytest.raises(Forbidden):
        step(desk, report, Verb.SIGN)
    signed = step(desk, report, Verb.SIGN, desk.signer)
    assert (signed.paper_number, signed.signed_by) == ("青实发〔2026〕1号", desk.signer.pk)
    other = desk.draft()
    from dataclasses import replace

    both = replace(desk.actor(desk.writer), roles=(*desk.actor(desk.writer).roles, *role))
    locked = actions.step_report(actor=both, report=other, verb=Verb.LOCK)
    with pytest.raises(SecondPersonNeeded):
        actions.step_report(actor=both, report=locked, verb=Verb.SIGN)


def test_a_paper_without_letterhead_gets_no_number(desk: Desk) -> None:
    report = step(desk, desk.draft(), Verb.LOCK)
    with pytest.raises(LetterheadMissing):
        step(desk, report, Verb.SIGN, desk.signer)
    assert filled(report)["title"] == "三月工作通报"


def test_numbers_have_no_gap_and_a_withdrawn_one_is_never_given_again(desk: Desk) -> None:
    letterhead(desk)
    numbers = []
    for n in range(3):
        report = step(desk, step(desk, desk.draft(title=f"第{n}份"), Verb.LOCK), Verb.SIGN, desk.signer)
        numbers.append(report.number)
        if n == 1:
            step(desk, report, Verb.WITHDRAW, desk.signer, "有误")
    assert numbers == [1, 2, 3]
    assert Report.objects.get(number=2).state == ReportState.WITHDRAWN


def test_steps_that_are_not_in_the_table_are_refused(desk: Desk) -> None:
    letterhead(desk)
    for state in ReportState:
        report = brought(desk, state)
        for verb, step_ in TRANSITIONS.items():
            if state in step_.from_:
                continue
            with pytest.raises(StepNotNow):
                step(desk, report, verb, desk.signer if step_.signs else desk.writer, "为什么")
    with pytest.raises(ReasonMissing):
        step(desk, desk.draft(), Verb.DROP)


def brought(desk: Desk, state: ReportState) -> Report:
    ways = {
        ReportState.DRAFT: (),
        ReportState.LOCKED: (Verb.LOCK,),
        ReportState.SIGNED: (Verb.LOCK, Verb.SIGN),
        ReportState.PUBLISHED: (Verb.LOCK, Verb.SIGN, Verb.PUBLISH),
        ReportState.WITHDRAWN: (Verb.LOCK, Verb.SIGN, Verb.WITHDRAW),
        ReportState.DROPPED: (Verb.DROP,),
    }
    report = desk.draft()
    for verb in ways[state]:
        report = step(desk, report, verb, desk.signer if TRANSITIONS[verb].signs else desk.writer, "为什么")
    return report


def test_a_paper_for_everybody_waits_for_the_end_of_its_period(desk: Desk) -> None:
    """It is 2 April: April locked today, and again tomorrow, would tell what happened in between."""
    letterhead(desk)
    desk.count("calls_submitted", desk.three, 60, date(2026, 4, 1))
    april = (date(2026, 4, 1), date(2026, 5, 1))
    public, own = desk.draft(period=april, is_public=True), desk.draft(period=april)
    assert "60" not in text(filled(public)) and "60" in text(filled(own))
    with pytest.raises(PeriodNotOver) as refused:
        step(desk, public, Verb.LOCK)
    assert "2026-05-01" in str(refused.value)
    assert step(desk, own, Verb.LOCK).state == ReportState.LOCKED
    with clock.frozen(datetime(2026, 4, 30, 16, 0, tzinfo=UTC)):  # midnight in China
        assert step(desk, public, Verb.LOCK).state == ReportState.LOCKED


def test_who_sees_and_who_may_do_what(desk: Desk) -> None:
    letterhead(desk)
    report = brought(desk, ReportState.SIGNED)
    assert queries.report(desk.actor(desk.reader), report.public_id) == report
    for who in (desk.outsider,):
        with pytest.raises(NotFound):
            queries.report(desk.actor(who), report.public_id)
    with pytest.raises(Forbidden):
        step(desk, report, Verb.PUBLISH, desk.reader)
    public = desk.draft(is_public=True)
    for verb in (Verb.LOCK, Verb.SIGN, Verb.PUBLISH):
        with pytest.raises(NotFound):
            queries.report(desk.actor(desk.outsider), public.public_id)
        public = step(desk, public, verb, desk.signer if verb == Verb.SIGN else desk.writer)
    assert queries.report(desk.actor(desk.outsider), public.public_id) == public


def test_a_place_takes_the_template_of_the_nearest_place_above_it(desk: Desk) -> None:
    assert [one.code for one in report_templates.in_force(desk.one)] == ["monthly", "roundup", "yearly"]
    desk.own("区里写的{calls_closed}。", code="monthly", stretch="month")
    desk.own("街道写的{calls_closed}。", code="monthly", stretch="month", at=desk.east)
    bodies = [report_templates.template(at, "monthly").body[:2] for at in (desk.one, desk.three, desk.county)]
    assert bodies == ["街道", "区里", "区里"]
    with pytest.raises(EditedMeanwhile):
        desk.own("又写一次{calls_closed}。", code="monthly", stretch="month")


def test_the_clock_is_in_the_document(desk: Desk) -> None:
    assert filled(desk.draft())["as_of"] == clock.local(clock.now()).isoformat(timespec="seconds")
