"""What the ways in and out do when they are pressed twice: they need no key, so repeating them must be harmless.

Looking at a sealed value twice is two looks, each in the trail (tests of reveals); all other writes carry a key.
"""

from __future__ import annotations

import base64
import re

import pytest
from django.test import Client

from huying.kernel import clock
from huying.kernel.models import AuditLine
from huying.people.actions import second_factor
from huying.people.models import Account, OneTimeCode, Person, RecoveryCode, SecondFactor, SignIn
from huying.people.states import RoleKind
from huying.people.tests import factories as make
from huying.people.tests.test_codes import code_sent
from huying.people.tests.test_signing_in import knock

pytestmark = pytest.mark.django_db


def code_of(account: Account, ahead: int = 0) -> str:
    """The time code that an authenticator shows now, or some steps later."""
    secret = base64.b32decode(second_factor.secret_of(SecondFactor.objects.get(account=account)))
    return second_factor.time_code(secret, int(clock.now().timestamp()) // second_factor.STEP + ahead)


def test_signing_in_and_out_twice_leaves_one_session_and_then_none():
    account = make.account()
    browser = Client()

    ins = [knock(browser, account.username).status_code for _ in range(2)]
    open_ = SignIn.objects.filter(account=account, session_key=browser.session.session_key).count()
    outs = [browser.post("/people/sign-out/").status_code for _ in range(2)]

    assert (ins, open_, outs) == ([303, 303], 1, [303, 303])
    assert browser.get("/people/me/").status_code == 302


def test_asking_for_a_code_twice_sends_one():
    number = make.account().person.phone.open()
    browser = Client()

    answers = [browser.post("/people/sign-in/code/", {"phone": number}).status_code for _ in range(2)]

    assert answers == [200, 429]
    assert AuditLine.objects.filter(verb="code.sent").count() == 1


def test_a_code_that_was_used_opens_nothing_again_and_locks_nobody_out():
    account = make.account()
    number = account.person.phone.open()
    Client().post("/people/sign-in/code/", {"phone": number})
    given = {"phone": number, "code": code_sent()}

    answers = [Client().post("/people/sign-in/code/check/", given).status_code for _ in range(3)]

    assert answers == [303, 422, 422]
    assert SignIn.objects.filter(account=account).count() == 1
    assert knock(Client(), account.username).status_code == 303


def test_showing_again_who_one_is_changes_nothing_the_second_time():
    browser = make.client(make.account(), fresh=False)

    answers = [browser.post("/people/confirm/", {"password": make.PASSWORD}) for _ in range(2)]

    assert [(answer.status_code, answer["Location"]) for answer in answers] == [(303, "/people/me/")] * 2


def test_setting_up_the_second_factor_twice_keeps_the_codes_that_were_shown():
    account = make.account()
    browser = make.client(account)
    browser.get("/people/sign-in/set-up/")
    given = {"code": code_of(account)}

    shown = browser.post("/people/sign-in/set-up/", given)
    kept = set(RecoveryCode.objects.filter(account=account).values_list("digest", flat=True))
    again = browser.post("/people/sign-in/set-up/", given)

    assert (shown.status_code, len(kept)) == (200, 10)
    assert (again.status_code, again["Location"]) == (303, "/people/me/second/")
    assert set(RecoveryCode.objects.filter(account=account).values_list("digest", flat=True)) == kept


def test_the_second_factor_sent_twice_opens_one_session():
    account = make.account()
    make.client(account).get("/people/sign-in/set-up/")
    own = make.client(account)
    own.get("/people/sign-in/set-up/")
    own.post("/people/sign-in/set-up/", {"code": code_of(account)})
    before = SignIn.objects.filter(account=account).count()
    browser = Client()
    knock(browser, account.username)
    given = {"code": code_of(account, ahead=1)}

    answers = [browser.post("/people/sign-in/second/", given)["Location"] for _ in range(2)]

    assert answers == ["/", "/people/sign-in/"]
    assert browser.get("/people/sign-in/")["Location"] == "/"  # the first answer let him in
    assert SignIn.objects.filter(account=account).count() == before + 1


def change_number(browser: Client) -> dict[str, str]:
    """Ask for a code to a fresh number; what the second step sends."""
    number = make.phone_number()
    assert browser.post("/people/me/phone/", {"phone": number}).status_code == 200
    return {"phone": number, "code": code_sent()}


def test_a_changed_number_sent_twice_is_changed_once_and_said_twice():
    account = make.account()
    browser = make.client(account)
    given = change_number(browser)

    answers = [browser.post("/people/me/phone/", given) for _ in range(2)]

    assert [(answer.status_code, answer["Location"]) for answer in answers] == [(303, "/people/me/sign-in/")] * 2
    assert Person.objects.get(pk=account.person_id).phone.open() == "+86" + given["phone"]
    assert AuditLine.objects.filter(verb="account.phone_changed").count() == 1


def test_a_number_and_its_code_change_together_or_not_at_all(monkeypatch):
    from huying.people.actions import registering

    account = make.account()
    browser = make.client(account)
    browser.raise_request_exception = False
    given = change_number(browser)

    def away(*args, **kwargs):
        raise RuntimeError("the machine went dark")

    with monkeypatch.context() as dark:
        dark.setattr(registering.audit, "record", away)
        broken = browser.post("/people/me/phone/", given).status_code
    unspent = OneTimeCode.objects.get(used_at__isnull=True, purpose="phone")
    after = browser.post("/people/me/phone/", given).status_code

    assert (broken, unspent.tries, after) == (500, 0, 303)


def test_new_recovery_codes_pressed_twice_are_the_codes_that_were_shown():
    account = make.account()
    browser = make.client(account)
    browser.get("/people/sign-in/set-up/")
    browser.post("/people/sign-in/set-up/", {"code": code_of(account)})
    given = {"do": "recovery", "idempotency_key": "new-codes-1"}

    pages = [browser.post("/people/me/second/", given) for _ in range(2)]
    codes = [set(re.findall(r"<code>([2-9a-z]{5}-[2-9a-z]{5})</code>", page.content.decode())) for page in pages]

    assert len(codes[0]) == 10
    assert codes[0] == codes[1]
    assert second_factor.check_second(actor=make.actor(account.person), account=account, code=min(codes[0]))
    assert browser.post("/people/me/second/", {"do": "recovery"}).status_code == 400


def test_an_account_opened_twice_gives_the_same_link(street):
    admin = make.staff(RoleKind.SYSTEM_ADMIN, street)
    newcomer = make.person(home=street)
    browser = make.client(admin)
    where = f"/people/persons/{newcomer.public_id}/account/"
    given = {"username": "xin.lai", "idempotency_key": "open-twice-1"}

    pages = [browser.post(where, given) for _ in range(2)]
    links = [re.findall(r"/people/first-password/[^\"<\s]+", page.content.decode()) for page in pages]

    assert [page.status_code for page in pages] == [200, 200]
    assert links[0] and links[0] == links[1]
    assert Account.objects.filter(person=newcomer).count() == 1
