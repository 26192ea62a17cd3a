"""The installable app: manifest, worker, what it keeps, the outbox's answers, headers, weight of the first view."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client, override_settings

from huying.ui import headers, pwa
from huying.ui.tests.reading import Reader
from huying.ui.tests.styles import FRONTEND
from huying.ui.tests.weighing import FIRST_VIEW, weigh


def test_the_first_view_of_a_resident_weighs_sixty_kilobytes_at_most(client: Client) -> None:
    weights = weigh(client, "/")

    assert sum(weights.values()) <= FIRST_VIEW, weights
    assert not [name for name in weights if "staff" in name]


def test_the_manifest_names_icons_that_are_there(client: Client) -> None:
    answer = client.get("/ui/app.webmanifest")
    manifest = json.loads(answer.content)

    assert answer["Content-Type"] == "application/manifest+json"
    assert (manifest["start_url"], manifest["display"], manifest["name"]) == ("/", "standalone", "呼应")
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}
    assert [
        icon["src"]
        for icon in manifest["icons"]
        if not (settings.BUILT / icon["src"].removeprefix("/static/")).exists()
    ] == []


def test_the_worker_keeps_public_shells_only(client: Client) -> None:
    answer = client.get("/ui/worker.js")
    facts = json.loads(answer.text.partition("self.HUYING = ")[2].partition(";\n")[0])

    assert answer["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer["Service-Worker-Allowed"] == "/"
    assert answer["Cache-Control"] == "no-cache"
    assert facts["offline"] == "/ui/offline/"
    assert facts["shell"][:2] == ["/ui/offline/", "/"]
    assert all(address.startswith("/static/") for address in facts["shell"][2:])
    assert [a for a in facts["shell"][2:] if not (settings.BUILT / a.removeprefix("/static/")).exists()] == []


def test_the_worker_is_the_same_until_what_it_keeps_changes(own_pages: None, tmp_path: Path) -> None:
    before = pwa.worker()
    assert pwa.worker() == before

    with override_settings(HUYING_BRAND="青禾"):
        assert pwa.worker() != before
    with override_settings(HUYING_OFFLINE_PAGES=[]):
        assert pwa.worker() != before


def test_the_offline_page_is_for_everybody(client: Client) -> None:
    answer = client.get("/ui/offline/")

    assert "public" in answer["Cache-Control"]
    assert "csrfmiddlewaretoken" not in answer.text
    assert not answer.cookies
    assert "data-outbox-list" in answer.text


@pytest.mark.parametrize(
    ("address", "status", "facts"),
    [
        ("/taken/", 201, {"location": "/calls/1/"}),
        ("/unsigned/", 401, {"sign_in": "/people/sign-in/?next=/ask/"}),
    ],
)
def test_the_outbox_is_told_where_the_answer_leads(
    client: Client, address: str, status: int, facts: dict[str, str]
) -> None:
    answer = client.post(address, headers={"X-Huying-Outbox": "1"})

    assert (answer.status_code, answer.json()) == (status, facts)


def test_the_outbox_keeps_the_cookies_of_the_answer(client: Client) -> None:
    assert "messages" in client.post("/taken/", headers={"X-Huying-Outbox": "1"}).cookies


def test_other_answers_reach_the_outbox_as_they_are(client: Client) -> None:
    answer = client.post("/refused/", headers={"X-Huying-Outbox": "1"})

    assert (answer.status_code, answer.text) == (422, "<main>mend</main>")


def test_ordinary_forms_are_led_on_as_always(client: Client) -> None:
    assert client.post("/taken/").status_code == 303
    assert client.get("/unsigned/", headers={"X-Huying-Outbox": "1"}).status_code == 302


def test_pages_say_what_they_may_do(client: Client) -> None:
    answer = client.get("/")
    policy = dict(part.split(" ", 1) for part in answer["Content-Security-Policy"].split("; "))

    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["style-src"] == "'self'"
    assert policy["form-action"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert not [value for value in policy.values() if "unsafe" in value or "http" in value or "*" in value]
    assert answer["Permissions-Policy"] == headers.POLICY
    assert answer["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("address", ["/", "/board/?as=staff", "/ui/", "/ui/offline/"])
def test_no_page_asks_another_site_for_anything(client: Client, address: str) -> None:
    page = client.get(address).text
    reader = Reader()
    reader.feed(page.replace(' type="module"', ""))

    assert re.findall(r'(?:src|href|action|poster|data)="(?:https?:)?//[^"]+', page) == []
    assert [found for found in reader.inline if found != "script"] == []
    assert re.findall(r"<script(?![^>]* src=)", page) == []


def test_the_built_files_fit_the_sources() -> None:
    built = pwa.built_manifest()

    assert {"js/core.js", "js/staff.js", "js/sw.js"} <= set(built)
    assert all((settings.BUILT / entry["file"]).exists() for entry in built.values())
    assert all((FRONTEND / name).exists() for name in built)


def test_the_worker_script_imports_nothing() -> None:
    text = (settings.BUILT / pwa.built_manifest()["js/sw.js"]["file"]).read_text()

    assert not re.search(r"\b(import|export)\b", text)
