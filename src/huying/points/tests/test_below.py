"""A counter below the place of its book: who stands there finds, prints, hands over, counts and tells; no more than that."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden
from huying.points import actions, queries
from huying.points.models import Bank, Book, Good, Intake, Passbook
from huying.points.states import IntakeKind
from huying.points.tests.factories import ITEMS, START, VOTE, World, code_of
from huying.volunteers.tests.factories import browser, person, sent

pytestmark = pytest.mark.django_db


class Below(World):
    """The book is the street's; its counter is in the community, where keeper and second hold their roles."""

    def published(self, **more: Any) -> Book:
        place, boss = self.home.parent, self.boss()
        assert place is not None
        with clock.frozen(START - timedelta(days=1)):
            draft = actions.Draft(items=ITEMS, name="青禾街道积分办法")
            edition = actions.make_book(actor=self.office, place=place, draft=draft)
            actions.adopt(actor=self.office, edition=edition, vote=VOTE)
            return actions.publish(actor=boss, edition=edition, valid_from=clock.now()).book

    def bank(self, name: str = "和平储蓄所") -> Bank:
        return actions.open_bank(actor=self.office, book=self.book, place=self.home, name=name)

    def given(self, who: Any = None) -> tuple[Passbook, Good]:
        """Somebody with a hundred points, and oil on the shelf that two of the counter counted."""
        passbook = self.passbook(who)
        actions.confirm(actor=self.office, claim=self.claim(passbook, "litter", 25_000))
        good = self.good()
        facts: dict[str, Any] = {"kind": IntakeKind.GOODS, "amount": 5, "evidence": "送货单"}
        row = actions.enter_intake(actor=self.keeper, book=self.book, good=good, **facts)
        actions.confirm_intake(actor=self.second, intake=row)
        return passbook, good


@pytest.fixture
def below(db: None) -> Any:
    with clock.frozen(START):
        yield Below()


@pytest.fixture
def staff(below: Below, settings: Any) -> Client:
    settings.HUYING_STAFF_SECOND_FACTOR = False
    return browser(below.cast.keeper)


def test_he_finds_his_residents_of_the_book_and_nobody_elses(below: Below) -> None:
    here, _good = below.given()
    there = below.passbook(person("邻社区的人", below.cast.next_door))

    assert list(queries.found_passbooks(below.keeper)) == [here]
    assert set(queries.found_passbooks(below.office)) == {here, there}
    assert list(queries.found_passbooks(below.outsider)) == []
    actions.print_booklet(actor=below.keeper, passbook=here)
    for act in (actions.print_booklet, actions.freeze):
        facts: dict[str, Any] = {"reason": "丢了"} if act is actions.freeze else {}
        with pytest.raises(Forbidden):
            act(actor=below.keeper, passbook=there, **facts)
    with pytest.raises(Forbidden):  # the points themselves are the street's affair
        actions.propose_reversal(actor=below.keeper, claim=here.claims.get(), ground="error", evidence="记重了")


def test_an_appeal_that_he_may_not_open_stands_on_no_page_of_his(below: Below, staff: Client) -> None:
    passbook, _good = below.given()
    claim = actions.refuse(actor=below.office, claim=below.claim(passbook), reason="看不清")
    owner = Actor(person_id=passbook.person_id)
    case = actions.file_appeal(actor=owner, passbook=passbook, claim=claim, words="照片很清楚")
    link = reverse("points:appeal", args=[case.public_id])
    pages = [
        (reverse(f"points:{name}", args=[passbook.public_id]), {"kind": "appeals"})
        for name in ("passbook", "passbook_all")
    ]

    assert staff.get(link).status_code == 404
    assert [link in staff.get(page, asked).content.decode() for page, asked in pages] == [False, False]
    assert [link in browser(passbook.person).get(page, asked).content.decode() for page, asked in pages] == [True, True]


def test_with_the_last_counter_closed_he_finds_them_no_more(below: Below) -> None:
    passbook, good = below.given()
    assert list(queries.found_passbooks(below.keeper)) == [passbook]

    actions.close_bank(actor=below.office, bank=good.bank)

    assert list(queries.found_passbooks(below.keeper)) == []
    with pytest.raises(Forbidden):
        actions.print_booklet(actor=below.keeper, passbook=passbook)


def test_nobody_without_a_counter_of_the_book_finds_them(below: Below) -> None:
    passbook = below.passbook()

    assert list(queries.found_passbooks(below.keeper)) == []
    with pytest.raises(Forbidden):
        actions.print_booklet(actor=below.keeper, passbook=passbook)


def test_every_door_that_is_shown_to_him_opens(below: Below, staff: Client) -> None:
    passbook, good = below.given()
    waiting = below.gift(good, passbook)
    page = staff.get(reverse("points:bank", args=[good.bank.public_id])).content.decode()
    assert reverse("points:keep", args=[below.book.public_id]) not in page
    facts: dict[str, Any] = {"kind": IntakeKind.GOODS, "amount": 5, "evidence": "单 8"}
    row = actions.enter_intake(actor=below.second, book=below.book, good=good, **facts)
    assert sent(staff, reverse("points:intake_step", args=[row.public_id, "confirm"])).status_code == 303
    assert Intake.objects.get(pk=row.pk).checked_by_id == below.keeper.person_id

    for name, key in (
        *(("desk", None), ("passbooks", None), ("untold", None), ("passbook", passbook), ("booklet", passbook)),
        *(("tell", passbook), ("gift", waiting), ("counter", good.bank), ("good_edit", good)),
    ):
        args = [key.public_id] if key is not None else []
        assert staff.get(reverse(f"points:{name}", args=args)).status_code == 200, name
    hand = reverse("points:gift_step", args=[waiting.public_id, "hand"])
    assert sent(staff, hand, code=code_of(waiting)).status_code == 303


def test_an_exchange_of_somebody_from_elsewhere_is_handed_over_without_his_passbook(
    below: Below, staff: Client
) -> None:
    passbook, good = below.given(person("邻社区的人", below.cast.next_door))
    waiting = below.gift(good, passbook)
    page = staff.get(reverse("points:gift", args=[waiting.public_id]))

    assert (page.status_code, reverse("points:passbook", args=[passbook.public_id]) in page.content.decode()) == (
        200,
        False,
    )
    assert staff.get(reverse("points:passbook", args=[passbook.public_id])).status_code == 404


def test_he_tells_those_without_an_account(below: Below) -> None:
    passbook = below.passbook(reads=False)
    actions.confirm(actor=below.office, claim=below.claim(passbook, "litter", 25_000))
    below.bank()
    with clock.frozen(START + timedelta(days=60)):
        assert list(queries.to_tell(below.keeper)) == [passbook]
        actions.tell_in_person(actor=below.keeper, passbook=passbook, how="上门说了")
        assert list(queries.to_tell(below.keeper)) == []
