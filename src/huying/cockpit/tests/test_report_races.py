"""Two at once, on two connections: a paper is signed once, numbers have no gap, a file is kept once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection

from huying.cockpit import actions
from huying.cockpit.actions.report_refusals import EditedMeanwhile, StepNotNow
from huying.cockpit.actions.report_writing import Edit
from huying.cockpit.models import Report, ReportEvent, ReportFile
from huying.cockpit.states import Verb
from huying.cockpit.tests.conftest import NOW, Desk, made
from huying.cockpit.tests.test_reports import letterhead, step
from huying.kernel import clock
from huying.places.tests.factories import kinds

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("committed_db")]


@pytest.fixture
def desk(committed_db: None) -> Iterator[Desk]:
    with clock.frozen(NOW):
        kinds()
        yield made()


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each gives or raises, all begun at the same moment."""
    gate, found = Barrier(len(acts)), [None] * len(acts)

    def run(n: int) -> None:
        gate.wait()
        try:
            found[n] = acts[n]()
        except Exception as refusal:
            found[n] = refusal
        finally:
            connection.close()

    threads = [Thread(target=run, args=(n,)) for n in range(len(acts))]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return found


def signing(desk: Desk, report: Report) -> Callable[[], Any]:
    who = desk.actor(desk.signer)
    return lambda: actions.step_report(actor=who, report=report, verb=Verb.SIGN)


def test_of_two_who_sign_the_same_paper_one_is_refused(desk: Desk) -> None:
    letterhead(desk)
    report = step(desk, desk.draft(), Verb.LOCK)
    found = at_once(signing(desk, report), signing(desk, report))
    assert {type(one) for one in found} == {Report, StepNotNow}
    assert (Report.objects.get().number, ReportEvent.objects.filter(verb="sign").count()) == (1, 1)


def test_papers_signed_at_once_get_numbers_without_a_gap(desk: Desk) -> None:
    letterhead(desk)
    reports = [step(desk, desk.draft(title=f"第{n}份"), Verb.LOCK) for n in range(6)]
    at_once(*(signing(desk, one) for one in reports))
    assert sorted(Report.objects.values_list("number", flat=True)) == [1, 2, 3, 4, 5, 6]


def test_of_two_edits_of_the_same_edition_one_is_told(desk: Desk) -> None:
    report, who = desk.draft(), desk.actor(desk.writer)

    def edit(title: str) -> Callable[[], Any]:
        return lambda: actions.edit_report(actor=who, report=report, edit=Edit(title, "", {}, report.edition))

    found = at_once(edit("甲"), edit("乙"))
    assert {type(one) for one in found} == {Report, EditedMeanwhile}


def test_a_file_that_two_draw_at_once_is_kept_once(desk: Desk) -> None:
    report, who = step(desk, desk.draft(), Verb.LOCK), desk.actor(desk.writer)

    def taking() -> Any:
        return actions.hand_out(actor=who, report=report, kind="pdf", draw=lambda *_all: b"%PDF drawn")

    found = at_once(taking, taking, taking)
    assert {one.body for one in found} == {b"%PDF drawn"}
    assert ReportFile.objects.count() == 1
