"""An exchange that was wrong or stolen comes back by another person's word or an appeal, whole and once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.invariants import broken_points

from huying.kernel import clock
from huying.kernel.actor import ANONYMOUS, Actor
from huying.kernel.errors import Forbidden, InvalidInput
from huying.people.models import Household, Notice, Person
from huying.points import actions, queries
from huying.points.actions.banks import shelf_account
from huying.points.models import Gift, Passbook, Sheet
from huying.points.queries.counting import words_of
from huying.points.states import Outcome
from huying.points.tests.factories import START, World, balance, mark_of
from huying.points.tests.test_banks import shelf
from huying.volunteers.tests.factories import browser, sent

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def whole(world: World) -> Iterator[None]:
    yield
    assert broken_points() == []


def owner(passbook: Passbook) -> Actor:
    return Actor(person_id=passbook.person_id)


def served(world: World, **more: Any) -> Gift:
    """Two bottles for somebody with his booklet, given by the keeper."""
    passbook, good = world.passbook(points=100), world.good(stock=5, **more)
    return actions.serve(actor=world.keeper, passbook=passbook, good=good, mark=mark_of(passbook), quantity=2)


def fetched(world: World) -> Gift:
    """The same, set aside first."""
    return world.handed(world.gift(world.good(stock=5), world.passbook(points=100), 2))


@pytest.mark.parametrize("made", [served, fetched])
def test_points_and_goods_go_back_and_the_owner_hears_why(world: World, made: Any) -> None:
    gift = made(world)
    before = (balance(gift.passbook), shelf(gift.good))

    done = actions.return_gift(actor=world.second, gift=gift, reason="按错了物品")

    assert (before, balance(gift.passbook), shelf(gift.good), shelf(gift.good, "given")) == ((20, 3), 100, 5, 0)
    assert (done.state, done.returned_by_id, done.way) == ("returned", world.second.person_id, gift.way)
    assert Notice.objects.get(person=gift.passbook.person, title__contains="退回了 80 分").body == "按错了物品"
    assert {one.metric: one.amount for one in words_of("points.Gift", gift.pk)}["points_used"] == 0
    with pytest.raises(actions.StepRefused):
        actions.return_gift(actor=world.office, gift=gift, reason="再退一次")


def test_not_by_who_gave_or_reserved_it_nor_its_owner_nor_family_nor_without_reason(world: World) -> None:
    gift = served(world)
    for who in (world.outsider, world.auditor, ANONYMOUS, Actor(person_id=world.cast.resident.pk)):
        with pytest.raises(Forbidden):
            actions.return_gift(actor=who, gift=gift, reason="错了")
    with pytest.raises(actions.AnotherPerson):
        actions.return_gift(actor=world.keeper, gift=gift, reason="错了")
    with pytest.raises(actions.ReasonMissing):
        actions.return_gift(actor=world.second, gift=gift, reason=" ")
    home = Household.objects.create(place=world.home)
    Person.objects.filter(pk__in=[gift.passbook.person_id, world.second.person_id]).update(household=home)
    gift = Gift.objects.get(pk=gift.pk)
    with pytest.raises(actions.NotForOneself):
        actions.return_gift(actor=world.second, gift=gift, reason="错了")
    now = clock.now()
    with pytest.raises(IntegrityError), transaction.atomic():  # the database itself
        by = {"returned_by": gift.ended_by, "returned_at": now, "reason": "错了"}
        Gift.objects.filter(pk=gift.pk).update(state="returned", **by)


def test_what_waits_is_cancelled_not_returned(world: World) -> None:
    gift = world.gift(world.good(stock=5), world.passbook(points=100))

    with pytest.raises(actions.StepRefused):
        actions.return_gift(actor=world.second, gift=gift, reason="错了")


def test_all_accounts_of_the_shelf_are_locked_before_the_first_is_moved(world: World) -> None:
    """Whoever hands over locks what is set aside and then what is given: a return the other way round stands in a circle."""
    gift = fetched(world)
    shelf_of = {name: shelf_account(gift.good, name) for name in ("stock", "reserved", "given")}

    with CaptureQueriesContext(connection) as done:
        actions.return_gift(actor=world.second, gift=gift, reason="按错了物品")

    locked = [one["sql"] for one in done if "FOR NO KEY UPDATE" in one["sql"] and '"ledger_account"' in one["sql"]]
    assert len(locked) == 1 and all(str(key) in locked[0] for key in shelf_of.values())
    before = [one["sql"] for one in done][: [one["sql"] for one in done].index(locked[0])]
    keys = [f"points-return:{gift.public_id}:{what}" for what in ("points", "goods")]
    assert [any(key in sql for sql in before) for key in keys] == [True, False]


def test_what_came_back_counts_no_more_against_the_most_of_a_month(world: World) -> None:
    gift = served(world, month_most=2)
    with pytest.raises(actions.MonthMost):
        world.gift(gift.good, gift.passbook)

    actions.return_gift(actor=world.second, gift=gift, reason="按错了物品")

    assert world.gift(gift.good, gift.passbook, 2).state == "reserved"


def sheet_of(world: World, gift: Gift) -> Sheet:
    sponsor, span = world.funded(100_000), {"since": clock.today(), "until": clock.today() + DAY}
    assert gift.partner is not None
    return actions.make_sheet(actor=world.keeper, partner=gift.partner, funded_by=sponsor, **span)


def test_on_a_sheet_that_waits_it_stays_and_once_settled_the_points_alone_go_back(world: World) -> None:
    gift = served(world, partner=world.partner())
    sheet = sheet_of(world, gift)
    with pytest.raises(actions.OnASheet):
        actions.return_gift(actor=world.second, gift=gift, reason="错了")

    actions.approve_sheet(actor=world.office, sheet=sheet, evidence="收据")
    done = actions.return_gift(actor=world.second, gift=gift, reason="不是本人领的")

    assert (balance(gift.passbook), shelf(gift.good), shelf(gift.good, "given")) == (100, 3, 2)
    assert (done.sheet_id, {one.metric: one.amount for one in words_of("points.Gift", gift.pk)}["gifts_given"]) == (
        sheet.pk,
        2,
    )


def test_the_audit_still_counts_what_was_given_without_a_code_and_what_was_paid_for(world: World) -> None:
    passbook, good = world.passbook(points=100), world.good(stock=5, partner=world.partner())
    paid, back = (
        actions.serve(actor=world.keeper, passbook=passbook, good=good, mark=mark_of(passbook)) for _ in range(2)
    )
    first = queries.audit(world.book)
    Gift.objects.filter(pk=back.pk).update(partner=None)  # on no sheet
    actions.approve_sheet(actor=world.office, sheet=sheet_of(world, paid), evidence="收据")
    for gift in (paid, back):
        actions.return_gift(actor=world.second, gift=gift, reason="不是本人领的")

    last = queries.audit(world.book)

    assert (first.worth, first.used, last.worth, last.used, last.gifts, last.agrees) == (9980, 80, 4990, 0, 0, True)
    assert [(one.by, one.times, one.people) for one in last.uncoded] == [(world.cast.keeper.name, 2, 1)]


# ── appeals ─────────────────────────────────────────────────────────────────
def test_its_owner_appeals_and_the_panel_gives_it_back(world: World) -> None:
    gift = served(world)
    case = actions.file_appeal(actor=owner(gift.passbook), passbook=gift.passbook, gift=gift, words="不是我领的")
    with pytest.raises(actions.UnderAppeal):
        actions.return_gift(actor=world.second, gift=gift, reason="错了")
    with pytest.raises(Forbidden):  # who gave it sits on no panel about it
        actions.mark_appeal(actor=world.keeper, appeal=case)
    actions.mark_appeal(actor=world.second, appeal=case)
    done = actions.decide_appeal(actor=world.second, appeal=case, outcome=Outcome.UPHELD, reason="监控里不是他")

    assert (done.state, Gift.objects.get(pk=gift.pk).state, balance(gift.passbook)) == ("closed", "returned", 100)


def test_an_appeal_about_an_exchange_is_in_time_once_and_about_ones_own(world: World) -> None:
    gift, other = served(world), world.passbook()
    late = START + 15 * DAY + timedelta(seconds=1)
    with clock.frozen(late), pytest.raises(actions.TooLate):
        actions.file_appeal(actor=owner(gift.passbook), passbook=gift.passbook, gift=gift, words="不是我")
    with pytest.raises(InvalidInput):
        actions.file_appeal(actor=owner(other), passbook=other, gift=gift, words="不是我")
    actions.file_appeal(actor=owner(gift.passbook), passbook=gift.passbook, gift=gift, words="不是我")
    with pytest.raises(actions.AppealedAlready):
        actions.file_appeal(actor=owner(gift.passbook), passbook=gift.passbook, gift=gift, words="不是我")


# ── pages ───────────────────────────────────────────────────────────────────
def test_the_page_of_an_exchange_leads_the_keeper_and_the_owner_on(world: World, settings: Any) -> None:
    settings.HUYING_STAFF_SECOND_FACTOR = False
    gift = served(world)
    page, back = (reverse(f"points:{name}", args=[gift.public_id]) for name in ("gift", "gift_return"))
    giver, second = (browser(Person.objects.get(pk=one.person_id)) for one in (world.keeper, world.second))
    mine = browser(gift.passbook.person)

    assert back not in giver.get(page).content.decode()
    refused = sent(giver, back, reason="错了")
    assert (refused.status_code, "另一个人" in refused.content.decode()) == (422, True)
    assert mine.get(back).status_code == 403
    appeal = reverse("points:appeal_new", args=[gift.passbook.public_id]) + f"?gift={gift.public_id}"
    assert appeal in mine.get(page).content.decode()
    assert "食用油" in mine.get(appeal).content.decode()
    assert back in second.get(page).content.decode()
    assert sent(second, back, reason="按错了").status_code == 303
    assert "按错了" in mine.get(page).content.decode()
    assert sent(mine, appeal, words="不是我").status_code == 422
