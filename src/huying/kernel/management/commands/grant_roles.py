"""Give the application role what it needs and no more: append-only tables may be read and added to, nothing else;
what must be forgotten with a person may be removed but never changed (``REMOVE_ONLY``, decision 0012).

A table with ``RIGHTS`` is written by functions of the database only, and these belong to a role of their own where the
server has one (docs/decisions/0013).
"""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand
from django.db import connection, models, transaction

APP_ROLE = "huying_app"
LEDGER_ROLE = "huying_ledger"
WRITERS = (
    "SELECT p.oid::regprocedure::text FROM pg_proc p WHERE p.prosecdef AND p.proname LIKE 'ledger\\_%%'"
    " AND p.pronamespace = current_schema()::regnamespace"
)


class Command(BaseCommand):
    help = "Grant the application role its rights on all tables (run as the owner, after every migrate)."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--role", default=APP_ROLE)

    def handle(self, *args: Any, role: str = APP_ROLE, **options: Any) -> None:
        quoted = connection.ops.quote_name(role)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT current_user, EXISTS (SELECT FROM pg_roles WHERE rolname = %s)", [role])
            me, exists = cursor.fetchone()
            if not exists or me == role:
                return  # one role does everything on this server; doctor says so
            cursor.execute("SELECT quote_ident(current_schema())")
            schema = cursor.fetchone()[0]
            cursor.execute(f"GRANT USAGE ON SCHEMA {schema} TO {quoted}")
            cursor.execute(
                f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {quoted};"
                f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {quoted};"
                f"GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {schema} TO {quoted}"
            )
            for model in apps.get_models(include_auto_created=True):
                if getattr(model, "APPEND_ONLY", False):
                    table = connection.ops.quote_name(model._meta.db_table)
                    cursor.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {quoted}")
                elif getattr(model, "REMOVE_ONLY", False):
                    table = connection.ops.quote_name(model._meta.db_table)
                    cursor.execute(f"REVOKE UPDATE, TRUNCATE ON {table} FROM {quoted}")
            cursor.execute(f"REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {quoted}")
            self.one_writer(cursor, schema, quoted)

    def one_writer(self, cursor: Any, schema: str, app: str) -> None:
        """Tables with ``RIGHTS``: to the application what stands there, to the role of their functions the rest."""
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = %s AND pg_has_role(oid, 'MEMBER'))", [LEDGER_ROLE]
        )
        own_role = cursor.fetchone()[0]
        for model in apps.get_models():
            rights: dict[str, str] | None = getattr(model, "RIGHTS", None)
            if rights is not None:
                self.narrow(cursor, model, app, rights["app"])
                if own_role:
                    self.narrow(cursor, model, LEDGER_ROLE, rights["ledger"])
        if not own_role:
            return  # the functions keep the rights of the owner; the application role cannot tell the difference
        cursor.execute(f"GRANT USAGE, CREATE ON SCHEMA {schema} TO {LEDGER_ROLE}")
        cursor.execute(WRITERS)
        for (function,) in cursor.fetchall():
            cursor.execute(f"ALTER FUNCTION {function} OWNER TO {LEDGER_ROLE}")
        cursor.execute(f"REVOKE CREATE ON SCHEMA {schema} FROM {LEDGER_ROLE}")

    def narrow(self, cursor: Any, model: type[models.Model], role: str, rights: str) -> None:
        table = connection.ops.quote_name(model._meta.db_table)
        cursor.execute(f"REVOKE ALL ON {table} FROM {role}")
        cursor.execute(f"GRANT {rights} ON {table} TO {role}")
