"""Two programs, or two people with the same table, at the same moment: every ticket and every report becomes one call.

Each waits until the other has looked and found nothing there, so that both try to write; one of them must be told.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from huying.calls import actions
from huying.calls.actions import hotline, slips
from huying.calls.models import Call, HotlineDraft, HotlineTicket, Slip
from huying.calls.tests.factories import START, Cast, actor, kind
from huying.kernel import clock
from huying.kernel.errors import NotFound
from huying.people.models import Person
from huying.places.tests.factories import kinds
from tests.concurrency.racing import all_at_once, race
from tests.invariants import broken_rules

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("committed_db")]


@pytest.fixture
def cast(committed_db: None) -> Iterator[Cast]:
    kinds()
    with clock.frozen(START):
        yield Cast()


def table(numbers: str) -> SimpleUploadedFile:
    lines = [f"SJ{one},clinic,陪着去医院{one},和平社区,1390000000{one},方{one}" for one in numbers]
    return SimpleUploadedFile("工单.csv", "\n".join(["工单编号,服务,标题,社区,电话,姓名", *lines]).encode())


def draft(cast: Cast, numbers: str) -> HotlineDraft:
    doer = actor(cast.dispatcher)
    made, _plan = actions.check_tickets(actor=doer, area=cast.county, source="12345", upload=table(numbers))
    assert made is not None
    return made


def take(cast: Cast, made: HotlineDraft, rows: int) -> Callable[[], Any]:
    decisions = dict.fromkeys(range(2, rows + 2), "new")
    return partial(actions.take_draft, actor=actor(cast.dispatcher), draft=made, decisions=decisions)


@pytest.fixture
def both_look_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody writes before both have read what is there."""
    met, look = threading.Barrier(2, timeout=20), hotline.plan

    def looked(*args: Any, **given: Any) -> Any:
        found = look(*args, **given)
        met.wait()
        return found

    monkeypatch.setattr(hotline, "plan", looked)


def test_two_with_the_same_tickets_take_them_once(cast: Cast, request: pytest.FixtureRequest) -> None:
    """The same tickets in the opposite order: neither waits for the other in a circle."""
    first, second = draft(cast, "123"), draft(cast, "321")
    request.getfixturevalue("both_look_first")

    results = all_at_once(take(cast, first, 3), take(cast, second, 3))

    refused = [one for one in results if isinstance(one, Exception)]
    assert [type(one) for one in refused] == [hotline.TicketsTaken]
    assert Call.objects.count() == HotlineTicket.objects.count() == 3
    assert Person.objects.filter(name__startswith="方").count() == 3
    assert HotlineDraft.objects.filter(done_at=None).count() == 1
    assert broken_rules() == []


def test_tables_that_share_one_ticket_come_in_whole_or_not_at_all(cast: Cast, request: pytest.FixtureRequest) -> None:
    first, second = draft(cast, "12"), draft(cast, "23")
    request.getfixturevalue("both_look_first")

    results = all_at_once(take(cast, first, 2), take(cast, second, 2))

    assert sum(isinstance(one, hotline.TicketsTaken) for one in results) == 1
    assert Call.objects.count() == HotlineTicket.objects.count() == 2


def test_one_table_taken_twice_at_once_is_taken_once(cast: Cast) -> None:
    made = draft(cast, "12")

    results = all_at_once(take(cast, made, 2), take(cast, made, 2))

    assert sum(isinstance(one, NotFound) for one in results) == 1
    assert Call.objects.count() == HotlineTicket.objects.count() == 2


def test_a_program_and_a_person_with_the_same_ticket_make_one_call(cast: Cast, request: pytest.FixtureRequest) -> None:
    made = draft(cast, "1")
    row = {"row": 0, "number": "SJ1", "kind": "clinic", "place": "和平社区"}
    program = partial(actions.take_tickets, actor=actor(cast.dispatcher), area=cast.county, source="12345", rows=[row])
    request.getfixturevalue("both_look_first")

    results = all_at_once(take(cast, made, 1), program)

    assert sum(isinstance(one, hotline.TicketsTaken) for one in results) == 1
    assert Call.objects.count() == HotlineTicket.objects.count() == 1


def test_the_same_report_sent_twice_at_once_is_one_call(cast: Cast) -> None:
    kind("lamp")
    _key, text = actions.give_key(actor=actor(cast.dispatcher), name="城市 App", place=cast.county)
    body = urlencode({"api_key": text, "service_code": "lamp", "address_string": "和平社区", "phone": "13900002222"})

    def report() -> Any:
        with clock.frozen(START):
            return (
                Client()
                .post("/open311/v2/requests.json", body, content_type="application/x-www-form-urlencoded")
                .content
            )

    results = all_at_once(*[report] * 4)

    assert len(set(results)) == 1 and b"HY20260303" in results[0]
    assert Call.objects.count() == 1 and Person.objects.filter(name="未留姓名的求助人").count() == 1


def test_a_slip_printed_twice_at_once_is_one_slip(cast: Cast) -> None:
    call = cast.call()
    printed = partial(slips.make_slip, actor=actor(cast.keeper), call=call)

    first, second = race(printed, printed)

    assert first == second
    assert Slip.objects.count() == 1
