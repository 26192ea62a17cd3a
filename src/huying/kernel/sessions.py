"""Sessions in the database as Django keeps them, found by a prepared statement, for every request asks for one."""

from __future__ import annotations

from django.contrib.sessions.backends import db
from django.contrib.sessions.base_session import AbstractBaseSession
from django.utils import timezone

from huying.kernel import prepared

FOUND = "SELECT session_data, expire_date FROM django_session WHERE session_key = %s AND expire_date > %s"


class SessionStore(db.SessionStore):
    """The name of the class is part of what signs the data: under another one no open session could be read."""

    def _get_session_from_db(self) -> AbstractBaseSession | None:
        for data, ends_at in prepared.rows(FOUND, [self.session_key, timezone.now()]):
            return self.model(session_key=self.session_key or "", session_data=data, expire_date=ends_at)
        self._session_key = None
        return None
