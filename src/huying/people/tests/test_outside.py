"""Signing in through an OpenID Connect provider that runs on this machine for the length of the test."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.request
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.test import Client

from huying.people.actions import outside
from huying.people.models import ExternalIdentity, SignIn
from huying.people.states import RoleKind
from huying.people.tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def issuer():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "oidc_provider_mock",
        "--port",
        str(port),
        "--require-nonce",
        "true",
    ]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as provider:
        address = f"http://127.0.0.1:{port}"
        for _wait in range(100):
            try:
                urllib.request.urlopen(f"{address}/.well-known/openid-configuration", timeout=2)
                break
            except OSError:
                time.sleep(0.1)
        yield address
        provider.terminate()


@pytest.fixture
def provider(issuer, settings):
    settings.HUYING_OIDC_ISSUER = issuer
    settings.HUYING_OIDC_CLIENT_ID = "huying"
    settings.HUYING_OIDC_CLIENT_SECRET = "not-much-of-a-secret"
    settings.ALLOWED_HOSTS = ["testserver"]
    return issuer


def claims(provider: str, subject: str, **more: object) -> None:
    """Tell the provider what it knows of somebody."""
    requests.put(f"{provider}/users/{subject}", json=more, timeout=5)


def go_and_return(browser: Client, subject: str, *, answer: dict[str, str] | None = None):
    """The way of a browser: to the provider, sign in there, and back with code and state."""
    there = browser.get("/people/sign-in/outside/?next=/people/me/")
    back = requests.post(there["Location"], data=answer or {"sub": subject}, allow_redirects=False, timeout=5)
    where = urlsplit(back.headers["Location"])
    return browser.get(f"{where.path}?{where.query}")


def test_the_browser_is_sent_with_state_nonce_and_pkce(provider):
    there = Client().get("/people/sign-in/outside/")

    asked = parse_qs(urlsplit(there["Location"]).query)
    assert there["Location"].startswith(f"{provider}/oauth2/authorize?")
    assert {"state", "nonce", "code_challenge"} <= set(asked)
    assert (asked["code_challenge_method"], asked["response_type"], asked["scope"]) == (
        ["S256"],
        ["code"],
        ["openid profile phone"],
    )
    assert asked["redirect_uri"] == ["http://testserver/people/sign-in/outside/back/"]


def test_a_linked_person_is_let_in(provider):
    account = make.account()
    outside.link_identity(actor=make.SYSTEM, account=account, issuer=provider, subject="li-1")
    browser = Client()

    answer = go_and_return(browser, "li-1")

    assert (answer.status_code, answer["Location"]) == (303, "/people/me/")
    assert browser.get("/people/me/").status_code == 200
    assert SignIn.objects.get(account=account).way == "oidc"


def test_a_number_proved_by_the_provider_links_the_account_with_the_same_number(provider):
    account = make.account(make.person(phone="13900000444"))
    claims(provider, "li-2", phone_number="+86 139 0000 0444", phone_number_verified=True)

    answer = go_and_return(Client(), "li-2")

    assert answer["Location"] == "/people/me/"
    assert ExternalIdentity.objects.get().account_id == account.pk


def test_a_number_that_nobody_proved_links_nothing(provider):
    make.account(make.person(phone="13900000444"))
    for subject, verified in (("li-3", False), ("li-4", "true"), ("li-5", None)):
        claims(provider, subject, phone_number="+8613900000444", phone_number_verified=verified)
        assert go_and_return(Client(), subject)["Location"] == "/people/sign-in/"

    assert not ExternalIdentity.objects.exists()


def test_an_unknown_identity_is_linked_only_after_signing_in_and_saying_yes(provider):
    account = make.account()
    browser = Client()

    first = go_and_return(browser, "li-6")
    signed = browser.post("/people/sign-in/", {"identifier": account.username, "password": make.PASSWORD})
    before = ExternalIdentity.objects.count()
    linked = browser.post("/people/sign-in/outside/link/", {"answer": "yes", "idempotency_key": "link-yes-1"})

    assert (first["Location"], signed["Location"], before) == ("/people/sign-in/", "/people/sign-in/outside/link/", 0)
    assert linked.status_code == 303
    assert go_and_return(Client(), "li-6")["Location"] == "/people/me/"


def test_an_identity_that_somebody_planted_is_not_linked_by_itself(provider):
    account = make.account()
    browser = Client()
    go_and_return(browser, "attacker")
    browser.post("/people/sign-in/", {"identifier": account.username, "password": make.PASSWORD})

    browser.post("/people/sign-in/outside/link/", {"answer": "no", "idempotency_key": "link-no-1"})

    assert not ExternalIdentity.objects.exists()
    assert (
        browser.post("/people/sign-in/outside/link/", {"answer": "yes", "idempotency_key": "link-no-2"})["Location"]
        == "/people/me/"
    )
    assert not ExternalIdentity.objects.exists()


def test_one_identity_opens_one_account(provider):
    first, second = make.account(), make.account()
    outside.link_identity(actor=make.SYSTEM, account=first, issuer=provider, subject="li-7")

    with pytest.raises(outside.LinkedElsewhere):
        outside.link_identity(actor=make.SYSTEM, account=second, issuer=provider, subject="li-7")
    assert outside.unlink_identities(actor=make.SYSTEM, account=first) == 1


def test_a_forged_or_foreign_return_lets_nobody_in(provider):
    account = make.account()
    outside.link_identity(actor=make.SYSTEM, account=account, issuer=provider, subject="li-8")
    browser, other = Client(), Client()
    there = browser.get("/people/sign-in/outside/")
    back = requests.post(there["Location"], data={"sub": "li-8"}, allow_redirects=False, timeout=5)
    where = urlsplit(back.headers["Location"])

    answers = [
        other.get(f"{where.path}?{where.query}"),
        browser.get(f"{where.path}?code=nonsense&state=nonsense"),
        browser.get(where.path),
    ]

    assert [answer["Location"] for answer in answers] == ["/people/sign-in/"] * 3
    assert not SignIn.objects.exists()


def test_a_code_works_once(provider):
    account = make.account()
    outside.link_identity(actor=make.SYSTEM, account=account, issuer=provider, subject="li-9")
    browser = Client()
    there = browser.get("/people/sign-in/outside/")
    where = urlsplit(
        requests.post(there["Location"], data={"sub": "li-9"}, allow_redirects=False, timeout=5).headers["Location"]
    )
    browser.get(f"{where.path}?{where.query}")
    browser.post("/people/sign-out/")

    assert browser.get(f"{where.path}?{where.query}")["Location"] == "/people/sign-in/"


def test_who_is_refused_by_the_provider_is_told_so(provider):
    browser = Client()

    answer = go_and_return(browser, "", answer={"action": "deny"})

    assert answer["Location"] == "/people/sign-in/"
    assert "没有成功" in browser.get("/people/sign-in/").content.decode()


def test_a_provider_that_is_away_leaves_the_other_doors_open(settings):
    settings.HUYING_OIDC_ISSUER = "http://127.0.0.1:9"
    settings.HUYING_OIDC_CLIENT_ID = "away"

    answer = Client().get("/people/sign-in/outside/")

    assert answer.status_code == 503
    assert "密码" in answer.content.decode()


def test_without_the_setting_there_is_no_such_door():
    assert Client().get("/people/sign-in/outside/").status_code == 404
    assert "outside" not in Client().get("/people/sign-in/").content.decode()


def test_staff_still_show_their_second_factor_unless_the_provider_asks_it_itself(provider, settings):
    settings.HUYING_STAFF_SECOND_FACTOR = True
    staff = make.staff(RoleKind.OFFICE).account
    outside.link_identity(actor=make.SYSTEM, account=staff, issuer=provider, subject="li-10")

    asked = go_and_return(Client(), "li-10")["Location"]
    settings.HUYING_OIDC_SECOND_FACTOR = True
    trusted = go_and_return(Client(), "li-10")["Location"]

    assert (asked, trusted) == ("/people/sign-in/set-up/", "/people/me/")


def test_an_account_that_was_switched_off_stays_closed(provider):
    account = make.account()
    outside.link_identity(actor=make.SYSTEM, account=account, issuer=provider, subject="li-11")
    account.is_active = False
    account.save()

    assert go_and_return(Client(), "li-11")["Location"] == "/people/sign-in/"


def test_only_issuer_and_subject_are_kept(provider):
    account = make.account()
    outside.link_identity(actor=make.SYSTEM, account=account, issuer=provider, subject="li-12")
    claims(provider, "li-12", name="外面的名字", phone_number="+8613900000123")
    browser = Client()

    go_and_return(browser, "li-12")

    kept = json.dumps([str(value) for row in ExternalIdentity.objects.values_list() for value in row]) + str(
        dict(browser.session)
    )
    assert "外面的名字" not in kept and "13900000123" not in kept
