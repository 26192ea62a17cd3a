"""People without a telephone: asked for in three taps, told face to face, with a slip that opens their own call alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from huying.calls import actions, queries
from huying.calls.actions import slips
from huying.calls.models import Call, CallEvent, Slip
from huying.calls.queries import grid
from huying.calls.states import Channel, ReachedBy, State
from huying.calls.tests.browsing import browser, sent
from huying.calls.tests.factories import START, Cast, actor, person
from huying.kernel import clock
from huying.kernel.errors import Forbidden, NotFound, TooMany
from huying.kernel.models import AuditLine
from huying.people.actions import Facts, edit_person
from huying.people.models import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    with clock.frozen(START):
        made = Cast()
        edit_person(actor=actor(made.keeper), person_id=made.resident.pk, facts=Facts(address="桂花里3幢201"))
        yield made


def asked(cast: Cast, **more: Any) -> Call:
    """A call that the grid worker asked for the resident, who has no telephone."""
    facts = {"kind": cast.kind, "place": cast.home, "requester": cast.resident, "title": "去医院复查"}
    what = actions.Ask(**{**facts, "channel": Channel.PROXY, "reached_by": ReachedBy.WORKER, **more})
    return actions.take_call(actor=actor(cast.grid_worker), what=what)


def ask_address(cast: Cast) -> str:
    return f"/grid/ask/clinic/{cast.resident.public_id}/"


# ── three taps ──────────────────────────────────────────────────────────────
def test_three_taps_make_a_call_for_somebody_without_a_telephone(cast: Cast) -> None:
    phone = browser(cast.grid_worker)

    first = phone.get("/grid/").content.decode()
    second = phone.get("/grid/ask/clinic/").content.decode()
    third = phone.get(ask_address(cast))
    form = third.context["form"]
    plain = {name: form[name].initial or "" for name in form.fields if name not in {"urgent", "anyway"}}
    done = sent(phone, ask_address(cast), **plain)

    assert "/grid/ask/clinic/" in first and ask_address(cast) in second
    call = Call.objects.get()
    assert (done.status_code, done["Location"]) == (303, f"/calls/{call.public_id}/")
    assert (call.requester, call.asked_by, call.channel) == (cast.resident, cast.grid_worker, Channel.PROXY)
    assert (call.reached_by, call.contact_phone, call.state) == (ReachedBy.WORKER, None, State.SUBMITTED)
    assert call.address is not None and call.address.open() == "桂花里3幢201"
    assert CallEvent.objects.filter(call=call, verb="submit", on_behalf=True).exists()


def test_somebody_with_a_telephone_is_rung_unless_another_way_is_chosen(cast: Cast) -> None:
    edit_person(actor=actor(cast.keeper), person_id=cast.resident.pk, facts=Facts(phone="13800001111"))

    form = browser(cast.grid_worker).get(ask_address(cast)).context["form"]

    assert form["reached_by"].initial == ReachedBy.PHONE


def test_a_neighbours_number_must_be_given_and_is_not_the_persons_own(cast: Cast) -> None:
    phone, body = browser(cast.grid_worker), {"when": "any", "place": str(cast.home.public_id), "part": "day"}

    missing = sent(phone, ask_address(cast), **body, reached_by="neighbour")
    sent(phone, ask_address(cast), **body, reached_by="neighbour", phone="13900002222")

    assert missing.status_code == 422 and "邻居" in missing.content.decode()
    call = Call.objects.get()
    cast.resident.refresh_from_db()
    assert call.contact_phone is not None and cast.resident.phone is None


def test_a_slip_is_handed_out_right_after_asking(cast: Cast) -> None:
    body = {"when": "any", "place": str(cast.home.public_id), "part": "day", "reached_by": "slip"}

    done = sent(browser(cast.grid_worker), ask_address(cast), **body)

    assert done["Location"] == f"/calls/{Call.objects.get().public_id}/slip/"


def test_residents_asked_for_lately_come_first_and_others_are_found_by_name(cast: Cast) -> None:
    person("阿大", cast.home)
    person("陈桂香", cast.away)
    asked(cast)

    listed = grid.residents(actor(cast.grid_worker))
    found = grid.residents(actor(cast.grid_worker), "chengui")

    assert listed[0] == cast.resident and "阿大" in {one.name for one in listed}
    assert found == [cast.resident]
    page = browser(cast.grid_worker).post("/grid/ask/clinic/", {"q": "陈桂"})
    assert page.context["people"] == [cast.resident]


def test_nobody_else_opens_the_page(cast: Cast) -> None:
    assert browser(cast.resident).get("/grid/").status_code == 403
    elsewhere = browser(cast.outsider).get(ask_address(cast))
    assert elsewhere.status_code == 404


# ── telling ─────────────────────────────────────────────────────────────────
def test_the_worker_sees_whom_to_tell_what_until_he_has_said_so(cast: Cast) -> None:
    call, me = asked(cast), actor(cast.grid_worker)
    assert grid.news(me) == []
    with clock.frozen(START + timedelta(hours=1)):
        actions.pool(actor=actor(cast.keeper), call=call)
        actions.review(actor=actor(cast.keeper), call=asked(cast, title="另一件"))
        actions.dispatch(actor=actor(cast.keeper), call=call, volunteers=[cast.li])
        actions.accept(actor=actor(cast.li.person), call=call)
        news = {one.call.title: one.words for one in grid.news(me)}
        assert news == {"去医院复查": "李安和 接单", "另一件": "已受理"}
        page = browser(cast.grid_worker).get("/grid/").content.decode()
        assert "陈桂英" in page and "李安和" in page

        done = sent(browser(cast.grid_worker), f"/grid/told/{call.public_id}/")

        assert done.status_code == 303
        assert [one.call.title for one in grid.news(me)] == ["另一件"]
    with clock.frozen(START + timedelta(hours=2)):
        actions.schedule(actor=actor(cast.li.person), call=call, at=START + timedelta(hours=20))
        assert len(grid.news(me)) == 2
        assert [one.pk for one in grid.visits(me)] == [call.pk]
    assert CallEvent.objects.filter(call=call, verb="told", on_behalf=True).count() == 1


def test_the_phone_desk_may_leave_the_telling_to_the_worker_of_the_grid(cast: Cast) -> None:
    what = actions.Ask(cast.kind, cast.home, cast.resident, "去医院复查", reached_by=ReachedBy.WORKER)
    call = actions.take_call(actor=actor(cast.dispatcher), what=what)
    actions.review(actor=actor(cast.keeper), call=call)

    assert [one.call for one in grid.news(actor(cast.grid_worker))] == [call]
    actions.say_told(actor=actor(cast.grid_worker), call=call)
    assert grid.news(actor(cast.dispatcher)) == []


def test_people_who_are_rung_are_nobodys_to_tell(cast: Cast) -> None:
    call = asked(cast, reached_by=ReachedBy.PHONE, contact_phone="13800001111")
    actions.review(actor=actor(cast.keeper), call=call)

    assert grid.news(actor(cast.grid_worker)) == []
    with pytest.raises(NotFound):
        actions.say_told(actor=actor(cast.grid_worker), call=call)
    with pytest.raises(NotFound):
        actions.say_told(actor=actor(cast.outsider), call=asked(cast, title="x"))


def test_the_page_asks_no_more_questions_when_there_is_more_to_tell(
    cast: Cast, django_assert_max_num_queries: Any
) -> None:
    for number in range(4):
        actions.review(actor=actor(cast.keeper), call=asked(cast, title=str(number)))

    me = actor(cast.grid_worker)

    with django_assert_max_num_queries(3):
        assert len(grid.news(me)) == 4


# ── slips ───────────────────────────────────────────────────────────────────
def slip_of(cast: Cast, call: Call) -> dict[str, str]:
    slip = actions.make_slip(actor=actor(cast.grid_worker), call=call)
    assert slip.code is not None
    return {"number": call.number, "code": slip.code.open()}


def test_a_slip_shows_how_far_the_call_is_and_nothing_of_the_person(cast: Cast) -> None:
    call = asked(cast, details="腿脚不便", address="桂花里3幢", contact_phone="13900002222")
    given = slip_of(cast, call)

    page = Client().post(
        "/slip/", {"number": f" {given['number'].lower()} ", "code": f"{given['code'][:4]} {given['code'][4:]}"}
    )

    text = page.content.decode()
    assert page.status_code == 200 and "等受理" in text
    assert not [one for one in ("陈桂英", "腿脚不便", "桂花里", "13900002222", "去医院复查") if one in text]


def test_a_call_is_rated_with_its_slip_once_and_never_as_the_persons_own_word(cast: Cast) -> None:
    call = asked(cast)
    keeper, li = actor(cast.keeper), actor(cast.li.person)
    actions.pool(actor=keeper, call=call)
    actions.dispatch(actor=keeper, call=call, volunteers=[cast.li])
    actions.accept(actor=li, call=call)
    actions.start(actor=li, call=call)
    actions.deliver(actor=li, call=call, note="已陪同就医")
    given = slip_of(cast, call)
    assert 'name="score"' in Client().post("/slip/", given).content.decode()

    wrong = Client().post("/slip/rate/", given)
    done = Client().post("/slip/rate/", {**given, "score": "5", "solved": "yes", "comment": "谢谢"})
    again = Client().post("/slip/rate/", {**given, "score": "1", "solved": "no"})

    call.refresh_from_db()
    assert (wrong.status_code, done.status_code, again.status_code) == (422, 200, 422)
    assert (call.state, call.score, call.solved, call.rated_by_proxy) == (State.CLOSED, 5, True, True)
    step = call.events.get(verb="rate")
    assert (step.person, step.on_behalf, step.facts["slip"]) == (cast.resident, True, True)
    story = queries.story(actor(cast.dispatcher), call)
    assert [one["who"] for one in story.lines if "评价" in one["title"]] == ["凭求助纸条"]


def test_a_wrong_code_opens_nothing_and_many_are_slowed(cast: Cast) -> None:
    call, other = asked(cast), asked(cast, title="另一件")
    given, foreign = slip_of(cast, call), slip_of(cast, other)

    answers = [Client().post("/slip/", {"number": given["number"], "code": foreign["code"]}) for _n in range(10)]

    assert {one.status_code for one in answers} == {422}
    assert Client().post("/slip/", given).status_code == 429
    assert Client().post("/slip/", foreign).status_code == 200
    with pytest.raises(slips.SlipUnknown):
        slips.open_slip(number="", code="", address="10.1.1.1")


def test_one_block_of_addresses_tries_so_often(cast: Cast) -> None:
    for number in range(40):
        with pytest.raises(slips.SlipUnknown):
            slips.open_slip(number=f"HY{number}", code="00000000", address="10.1.1.1")

    with pytest.raises(TooMany):
        slips.open_slip(number="HY99", code="00000000", address="10.1.1.9")


def test_a_blocked_address_burns_nothing_of_a_number(cast: Cast) -> None:
    given = slip_of(cast, asked(cast))
    for _n in range(40):
        with pytest.raises(slips.SlipUnknown):
            slips.open_slip(number="HY1" if _n < 9 else f"HY{_n}", code="00000000", address="10.1.1.1")

    for _n in range(12):
        with pytest.raises(TooMany):
            slips.open_slip(number=given["number"], code="00000000", address="10.1.1.1")

    assert slips.open_slip(**given, address="10.9.9.9").number == given["number"]


def test_each_look_at_the_code_stands_in_the_trail_and_is_one_of_the_days_views(cast: Cast, settings: Any) -> None:
    settings.HUYING_REVEALS_PER_DAY = 2
    call, phone = asked(cast), browser(cast.grid_worker)
    slip_of(cast, call)

    looks = [phone.get(f"/calls/{call.public_id}/slip/").status_code for _n in range(3)]

    assert looks == [200, 200, 429]
    lines = AuditLine.objects.filter(verb="sealed.reveal")
    assert [(one.person_id, one.changes) for one in lines] == [(cast.grid_worker.pk, {"field": "code"})] * 2
    assert cast.resident.name not in str([one.reason for one in lines])


def test_who_asked_keeps_slip_and_news_only_while_he_may_ask_for_that_person(cast: Cast) -> None:
    call = asked(cast)
    actions.review(actor=actor(cast.keeper), call=call)
    assert [one.call for one in grid.news(actor(cast.grid_worker))] == [call]
    Role.objects.filter(person=cast.grid_worker).delete()

    former = actor(cast.grid_worker)

    assert grid.news(former) == grid.visits(former) == []
    with pytest.raises(Forbidden):
        actions.make_slip(actor=former, call=call)
    with pytest.raises(NotFound):
        actions.say_told(actor=former, call=call)


def test_a_slip_ends_a_month_after_its_call(cast: Cast) -> None:
    call = asked(cast)
    given = slip_of(cast, call)
    actions.cancel(actor=actor(cast.keeper), call=call, reason="自己解决了")

    assert Client().post("/slip/", given).status_code == 200
    with clock.frozen(START + timedelta(days=31)):
        assert Client().post("/slip/", given).status_code == 422


def test_a_slip_printed_again_holds_the_same_code(cast: Cast) -> None:
    call, phone = asked(cast), browser(cast.grid_worker)
    address = f"/calls/{call.public_id}/slip/"
    assert "做一张纸条" in phone.get(address).content.decode()

    assert sent(phone, address).status_code == 303
    code = Slip.objects.get().code
    assert code is not None
    first = phone.get(address).content.decode()
    sent(phone, address)

    assert f"{code.open()[:4]} {code.open()[4:]}" in first
    assert Slip.objects.count() == 1 and phone.get(address).content.decode().count(code.open()[4:]) == 1


def test_only_who_asked_and_those_on_duty_print_a_slip(cast: Cast) -> None:
    call = asked(cast)

    for who in (cast.grid_worker, cast.keeper, cast.dispatcher):
        actions.make_slip(actor=actor(who), call=call)
    for who in (cast.outsider, cast.neighbour, cast.resident):
        with pytest.raises(Forbidden):
            actions.make_slip(actor=actor(who), call=call)
    assert browser(cast.resident).get(f"/calls/{call.public_id}/slip/").status_code == 404


def test_the_code_is_sealed_and_stands_in_no_address(cast: Cast) -> None:
    call = asked(cast)
    given = slip_of(cast, call)

    page = browser(cast.grid_worker).get(f"/calls/{call.public_id}/slip/")

    slip = Slip.objects.get()
    assert given["code"] not in repr(vars(slip)) and given["code"] not in str(slip.code)
    assert page.headers["Cache-Control"].count("no-store") == 1
