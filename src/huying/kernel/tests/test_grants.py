"""What the application role may do is read from the database's own catalogue (security 1.5, 4: two roles)."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.conf import settings
from django.db import ProgrammingError, connection, transaction

from huying.kernel.postgres.cluster import TIMEOUTS

pytestmark = pytest.mark.django_db
ALL = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
ORDINARY = {"SELECT", "INSERT", "UPDATE", "DELETE"}


def rows(sql: str, *params: object) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


def rights() -> dict[str, set[str]]:
    """Table -> what the application role may do with it."""
    found: dict[str, set[str]] = {}
    for right in ALL:
        for table, may in rows(
            "SELECT tablename, has_table_privilege(current_user, format('%%I.%%I', schemaname, tablename), %s)"
            " FROM pg_tables WHERE schemaname = 'public'",
            right,
        ):
            found.setdefault(str(table), set()).update({right} if may else set())
    return found


def append_only() -> set[str]:
    return {model._meta.db_table for model in apps.get_models() if getattr(model, "APPEND_ONLY", False)}


def remove_only() -> set[str]:
    return {model._meta.db_table for model in apps.get_models() if getattr(model, "REMOVE_ONLY", False)}


def one_writer() -> set[str]:
    """Tables that only functions of the database write."""
    return {model._meta.db_table for model in apps.get_models() if hasattr(model, "RIGHTS")}


def test_tests_run_as_the_application_role_that_is_nobody_special() -> None:
    assert rows(
        "SELECT rolname, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolreplication FROM pg_roles"
        " WHERE rolname = current_user"
    ) == [("huying_app", False, False, False, False, False)]
    assert rows("SELECT count(*) FROM pg_auth_members WHERE member = current_user::regrole") == [(0,)]


def test_append_only_tables_can_be_read_and_added_to_only() -> None:
    assert append_only() >= {
        "kernel_auditline",
        "calls_callevent",
        "volunteers_serviceevent",
        "activities_activityevent",
    }
    plain = append_only() - one_writer()
    assert {table: rights()[table] for table in plain} == {table: {"SELECT", "INSERT"} for table in plain}


def test_tables_with_one_writer_can_be_read_only() -> None:
    assert one_writer() == {"ledger_account", "ledger_transfer", "ledger_hold", "ledger_lot"}
    assert {table: rights()[table] for table in one_writer()} == {table: {"SELECT"} for table in one_writer()}


def test_the_role_that_writes_the_ledger_cannot_change_or_delete_what_is_written() -> None:
    may = "SELECT array_agg(r) FROM unnest(%s::text[]) r WHERE has_table_privilege('huying_ledger', %s, r)"
    columns = (
        "SELECT array_agg(attname::text ORDER BY attname) FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
        " AND has_column_privilege('huying_ledger', attrelid, attnum, 'UPDATE')"
    )

    assert rows(may, list(ALL), "ledger_transfer") == [(["SELECT", "INSERT"],)]
    assert rows(may, list(ALL), "ledger_account") == [(["SELECT"],)]
    assert rows(may, list(ALL), "kernel_auditline") == [(None,)]
    assert rows(columns, "ledger_transfer") == [(None,)]
    assert rows(columns, "ledger_account") == [(["credits", "debits", "held"],)]
    assert rows("SELECT rolcanlogin, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = 'huying_ledger'") == [
        (False, False, False)
    ]
    owners = rows("SELECT DISTINCT proowner::regrole::text FROM pg_proc WHERE proname LIKE 'ledger\\_%%' AND prosecdef")
    assert owners == [("huying_ledger",)]


def test_words_of_persons_can_be_added_and_removed_but_never_changed() -> None:
    assert remove_only() >= {"calls_callnote", "calls_callmessage", "volunteers_servicenote", "activities_activitynote"}
    assert {table: rights()[table] for table in remove_only()} == {
        table: {"SELECT", "INSERT", "DELETE"} for table in remove_only()
    }


def test_the_list_of_migrations_can_only_be_read() -> None:
    assert rights()["django_migrations"] == {"SELECT"}


def test_all_other_tables_can_be_written_but_never_emptied_or_altered() -> None:
    rest = {
        table: may
        for table, may in rights().items()
        if table not in append_only() | remove_only() | one_writer() | {"django_migrations"}
    }

    assert len(rest) > 20
    assert {table: may for table, may in rest.items() if may != ORDINARY} == {}


def test_no_single_column_gives_back_what_the_table_forbids() -> None:
    assert (
        rows(
            "SELECT table_name, column_name FROM information_schema.column_privileges"
            " WHERE grantee IN ('huying_app', 'PUBLIC') AND privilege_type = 'UPDATE' AND table_name = ANY(%s)",
            sorted(append_only() | remove_only()),
        )
        == []
    )


def test_the_application_role_owns_nothing() -> None:
    for catalogue, owner in (
        ("pg_class", "relowner"),
        ("pg_proc", "proowner"),
        ("pg_namespace", "nspowner"),
        ("pg_type", "typowner"),
    ):
        temporary = {
            "pg_class": "relnamespace::regnamespace::text LIKE 'pg_temp%%' OR relnamespace::regnamespace::text LIKE 'pg_toast_temp%%'",
            "pg_type": "typnamespace::regnamespace::text LIKE 'pg_temp%%'",
        }.get(catalogue, "false")
        owned = rows(f"SELECT oid FROM {catalogue} WHERE {owner} = current_user::regrole AND NOT ({temporary})")
        assert (catalogue, owned) == (catalogue, [])
    assert rows("SELECT datname FROM pg_database WHERE datdba = current_user::regrole") == []


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE public.mine (id int)",
        "CREATE SCHEMA mine",
        "DROP TABLE kernel_auditline",
        "ALTER TABLE kernel_auditline DISABLE TRIGGER ALL",
        "ALTER TABLE calls_call DROP CONSTRAINT call_not_overfilled",
        "TRUNCATE kernel_auditline",
        "TRUNCATE calls_call CASCADE",
        "DELETE FROM calls_callevent",
        "UPDATE kernel_auditline SET verb = 'x'",
        "UPDATE ledger_transfer SET amount = 1",
        "DELETE FROM ledger_transfer",
        "INSERT INTO ledger_transfer SELECT * FROM ledger_transfer",
        "UPDATE ledger_account SET credits = credits + 1",
        "UPDATE ledger_account SET floor = NULL",
        "INSERT INTO ledger_account (credits) VALUES (1)",
        "UPDATE ledger_hold SET state = 'voided'",
        "UPDATE ledger_lot SET gone = 0",
        "UPDATE ledger_seal SET number = 0",
        "DELETE FROM ledger_seal",
        "SET ROLE huying_ledger",
        "INSERT INTO django_migrations (app, name, applied) VALUES ('x', 'y', now())",
        "SET ROLE huying_owner",
        "CREATE ROLE helper SUPERUSER",
        "COPY kernel_auditline TO PROGRAM 'true'",
        "SELECT pg_read_file('/etc/passwd')",
    ],
)
def test_the_database_itself_refuses(statement: str) -> None:
    with pytest.raises(ProgrammingError, match=r"permission denied|must be owner|must be member"), transaction.atomic():
        rows(statement)


def test_no_statement_no_wait_and_no_idle_transaction_is_without_end() -> None:
    shown = {
        name: rows("SELECT setting::int FROM pg_settings WHERE name = %s", name)[0][0]
        for name in settings.DATABASE_LIMITS
    }

    assert shown == settings.DATABASE_LIMITS
    assert set(shown) == {"statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"}
    assert all(0 < value <= 60_000 for value in shown.values())


def test_our_own_server_limits_whole_transactions_too() -> None:
    all_four = ["idle_in_transaction_session_timeout", "lock_timeout", "statement_timeout", "transaction_timeout"]
    assert {role: sorted(limits) for role, limits in TIMEOUTS.items()} == {
        "huying_app": all_four,
        "huying_owner": all_four,
    }
    assert "0" not in {value for limits in TIMEOUTS.values() for value in limits.values()}
