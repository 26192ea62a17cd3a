"""Statements planned once a connection: what they give, that the server keeps them, and that everybody still sees them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.sessions.backends import db as django_sessions
from django.contrib.sessions.models import Session
from django.db import DataError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from huying.kernel import audit, clock, locks, prepared
from huying.kernel.actor import Actor
from huying.kernel.locks import LockOrderBroken
from huying.kernel.models import HolidayNotice, JobEffect
from huying.kernel.models.audit import AuditLine
from huying.kernel.prepared import Shape
from huying.kernel.sessions import SessionStore
from huying.kernel.transactions import begin

pytestmark = pytest.mark.django_db
MINE = Actor.system("kernel.tests")


def kept(start: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE starts_with(statement, %s)", [start])
        return int(cursor.fetchone()[0])


def test_a_statement_is_planned_once_however_often_it_is_asked():
    asked = "SELECT n * 2 AS twice_of_each FROM unnest(%s::int[]) n ORDER BY n"

    assert [prepared.rows(asked, [numbers]) for numbers in ([1, 2], [5], [7])] == [[(2,), (4,)], [(10,)], [(14,)]]
    assert kept("SELECT n * 2 AS twice_of_each") == 1


def test_an_empty_list_and_large_numbers_are_values_as_any_other():
    asked = "SELECT n FROM unnest(%s::bigint[]) n"

    assert [prepared.rows(asked, [numbers]) for numbers in ([], [2**40], [None])] == [[], [(2**40,)], [(None,)]]


def test_a_write_gives_no_rows():
    assert prepared.rows("UPDATE kernel_storedanswer SET status = %s WHERE key = %s", [200, "nobody"]) == []


def test_whoever_logs_statements_sees_their_text():
    with CaptureQueriesContext(connection) as seen:
        prepared.rows("SELECT %s::int AS seen_by_logs", [5])

    assert "seen_by_logs" in seen.captured_queries[0]["sql"]


def test_what_the_database_refuses_is_an_error_of_django():
    with pytest.raises(DataError):
        prepared.rows("SELECT 1 / %s::int", [0])


def test_an_object_has_its_values_as_python_reads_them_and_loads_the_others_when_asked():
    line = audit.record(MINE, "test.made", None, changes={"state": "waiting"}, reason="量一量")
    whole, part = Shape(AuditLine, "line"), Shape(AuditLine, "line", "verb", "id")

    [row] = prepared.rows(f"SELECT {whole.columns} FROM kernel_auditline line WHERE id = %s", [line.pk])
    [short] = prepared.rows(f"SELECT {part.columns} FROM kernel_auditline line WHERE id = %s", [line.pk])

    assert (whole.made(row), whole.made(row).changes) == (line, {"state": "waiting"})
    assert (part.width, part.made(short).verb, part.made(short).reason) == (2, "test.made", "量一量")


def test_a_moment_is_read_as_django_reads_it():
    line = audit.record(MINE, "test.moment", None)
    [(read,)] = prepared.rows("SELECT at FROM kernel_auditline WHERE id = %s", [line.pk])
    with connection.cursor() as cursor:
        cursor.execute("SELECT at FROM kernel_auditline WHERE id = %s", [line.pk])
        (loaded,) = cursor.fetchone()

    assert (read, read.isoformat(), read.utcoffset()) == (loaded, loaded.isoformat(), loaded.utcoffset())


def test_a_statement_that_is_planned_for_its_values_is_not_kept():
    asked = "SELECT n * 3 AS thrice_of_each FROM unnest(%s::int[]) n ORDER BY n"

    assert [prepared.rows(asked, [numbers], anew=True) for numbers in ([1, 2], [5])] == [[(3,), (6,)], [(15,)]]
    assert kept("SELECT n * 3 AS thrice_of_each") == 0


def test_rows_locked_by_key_come_in_the_order_of_their_keys_and_only_inside_an_action(settings):
    settings.HUYING_LOCK_ORDER = ["kernel.HolidayNotice", "kernel.JobEffect"]
    notices, effects = Shape(HolidayNotice, "notice"), Shape(JobEffect, "effect")
    made = [HolidayNotice.objects.create(year=year, source="test", entered_at=clock.now()) for year in (2026, 2027)]
    keys = sorted((one.pk for one in made), reverse=True)

    with begin(MINE):
        assert [one.pk for one in locks.keyed(notices, keys)] == sorted(keys)
        assert locks.keyed(effects, []) == []
        with pytest.raises(LockOrderBroken):
            locks.keyed(notices, keys)
    with pytest.raises(LockOrderBroken):
        locks.keyed(notices, keys)


def test_a_session_opened_by_django_itself_is_read_and_one_that_is_over_is_not():
    store = django_sessions.SessionStore()
    store["who"] = "somebody"
    store.create()

    assert SessionStore(store.session_key)["who"] == "somebody"
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert SessionStore(store.session_key).get("who") is None
    assert SessionStore("a-key-that-nobody-has").get("who") is None


def test_a_question_is_put_into_words_once_for_each_key_and_asked_each_time():
    written = []

    def question(verb: str):
        def put():
            written.append(verb)
            return AuditLine.objects.filter(verb=verb).values_list("verb")

        return put

    def found(verb: str) -> int:
        return len(prepared.written_once(("kernel.tests", verb), question(verb)))

    assert (found("t.one"), found("t.two")) == (0, 0)
    audit.record(MINE, "t.one", None)

    assert (found("t.one"), found("t.two"), found("t.one")) == (1, 0, 1)
    assert written == ["t.one", "t.two"]


def test_a_question_without_a_key_is_written_anew_and_one_that_finds_nothing_is_not_asked():
    nothing = AuditLine.objects.filter(pk__in=[]).values_list("pk")
    before = len(prepared._texts)

    assert prepared.words(None, lambda: AuditLine.objects.values_list("pk")) is not None
    assert len(prepared._texts) == before
    with CaptureQueriesContext(connection) as seen:
        assert prepared.written_once(("kernel.tests", "nothing"), lambda: nothing) == []
    assert len(seen) == 0


def test_so_many_words_are_kept_and_no_more():
    for n in range(prepared.TEXTS + 20):
        prepared.words(("kernel.tests", n), lambda: AuditLine.objects.values_list("pk")[:1])

    assert len(prepared._texts) == prepared.TEXTS


def test_rights_are_who_it_is_for_whom_and_where():
    keeper = Actor(person_id=1, roles=(("keeper", "/1/"),))
    same = Actor(person_id=1, roles=(("keeper", "/1/"),), channel="api", address="10.0.0.1", reason="x")
    others = [Actor(person_id=2, roles=keeper.roles), Actor(person_id=1), keeper.behalf(3), Actor.system("x")]

    assert same.rights == keeper.rights
    assert len({keeper.rights, *(one.rights for one in others)}) == 5
