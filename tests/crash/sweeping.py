"""Kill a process at every point of a write and look at what is left.

Each operation runs once undisturbed, which tells its points: before and after each statement and both sides of COMMIT.
Then, for each point, a child is forked that runs it and dies there (SIGKILL). After each death the database is read on
another connection: it must stand exactly as before, or hold the whole effect with its stored answer, and nothing
between. Then the operation comes again with the same key, as a client would send it: it must succeed, and a third time
must give the same answer. This second try runs in a transaction that is taken back, so that one prepared state serves
all points before COMMIT; a new one is prepared only when a COMMIT has passed. Where every row and every file stands as
at the death before, the second try can only do what it did then: it is made after every death that has changed one, and
on both sides of each COMMIT.

The point after a statement and the one before the next are the same death when nothing was written to the disk between
them: the server has heard the same bytes, and then the connection breaks. So are the points on both sides of a statement
that writes no row (a reading, a lock, a savepoint): the server has the same to take back. Such twins are killed once.

Points of one transaction between which no file changed (a stretch) ask the same of the server, to take it all back: of
each stretch the first, the last and one between, another for each operation, are killed, and both sides of every COMMIT.
HUYING_CRASH_ALL=1 kills at every point of every operation, twins too.
"""

from __future__ import annotations

import json
import os
import signal
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from itertools import groupby
from random import Random
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.test import RequestFactory

from huying.kernel import crash
from huying.kernel.actor import Actor
from huying.kernel.errors import DomainError, answer
from huying.kernel.idempotency import IdempotencyMiddleware, Ticket

ALL = bool(os.environ.get("HUYING_CRASH_ALL"))
DEAD_CLIENT = "huying-crash"
Run = Callable[[str], HttpResponse]


@dataclass
class Report:
    """What a sweep found; ``violations`` are sentences."""

    operations: int = 0
    points: int = 0
    commits: int = 0
    violations: list[str] = field(default_factory=list)

    def add(self, other: Report) -> None:
        self.operations += other.operations
        self.points += other.points
        self.commits += other.commits
        self.violations += other.violations

    def __str__(self) -> str:
        return (
            f"{self.operations} operations, {self.points} kills ({self.commits} with the COMMIT behind them),"
            f" {len(self.violations)} violations"
        )


def told(result: Any) -> Any:
    """A result of an action as JSON."""
    if isinstance(result, Model):
        return {"model": result._meta.label, "pk": str(result.pk), "state": str(getattr(result, "state", ""))}
    if isinstance(result, list | tuple):
        return [told(one) for one in result]
    return result if isinstance(result, int | str | bool | None) else str(type(result))


def keyed(name: str, actor: Actor, act: Callable[[], Any]) -> Run:
    """The action behind the same door as every form and endpoint: key, transaction, stored answer."""

    def view(request: HttpRequest) -> HttpResponse:
        try:
            return JsonResponse({"answer": told(act())}, status=201)
        except DomainError as error:
            return answer(request, error)

    def run(key: str) -> HttpResponse:
        request = RequestFactory().post("/", {"operation": name}, HTTP_ACCEPT="application/json")
        request.actor = actor  # type: ignore[attr-defined]
        door = IdempotencyMiddleware(view)
        scope = f"person:{actor.person_id}" if actor.person_id else f"system:{actor.name}"
        return door.once(request, Ticket(scope, key, name.encode()))

    return run


@lru_cache
def kept_tables() -> list[str]:
    """Every table; sessions aside, which are no part of any effect."""
    with connection.cursor() as cursor:
        return [t for t in connection.introspection.table_names(cursor) if t != "django_session"]


def fingerprint() -> dict[str, tuple[int, int]]:
    """Table -> (rows, digest of the rows).

    Which tables hold a row at all is asked first, then what stands in those: to get ready to read every column of the
    hundred and more empty ones takes the server ten times as long as the reading itself.
    """
    connection.ensure_connection()
    # Django's own cursors send the text anew each time, and the server takes longer to plan it than to carry it out
    ask, found = psycopg.Cursor(connection.connection).execute, dict.fromkeys(kept_tables(), (0, 0))
    ask("SET max_parallel_workers_per_gather = 0")  # to start them takes longer than to read
    held = ask(" UNION ALL ".join(f"SELECT '{t}' WHERE EXISTS (SELECT FROM \"{t}\")" for t in found), prepare=True)
    rows = " UNION ALL ".join(
        f"SELECT '{t}', count(*), coalesce(sum(hashtext(t.*::text)::bigint), 0) FROM \"{t}\" t"
        for (t,) in held.fetchall()
    )
    for name, count, digest in ask(rows, prepare=True).fetchall() if rows else ():
        found[name] = (int(count), int(digest))
    return found


def disk() -> str:
    """What the files of the data folder are: their names, sizes and times."""
    found = []
    for at, _folders, names in os.walk(settings.DATA):
        facts = [os.stat(os.path.join(at, name)) for name in sorted(names)]  # noqa: PTH116, PTH118 - at every point
        found.append((at, sorted(names), [(one.st_size, one.st_mtime_ns) for one in facts]))
    return str(sorted(found))


@dataclass(frozen=True)
class Point:
    """One point of an undisturbed run; ``stretch`` numbers the transactions, and within them what each file was."""

    name: str
    stretch: int
    twin: bool


def die_at(run: Callable[[], Any], point: int | None) -> tuple[bool, list[Point], str]:
    """Run in a child that dies at ``point``: (it was killed, points passed, its error when it broke by itself)."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        trouble = ""
        try:
            connection.connection = None  # the parent's: never to be touched from here
            with connection.cursor() as cursor:
                cursor.execute(f"SET application_name = '{DEAD_CLIENT}'")
            passing = crash.Points.pass_one

            last, lay, stretch = "", "", 0

            def loud(points: crash.Points, name: str) -> None:
                nonlocal last, lay, stretch
                if point is None:
                    was, lay, before = lay, disk(), last
                    last = name
                    stretch += was != lay or "COMMIT" in name or not connection.in_atomic_block
                    told = Point(name[:200], stretch, was == lay and twins(before, name))
                    os.write(writing, (json.dumps(asdict(told)) + "\n").encode())
                passing(points, name)

            crash.Points.pass_one = loud  # type: ignore[method-assign]
            with crash.sweep(point):
                run()
        except BaseException:
            trouble = traceback.format_exc()
        finally:
            if trouble:
                os.write(writing, ("!" + json.dumps(trouble) + "\n").encode())
            os._exit(1 if trouble else 0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        lines = pipe.read().splitlines()
    _pid, status = os.waitpid(child, 0)
    killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    error = next((json.loads(line[1:]) for line in lines if line.startswith("!")), "")
    wait_for_its_server_process()
    return killed, [Point(**json.loads(line)) for line in lines if not line.startswith("!")], error


def twins(first: str, second: str) -> bool:
    """Whether the server hears nothing that it would have to take back between two points that follow each other."""
    return second.startswith(("before ", "after quiet ")) and first.startswith(("after ", "before quiet "))


def wait_for_its_server_process() -> None:
    """The server notices a dead client by itself; until then its locks stand."""
    until = time.monotonic() + 10
    with connection.cursor() as cursor:
        while time.monotonic() < until:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE application_name = %s", [DEAD_CLIENT])
            if cursor.fetchone()[0] == 0:
                return
            time.sleep(0.002)
    raise AssertionError("the server keeps the connection of a dead process")


@dataclass
class Operation:
    """``prepare`` makes a fresh state (committed) and returns the run; ``check`` gives broken rules in words.

    Some writes carry no key, because they must count even when they are refused (signing in) or because they are long
    and come in steps that are whole in themselves (changing a key): ``again`` does those once more after each death, in
    a transaction that is taken back, and gives what is wrong in words.
    """

    name: str
    prepare: Callable[[], Run]
    check: Callable[[], list[str]] = list
    keyed: bool = True
    again: Callable[[], list[str]] | None = None


class Sweep:
    """All deaths of one operation."""

    def __init__(self, operation: Operation) -> None:
        self.operation = operation
        self.report = Report(operations=1)

    def go(self) -> Report:
        points = self.whole()
        run, before = self.fresh()
        judged: object = None
        for point in chosen(points, self.operation.name):
            name = points[point].name
            key = f"crash-{self.operation.name}-{point}"[:80]
            killed, _passed, error = die_at(lambda: run(key), point)  # noqa: B023 - runs at once
            self.where = f"{self.operation.name}, killed at point {point} of {len(points)}, {name!r}"
            if not killed:
                self.violated(f"the child did not die: {error}")
                break
            self.report.points += 1
            now = fingerprint()
            if (now, disk()) != judged or "COMMIT" in name:
                self.judge(run, key, before, now)
                judged = (now, disk())
            if now != before:
                self.report.commits += 1
                run, before = self.fresh()
        if self.report.commits == 0:
            self.violated("no death had the COMMIT behind it")
        return self.report

    def whole(self) -> list[Point]:
        """The run that nothing disturbs: its points, and how many rows its effect adds to each table."""
        self.where = f"{self.operation.name}, undisturbed"
        run, before = self.fresh()
        killed, points, error = die_at(lambda: run(f"crash-{self.operation.name}-whole"[:80]), None)
        if killed or error:
            self.violated(f"broke by itself: {error}")
        self.effect = grown(before, fingerprint())
        self.broken_rules()
        if not self.effect:
            self.violated("left nothing behind")
        return points

    def fresh(self) -> tuple[Run, dict[str, tuple[int, int]]]:
        run = self.operation.prepare()
        return run, fingerprint()

    def judge(self, run: Run, key: str, before: dict[str, tuple[int, int]], now: dict[str, tuple[int, int]]) -> None:
        """Half a write, broken rules, or another answer to the same key."""
        self.broken_rules()
        committed = now != before
        if self.operation.again is not None:
            self.do_again(self.operation.again)
            return
        if committed and grown(before, now) != self.effect:
            self.violated(f"half a write: {grown(before, now)} instead of {self.effect}")
        if not self.operation.keyed:
            return
        with transaction.atomic():
            first, second = run(key), run(key)
            after = fingerprint()
            self.broken_rules(" after the second try")
            transaction.set_rollback(True)
        if first.status_code >= 400:
            self.violated(f"the second try was refused: {first.content.decode()[:300]}")
        if committed != ("Idempotency-Replayed" in first.headers):
            self.violated(f"the second try was {'not ' if committed else ''}a replay")
        if shown(first) != shown(second):
            self.violated(f"the same key gave two answers: {shown(first)} and {shown(second)}")
        if grown(before, after) != self.effect:
            self.violated(f"after the second try: {grown(before, after)} instead of {self.effect}")

    def do_again(self, again: Callable[[], list[str]]) -> None:
        with transaction.atomic():
            for wrong in again():
                self.violated(f"the second try: {wrong}")
            self.broken_rules(" after the second try")
            transaction.set_rollback(True)

    def broken_rules(self, when: str = "") -> None:
        for rule in self.operation.check():
            self.violated(f"{rule}{when}")

    def violated(self, what: str) -> None:
        self.report.violations.append(f"{self.where}: {what}")


def chosen(points: list[Point], seed: str) -> list[int]:
    """The points to die at: both sides of each COMMIT, and of each stretch the first, the last and one between."""
    if ALL:
        return list(range(len(points)))
    commits = [n for n, one in enumerate(points) if "COMMIT" in one.name]
    found, between = set(commits), Random(seed)
    for _stretch, group in groupby((n for n, one in enumerate(points) if not one.twin), lambda n: points[n].stretch):
        same = list(group)
        found |= {same[0], same[-1], between.choice(same[1:-1] or same)}
    return sorted(found)


def grown(before: dict[str, tuple[int, int]], now: dict[str, tuple[int, int]]) -> dict[str, int]:
    """Table -> how many rows more; 0 for tables whose rows only changed."""
    return {table: rows - before[table][0] for table, (rows, digest) in now.items() if (rows, digest) != before[table]}


def shown(response: HttpResponse) -> tuple[int, bytes, str | None]:
    return response.status_code, response.content, response.get("Location")
