"""No credential of any role can alone create a minute, a point or a fen: every way to write is tried (security G15).

The application's own database role with any statement, every function of the database, every action, every address: by
one person, as both maker and checker, or as nobody. What exists of each asset stays what it was.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, ProgrammingError, connection, transaction
from django.db.models import F, Sum
from django.urls import URLPattern, URLResolver, get_resolver

from huying.kernel import clock
from huying.kernel.actor import ANONYMOUS, Actor
from huying.kernel.chance import uuid7
from huying.kernel.errors import DomainError
from huying.ledger import actions
from huying.ledger.actions import Entry
from huying.ledger.actions.writing import MANY, as_columns
from huying.ledger.models import Account, Asset, Hold, Lot, Seal, Transfer
from huying.ledger.tests.factories import CHECKER, MAKER, START, SYSTEM, account, entry, give, issuer, key, person
from huying.ledger.tests.straight import as_asked, call, row, written

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("morning")]
TOMORROW = START + timedelta(days=1)
ALONE: list[dict[str, Any]] = [
    {},
    {"approved_by": MAKER},
    {"approved_by": CHECKER, "evidence": ""},
    {"made_by": MAKER, "approved_by": MAKER},
    {"made_by": CHECKER, "approved_by": MAKER},
]
ROLES = ("resident", "volunteer", "team_leader", "station_keeper", "office", "dispatcher", "auditor", "administrator")
ADMINS = ("system_admin", "security_admin", "audit_admin")


def exists() -> dict[str, int]:
    """Asset -> units that people have, by the counters; the transfers must say the same."""
    rows = Account.objects.filter(issuing=False).values("asset__code").annotate(units=Sum(F("credits") - F("debits")))
    kept = {row["asset__code"]: row["units"] for row in rows if row["units"]}
    given = Transfer.objects.filter(issuing=True).values("asset__code").annotate(units=Sum("amount"))
    back = Transfer.objects.filter(credit_account__issuing=True).values("asset__code").annotate(units=Sum("amount"))
    flows = {row["asset__code"]: row["units"] for row in given}
    for one in back:
        flows[one["asset__code"]] = flows.get(one["asset__code"], 0) - one["units"]
    assert kept == {code: units for code, units in flows.items() if units}
    return kept


@pytest.fixture
def world() -> dict[str, int]:
    """Something of every asset in somebody's account."""
    for code in ("minutes", "points", "fen"):
        give(account(asset=code), 100)
    found = exists()
    assert found == {"minutes": 100, "points": 100, "fen": 100}
    return found


def everybody() -> list[Actor]:
    """One person with each role alone, with all of them, the superuser of the application, a visitor."""
    alone = [person(MAKER, (role, "/")) for role in (*ROLES, *ADMINS)]
    return [*alone, person(MAKER, *((role, "/") for role in (*ROLES, *ADMINS))), person(MAKER), ANONYMOUS]


def attempts(step: Callable[[], Any]) -> None:
    """Whatever comes of it, it may only be refused."""
    try:
        with transaction.atomic():
            step()
    except (DomainError, DatabaseError):
        pass


@pytest.mark.parametrize("code", ["minutes", "points", "fen"])
def test_no_action_lets_one_person_create_anything(world: dict[str, int], code: str) -> None:
    source, mine = issuer(code), account(asset=code)
    for who in everybody():
        for facts in ALONE:
            wanted = entry(source, mine, 60, **{"evidence": "tests.Record:1", **facts})
            attempts(lambda: actions.transfer(actor=who, entry=wanted))  # noqa: B023 - runs at once
            attempts(lambda: actions.post(actor=who, entries=[wanted]))  # noqa: B023
            attempts(lambda: actions.post_each(actor=who, entries=[wanted]))  # noqa: B023
            attempts(lambda: held_and_settled(who, wanted))  # noqa: B023
            attempts(lambda: many_sources(who, code, mine))  # noqa: B023
            assert exists() == world


def many_sources(who: Actor, code: str, mine: Account) -> None:
    """Accounts that may go below nothing, opened many at once, and drawn on."""
    opened = actions.open_accounts(
        actor=who, asset=code, owner_type="tests.Alone", owners={1: "/", 2: "/"}, purpose="issue", floor=None
    )
    wanted = entry(Account.objects.get(pk=opened[1]), mine, 60, evidence="tests.Record:1")
    actions.transfer(actor=who, entry=wanted)


def held_and_settled(who: Actor, wanted: Entry) -> None:
    held = actions.hold(actor=who, entry=wanted, until=TOMORROW)
    actions.settle(actor=who, hold=held, key=key())


def test_giving_back_to_the_issuer_and_reversing_it_takes_two_people_again(world: dict[str, int]) -> None:
    mine = account()
    give(mine, 10)
    back = actions.transfer(actor=person(), entry=entry(mine, issuer(), 10))
    before = exists()

    for who in everybody():
        for approver in (None, MAKER):
            attempts(lambda: actions.reverse(actor=who, transfer=back, reason="", key=key(), approved_by=approver))  # noqa: B023
    attempts(lambda: actions.reverse(actor=SYSTEM, transfer=back, reason="", key=key(), approved_by=None))
    attempts(lambda: actions.reverse(actor=SYSTEM, transfer=back, reason="", key=key(), approved_by=CHECKER))

    assert exists() == before


def test_a_system_creates_nothing_on_its_own(world: dict[str, int]) -> None:
    mine = account()
    for facts in ({}, {"made_by": MAKER}, {"approved_by": CHECKER}, {"made_by": MAKER, "approved_by": MAKER}):
        wanted = entry(issuer(), mine, 60, evidence="tests.Record:1", **facts)
        with pytest.raises(actions.TwoPeopleNeeded):
            actions.transfer(actor=SYSTEM, entry=wanted)

    assert exists() == world


def test_every_action_was_tried() -> None:
    """A new action must be added above before it can write."""
    ours = {name for name in actions.__all__ if inspect.isfunction(getattr(actions, name))}

    assert ours == {
        "add_asset", "expire_lots", "follow_owner", "follow_places", "guard_lots", "hold", "open_account", "open_accounts",
        "post", "post_each", "reverse", "seal", "settle", "transfer", "void", "void_overdue",
    }  # fmt: skip


def reversal(made: Transfer, **facts: Any) -> dict[str, Any]:
    """The honest reversal of a transfer by two people, with ``facts`` written over it."""
    honest = row(made.credit_account, made.debit_account, made.amount, approved_by=CHECKER, reverses=made.pk)
    return {**honest, "key": key(), "public_id": uuid7().hex, **facts}


MIRRORS: dict[str, Callable[[Transfer, Account], dict[str, Any]]] = {
    "less": lambda made, other: {"amount": made.amount - 1},
    "more": lambda made, other: {"amount": made.amount + 1},
    "the same way": lambda made, other: {"debit": made.debit_account_id, "credit": made.credit_account_id},
    "to somebody else": lambda made, other: {"credit": other.pk},
    "from somebody else": lambda made, other: {"debit": other.pk},
    "of nothing": lambda made, other: {"reverses": 10**12},
    "by one": lambda made, other: {"approved_by": MAKER},
    "by nobody": lambda made, other: {"made_by": None, "approved_by": None},
    "without proof": lambda made, other: {"evidence": ""},
}


@pytest.mark.parametrize("name", MIRRORS)
@pytest.mark.parametrize("way", ["one", "batch", "many"])
def test_no_function_of_the_database_writes_a_reversal_that_is_none(world: dict[str, int], name: str, way: str) -> None:
    one, two, other = account(50), account(50), account(50)
    made = actions.transfer(actor=person(), entry=entry(one, two, 10))
    before = balances(one, two, other)
    wanted = [reversal(made, **MIRRORS[name](made, other))] + ([row(two, other, 1)] if way == "many" else [])

    with pytest.raises(IntegrityError):
        written(way, wanted)
    assert balances(one, two, other) == before
    written(way, [reversal(made), *wanted[1:]])
    assert balances(one, two, other) == [50, 49 if way == "many" else 50, 51 if way == "many" else 50]
    with pytest.raises(IntegrityError):
        written("one", [reversal(made)])


def balances(*accounts: Account) -> list[int]:
    found = Account.objects.in_bulk([one.pk for one in accounts])
    return [found[one.pk].balance for one in accounts]


def test_a_hold_is_never_settled_as_a_reversal_of_something_else(world: dict[str, int]) -> None:
    one, shop = account(10), account()
    held = actions.hold(actor=person(), entry=entry(one, shop, 4), until=TOMORROW)
    given = actions.transfer(actor=person(), entry=entry(one, account(), 3))

    with pytest.raises(IntegrityError):
        call(
            "SELECT * FROM ledger_hold_end(%s, %s, %s, NULL, '')",
            held.pk,
            json.dumps(row(one, shop, 4, reverses=given.pk, approved_by=CHECKER)),
            clock.now(),
        )


STATEMENTS = [
    "INSERT INTO ledger_transfer SELECT * FROM ledger_transfer",
    "INSERT INTO ledger_transfer (amount) VALUES (5)",
    "UPDATE ledger_transfer SET amount = amount * 2",
    "UPDATE ledger_transfer SET approved_by_id = 7",
    "DELETE FROM ledger_transfer WHERE issuing",
    "TRUNCATE ledger_transfer CASCADE",
    "UPDATE ledger_account SET credits = credits + 60",
    "UPDATE ledger_account SET debits = 0",
    "UPDATE ledger_account SET held = 0",
    "UPDATE ledger_account SET floor = NULL",
    "UPDATE ledger_account SET asset_id = asset_id + 1",
    "UPDATE ledger_account SET owner_id = 1",
    "DELETE FROM ledger_account",
    "INSERT INTO ledger_account (public_id, asset_id, owner_type, owner_id, purpose, place_path, floor, opened_at, credits)"
    " VALUES (gen_random_uuid(), 1, 'x', 1, 'main', '', 0, now(), 60)",
    "UPDATE ledger_hold SET amount = 60",
    "UPDATE ledger_hold SET state = 'voided'",
    "DELETE FROM ledger_hold",
    "UPDATE ledger_lot SET gone = 0, closed_at = NULL",
    "INSERT INTO ledger_lot SELECT * FROM ledger_lot",
    "DELETE FROM ledger_lot",
    "UPDATE ledger_seal SET root = ''",
    "DELETE FROM ledger_seal",
    "ALTER TABLE ledger_transfer DROP CONSTRAINT ledger_transfer_two_people",
    "ALTER TABLE ledger_account ALTER COLUMN floor DROP NOT NULL",
    "CREATE OR REPLACE FUNCTION ledger_write_one(e jsonb) RETURNS SETOF ledger_transfer LANGUAGE sql AS 'SELECT 1'",
    "ALTER FUNCTION ledger_write_one(jsonb) SECURITY INVOKER",
    "ALTER FUNCTION ledger_write SECURITY INVOKER",
    "SET ROLE huying_ledger",
    "SET ROLE huying_owner",
    "GRANT huying_ledger TO huying_app",
]


@pytest.mark.parametrize("statement", STATEMENTS)
def test_no_statement_of_the_application_role_creates_anything(world: dict[str, int], statement: str) -> None:
    lot_of = account()
    give(lot_of, 5, expires_at=TOMORROW)
    actions.hold(actor=person(), entry=entry(lot_of, account(), 2), until=TOMORROW)
    before = exists()

    with pytest.raises((ProgrammingError, DatabaseError)), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

    assert exists() == before


WRONG: list[dict[str, Any]] = [
    {},
    {"approved_by": MAKER},
    {"approved_by": CHECKER, "made_by": None},
    {"approved_by": CHECKER, "evidence": ""},
    {"approved_by": CHECKER, "amount": -60},
    {"approved_by": CHECKER, "amount": 0},
    {"approved_by": CHECKER, "issuing": False, "evidence": ""},
]


@pytest.mark.parametrize("facts", WRONG)
@pytest.mark.parametrize("way", ["one", "batch", "many"])
def test_no_function_of_the_database_lets_one_person_create_anything(
    world: dict[str, int], facts: dict[str, Any], way: str
) -> None:
    mine, other = account(), account()
    before = exists()
    wanted = [row(issuer(), mine, 60, **facts)] + ([row(issuer(), other, 60, **facts)] if way == "many" else [])

    with pytest.raises(IntegrityError):
        written(way, wanted)

    assert exists() == before


def test_no_function_takes_more_than_is_there_or_mixes_assets(world: dict[str, int]) -> None:
    poor, mine, hours = account(), account(), account(60, asset="minutes")
    before = exists()

    for wanted in (
        row(poor, mine, 60),
        row(hours, mine, 60),
        row(mine, mine, 1),
        {**row(poor, mine, 1), "debit": 10**9},
    ):
        more = {**wanted, "key": key(), "public_id": uuid7().hex}
        for way, rows in (("one", [wanted]), ("batch", [wanted]), ("many", [wanted, more])):
            with pytest.raises(DatabaseError):
                written(way, rows)

    assert exists() == before


def test_no_function_lets_an_entry_take_what_comes_with_a_later_one(world: dict[str, int]) -> None:
    poor, rich = account(3), account(60)
    before = balances(poor, rich)

    with pytest.raises(IntegrityError):
        written("many", [row(poor, rich, 5), row(rich, poor, 5)])
    assert balances(poor, rich) == before
    written("many", [row(rich, poor, 5), row(poor, rich, 8)])
    assert balances(poor, rich) == [0, 63]


@pytest.mark.parametrize("short", range(1, 6))
def test_a_column_that_is_too_short_writes_nothing(world: dict[str, int], short: int) -> None:
    one, two = account(10), account(10)
    before = exists()
    columns = as_columns([as_asked(row(one, two, 1)), as_asked(row(two, one, 2))])
    columns[short] = as_columns([as_asked(row(one, two, 1))])[short]

    with pytest.raises(IntegrityError):
        call(MANY, None, *columns)

    assert exists() == before


def test_a_hold_cannot_be_ended_for_more_or_for_somebody_else(world: dict[str, int]) -> None:
    one, shop, thief = account(10), account(), account()
    held = actions.hold(actor=person(), entry=entry(one, shop, 4), until=TOMORROW)
    end = "SELECT * FROM ledger_hold_end(%s, %s, %s, NULL, '')"

    call(end, held.pk, json.dumps(row(one, thief, 5)), clock.now())
    assert Hold.objects.get(pk=held.pk).state == "pending"
    call(end, held.pk, json.dumps(row(issuer(), thief, 4)), clock.now())
    call(end, held.pk, json.dumps(row(one, shop, 4)), clock.now())

    found = Account.objects.in_bulk([one.pk, shop.pk, thief.pk])
    assert [found[x.pk].balance for x in (one, shop, thief)] == [6, 4, 0]


def test_a_lot_cannot_lapse_out_of_another_account_or_for_more_than_itself(world: dict[str, int]) -> None:
    one, bin_ = account(50), account()
    give(one, 10, expires_at=TOMORROW)
    lot = Lot.objects.get(account=one)
    lapse = "SELECT * FROM ledger_lapse(%s, %s, NULL)"

    call(lapse, lot.pk, json.dumps(row(issuer(), bin_, 4)))
    with pytest.raises(IntegrityError):
        call(lapse, lot.pk, json.dumps(row(one, bin_, 7)))

    found = Account.objects.in_bulk([one.pk, bin_.pk])
    assert [found[x.pk].balance for x in (one, bin_)] == [56, 4]


def test_a_temporary_table_does_not_stand_in_for_the_real_one(world: dict[str, int]) -> None:
    """The functions look into the real schema first, whatever the caller puts before it."""
    wanted = row(issuer(), account(), 60)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE ledger_account (LIKE public.ledger_account INCLUDING DEFAULTS)")
        cursor.execute("INSERT INTO pg_temp.ledger_account SELECT * FROM public.ledger_account")
        try:
            cursor.execute("SET LOCAL search_path = pg_temp, public")
            for way in ("one", "batch"):
                with pytest.raises(IntegrityError):
                    written(way, [wanted], schema="public.")
        finally:
            cursor.execute("SET LOCAL search_path = public")
            cursor.execute("DROP TABLE pg_temp.ledger_account")

    assert exists() == world


def routes(resolver: URLResolver, before: str = "") -> list[str]:
    """Every address of the ledger, as it is declared."""
    found = []
    for one in resolver.url_patterns:
        if isinstance(one, URLResolver):
            found += routes(one, before + str(one.pattern))
        elif isinstance(one, URLPattern):
            found.append(before + str(one.pattern))
    return found


def test_no_address_of_the_ledger_takes_anything_in(world: dict[str, int], client: Any) -> None:
    one = account()
    ours = [address for address in routes(get_resolver()) if address.startswith("ledger/")]

    assert len(ours) == 6
    for address in ours:
        path = "/" + address.replace("<uuid:public_id>", str(one.public_id)).replace("<slug:form>", "csv")
        for method in ("post", "put", "patch", "delete"):
            answer = getattr(client, method)(
                path.replace("<slug:code>", "x"), HTTP_IDEMPOTENCY_KEY=key("one-person-route")
            )
            assert answer.status_code in {401, 403, 404, 405}
    assert exists() == world


def test_nobody_else_writes_the_tables_of_the_ledger() -> None:
    """The ORM is no way round: what it would send is refused by the rights of the role."""
    mine = account(5)
    for step in (
        lambda: Transfer.objects.update(amount=9),
        lambda: Transfer.objects.all().delete(),
        lambda: Account.objects.filter(pk=mine.pk).update(credits=99),
        lambda: Account.objects.create(asset=Asset.objects.get(code="points"), owner_type="x", owner_id=1, credits=9),
        lambda: Lot.objects.update(gone=0),
        lambda: Seal.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            step()
