"""A small tree in November with its register, its templates and people who write, sign and read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest

from huying.calls.tests.factories import person, role
from huying.cockpit import actions
from huying.cockpit.actions.report_writing import Wanted, Words
from huying.cockpit.models import Report
from huying.cockpit.queries import report_templates
from huying.figures import actions as figures
from huying.figures.actions import Word
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.people.models import Person
from huying.places.models import Place
from huying.places.tests.factories import place

NOW = datetime(2026, 4, 2, 1, 0, tzinfo=UTC)
MARCH = (date(2026, 3, 1), date(2026, 4, 1))


@dataclass
class Desk:
    """county > east (one, two) and west (three); a writer and a signer of the county, a reader, somebody elsewhere."""

    county: Place
    east: Place
    west: Place
    one: Place
    two: Place
    three: Place
    writer: Person
    signer: Person
    reader: Person
    outsider: Person

    def actor(self, who: Person) -> Actor:
        from huying.calls.tests.factories import actor

        return actor(who)

    def count(self, metric: str, at: Place, amount: int, day: date = date(2026, 3, 14)) -> None:
        key = at.pk * 1_000_000 + day.toordinal() % 1_000_000
        word = Word("tests.Record", key, metric, at.pk, day, amount)
        figures.count(actor=Actor.system("tests"), words=[word])

    def draft(
        self, code: str = "monthly", *, at: Place | None = None, period: tuple[date, date] = MARCH, **more
    ) -> Report:
        where = at or self.county
        wanted = Wanted(report_templates.template(where, code), *period, more.pop("title", "三月工作通报"), **more)
        return actions.make_report(actor=self.actor(self.writer), place=where, wanted=wanted)

    def own(self, body: str, *, stretch: str = "any", code: str = "own", at: Place | None = None) -> None:
        words = Words("自己的", stretch, body)
        actions.write_template(actor=self.actor(self.writer), place=at or self.county, code=code, words=words, after=0)


@pytest.fixture
def desk(db: None) -> Iterator[Desk]:
    with clock.frozen(NOW):
        yield made()


def made() -> Desk:
    figures.install_first_rows()
    actions.install_first_templates()
    county = place("county")
    east, west = place("street", county, "东街"), place("street", county, "西街")
    below = [place("community", up, name) for up, name in ((east, "和平社区"), (east, "建设社区"), (west, "青年社区"))]
    people = []
    for name, kind, at in (
        ("撰稿人", "dispatcher", county),
        ("签发人", "auditor", county),
        ("读者", "inspector", county),
        ("别处", "office", west),
    ):
        people.append(person(name, at))
        role(people[-1], kind, at)
    return Desk(county, east, west, *below, *people)
