"""Leaving a claim out of the shares: one proposes, another from above and without a hand in it decides, both stand side by
side, and it is undone (domain.md section 2.3).
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from openpyxl import load_workbook

from huying.calls import actions, queries, rules
from huying.calls.actions import excluding, rights
from huying.calls.models import Call, Exclusion
from huying.calls.queries.measuring.shares import SHARES
from huying.calls.states import ExclusionState, State
from huying.calls.tests.browsing import browser, sent
from huying.calls.tests.factories import START, Cast, actor, clocks, kind, person, role
from huying.kernel import clock
from huying.kernel.errors import Forbidden
from huying.kernel.models import AuditLine

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
WHY = "要求社区替他补缴罚款，于法无据"
SPAN = queries.Asked(START - DAY, START + 30 * DAY)


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    with clock.frozen(START):
        clocks(review=60, rate=7 * 24 * 60)
        made = Cast()
        made.office = person("郑街办", made.street)  # type: ignore[attr-defined]
        role(made.office, "office", made.street)  # type: ignore[attr-defined]
        made.inspector = person("钱督查", made.county)  # type: ignore[attr-defined]
        role(made.inspector, "inspector", made.county)  # type: ignore[attr-defined]
        yield made


def proposed(cast: Cast, state: str = State.CLOSED, **more: Any) -> Exclusion:
    """The keeper proposes to leave out a call that he handled."""
    call = cast.call(state, **more)
    return actions.propose_exclusion(actor=actor(cast.keeper), call=call, ground="illegal", reason=WHY)


def decided(cast: Cast, *, agree: bool = True) -> Exclusion:
    boss, words = actor(cast.dispatcher), "" if agree else "诉求合理，照常计入"
    return actions.decide_exclusion(actor=boss, exclusion=proposed(cast), agree=agree, words=words)


def share(cast: Cast, code: str = "closed") -> tuple[str, str]:
    """Without and with what was left out."""
    whole = queries.measured(actor(cast.dispatcher), SPAN).whole
    return tuple(f"{one[code].part}/{one[code].whole}" for one in (whole.values, whole.everything))  # type: ignore[return-value]


# ── who ─────────────────────────────────────────────────────────────────────
def test_who_decides_stands_above_had_no_hand_in_it_and_did_not_propose_it(cast: Cast) -> None:
    one = proposed(cast)
    everybody = {
        "站": cast.keeper,
        "所": cast.office,
        "中心": cast.dispatcher,
        "督查": cast.inspector,
        "别处": cast.outsider,
    }  # type: ignore[attr-defined]

    def may(exclusion: Exclusion) -> set[str]:
        return {name for name, who in everybody.items() if rules.can_decide_exclusion(actor(who), exclusion)}

    assert may(one) == {"所", "中心", "督查"}
    one.call.level = "office"
    assert may(one) == {"中心", "督查"}
    handled = cast.call(State.POOLED)
    actions.urge(actor=actor(cast.dispatcher), call=handled)
    by_office = actions.propose_exclusion(
        actor=actor(cast.office),  # type: ignore[attr-defined]
        call=handled,
        ground="unreasonable",
        reason=WHY,
    )
    assert may(by_office) == {"督查"}, "the office proposed it, the centre had a hand in the call"


def test_whoever_may_not_decide_is_refused_by_the_action_and_the_database_knows_two_people(cast: Cast) -> None:
    one = proposed(cast)
    role(cast.keeper, "inspector", cast.county)
    for who in (cast.keeper, cast.resident, cast.outsider):
        with pytest.raises(excluding.SecondPerson):
            actions.decide_exclusion(actor=actor(who), exclusion=one, agree=True)

    for wrong in ({"decided_by": one.proposed_by}, {"decided_by": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Exclusion.objects.filter(pk=one.pk).update(state="in_force", **wrong)


def test_only_those_on_duty_there_and_inspectors_propose_and_never_a_draft(cast: Cast) -> None:
    call, draft = cast.call(State.CLOSED), cast.call(State.DRAFT)
    auditor = person("吴审核", cast.county)
    role(auditor, "auditor", cast.county)

    for who, about in ((cast.outsider, call), (cast.resident, call), (auditor, call), (cast.keeper, draft)):
        with pytest.raises(Forbidden):
            actions.propose_exclusion(actor=actor(who), call=about, ground="illegal", reason=WHY)


# ── what ────────────────────────────────────────────────────────────────────
def test_nothing_changes_before_somebody_agrees_and_then_both_figures_stand_side_by_side(cast: Cast) -> None:
    cast.call(State.CLOSED)
    one = proposed(cast)
    before = share(cast)

    actions.decide_exclusion(actor=actor(cast.dispatcher), exclusion=one, agree=True)

    assert before == ("2/2", "2/2")
    assert share(cast) == share(cast, "satisfied") == ("1/1", "2/2")
    whole = queries.measured(actor(cast.dispatcher), SPAN).whole
    assert (whole.total, whole.out) == (1, 1)


def test_every_number_opens_to_as_many_calls_with_and_without_those_left_out(cast: Cast) -> None:
    cast.call(State.CANCELLED)
    cast.call(State.CLOSED)
    decided(cast)
    asked = {"without": SPAN, "with": queries.Asked(SPAN.since, SPAN.until, everything=True)}
    whole = queries.measured(actor(cast.dispatcher), SPAN).whole

    for code, one in SHARES.items():
        for name, values in (("without", whole.values), ("with", whole.everything)):
            found = [
                queries.behind(actor(cast.dispatcher), asked[name], one, whole=flag).count() for flag in (False, True)
            ]
            assert found == [values[code].part, values[code].whole], (code, name)


def test_parts_say_how_many_they_leave_out_also_where_nothing_else_counts(cast: Cast) -> None:
    lonely = kind("plumbing", name="修水管", order=1)
    cast.call(State.CLOSED)
    one = proposed(cast, kind=lonely)
    actions.decide_exclusion(actor=actor(cast.dispatcher), exclusion=one, agree=True)

    report = queries.measured(actor(cast.dispatcher), queries.Asked(SPAN.since, SPAN.until, by="kind"))

    assert [(line.name, line.total, line.out) for line in report.lines] == [("修水管", 0, 1), ("clinic", 1, 0)]
    assert report.lines[0].everything["closed"].whole == 1


def test_a_no_keeps_the_call_and_its_words_and_may_be_proposed_anew(cast: Cast) -> None:
    one = decided(cast, agree=False)

    assert (one.state, one.decision, share(cast)) == (ExclusionState.REFUSED, "诉求合理，照常计入", ("1/1", "1/1"))
    again = actions.propose_exclusion(actor=actor(cast.keeper), call=one.call, ground="unreasonable", reason=WHY)
    assert again.pk != one.pk


def test_undone_it_counts_again_and_the_trail_says_who_did_what(cast: Cast) -> None:
    one = decided(cast)
    inspector = actor(cast.inspector)  # type: ignore[attr-defined]

    for who in (cast.keeper, cast.resident):
        with pytest.raises(excluding.SecondPerson):
            actions.undo_exclusion(actor=actor(who), exclusion=one, reason="重新核实过了")
    undone = actions.undo_exclusion(actor=inspector, exclusion=one, reason="重新核实过了")

    assert share(cast) == ("1/1", "1/1")
    assert (undone.reason, undone.decided_by, undone.undone_by) == (WHY, cast.dispatcher, cast.inspector)  # type: ignore[attr-defined]
    lines = AuditLine.objects.filter(verb__startswith="exclusion.").order_by("id")
    assert [(line.verb.removeprefix("exclusion."), line.person_id) for line in lines] == [
        ("proposed", cast.keeper.pk),
        ("agreed", cast.dispatcher.pk),
        ("undone", inspector.person_id),
    ]
    assert WHY not in str([line.changes for line in lines])


def test_once_proposed_once_decided_and_taken_back_only_while_it_waits(cast: Cast) -> None:
    one, boss = proposed(cast), actor(cast.dispatcher)
    with pytest.raises(excluding.AlreadyProposed):
        actions.propose_exclusion(actor=boss, call=one.call, ground="illegal", reason=WHY)
    with pytest.raises(Forbidden):
        actions.withdraw_exclusion(actor=boss, exclusion=one)
    with pytest.raises(excluding.ExclusionOver):
        actions.undo_exclusion(actor=boss, exclusion=one, reason="重新核实过了")

    actions.withdraw_exclusion(actor=actor(cast.keeper), exclusion=one)

    for act in (
        lambda: actions.withdraw_exclusion(actor=actor(cast.keeper), exclusion=one),
        lambda: actions.decide_exclusion(actor=boss, exclusion=one, agree=True),
    ):
        with pytest.raises(excluding.ExclusionOver):
            act()


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"reason": "不行 "}, excluding.ReasonUnclear),
        ({"reason": "长" * 301}, excluding.ReasonUnclear),
        ({"ground": "rude"}, excluding.GroundUnknown),
    ],
)
def test_without_a_ground_and_a_reason_nothing_is_proposed(cast: Cast, given: dict[str, str], error: Any) -> None:
    call = cast.call(State.CLOSED)

    with pytest.raises(error):
        actions.propose_exclusion(actor=actor(cast.keeper), call=call, **{"ground": "illegal", "reason": WHY, **given})
    with pytest.raises(excluding.ReasonUnclear):
        actions.decide_exclusion(actor=actor(cast.dispatcher), exclusion=proposed(cast), agree=False)


def test_the_person_reads_it_in_his_copy_and_its_words_go_with_him(cast: Cast) -> None:
    one = decided(cast)
    copy = next(section for section in rights.export(cast.resident) if section.code == "calls")

    rights.erase(actor(cast.resident), cast.resident)

    assert copy.rows[0]["left_out"] == [f"已剔除 · 诉求不合法 · {WHY}"]
    one.refresh_from_db()
    assert (one.state, one.reason, one.decision) == (ExclusionState.IN_FORCE, "", "")


# ── pages ───────────────────────────────────────────────────────────────────
def test_from_the_call_to_the_figures_on_the_pages(cast: Cast) -> None:
    call = cast.call(State.CLOSED)
    keeper, boss = browser(cast.keeper), browser(cast.dispatcher)
    ask = f"/desk/calls/{call.public_id}/exclude/"

    panel = keeper.get(f"/desk/calls/{call.public_id}/").content.decode()
    short = sent(keeper, ask, ground="illegal", reason="不")
    made = sent(keeper, ask, ground="illegal", reason=WHY)
    waiting = boss.get("/desk/watch/").content.decode()
    mine = keeper.get(made["Location"]).content.decode()
    theirs = boss.get(made["Location"]).content.decode()
    mute = sent(boss, made["Location"], do="refuse", words="")
    agreed = sent(boss, made["Location"], do="agree", words="")
    late = sent(boss, made["Location"], do="agree", words="")
    page = boss.get("/desk/figures/?by=kind").content.decode()
    listed = boss.get("/desk/figures/exclusions/").content.decode()
    opened = boss.get("/desk/figures/calls/?share=closed&whole=on&all=on").content.decode()

    assert ask in panel
    assert (short.status_code, made.status_code, keeper.get(ask).status_code) == (422, 303, 303)
    assert made["Location"] in waiting and made["Location"] not in keeper.get("/desk/watch/").content.decode()
    assert "收回" in mine and "同意剔除" not in mine
    assert "同意剔除" in theirs and WHY in theirs
    assert (mute.status_code, agreed.status_code, late.status_code) == (422, 303, 422)
    assert "另有 1 件经复核剔除" in page and "含剔除 100.00%" in page
    assert "已剔除" in listed and call.number in opened
    assert call.number not in boss.get("/desk/figures/calls/?share=closed&whole=on").content.decode()
    assert sent(boss, made["Location"], do="undo", words="重新核实过了").status_code == 303
    assert "没有剔除的诉求" in boss.get("/desk/figures/").content.decode()


def test_the_file_has_both_and_others_find_nothing(cast: Cast) -> None:
    cast.call(State.CLOSED)
    one = decided(cast)

    book = load_workbook(io.BytesIO(b"".join(browser(cast.dispatcher).get("/desk/figures/export/xlsx/"))))
    row = next(row for row in book.worksheets[0].values if row[1] == "办结")

    assert (row[2:5], row[6:]) == ((1, 1, 100), (2, 2, 100))
    assert browser(cast.outsider).get(f"/desk/figures/exclusions/{one.public_id}/").status_code == 404
    assert Call.objects.get(pk=one.call_id).state == State.CLOSED
