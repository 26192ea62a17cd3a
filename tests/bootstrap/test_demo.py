"""A newcomer's start: the demo is there, the sign-ins it prints open, and a later start loads nothing again."""

from __future__ import annotations

import http.cookiejar
import re
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import psycopg

from tests.bootstrap.running import FIRST_START, Up, cluster

COUNTED = ("people_person", "people_account", "places_place", "calls_call", "calls_callevent")


class Visitor:
    """A browser without scripts: it keeps cookies, fills the form of the door in and says where it was led."""

    def __init__(self, port: int) -> None:
        self.base = f"http://127.0.0.1:{port}"
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(jar)

    def page(self, path: str, form: dict[str, str] | None = None) -> tuple[int, str, str]:
        """Status, address and words of the page that was reached."""
        data = urllib.parse.urlencode(form).encode() if form is not None else None
        asked = urllib.request.Request(self.base + path, data, {"Referer": self.base + path})
        try:
            with self.opener.open(asked, timeout=30) as answer:
                return answer.status, urllib.parse.urlsplit(answer.url).path, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, path, error.read().decode()

    def sign_in(self, identifier: str, password: str) -> tuple[int, str]:
        _, _, words = self.page("/people/sign-in/")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', words)
        assert token is not None, words[:500]
        form = {"csrfmiddlewaretoken": token[1], "identifier": identifier, "password": password}
        status, path, _ = self.page("/people/sign-in/", form)
        return status, path


def counted(data: Path) -> dict[str, int]:
    """Rows of what the demo brings; of the trail only who came in and who did not, for jobs write there as well."""
    sources = {table: table for table in COUNTED}
    sources["calls_callevent"] = "calls_callevent WHERE person_id IS NOT NULL"  # the clocks go on by themselves
    sources["trail"] = "kernel_auditline WHERE verb LIKE 'sign_in%'"
    with psycopg.connect(cluster(data).url()) as connection:
        return {
            name: connection.execute(f"SELECT count(*) FROM {source}".encode()).fetchone()[0]  # type: ignore[index]
            for name, source in sources.items()
        }


def test_the_printed_sign_ins_open_and_a_second_start_loads_nothing_again(data: Path) -> None:
    first = FIRST_START[0]
    assert "Demo jurisdiction" in first.said
    assert "This is a demonstration with invented people; sign in as" in first.said
    printed = [row.split()[:2] for row in first.sign_ins]
    assert len(printed) >= 8

    up = Up(data, arguments=()).ready()
    try:
        before = counted(data)
        assert min(before[table] for table in COUNTED) > 0
        assert "Demo jurisdiction" not in up.said
        assert up.sign_ins == first.sign_ins

        reached = {name: Visitor(up.port).sign_in(name, password) for name, password in printed}
        assert {name: where for name, where in reached.items() if where[0] != 200 or "sign-in" in where[1]} == {}
        assert Visitor(up.port).sign_in(printed[0][0], "not-this-password")[0] == 422
    finally:
        up.destroy()

    again = Up(data, arguments=()).ready()
    try:
        after = counted(data)
        assert after == {**before, "trail": before["trail"] + len(printed) + 1}  # who came in, and one who did not
    finally:
        again.destroy()
