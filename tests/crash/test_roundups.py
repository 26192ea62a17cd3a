"""Everything that changes round-ups, killed at every point: a number is given once, a frozen paper has its digest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from itertools import count
from typing import Any

import pytest

from huying.calls.tests.factories import actor, person, role
from huying.cockpit import actions
from huying.cockpit.actions.report_steps import digest_of
from huying.cockpit.actions.report_writing import Edit, Wanted, Words
from huying.cockpit.models import PaperCounter, Report, ReportFile
from huying.cockpit.queries import report_templates
from huying.cockpit.queries import reports as queries
from huying.cockpit.states import Verb
from huying.cockpit.tests.conftest import NOW
from huying.figures.actions import install_first_rows
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.places.tests.factories import kinds, place
from tests.crash.sweeping import Operation, Run, Sweep, keyed
from tests.crash.writes import unknown

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("committed_db")]
Act = Callable[[], Any]
_numbers = count(1)
BODY = "# 求助\n收到{calls_submitted}，{calls_submitted|prev}。\n"


class World:
    """A county with one who writes and one who signs; the first template and the first paper are there already."""

    def __init__(self) -> None:
        self.county = place("county")
        self.writer, self.signer = (self.holder(kind) for kind in ("dispatcher", "auditor"))
        actions.set_letterhead(actor=self.writer, place=self.county, organ="实践中心", letters="实发")
        self.wrote(0)
        self.stepped(self.draft(), Verb.LOCK, Verb.SIGN)

    def holder(self, kind: str) -> Actor:
        who = person(f"甲{next(_numbers)}", self.county)
        role(who, kind, self.county)
        return actor(who)

    def wrote(self, after: int, code: str = "own") -> Any:
        words = Words("自己的", "month", BODY)
        return actions.write_template(actor=self.writer, place=self.county, code=code, words=words, after=after)

    def draft(self) -> Report:
        wanted = Wanted(report_templates.template(self.county, "own"), date(2026, 3, 1), date(2026, 4, 1), "通报")
        return actions.make_report(actor=self.writer, place=self.county, wanted=wanted)

    def stepped(self, report: Report, *verbs: Verb) -> Report:
        for verb in verbs:
            report = self.step(report, verb)
        return report

    def step(self, report: Report, verb: Verb) -> Report:
        who = self.signer if verb in {Verb.SIGN, Verb.WITHDRAW} else self.writer
        return actions.step_report(actor=who, report=report, verb=verb, reason="为什么")


@pytest.fixture
def world(committed_db: None) -> Iterator[World]:
    with clock.frozen(NOW):
        kinds()
        install_first_rows()
        yield World()


def write_template(world: World) -> tuple[Actor, Act]:
    code = f"own{next(_numbers)}"
    return world.writer, lambda: world.wrote(0, code)


def set_letterhead(world: World) -> tuple[Actor, Act]:
    letters = f"实发{next(_numbers)}"
    return world.writer, lambda: actions.set_letterhead(
        actor=world.writer, place=world.county, organ="实践中心", letters=letters
    )


def make_report(world: World) -> tuple[Actor, Act]:
    return world.writer, world.draft


def edit_report(world: World) -> tuple[Actor, Act]:
    report = world.draft()
    edit = Edit("新标题", "各街道", {1: "共{calls_submitted=9件}。"}, report.edition)
    return world.writer, lambda: actions.edit_report(actor=world.writer, report=report, edit=edit)


def lock_report(world: World) -> tuple[Actor, Act]:
    report = world.draft()
    return world.writer, lambda: world.step(report, Verb.LOCK)


def sign_report(world: World) -> tuple[Actor, Act]:
    report = world.stepped(world.draft(), Verb.LOCK)
    return world.signer, lambda: world.step(report, Verb.SIGN)


def withdraw_report(world: World) -> tuple[Actor, Act]:
    report = world.stepped(world.draft(), Verb.LOCK, Verb.SIGN, Verb.PUBLISH)
    return world.signer, lambda: world.step(report, Verb.WITHDRAW)


def hand_out(world: World) -> tuple[Actor, Act]:
    report = world.stepped(world.draft(), Verb.LOCK)
    return world.writer, lambda: actions.hand_out(
        actor=world.writer, report=report, kind="pdf", draw=lambda *_all: b"%PDF drawn"
    )


ACTS = (
    *(write_template, set_letterhead, make_report, edit_report),
    *(lock_report, sign_report, withdraw_report, hand_out),
)
OPERATIONS = {act.__name__: act for act in ACTS}


def broken_roundups() -> list[str]:
    """Numbers without gap as far as the counter says, each once; a frozen paper's digest is that of what it says."""
    found = []
    for one in PaperCounter.objects.all():
        given = sorted(Report.objects.filter(place=one.place, year=one.year).values_list("number", flat=True))
        if given != list(range(1, one.last + 1)):
            found.append(f"numbers {given} of {one.last}")
    frozen = Report.objects.exclude(frozen=None)
    found += [f"digest of {one.pk}" for one in frozen if digest_of(one.frozen) != one.digest]
    found += [f"step of {one.pk} untold" for one in Report.objects.all() if last(one) != one.state]
    return found + [f"file {one.pk}" for one in ReportFile.objects.filter(body=b"")]


def last(report: Report) -> str:
    event = queries.events(report).first()
    return event.to_state if event else ""


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_death_at_any_point_leaves_all_or_nothing(world: World, name: str, tally: Callable[..., None]) -> None:
    def prepare() -> Run:
        doer, act = OPERATIONS[name](world)
        return keyed(name, doer, act)

    report = Sweep(Operation(name, prepare, broken_roundups)).go()

    tally("crash points", operations=1, kills=report.points, violations=len(report.violations))
    assert report.violations == []


def test_every_action_of_roundups_is_swept() -> None:
    bare = {"step_report", *OPERATIONS}

    assert {one for one in unknown("cockpit", bare, ()) if one.startswith("report_")} == set()
