"""Give the application role what it needs and no more: append-only tables may be read and added to, nothing else;
what must be forgotten with a person may be removed but never changed (``REMOVE_ONLY``, decision 0012).
"""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand
from django.db import connection, transaction

APP_ROLE = "huying_app"


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
