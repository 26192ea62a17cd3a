"""The board and the panel: who sees them, what stands on them, and that it stays cheap (S0-3a; C04)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from huying.calls import queries
from huying.calls.models import Call, Clock, Offer
from huying.calls.queries.board import Filters
from huying.calls.states import OfferState, State
from huying.calls.tests.browsing import browser, sent
from huying.calls.tests.factories import START, Cast, actor, clocks, kind, person, role
from huying.kernel.models.audit import AuditLine

pytestmark = pytest.mark.django_db


def titles(client: Client, **asked: str) -> list[str]:
    """Titles of the cards, column by column."""
    answer = client.get(reverse("calls:board"), asked)
    assert answer.status_code == 200
    return [card["title"] for column in answer.context["columns"] for card in column["cards"]]


# ── who ─────────────────────────────────────────────────────────────────────
def test_the_board_is_for_those_on_duty_inside_or_above(cast: Cast) -> None:
    cast.call(title="去医院复查")

    seen = {
        "inside": titles(browser(cast.keeper)),
        "above": titles(browser(cast.dispatcher)),
        "outside": titles(browser(cast.outsider)),
    }
    resident, anonymous = browser(cast.resident).get("/desk/"), Client().get("/desk/")

    assert seen == {"inside": ["去医院复查"], "above": ["去医院复查"], "outside": []}
    assert (resident.status_code, anonymous.status_code) == (403, 302)
    assert anonymous["Location"].startswith("/people/sign-in/")


@pytest.mark.parametrize("name", ["board", "board_columns", "list", "phone"])
def test_every_desk_page_refuses_residents_and_strangers(cast: Cast, name: str) -> None:
    address = reverse(f"calls:{name}")

    assert browser(cast.resident).get(address).status_code == 403
    assert Client().get(address).status_code == 302


def test_a_draft_never_shows_on_the_desk(cast: Cast) -> None:
    cast.call(State.DRAFT)

    assert titles(browser(cast.keeper)) == []


def test_the_panel_of_a_call_elsewhere_does_not_exist(cast: Cast) -> None:
    call = cast.call()
    address = reverse("calls:panel", args=[call.public_id])

    codes = [browser(one).get(address).status_code for one in (cast.keeper, cast.dispatcher, cast.outsider)]

    assert codes == [200, 200, 404]


def test_an_inspector_reads_the_panel_and_may_only_ask_to_leave_the_call_out(cast: Cast) -> None:
    inspector = person("何青", cast.home)
    role(inspector, "inspector", cast.street)
    call = cast.call()
    client = browser(inspector)

    page = client.get(reverse("calls:panel", args=[call.public_id]))
    answer = sent(client, reverse("calls:dispatch", args=[call.public_id]), volunteers=[str(cast.li.public_id)])

    assert page.status_code == 200
    assert (page.context["direct"], page.context["transfers"]) == ([], {})
    assert [one["label"] for one in page.context["more"]] == ["提请剔除"]
    assert not page.context["dispatching"]
    assert "派给" not in page.content.decode()
    assert answer.status_code == 403


# ── what ────────────────────────────────────────────────────────────────────
def test_each_state_stands_in_its_column_and_ended_calls_in_none(cast: Cast) -> None:
    states = [State.SUBMITTED, State.NEED_INFO, State.POOLED, State.DISPATCHED, State.SERVING, State.DELIVERED]
    for state in [*states, State.CLOSED, State.CANCELLED, State.TRANSFERRED, State.REJECTED]:
        Offer.objects.all().update(state=OfferState.WITHDRAWN)
        cast.call(state, title=str(state.value))

    columns = queries.board(actor(cast.keeper))

    assert {column.code: sorted(card.call.title for card in column.cards) for column in columns} == {
        "review": ["need_info", "submitted"],
        "dispatch": ["dispatched", "pooled"],
        "serving": ["serving"],
        "rating": ["delivered"],
    }
    assert [column.total for column in columns] == [2, 2, 1, 1]


def test_a_card_says_how_much_time_is_left_and_turns_amber_at_half_and_late_at_the_end(cast: Cast) -> None:
    clocks(review=60)
    call = cast.call()

    seen = []
    for passed in (0, 29, 30, 59, 60, 90):
        found = queries.card(Call.objects.get(pk=call.pk), START + timedelta(minutes=passed))
        seen.append((passed, found.percent, found.level))

    assert seen == [
        (0, 0, "calm"),
        (29, 48, "calm"),
        (30, 50, "amber"),
        (59, 98, "amber"),
        (60, 100, "late"),
        (90, 100, "late"),
    ]


def test_cards_are_ordered_by_what_is_due_first_and_calls_without_a_clock_come_last(cast: Cast) -> None:
    quick, slow = kind("quick"), kind("slow")
    clocks(review=600)
    Clock.objects.create(kind=quick, stage="review", minutes=5, mode="natural")
    cast.call(title="慢", kind=slow)
    cast.call(State.NEED_INFO, title="不计时")
    cast.call(title="快", kind=quick)

    assert titles(browser(cast.keeper)) == ["快", "慢", "不计时"]


def test_a_card_shows_name_and_age_helper_and_never_address_or_number(cast: Cast) -> None:
    cast.resident.birth_date = START.date().replace(year=1944)
    cast.resident.save()
    cast.call(State.SERVING, address="桂花里 3 幢 201", contact_phone="13800001111")

    text = browser(cast.keeper).get("/desk/columns/").content.decode()

    assert "陈桂英 · 82 岁" in text
    assert "李安和" in text
    assert "桂花里" not in text and "13800001111" not in text and "1111" not in text


def test_the_panel_masks_address_and_number_until_they_are_opened_with_a_reason(cast: Cast) -> None:
    call = cast.call(address="桂花里 3 幢 201", contact_phone="13800001111")
    client = browser(cast.keeper)

    page = client.get(reverse("calls:panel", args=[call.public_id])).content.decode()
    lines = AuditLine.objects.filter(verb="sealed.reveal").count()

    assert "桂花里 3 幢" not in page and "13800001111" not in page
    assert "查看地址和电话" in page
    assert lines == 0


def test_an_urgent_call_shows_emergency_numbers_first(cast: Cast) -> None:
    call = cast.call(urgent=True)

    panel = queries.panel(actor(cast.keeper), call)

    assert [target.value for target in panel.numbers] == ["120", "119", "110", "12345"]


def test_a_dangerous_kind_shows_its_own_numbers_in_its_own_order(cast: Cast) -> None:
    cast.kind.emergency = "119 120"
    cast.kind.save()

    panel = queries.panel(actor(cast.keeper), cast.call())

    assert [target.value for target in panel.numbers] == ["119", "120"]


def test_an_ordinary_call_shows_no_emergency_numbers_but_can_be_handed_on(cast: Cast) -> None:
    call = cast.call()
    page = browser(cast.keeper).get(reverse("calls:panel", args=[call.public_id]))

    assert page.context["transfers"]["first"] == []
    assert [one["label"] for one in page.context["transfers"]["rest"]] == [
        "110 报警", "119 火警", "120 急救", "12345 热线", "信访",
    ]  # fmt: skip


# ── filters ─────────────────────────────────────────────────────────────────
def test_filters_narrow_the_board(cast: Cast) -> None:
    clocks(review=600)
    other = kind("repair", name="维修")
    cast.call(title="急事", urgent=True)
    cast.call(title="灯坏了", kind=other)
    calm = cast.call(title="上周的事")
    Call.objects.filter(pk=calm.pk).update(
        created_at=START - timedelta(days=7), stage_due_at=START + timedelta(minutes=30), needs_callback=True
    )
    client = browser(cast.keeper)

    seen = {
        "urgent": titles(client, only="urgent"),
        "soon": titles(client, only="soon"),
        "today": sorted(titles(client, only="today")),
        "callback": titles(client, only="callback"),
        "mine": len(titles(client, only="mine")),
        "kind": titles(client, kind="repair"),
        "words": titles(client, q="灯坏"),
        "pinyin": titles(client, q="dengh"),
        "name": len(titles(client, q="陈桂")),
        "place": len(titles(client, place=str(cast.home.public_id))),
        "nothing": titles(client, q="没有这样的"),
    }

    assert seen == {
        "urgent": ["急事"],
        "soon": ["上周的事"],
        "today": ["急事", "灯坏了"],
        "callback": ["上周的事"],
        "mine": 3,
        "kind": ["灯坏了"],
        "words": ["灯坏了"],
        "pinyin": ["灯坏了"],
        "name": 3,
        "place": 3,
        "nothing": [],
    }


def test_mine_are_the_calls_that_wait_for_my_own_level(cast: Cast) -> None:
    low, high = cast.call(title="站里的"), cast.call(title="升上来的")
    Call.objects.filter(pk=high.pk).update(level="centre")

    assert titles(browser(cast.dispatcher), only="mine") == [high.title]
    assert titles(browser(cast.keeper), only="mine") == [low.title]


@pytest.mark.parametrize(
    "asked",
    [
        {"only": "everything"},
        {"kind": "'; DROP TABLE calls_call; --"},
        {"place": "not-a-uuid"},
        {"place": "01890000-0000-7000-8000-000000000000"},
        {"q": "\x00"},
        {"q": "长" * 5000},
        {"call": "../../etc/passwd"},
        {"q": "🧓\u202eabc%_\\"},
    ],
)
def test_odd_filters_are_named_and_the_board_still_stands(cast: Cast, asked: dict[str, str]) -> None:
    cast.call(title="去医院复查")

    answer = browser(cast.keeper).get("/desk/", asked)

    assert answer.status_code == 200
    assert "派单台" in answer.content.decode()


def test_a_place_outside_the_desk_is_no_filter(cast: Cast) -> None:
    cast.call(title="去医院复查")

    answer = browser(cast.keeper).get("/desk/", {"place": str(cast.away.public_id)})

    assert "没有这个地方" in answer.content.decode()
    assert [card["title"] for column in answer.context["columns"] for card in column["cards"]] == ["去医院复查"]


# ── key figures ─────────────────────────────────────────────────────────────
def test_the_figures_count_what_the_lists_behind_them_hold(cast: Cast) -> None:
    clocks(review=60)
    cast.call()
    cast.call(State.POOLED)
    cast.call(State.CLOSED)
    client = browser(cast.keeper)

    figures = client.get("/desk/").context["figures"]
    held = [len(client.get(one["href"]).context["rows"]) for one in figures]

    assert [one["value"] for one in figures] == [1, 1, 0, 1, "0"]
    assert held == [1, 1, 0, 1, 1]
    assert figures[0]["hint"] == "1 件将超时"


def test_unfiltered_board_and_filters_agree_with_what_may_be_seen(cast: Cast) -> None:
    """``on_desk`` is a part of ``visible_to``: nothing on the desk is hidden from the call's own page."""
    for state in (State.SUBMITTED, State.SERVING, State.CLOSED):
        Offer.objects.all().update(state=OfferState.WITHDRAWN)
        cast.call(state)
    for who in (cast.keeper, cast.dispatcher, cast.outsider, cast.resident, cast.grid_worker):
        desk = set(queries.desk_calls(actor(who)).values_list("pk", flat=True))
        seen = set(queries.calls_for(actor(who)).values_list("pk", flat=True))
        assert desk <= seen
    assert queries.board(actor(cast.resident), Filters()) == queries.board(actor(cast.outsider), Filters())
