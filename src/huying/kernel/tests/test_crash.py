"""Which statements the sweep of deaths takes for writes: what it passes over must leave nothing to take back."""

from __future__ import annotations

import pytest
from django.db import connection

from huying.kernel.crash import is_quiet

OURS = """SELECT DISTINCT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    LEFT JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
    WHERE n.nspname = 'public' AND d.objid IS NULL AND p.provolatile = 'v' AND p.prorettype <> 'trigger'::regtype"""


@pytest.mark.parametrize(
    "sql",
    [
        'SELECT "people_person"."id" FROM "people_person" WHERE "people_person"."id" = %s FOR UPDATE',
        "SELECT set_config('huying.actor', %s, true)",
        'SAVEPOINT "s1"',
        'RELEASE SAVEPOINT "s1"',
    ],
)
def test_what_writes_no_row_is_passed_over(sql: str) -> None:
    assert is_quiet(sql)


@pytest.mark.parametrize(
    "sql",
    [
        'INSERT INTO "people_person" ("name") VALUES (%s)',
        'UPDATE "people_person" SET "name" = %s',
        "WITH gone AS (DELETE FROM kernel_jobeffect RETURNING key) SELECT key FROM gone",
        'ROLLBACK TO SAVEPOINT "s1"',
        "SELECT nextval(pg_get_serial_sequence('calls_call', 'id'))",
    ],
)
def test_what_writes_is_a_point_of_its_own(sql: str) -> None:
    assert not is_quiet(sql)


@pytest.mark.django_db
def test_every_function_of_the_database_that_may_write_counts_as_a_write() -> None:
    with connection.cursor() as cursor:
        cursor.execute(OURS)
        functions = [name for (name,) in cursor.fetchall()]

    assert "ledger_write" in functions
    assert [name for name in functions if is_quiet(f"SELECT key FROM {name}(%s)")] == []
