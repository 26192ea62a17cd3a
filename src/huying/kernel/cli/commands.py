"""Commands that load Django: the two services, the two set-up steps, and every management command of a room."""

from __future__ import annotations

import argparse
import io
import json
import os
import subprocess
import sys

from huying.kernel.cli import outside, say
from huying.kernel.cli import site as sites
from huying.kernel.supervise.loop import Stopped, Supervisor

SIGN_IN = "sign-in: "


def web(rest: list[str]) -> int:
    """Serve pages (started by ``up``)."""
    from huying.kernel.supervise.web import serve

    parser = argparse.ArgumentParser(prog="huying web")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--workers", type=int, default=int(os.environ.get("HUYING_WEB_PROCESSES") or 2))
    options = parser.parse_args(rest)
    serve(options.host, options.port, workers=options.workers)
    return 0


def worker(rest: list[str]) -> int:
    """Run jobs (started by ``up``, again whenever it ends)."""
    import django

    django.setup()
    from huying.kernel import jobs

    jobs.run_worker()
    return 0


def prepare(rest: list[str]) -> int:
    """Keys, tables and grants, as the owner role. Two at once (a killed start's and the next one's) go one by one."""
    import django
    from django.core.management import call_command
    from django.db import connection

    from huying.kernel import tables

    django.setup()
    call_command("make_keys")
    with outside.alone(connection.get_connection_params()):
        tables.check_history()
        call_command("migrate", interactive=False, verbosity=1)
        call_command("grant_roles", role=outside.role_of(os.environ["HUYING_DATABASE_URL"]))
    return 0


def fill(rest: list[str]) -> int:
    """Load the demo into an empty database, as the application role; prints its sign-ins, also those of a demo that is
    there already (the start that loaded it may have been killed before it could note them).
    """
    import django
    from django.contrib.auth import get_user_model
    from django.core.management import call_command, get_commands
    from django.db import connection

    django.setup()
    if "demo" in get_commands():
        with connection.cursor() as cursor:  # one long transaction: an empty platform has nobody who waits for it
            cursor.execute("SELECT set_config(name, '0', false) FROM pg_settings WHERE name = 'transaction_timeout'")
        said = io.StringIO()
        call_command("demo", stdout=said, say=get_user_model().objects.exists())
        sys.stdout.writelines(f"{SIGN_IN}{row}\n" for row in said.getvalue().splitlines() if row.strip())
    return 0


def examine(rest: list[str]) -> int:
    """What doctor asks Django, as one line of JSON: migrations waiting and applied, silence of workers, dead jobs."""
    import django
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    from huying.kernel import tables

    django.setup()
    tables.check_history()
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    facts: dict[str, object] = {"unapplied": len(waiting), "applied": len(executor.loader.applied_migrations)}
    facts.update(heartbeat=None, dead=0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, current_setting(name) FROM pg_settings WHERE name LIKE '%timeout'")
        facts["limits"] = dict(cursor.fetchall())
    if "procrastinate_workers" in connection.introspection.table_names():
        with connection.cursor() as cursor:
            cursor.execute("SELECT extract(epoch FROM now() - max(last_heartbeat))::float8 FROM procrastinate_workers")
            facts["heartbeat"] = cursor.fetchone()[0]
            cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed'")
            facts["dead"] = cursor.fetchone()[0]
    sys.stdout.write(json.dumps(facts) + "\n")
    return 0


def manage(name: str, rest: list[str]) -> int:
    """A management command with the database running; its exit code is ours."""
    from huying.kernel.cli.up import start_database, update_tables

    data = None
    if "--data" in rest:
        at = rest.index("--data")
        data, rest = rest[at + 1], rest[:at] + rest[at + 2 :]
    site = sites.open_site(data)
    supervisor = Supervisor(told=say.line)
    argv = [sys.executable, "-m", "django", "help" if name == "help-commands" else name, *rest]
    try:
        with supervisor.attention():
            start_database(site, supervisor)
            if name == "migrate" and not rest:
                update_tables(site, always=True)
                return 0
            if name == "demo":  # into a new data folder as well
                update_tables(site)
            env = site.environment(owner=name == "migrate")
            return subprocess.run(argv, env=env, check=False, **site.account.run_as).returncode
    except Stopped:
        return 130
