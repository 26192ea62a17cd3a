"""Tickets of a hotline: read and checked as a whole, decided about by a person, taken once."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from huying.calls import actions
from huying.calls.actions.hotline import NothingInTable, Undecided, rows_of
from huying.calls.models import Call, HotlineDraft, HotlineTicket
from huying.calls.queries import hotline
from huying.calls.states import Channel, Decision, ReachedBy, State
from huying.calls.tasks import forget_drafts
from huying.calls.tests.browsing import browser
from huying.calls.tests.factories import START, Cast, actor, kind, place, role
from huying.calls.tests.ticketing import FIRST, HEAD, cast, check, taken, ticket
from huying.kernel import clock
from huying.kernel.errors import Forbidden, NotFound
from huying.kernel.tests.tables import csv_upload, xlsx_upload
from huying.people.models import Role

__all__ = ["cast"]
pytestmark = pytest.mark.django_db
_keys = count(1)


# ── reading ─────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_table_is_read_in_every_form_a_hotline_sends(cast: Cast, encoding: str) -> None:
    text = "\n".join(
        ",".join(row)
        for row in (["工单号", "诉求类型", "所属社区", "来电号码"], ["SJ1", "送餐", "和平社区", "139 0000 2222"])
    )

    draft, plan = actions.check_tickets(
        actor=actor(cast.dispatcher), area=cast.county, source="12345", upload=csv_upload(text, encoding)
    )

    assert draft is not None and not plan.problems
    assert (plan.tickets[0].kind.code, plan.tickets[0].place, plan.tickets[0].title) == ("meals", cast.home, "送餐")


def test_every_fault_is_named_by_row_and_column_and_nothing_is_kept(cast: Cast) -> None:
    place("同名村", cast.street, "village")
    place("同名村", cast.other_street, "village")
    rows = [
        ticket("SJ1", kind="修飞船"),
        ticket("SJ2", place="不存在的村"),
        ticket("SJ3", place="同名村"),
        ticket("SJ4", phone="12"),
        ticket("SJ5", sent_at="昨天"),
        ticket("SJ6", sent_at="2026-03-09 08:00"),
        ticket("SJ7", urgent="大概"),
        ticket("SJ8"),
        ticket("SJ8"),
        ticket("", title="长" * 61),
    ]

    draft, plan = check(cast, *rows)

    assert draft is None and not HotlineDraft.objects.exists()
    assert [(one.row, one.heading) for one in plan.problems] == [
        (2, "服务"),
        (3, "社区或村"),
        (4, "社区或村"),
        (5, "联系电话"),
        (6, "来电时间"),
        (7, "来电时间"),
        (8, "紧急"),
        (10, "工单编号"),
        (11, "标题"),
        (11, "工单编号"),
    ]


def test_a_place_outside_the_area_is_a_fault(cast: Cast) -> None:
    upload = xlsx_upload([HEAD, ticket(place="麦田社区")])

    _draft, plan = actions.check_tickets(actor=actor(cast.keeper), area=cast.home, source="12345", upload=upload)

    assert [one.heading for one in plan.problems] == ["社区或村"]


def test_without_a_place_the_address_tells_and_else_the_area_decides(cast: Cast) -> None:
    _draft, plan = check(
        cast,
        ticket("SJ1", place="", address="青禾区麦田社区老井边"),
        ticket("SJ2", place="", address="说不清的地方"),
    )

    assert [one.place for one in plan.tickets] == [cast.away, cast.county]


def test_a_hidden_number_is_no_fault_and_the_answer_goes_by_the_hotline(cast: Cast) -> None:
    taken(cast, ticket(phone="139****2222"), ticket("SJ2", phone="", name=""))

    hidden, none = Call.objects.order_by("id")
    assert (hidden.contact_phone, hidden.reached_by) == (None, ReachedBy.HOTLINE)
    assert hotline.NUMBER_HIDDEN in hidden.details and hotline.NUMBER_HIDDEN not in none.details
    assert none.requester.name == "未留姓名的求助人"


def test_a_long_number_is_kept_as_it_is(cast: Cast) -> None:
    taken(cast, FIRST)

    assert HotlineTicket.objects.get().number == "0012345678901234567890"


def test_a_table_without_tickets_and_one_that_is_none_say_so(cast: Cast) -> None:
    with pytest.raises(NothingInTable):
        check(cast)
    page = browser(cast.keeper).post(
        "/desk/hotline/",
        {"source": "12345", "place": str(cast.home.public_id), "upload": SimpleUploadedFile("a.xlsx", b"no table")},
        headers={"Idempotency-Key": "hotline-no-table"},
    )
    assert page.status_code == 422


def test_only_those_on_duty_take_tickets_in_and_only_at_their_places(cast: Cast) -> None:
    for who, area in ((cast.grid_worker, cast.home), (cast.keeper, cast.county), (cast.outsider, cast.home)):
        with pytest.raises(Forbidden):
            actions.check_tickets(actor=actor(who), area=area, source="12345", upload=xlsx_upload([HEAD, ticket()]))


# ── deciding ────────────────────────────────────────────────────────────────
def test_a_new_ticket_becomes_a_call_of_the_person_with_that_number(cast: Cast) -> None:
    [done] = taken(cast, ticket(urgent="是"))

    call = done.call
    assert done.is_new and (call.state, call.channel, call.place) == (State.SUBMITTED, Channel.HOTLINE, cast.home)
    assert (call.requester.name, call.urgent, call.reached_by) == ("方小雨", True, ReachedBy.PHONE)
    kept = HotlineTicket.objects.get()
    assert (kept.call, kept.decision, kept.taken_by) == (call, Decision.NEW, cast.dispatcher)
    assert kept.sent_at == START - timedelta(minutes=30)


def test_calls_that_may_be_the_same_matter_are_shown_the_sure_ones_first(cast: Cast) -> None:
    alike = cast.call(title="想请人陪着去医院看病")
    sure = cast.call(title="别的说法", contact_phone="13900002222")
    cast.call(title="想请人陪着去医院", kind=kind("other"))
    cast.call(State.CANCELLED, title="想请人陪着去医院")

    _draft, plan = check(cast, ticket(), ticket("SJ2", phone="13900003333", title="完全不同"))

    assert (plan.tickets[0].like, plan.tickets[0].sure) == ([sure, alike], True)
    assert plan.tickets[1].like == []


def test_two_rows_of_one_matter_are_shown_as_twins(cast: Cast) -> None:
    _draft, plan = check(cast, ticket("SJ1"), ticket("SJ2"), ticket("SJ3", kind="meals"))

    assert [one.twin for one in plan.tickets] == [None, 2, None]


def test_the_same_matter_is_joined_to_the_call_and_a_skipped_one_to_none(cast: Cast) -> None:
    call = cast.call(contact_phone="13900002222")

    done = taken(
        cast,
        ticket("SJ1"),
        ticket("SJ2", phone="13900003333", title="要人修水管"),
        ticket("SJ3", phone="13900003333", title="要人修水管"),
        ticket("SJ4", phone="", title="投诉噪声"),
        row2=f"same:{call.public_id}",
        row4="row:3",
        row5="skip",
    )

    assert [one.call for one in done] == [call, done[1].call, done[1].call, None]
    assert Call.objects.count() == 2
    assert list(HotlineTicket.objects.order_by("number").values_list("decision", flat=True)) == [
        "same",
        "new",
        "same",
        "skip",
    ]


def test_a_ticket_comes_in_once_however_often_its_table_comes(cast: Cast) -> None:
    taken(cast, ticket("SJ1"))

    draft, plan = check(cast, ticket("SJ1"), ticket("SJ2", phone="13900003333"))
    assert draft is not None
    assert [one.known is not None for one in plan.tickets] == [True, False]
    done = actions.take_draft(actor=actor(cast.dispatcher), draft=draft, decisions={3: "new"})

    assert [one.is_new for one in done] == [False, True]
    assert Call.objects.count() == 2
    other = actions.check_tickets(
        actor=actor(cast.dispatcher), area=cast.county, source="12328", upload=xlsx_upload([HEAD, ticket("SJ1")])
    )[1]
    assert other.tickets[0].known is None


def test_a_table_is_taken_once_by_the_one_who_brought_it_and_nothing_of_it_stays(cast: Cast) -> None:
    draft, _plan = check(cast, ticket())
    assert draft is not None and "13900002222" in rows_of(draft)[0]["phone"]
    duty = Role.objects.get(person=cast.dispatcher)
    role(cast.keeper, duty.kind, duty.place)
    with pytest.raises(NotFound):
        actions.take_draft(actor=actor(cast.keeper), draft=draft, decisions={2: "new"})

    actions.take_draft(actor=actor(cast.dispatcher), draft=draft, decisions={2: "new"})

    draft.refresh_from_db()
    assert draft.rows is None
    with pytest.raises(NotFound):
        actions.take_draft(actor=actor(cast.dispatcher), draft=draft, decisions={2: "new"})


def test_a_table_is_there_for_a_day_and_not_longer(cast: Cast) -> None:
    draft, _plan = check(cast, ticket())
    assert draft is not None
    me = actor(cast.dispatcher)
    with clock.frozen(START + timedelta(hours=23)):
        check(cast, ticket("SJ2"))
        assert hotline.draft(me, draft.public_id) == draft
    with clock.frozen(START + timedelta(hours=25)):
        with pytest.raises(NotFound):
            hotline.draft(me, draft.public_id)
        with pytest.raises(NotFound):
            actions.take_draft(actor=me, draft=draft, decisions={2: "new"})

        forget_drafts.func.__wrapped__()

    assert list(HotlineDraft.objects.values_list("made_at", flat=True)) == [START + timedelta(hours=23)]


def test_who_is_on_duty_no_longer_takes_no_table(cast: Cast) -> None:
    draft, _plan = check(cast, ticket())
    assert draft is not None
    Role.objects.filter(person=cast.dispatcher).delete()

    with pytest.raises(Forbidden):
        actions.take_draft(actor=actor(cast.dispatcher), draft=draft, decisions={2: "new"})

    assert not Call.objects.exists()


def test_a_number_taken_elsewhere_is_refused_without_its_call(cast: Cast) -> None:
    taken(cast, ticket("SJ1", place="麦田社区"), ticket("SJ2"))
    upload = xlsx_upload([HEAD, ticket("SJ1"), ticket("SJ2")])

    draft, plan = actions.check_tickets(actor=actor(cast.keeper), area=cast.home, source="12345", upload=upload)

    assert draft is None and plan.tickets[0].known is None
    assert [(one.row, one.heading) for one in plan.problems] == [(2, "工单编号")]
    assert plan.tickets[1].known is not None


def test_programs_and_faulty_tables_are_not_compared(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hotline, "compare", lambda *_given: pytest.fail("nobody looks at it"))
    rows = [{"row": 0, "number": "SJ1", "kind": "clinic", "place": "和平社区"}]

    actions.take_tickets(actor=actor(cast.dispatcher), area=cast.county, source="12345", rows=rows)

    assert check(cast, ticket("SJ2", kind="修飞船"), ticket("SJ3"))[1].problems


@pytest.mark.parametrize("said", ["", "nonsense", "same:x", "same:0195", "row:2", "row:99"])
def test_what_was_not_decided_changes_nothing(cast: Cast, said: str) -> None:
    foreign = cast.call()
    draft, _plan = check(cast, ticket())
    assert draft is not None

    with pytest.raises(Undecided):
        actions.take_draft(actor=actor(cast.dispatcher), draft=draft, decisions={2: said or ""})

    assert list(Call.objects.all()) == [foreign] and not HotlineTicket.objects.exists()
    draft.refresh_from_db()
    assert draft.done_at is None and draft.rows is not None


def test_a_call_of_another_desk_cannot_be_named(cast: Cast) -> None:
    foreign = cast.call(place=cast.away)
    upload = xlsx_upload([HEAD, ticket(phone="")])
    draft, _plan = actions.check_tickets(actor=actor(cast.keeper), area=cast.home, source="12345", upload=upload)
    assert draft is not None

    with pytest.raises(Undecided):
        actions.take_draft(actor=actor(cast.keeper), draft=draft, decisions={2: f"same:{foreign.public_id}"})


# ── one hotline, however it was typed ───────────────────────────────────────
def test_a_ticket_that_came_by_key_and_again_in_a_table_is_one_ticket(cast: Cast) -> None:
    boss = actor(cast.dispatcher)
    rows = [{"row": 1, "number": "SJ9", "kind": cast.kind.code, "place": "和平社区", "title": "路灯不亮"}]
    (first,) = actions.take_tickets(actor=boss, area=cast.county, source="12345", rows=rows)

    again = [
        actions.take_tickets(actor=boss, area=cast.county, source=typed, rows=rows)[0]
        for typed in ("12345热线", " １２３４５ ", "12345 政务服务便民热线")
    ]
    draft, plan = actions.check_tickets(
        actor=boss, area=cast.county, source="12345热线", upload=xlsx_upload([HEAD, ticket("SJ9")])
    )

    assert first.is_new
    assert [(one.call, one.is_new) for one in again] == [(first.call, False)] * 3
    assert (draft.source if draft else "", plan.fresh) == ("12345", [])
    assert list(HotlineTicket.objects.values_list("source", "number")) == [("12345", "SJ9")]


@pytest.mark.parametrize(
    ("typed", "name"),
    [("市长热线", "市长"), (" 市 长 热 线 ", "市长"), ("Mayor Hotline", "mayor"), ("热线", "热线"), ("96345", "96345")],
)
def test_a_hotline_without_a_number_is_known_by_its_words(typed: str, name: str) -> None:
    assert actions.hotline.known_as(typed) == name


def test_a_hotline_without_any_name_is_refused(cast: Cast) -> None:
    with pytest.raises(actions.hotline.SourceMissing):
        actions.take_tickets(actor=actor(cast.dispatcher), area=cast.county, source=" \u3000", rows=[])
