"""Opening a sealed value before somebody's eyes: a reason, a line in the trail, a budget, an alarm that
stays.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from huying.kernel import afterwards, clock
from huying.kernel.actor import ANONYMOUS, Actor
from huying.kernel.errors import Forbidden
from huying.kernel.idempotency import IdempotencyMiddleware
from huying.kernel.models import AuditLine, RevealBudget
from huying.kernel.sealed import NothingSealed, ReasonMissing, ViewsUsedUp, reveal, used_today
from huying.kernel.sealed.reveal import spend
from huying.kernel.tests.scratch import letter_table
from huying.kernel.transactions import begin

CLERK = Actor(person_id=7, address="10.0.0.5")
REASON = "上门前联系本人"
NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)


def lines() -> list[tuple[str, int | None, str]]:
    return [(line.verb, line.person_id, line.reason) for line in AuditLine.objects.order_by("id")]


def test_a_look_gives_the_value_and_leaves_a_line_with_the_reason(letters: Any) -> None:
    letter = letters.objects.create(phone="13800138000")

    assert reveal(CLERK, letter, "phone", f" {REASON} ", place_path="/1/2/") == "13800138000"

    line = AuditLine.objects.get()
    assert (line.verb, line.person_id, line.reason, line.place_path) == ("sealed.reveal", 7, REASON, "/1/2/")
    assert (line.subject_type, line.subject_id, line.changes) == ("kernel.Letter", letter.pk, {"field": "phone"})
    assert used_today(7) == 1


@pytest.mark.parametrize("reason", ["", "   ", "看看", "字" * 201])
def test_without_a_proper_reason_nothing_is_shown(letters: Any, reason: str) -> None:
    letter = letters.objects.create(phone="13800138000")

    with pytest.raises(ReasonMissing):
        reveal(CLERK, letter, "phone", reason)

    assert (lines(), used_today(7)) == ([], 0)


def test_nobody_and_nothing(letters: Any) -> None:
    letter = letters.objects.create()

    with pytest.raises(NothingSealed):
        reveal(CLERK, letter, "phone", REASON)
    with pytest.raises(Forbidden):
        reveal(ANONYMOUS, letter, "phone", REASON)
    with pytest.raises(NothingSealed):
        reveal(CLERK, letter, "title", REASON)

    assert lines() == []


def test_the_budget_ends_and_begins_again_with_the_day_in_china(letters: Any, settings: Any) -> None:
    settings.HUYING_REVEALS_PER_DAY = 2
    letter = letters.objects.create(phone="13800138000")
    late = datetime(2026, 11, 20, 15, 59, tzinfo=UTC)  # 23:59 in China

    with clock.frozen(late):
        reveal(CLERK, letter, "phone", REASON)
        reveal(CLERK, letter, "phone", REASON)
        with pytest.raises(ViewsUsedUp, match="2"):
            reveal(CLERK, letter, "phone", REASON)
        assert reveal(Actor(person_id=8), letter, "phone", REASON) == "13800138000"
    with clock.frozen(late + timedelta(minutes=1)):
        assert reveal(CLERK, letter, "phone", REASON) == "13800138000"

    assert sorted(RevealBudget.objects.values_list("person_id", "used")) == [(7, 1), (7, 2), (8, 1)]


def test_a_budget_of_nothing_lets_nobody_look(letters: Any, settings: Any) -> None:
    settings.HUYING_REVEALS_PER_DAY = 0
    letter = letters.objects.create(phone="13800138000")

    with pytest.raises(ViewsUsedUp):
        reveal(CLERK, letter, "phone", REASON)

    assert lines() == [("sealed.views_used_up", 7, "")]


def test_jobs_are_recorded_and_have_no_budget(letters: Any, settings: Any) -> None:
    settings.HUYING_REVEALS_PER_DAY = 0
    letter = letters.objects.create(phone="13800138000")

    assert reveal(Actor.system("texts"), letter, "phone", "发送短信通知") == "13800138000"

    line = AuditLine.objects.get()
    assert (line.system, line.person_id, line.verb) == ("texts", None, "sealed.reveal")


def write_request(key: str) -> HttpRequest:
    request = RequestFactory().post("/people/look/", headers={"Idempotency-Key": key, "Accept": "application/json"})
    request.actor = CLERK  # type: ignore[attr-defined]
    return request


def test_the_alarm_stays_when_the_request_is_rolled_back(committed_db: None, settings: Any, monkeypatch: Any) -> None:
    """Through the real middleware: one transaction a request, refused requests leave nothing, but for the
    alarm.
    """
    settings.HUYING_REVEALS_PER_DAY = 1
    monkeypatch.setattr("huying.kernel.idempotency.way_of", lambda request: "once")
    with letter_table() as letters:
        letter = letters.objects.create(phone="13800138000")

        def look(request: HttpRequest) -> HttpResponse:
            with begin(CLERK):
                AuditLine.objects.create(at=clock.now(), channel="web", verb="about.to.look")
                return HttpResponse(reveal(CLERK, letter, "phone", REASON))

        door = IdempotencyMiddleware(look)
        answers = [door(write_request(f"look-{n}-key")).status_code for n in range(4)]

    assert answers == [200, 429, 429, 429]
    assert lines() == [
        ("about.to.look", None, ""),
        ("sealed.reveal", 7, REASON),
        ("sealed.views_used_up", 7, ""),  # once, however often the script asks
    ]
    assert list(RevealBudget.objects.values_list("used", flat=True)) == [1]


def race(limit: int, spender: Any) -> int:
    """How many of ten connections at once got through."""
    passed, barrier = [], threading.Barrier(10)

    def one() -> None:
        barrier.wait()
        try:
            with begin(CLERK):
                spender(CLERK, 7, AuditLine())
            passed.append(1)
        except ViewsUsedUp:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(passed)


def test_ten_looks_at_once_do_not_pass_a_limit_of_three(committed_db: None, settings: Any) -> None:
    settings.HUYING_REVEALS_PER_DAY = 3

    assert race(3, spend) == 3
    assert RevealBudget.objects.get().used == 3


def test_the_race_is_real_counting_first_lets_too_many_through(committed_db: None, settings: Any) -> None:
    """The negative control: the same race against look-then-write."""
    waiting = threading.Barrier(10)

    def count_first(actor: Actor, person_id: int, obj: Any) -> None:
        used = AuditLine.objects.filter(verb="spent").count()
        waiting.wait(10)
        if used >= 3:
            raise ViewsUsedUp(limit=3)
        AuditLine.objects.create(at=clock.now(), channel="web", verb="spent")

    assert race(3, count_first) == 10


def test_what_is_kept_for_afterwards_runs_once_in_order_and_never_hides_the_error(db: None) -> None:
    done: list[str] = []

    def broken() -> None:
        raise ValueError("broken alarm")

    with pytest.raises(RuntimeError, match="the real one"), begin(CLERK), begin(CLERK):
        afterwards.later(lambda: done.append("first"))
        afterwards.later(broken)
        afterwards.later(lambda: done.append("second"))
        assert done == []
        raise RuntimeError("the real one")

    assert done == ["first", "second"]
    afterwards.later(lambda: done.append("at once"))
    assert done[-1] == "at once"


def test_afterwards_waits_for_the_outermost_transaction(db: None) -> None:
    seen: list[bool] = []
    with afterwards.scope(), transaction.atomic():
        with begin(CLERK):
            afterwards.later(lambda: seen.append(True))
        assert seen == []

    assert seen == [True]
