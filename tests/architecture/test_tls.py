"""Behind a proxy that ends TLS (HUYING_BEHIND_TLS=1) the answers themselves say so: security page, section 4."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from conftest import url_for
from django.db import connection

from huying.config.languages import SOURCE
from huying.people.tests import factories as make

# A process of its own, for settings are read once: signs in through the door with CSRF checks on, says what it got.
VISIT = """
import json, sys
import django
django.setup()
from django.test import Client

def told(answer):
    cookies = {name: {key: morsel[key] for key in ("secure", "httponly", "path", "domain", "samesite")}
               for name, morsel in answer.cookies.items()}
    return {"status": answer.status_code, "headers": dict(answer.headers), "cookies": cookies}

door = "/people/sign-in/"
browser = Client(enforce_csrf_checks=True, HTTP_HOST="localhost")
plain = told(browser.get(door + "?next=/a"))
tls = {"X-Forwarded-Proto": "https"}
page = told(browser.get(door, headers=tls))
token = browser.cookies["__Host-csrftoken"].value if "__Host-csrftoken" in browser.cookies else ""
given = {"identifier": sys.argv[1], "password": sys.argv[2], "csrfmiddlewaretoken": token}
entered = told(browser.post(door, given, headers={**tls, "Referer": "https://localhost" + door}))
inside = told(browser.get("/people/me/", headers=tls))
print(json.dumps({"plain": plain, "page": page, "entered": entered, "inside": inside}))
"""


def visit(**more: str) -> dict[str, Any]:
    account = make.account()
    address = url_for(connection.settings_dict["NAME"], "huying_app")
    ours = {"PYTHONPATH": str(SOURCE.parent), "DJANGO_SETTINGS_MODULE": "huying.config.settings"}
    env = {**os.environ, **ours, "HUYING_DATABASE_URL": address, **more}
    run = subprocess.run(
        [sys.executable, "-c", VISIT, account.username, make.PASSWORD],
        env=env,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-2000:]
    told: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return told


@pytest.mark.usefixtures("committed_db")
def test_behind_tls_every_answer_carries_what_browsers_need() -> None:
    told = visit(HUYING_BEHIND_TLS="1")

    assert told["plain"]["status"] == 301
    assert told["plain"]["headers"]["Location"] == "https://localhost/people/sign-in/?next=/a"
    assert not told["plain"]["cookies"]
    for answer in (told["page"], told["entered"], told["inside"]):
        assert answer["headers"]["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"
        assert "default-src 'none'" in answer["headers"]["Content-Security-Policy"]
    assert [told[name]["status"] for name in ("page", "entered", "inside")] == [200, 303, 200]
    cookies = {**told["page"]["cookies"], **told["entered"]["cookies"]}
    assert {"__Host-csrftoken", "__Host-sessionid"} <= set(cookies)
    for name, morsel in cookies.items():
        assert morsel["secure"], name
        assert morsel["samesite"] == "Lax", name
        if name.startswith("__Host-"):
            assert (morsel["path"], morsel["domain"]) == ("/", "")
    assert cookies["__Host-sessionid"]["httponly"]


@pytest.mark.usefixtures("committed_db")
def test_without_tls_nothing_promises_it() -> None:
    told = visit(HUYING_BEHIND_TLS="0")

    assert told["plain"]["status"] == 200
    assert "Strict-Transport-Security" not in told["plain"]["headers"]
    assert not [name for name in told["page"]["cookies"] if name.startswith("__Host-")]
