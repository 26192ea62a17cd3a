"""Entries: what moves, what is refused, and that the same key never moves twice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from huying.kernel.actor import ANONYMOUS
from huying.kernel.errors import SignInNeeded
from huying.kernel.models import AuditLine
from huying.kernel.transactions import begin
from huying.ledger import actions, queries
from huying.ledger.models import Account, Lot, Transfer
from huying.ledger.tests.factories import CHECKER, MAKER, START, SYSTEM, account, entry, give, issuer, key, person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("morning")]


def test_a_transfer_moves_units_from_one_account_to_another() -> None:
    one, other = account(100), account()

    made = actions.transfer(actor=person(), entry=entry(one, other, 30, reason="换购"))

    assert (made.amount, made.made_by_id, made.reason, made.recorded_at) == (30, MAKER, "换购", START)
    assert (queries.balance(one), queries.balance(other)) == (70, 30)


def test_nobody_gives_more_than_he_has() -> None:
    one, other = account(20), account()

    with pytest.raises(actions.NotEnough):
        actions.transfer(actor=person(), entry=entry(one, other, 21))

    assert (queries.balance(one), queries.balance(other), Transfer.objects.count()) == (20, 0, 1)


def test_the_same_key_gives_the_same_transfer_back() -> None:
    one, other = account(20), account()
    wanted = entry(one, other, 5, occurred_at=START)

    first = actions.transfer(actor=person(), entry=wanted)
    second = actions.transfer(actor=person(), entry=wanted)

    assert first.pk == second.pk
    assert queries.balance(one) == 15


@pytest.mark.parametrize("other", [{"amount": 6}, {"reason": "x"}, {"evidence": "x:1"}, {"approved_by": 7}])
def test_the_same_key_for_something_else_is_refused(other: dict[str, Any]) -> None:
    one, two = account(20), account()
    wanted = entry(one, two, 5)
    actions.transfer(actor=person(), entry=wanted)

    with pytest.raises(actions.KeyTaken):
        actions.transfer(actor=person(), entry=replace(wanted, **other))

    assert queries.balance(one) == 15


def test_a_key_belongs_to_who_used_it() -> None:
    one, two = account(20), account()
    wanted = entry(one, two, 5)
    actions.transfer(actor=person(), entry=wanted)

    with pytest.raises(actions.KeyTaken):
        actions.transfer(actor=person(MAKER + 50), entry=wanted)


@pytest.mark.parametrize("amount", [0, -1, 10**15 + 1, True, 1.5])
def test_an_amount_is_a_positive_whole_number(amount: Any) -> None:
    with pytest.raises(actions.AmountOdd):
        actions.transfer(actor=person(), entry=entry(account(9), account(), amount))


def test_points_do_not_become_minutes() -> None:
    with pytest.raises(actions.AssetsDiffer):
        actions.transfer(actor=person(), entry=entry(account(9), account(asset="minutes"), 1))


def test_an_account_does_not_pay_itself() -> None:
    one = account(9)

    with pytest.raises(actions.SameAccount):
        actions.transfer(actor=person(), entry=entry(one, one, 1))


def test_an_account_that_is_not_there_is_named() -> None:
    one = account(9)

    with pytest.raises(actions.AccountUnknown):
        actions.transfer(actor=person(), entry=replace(entry(one, one, 1), credit=10**9))


def test_visitors_post_nothing() -> None:
    with pytest.raises(SignInNeeded):
        actions.transfer(actor=ANONYMOUS, entry=entry(account(9), account(), 1))


@pytest.mark.parametrize(
    "facts",
    [
        {"made_by": MAKER},
        {"approved_by": CHECKER},
        {"made_by": MAKER, "approved_by": MAKER},
        {"made_by": MAKER, "approved_by": CHECKER, "evidence": ""},
    ],
)
def test_issuing_takes_two_people_and_evidence(facts: dict[str, Any]) -> None:
    wanted = entry(issuer(), account(), 5, **{"evidence": "tests.Record:1", **facts})

    with pytest.raises(actions.TwoPeopleNeeded):
        actions.transfer(actor=SYSTEM, entry=wanted)
    with pytest.raises(actions.TwoPeopleNeeded):
        actions.post(actor=SYSTEM, entries=[wanted])

    assert Transfer.objects.count() == 0


def test_a_person_cannot_name_another_maker() -> None:
    with pytest.raises(actions.MakerNamed):
        actions.transfer(
            actor=person(CHECKER),
            entry=entry(issuer(), account(), 5, made_by=MAKER, approved_by=CHECKER, evidence="tests.Record:1"),
        )


def test_a_batch_is_posted_in_order() -> None:
    one, two, three = account(10), account(), account()

    made = actions.post(actor=person(), entries=[entry(one, two, 10), entry(two, three, 7), entry(three, one, 2)])

    assert [row.amount for row in made] == [10, 7, 2]
    assert [queries.balance(x) for x in (one, two, three)] == [2, 3, 5]


def test_a_batch_with_one_bad_entry_leaves_nothing_and_says_which() -> None:
    one, two = account(10), account()

    with pytest.raises(actions.NotEnough) as told:
        actions.post(actor=person(), entries=[entry(one, two, 5), entry(one, two, 6), entry(two, one, 1)])

    assert told.value.facts == {"position": 1}
    assert (queries.balance(one), queries.balance(two)) == (10, 0)


def test_units_of_a_later_entry_do_not_cover_an_earlier_one() -> None:
    one, two = account(), account(10)

    with pytest.raises(actions.NotEnough):
        actions.post(actor=person(), entries=[entry(one, two, 5), entry(two, one, 5)])


def test_each_on_its_own_posts_what_can_be_posted() -> None:
    one, two = account(10), account()

    made = actions.post_each(actor=person(), entries=[entry(one, two, 8), entry(one, two, 3), entry(two, one, 1)])

    assert [type(x).__name__ for x in made] == ["Transfer", "NotEnough", "Transfer"]
    assert (queries.balance(one), queries.balance(two)) == (3, 7)


def test_a_key_twice_in_one_batch_moves_once() -> None:
    one, two = account(10), account()
    wanted = entry(one, two, 4)

    made = actions.post(actor=person(), entries=[wanted, wanted])

    assert made[0].pk == made[1].pk
    assert queries.balance(one) == 6
    with pytest.raises(actions.KeyTaken):
        actions.post(actor=person(), entries=[entry(one, two, 1, key="same-key"), entry(one, two, 2, key="same-key")])


def test_a_batch_can_be_sent_again() -> None:
    one, two = account(10), account()
    wanted = [entry(one, two, 4), entry(two, one, 1)]

    first = actions.post(actor=person(), entries=wanted)
    second = actions.post(actor=person(), entries=[*wanted, entry(one, two, 1)])

    assert [x.pk for x in second[:2]] == [x.pk for x in first]
    assert queries.balance(one) == 6


def test_a_reversal_is_the_same_amount_back_once() -> None:
    one, two = account(10), account()
    made = actions.transfer(actor=person(), entry=entry(one, two, 4))

    back = actions.reverse(actor=person(), transfer=made, reason="记错", key=key(), approved_by=CHECKER)

    assert (back.reverses_id, back.amount, queries.balance(one), queries.balance(two)) == (made.pk, 4, 10, 0)
    with pytest.raises(actions.AlreadyReversed):
        actions.reverse(actor=person(), transfer=made, reason="再来", key=key(), approved_by=CHECKER)


def test_a_reversal_with_the_same_key_is_the_same_reversal() -> None:
    one, two = account(10), account()
    made = actions.transfer(actor=person(), entry=entry(one, two, 4))
    again = key()

    first = actions.reverse(actor=person(), transfer=made, reason="记错", key=again, approved_by=CHECKER)
    second = actions.reverse(actor=person(), transfer=made, reason="记错", key=again, approved_by=CHECKER)

    assert first.pk == second.pk


def test_nobody_reverses_alone() -> None:
    made = actions.transfer(actor=person(), entry=entry(account(5), account(), 4))

    for approver in (None, MAKER):
        with pytest.raises(actions.TwoPeopleNeeded):
            actions.reverse(actor=person(), transfer=made, reason="记错", key=key(), approved_by=approver)


def test_a_reaction_names_both_who_reverse() -> None:
    made = actions.transfer(actor=person(), entry=entry(account(5), account(), 4))

    for maker, approver in ((None, CHECKER), (MAKER, None), (MAKER, MAKER)):
        with pytest.raises(actions.TwoPeopleNeeded):
            actions.reverse(actor=SYSTEM, transfer=made, reason="", key=key(), made_by=maker, approved_by=approver)
    back = actions.reverse(actor=SYSTEM, transfer=made, reason="", key=key(), made_by=MAKER, approved_by=CHECKER)

    assert (back.reverses_id, back.made_by_id, back.approved_by_id) == (made.pk, MAKER, CHECKER)
    with pytest.raises(actions.MakerNamed):
        actions.reverse(actor=person(), transfer=made, reason="", key=key(), made_by=7, approved_by=CHECKER)


def test_what_was_spent_cannot_be_reversed() -> None:
    one, two = account(), account()
    made = give(one, 10)
    actions.transfer(actor=person(), entry=entry(one, two, 4))

    with pytest.raises(actions.NotEnough):
        actions.reverse(actor=person(), transfer=made, reason="记错", key=key(), approved_by=CHECKER)


def test_an_account_is_opened_once() -> None:
    facts = {"asset": "minutes", "owner_type": "tests.Owner", "owner_id": 10**6}

    first = actions.open_account(actor=SYSTEM, **facts)
    second = actions.open_account(actor=SYSTEM, **facts)

    assert first.pk == second.pk
    assert queries.account_of("tests.Owner", 10**6, "minutes") == first
    with pytest.raises(actions.AccountDiffers):
        actions.open_account(actor=SYSTEM, **facts, floor=None)
    with pytest.raises(actions.FloorOdd):
        actions.open_account(actor=SYSTEM, **facts, purpose="debt", floor=-100)
    with pytest.raises(actions.AssetUnknown):
        actions.open_account(actor=SYSTEM, **{**facts, "asset": "gold"})


@pytest.mark.django_db(transaction=True)
def test_a_transfer_is_one_statement_and_a_refusal_spoils_nothing_around_it(committed_db: None) -> None:
    one, other = account(10), account()

    with CaptureQueriesContext(connection) as asked:
        actions.transfer(actor=person(), entry=entry(one, other, 4))
    with begin(person()):
        with pytest.raises(actions.NotEnough):
            actions.transfer(actor=person(), entry=entry(one, other, 7))
        actions.transfer(actor=person(), entry=entry(one, other, 6))

    assert len(asked) == 1
    assert (queries.balance(one), queries.balance(other)) == (0, 10)


@pytest.mark.django_db(transaction=True)
def test_a_batch_is_one_statement_and_a_refusal_spoils_nothing_around_it(committed_db: None) -> None:
    one, other = account(10), account()

    with CaptureQueriesContext(connection) as asked:
        actions.post(actor=person(), entries=[entry(one, other, 4), entry(other, one, 2), entry(other, one, 2)])
    with begin(person()):
        with pytest.raises(actions.NotEnough):
            actions.post(actor=person(), entries=[entry(other, one, 1), entry(one, other, 1)])
        actions.post(actor=person(), entries=[entry(one, other, 6), entry(other, one, 1)])

    assert len(asked) == 1
    assert (queries.balance(one), queries.balance(other)) == (5, 5)


def test_a_batch_comes_back_as_it_was_written() -> None:
    one, two = account(10), account(10)
    odd = "一 \\ \" ' { } , NULL"
    wanted = [
        entry(one, two, 1, reason=odd, evidence="tests.Record:1", occurred_at=START, approved_by=CHECKER),
        entry(two, one, 2, key=f"NULL-{odd}", rule_version="3", expires_at=START),
        entry(one, two, 3),
    ]

    made = actions.post(actor=person(), entries=wanted)

    columns = [field.attname for field in Transfer._meta.concrete_fields]
    kept = {row.pk: row for row in Transfer.objects.filter(pk__in=[one.pk for one in made])}
    assert [[getattr(row, name) for name in columns] for row in made] == [
        [getattr(kept[row.pk], name) for name in columns] for row in made
    ]
    assert [row.key for row in made] == [one.key for one in wanted]
    assert [lot.transfer_id for lot in Lot.objects.all()] == [made[1].pk]


def test_accounts_of_many_owners_are_opened_in_one_go_each_once_and_in_the_trail() -> None:
    known = actions.open_account(
        actor=SYSTEM, asset="minutes", owner_type="people.Person", owner_id=901, place_path="/1/"
    )

    opened = actions.open_accounts(
        actor=SYSTEM, asset="minutes", owner_type="people.Person", owners={902: "/1/", 901: "/1/", 903: "/1/2/"}
    )

    assert opened[901] == known.pk
    rows = {one.owner_id: one for one in Account.objects.filter(pk__in=opened.values())}
    assert {one: (row.place_path, row.floor, row.balance) for one, row in rows.items()} == {
        901: ("/1/", 0, 0),
        902: ("/1/", 0, 0),
        903: ("/1/2/", 0, 0),
    }
    lines = AuditLine.objects.filter(verb="ledger.open", subject_id__in=opened.values())
    assert sorted(lines.values_list("subject_id", "place_path")) == sorted(
        (row.pk, row.place_path) for row in rows.values()
    )
    again = {"actor": SYSTEM, "asset": "minutes", "owner_type": "people.Person", "owners": {902: "/1/"}}
    assert actions.open_accounts(**again) == {902: opened[902]}  # type: ignore[arg-type]
    with pytest.raises(actions.AccountDiffers):
        actions.open_accounts(**again, floor=None)  # type: ignore[arg-type]
    with pytest.raises(actions.AssetUnknown):
        actions.open_accounts(**again | {"asset": "moonbeams"})  # type: ignore[arg-type]
