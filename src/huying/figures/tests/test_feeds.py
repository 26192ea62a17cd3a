"""Files made again and again: at their hour, once, while their owner may read the place; his alone, for ninety days."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from huying.calls.tests.factories import START, Cast, actor
from huying.figures import actions, queries, tasks
from huying.figures.actions import FeedEnded, FeedTaken, TooManyFeeds, Word
from huying.figures.models import Feed, KeptFile
from huying.figures.queries import Period
from huying.figures.states import FileKind, Rhythm, Split
from huying.figures.tests.test_files import fresh
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.errors import Busy, Forbidden, NotFound
from huying.kernel.models.audit import AuditLine
from huying.people.models import Role
from huying.places.tests.factories import place
from huying.volunteers.tests.factories import browser, sent

pytestmark = pytest.mark.django_db
JOB = Actor.system("figures.make_file")
CHOSEN = {"rhythm": "monthly", "hour": "7", "split": "place", "kind": "csv", "keep_days": "90"}


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    actions.install_first_rows()
    with clock.frozen(START):
        yield Cast()


def feed(cast: Cast, rhythm: Rhythm = Rhythm.DAILY, kind: FileKind = FileKind.CSV, split: Split = Split.NONE) -> Feed:
    facts = {"split": split, "kind": kind, "rhythm": rhythm, "hour": 7}
    return actions.add_feed(actor=actor(cast.dispatcher), place=cast.county, **facts)


def at(year: int, month: int, day: int, hour: int) -> datetime:
    return datetime(year, month, day, hour, tzinfo=clock.SHANGHAI)


@pytest.mark.parametrize(
    ("rhythm", "now", "before", "after", "since", "until"),
    [
        ("daily", at(2026, 3, 2, 8), at(2026, 3, 2, 7), at(2026, 3, 3, 7), date(2026, 3, 1), date(2026, 3, 2)),
        ("daily", at(2026, 3, 2, 6), at(2026, 3, 1, 7), at(2026, 3, 2, 7), date(2026, 2, 28), date(2026, 3, 1)),
        ("weekly", at(2026, 3, 4, 8), at(2026, 3, 2, 7), at(2026, 3, 9, 7), date(2026, 2, 23), date(2026, 3, 2)),
        ("weekly", at(2026, 3, 2, 6), at(2026, 2, 23, 7), at(2026, 3, 2, 7), date(2026, 2, 16), date(2026, 2, 23)),
        ("monthly", at(2026, 1, 31, 8), at(2026, 1, 1, 7), at(2026, 2, 1, 7), date(2025, 12, 1), date(2026, 1, 1)),
        ("monthly", at(2026, 12, 1, 7), at(2026, 12, 1, 7), at(2027, 1, 1, 7), date(2026, 11, 1), date(2026, 12, 1)),
    ],
)
def test_a_file_is_due_at_its_hour_and_holds_what_ended_before(
    rhythm: str, now: datetime, before: datetime, after: datetime, since: date, until: date
) -> None:
    assert (queries.due_before(now, rhythm, 7), queries.due_after(now, rhythm, 7)) == (before, after)
    assert queries.period_of(before, rhythm) == Period(since, until)


def test_a_file_is_made_once_however_often_the_job_runs(cast: Cast) -> None:
    made = feed(cast)
    words = [Word("tests.R", 1, "attended", cast.home.pk, clock.today(), 1234)]
    actions.count(actor=JOB, words=words)
    assert actions.make_file(actor=JOB, feed_id=made.pk) is None
    with clock.frozen(START + timedelta(days=1)):
        file = actions.make_file(actor=JOB, feed_id=made.pk)
        assert actions.make_file(actor=JOB, feed_id=made.pk) is None
    assert file is not None
    assert (file.since, file.until) == (clock.today(), clock.today() + timedelta(days=1))
    rows = list(csv.DictReader(io.StringIO(bytes(file.body).decode("utf-8-sig"))))
    assert [row["数"] for row in rows if row["指标代码"] == "attended"] == ["1234"]
    line = AuditLine.objects.get(verb="figure.file")
    assert (line.person_id, line.place_path) == (cast.dispatcher.pk, cast.county.path)
    with pytest.raises(IntegrityError), transaction.atomic():
        KeptFile.objects.create(feed=made, since=file.since, until=file.until, body=b"x", size=1)


def test_of_several_that_were_missed_only_the_last_is_made(cast: Cast) -> None:
    made = feed(cast)
    with clock.frozen(START + timedelta(days=9)):
        actions.make_file(actor=JOB, feed_id=made.pk)
        again = Feed.objects.get(pk=made.pk)
        assert again.next_at > clock.now()
        assert KeptFile.objects.get().until == clock.today()


def test_each_due_file_is_queued_once(cast: Cast) -> None:
    made = feed(cast)
    assert list(queries.due_feeds(clock.now())) == []
    with clock.frozen(START + timedelta(days=1)):
        assert list(queries.due_feeds(clock.now())) == [made]
        asked = ProcrastinateJob.objects.filter(task_name="figures.make_file")
        for _tick in range(2):
            tasks.queue_due()
        assert [job.args for job in asked] == [{"feed_id": made.pk}]


def test_who_no_longer_reads_the_place_gets_nothing_and_the_feed_ends(cast: Cast) -> None:
    made = feed(cast)
    Role.objects.filter(person=cast.dispatcher).delete()
    with clock.frozen(START + timedelta(days=1)):
        assert actions.make_file(actor=JOB, feed_id=made.pk) is None
    again = Feed.objects.get(pk=made.pk)
    assert again.lapsed
    assert again.ended_at is not None
    assert not KeptFile.objects.exists()
    assert AuditLine.objects.filter(verb="figure.feed_lapsed").count() == 1


def test_a_list_that_is_no_more_ends_with_a_word_and_its_page_stays_open(cast: Cast) -> None:
    facts = {"split": Split.NONE, "kind": FileKind.CSV, "rhythm": Rhythm.DAILY, "hour": 7}
    made = Feed.objects.create(address="/no-more.csv", person_id=cast.dispatcher.pk, next_at=clock.now(), **facts)
    page = text(browser(cast.dispatcher).get(reverse("figures:feeds")))
    assert "已经没有的清单" in page and reverse("figures:end_feed", args=[made.public_id]) in page

    assert actions.make_file(actor=JOB, feed_id=made.pk) is None

    assert Feed.objects.get().why == "rights"
    assert "已经没有的清单" in text(browser(cast.dispatcher).get(reverse("figures:feeds")))


@pytest.mark.parametrize(
    ("refused", "why"), [(Busy(), None), (queries.TooBig(), "size"), (Forbidden(), "rights"), (KeyError(), None)]
)
def test_what_passes_ends_no_feed_and_a_fault_is_not_taken_for_size(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, refused: Exception, why: str | None
) -> None:
    def written(*_asked: Any) -> bytes:
        raise refused

    facts = {"split": Split.NONE, "kind": FileKind.CSV, "rhythm": Rhythm.DAILY, "hour": 7}
    made = Feed.objects.create(address="/x.csv", person_id=cast.dispatcher.pk, next_at=clock.now(), **facts)
    monkeypatch.setattr(queries.feeds, "_lists", [queries.Lists(lambda _a: "单", lambda _w, _a: None, written)])
    if why is None:
        with pytest.raises(type(refused)):
            actions.make_file(actor=JOB, feed_id=made.pk)
    else:
        assert actions.make_file(actor=JOB, feed_id=made.pk) is None
    assert (Feed.objects.get().why, Feed.objects.get().lapsed) == (why or "", why is not None)


def test_nobody_has_the_same_twice_nor_more_than_twenty(cast: Cast) -> None:
    made = feed(cast)
    with pytest.raises(FeedTaken):
        feed(cast)
    actions.end_feed(actor=actor(cast.dispatcher), feed=made)
    with pytest.raises(FeedEnded):
        actions.end_feed(actor=actor(cast.dispatcher), feed=made)
    for kind in FileKind:
        for split in Split:
            for rhythm in (Rhythm.DAILY, Rhythm.WEEKLY):
                feed(cast, rhythm, kind, split)
    feed(cast, Rhythm.MONTHLY)
    feed(cast, Rhythm.MONTHLY, FileKind.JSON)
    with pytest.raises(TooManyFeeds):
        feed(cast, Rhythm.MONTHLY, FileKind.XLSX)


def test_only_who_reads_the_place_asks_for_its_files(cast: Cast) -> None:
    facts = {"split": Split.NONE, "kind": FileKind.CSV, "rhythm": Rhythm.DAILY, "hour": 7}
    for who in (actor(cast.outsider), actor(cast.resident), JOB):
        with pytest.raises(Forbidden):
            actions.add_feed(actor=who, place=cast.county, **facts)


def test_a_file_is_taken_by_its_owner_alone_and_while_he_reads_the_place(cast: Cast) -> None:
    made = feed(cast)
    with clock.frozen(START + timedelta(days=1)):
        file = actions.make_file(actor=JOB, feed_id=made.pk)
        assert file is not None
        address = reverse("figures:kept_file", args=[file.public_id])
        answer = fresh(cast.dispatcher).get(address)
        assert (answer.status_code, answer.content) == (200, bytes(file.body))
        assert "attachment" in answer.headers["Content-Disposition"]
        assert AuditLine.objects.filter(verb="figure.take_file").count() == 1
        assert fresh(cast.outsider).get(address).status_code == 404
        for who in (actor(cast.keeper), Actor(person_id=cast.dispatcher.pk)):
            with pytest.raises(Forbidden):
                actions.take_file(actor=who, file=file)
            with pytest.raises(NotFound):
                queries.my_file(who, file.public_id)


def test_a_list_of_a_place_is_closed_to_who_has_gone_to_another_one(cast: Cast) -> None:
    """He may have the list of where he is now; not what was made of where he was."""
    facts = {"kind": FileKind.CSV, "rhythm": Rhythm.DAILY, "hour": 7}
    made = actions.add_list_feed(actor=actor(cast.dispatcher), address=reverse("calls:export", args=["csv"]), **facts)
    with clock.frozen(START + timedelta(days=1)):
        file = actions.make_file(actor=JOB, feed_id=made.pk)
        assert file is not None and ["dispatcher", cast.county.path] in KeptFile.objects.get().roles
        address = reverse("figures:kept_file", args=[file.public_id])
        assert fresh(cast.dispatcher).get(address).status_code == 200
        mine = Role.objects.filter(person=cast.dispatcher, kind="dispatcher")
        mine.update(place=place("county"))
        moved = actor(cast.dispatcher)
        assert queries.may_have(moved, made)
        assert fresh(cast.dispatcher).get(address).status_code == 404
        with pytest.raises(Forbidden):
            actions.take_file(actor=moved, file=KeptFile.objects.get())
        mine.update(place=cast.county)
        assert fresh(cast.dispatcher).get(address).status_code == 200


def test_files_are_forgotten_after_ninety_days(cast: Cast) -> None:
    made = feed(cast)
    with clock.frozen(START + timedelta(days=1)):
        actions.make_file(actor=JOB, feed_id=made.pk)
    with clock.frozen(START + timedelta(days=90)):
        assert queries.my_files(actor(cast.dispatcher)).count() == 1
        assert actions.forget_files(actor=JOB) == 0
    with clock.frozen(START + timedelta(days=92)):
        assert queries.my_files(actor(cast.dispatcher)).count() == 0
        assert actions.forget_files(actor=JOB) == 1
    assert not KeptFile.objects.exists()


def text(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, answer.content.decode()[:2000]
    return str(answer.content.decode())


def test_a_feed_is_asked_for_listed_and_ended_on_its_pages(cast: Cast) -> None:
    keeper, address = browser(cast.dispatcher), reverse("figures:add_feed", args=[cast.county.public_id])
    assert "每月一号" in text(keeper.get(address))
    assert 'href="#id_hour"' in text(sent(keeper, address, **CHOSEN | {"hour": "24"}), 422)
    assert sent(keeper, address, **CHOSEN).headers["Location"] == reverse("figures:feeds")
    assert "这样的定时导出您已经有了" in text(sent(keeper, address, **CHOSEN), 422)
    made = Feed.objects.get()
    assert made.next_at == datetime(2026, 3, 31, 23, tzinfo=UTC)
    with clock.frozen(datetime(2026, 4, 1, 2, tzinfo=UTC)):
        actions.make_file(actor=JOB, feed_id=made.pk)
        page = text(browser(cast.dispatcher).get(reverse("figures:feeds")))
    assert "2026 年 3 月" in page
    assert reverse("figures:kept_file", args=[KeptFile.objects.get().public_id]) in page
    end = reverse("figures:end_feed", args=[made.public_id])
    assert sent(browser(cast.outsider), end).status_code == 404
    assert sent(keeper, end).status_code == 303
    assert "还没有定时导出" in text(keeper.get(reverse("figures:feeds")))
