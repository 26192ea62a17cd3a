"""The second factor of staff: RFC 6238 codes that work once, recovery codes, and when it is due."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.people import actions
from huying.people.actions import second_factor
from huying.people.actions.signing_in import LockedOut
from huying.people.models import RecoveryCode, SecondFactor, SignIn
from huying.people.states import RoleKind
from huying.people.tests import factories as make

pytestmark = pytest.mark.django_db
NOON = datetime(2030, 3, 3, 4, 0, tzinfo=UTC)
ME = Actor(person_id=None, address="203.0.113.9")


@pytest.mark.parametrize(
    ("at", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_codes_are_those_of_the_standard(at, code):
    assert second_factor.time_code(b"12345678901234567890", at // 30, digits=8) == code


def code_at(account, at: datetime, shift: int = 0) -> str:
    secret = base64.b32decode(second_factor.secret_of(SecondFactor.objects.get(account=account)))
    return second_factor.time_code(secret, int(at.timestamp()) // 30 + shift)


def enrolled(account) -> list[str]:
    with clock.frozen(NOON - timedelta(hours=1)):
        second_factor.begin_enrolment(actor=ME, account=account)
        codes = second_factor.confirm_enrolment(actor=ME, account=account, code=code_at(account, clock.now()))
    assert codes is not None
    return codes


def test_a_code_works_once_and_so_does_its_neighbour():
    account = make.account()
    enrolled(account)

    with clock.frozen(NOON):
        tries = [code_at(account, NOON, shift) for shift in (0, 0, -1, 1, 1)]
        answers = [second_factor.check_second(actor=ME, account=account, code=code) for code in tries]

    assert answers == [True, False, False, True, False]


def test_codes_two_steps_away_are_refused():
    account = make.account()
    enrolled(account)

    with clock.frozen(NOON):
        answers = [
            second_factor.check_second(actor=ME, account=account, code=code_at(account, NOON, shift))
            for shift in (-2, 2)
        ]

    assert answers == [False, False]


def test_five_tries_in_five_minutes():
    account = make.account()
    enrolled(account)

    with clock.frozen(NOON):
        for _try in range(5):
            assert not second_factor.check_second(actor=ME, account=account, code="000000")
        with pytest.raises(LockedOut):
            second_factor.check_second(actor=ME, account=account, code=code_at(account, NOON))


def test_each_recovery_code_works_once_however_it_is_typed():
    account = make.account()
    codes = enrolled(account)

    with clock.frozen(NOON):
        answers = [
            second_factor.check_second(actor=ME, account=account, code=code)
            for code in (codes[0], codes[0], codes[1].upper(), codes[2].replace("-", " "))
        ]

    assert len(set(codes)) == 10
    assert answers == [True, False, True, True]
    assert not any(code.encode() in bytes(row.digest) for row in RecoveryCode.objects.all() for code in codes)


def test_new_recovery_codes_make_the_old_ones_worthless():
    account = make.account()
    old = enrolled(account)

    new = actions.new_recovery_codes(actor=ME, account=account)

    with clock.frozen(NOON):
        answers = [second_factor.check_second(actor=ME, account=account, code=code) for code in (old[0], new[0])]
    assert answers == [False, True]


def test_a_recovery_code_of_somebody_else_opens_nothing():
    mine, other = make.account(), make.account()
    enrolled(mine)
    codes = enrolled(other)

    with clock.frozen(NOON):
        assert not second_factor.check_second(actor=ME, account=mine, code=codes[0])


def test_the_secret_is_sealed_in_the_database():
    from django.db import connection

    account = make.account()
    factor = second_factor.begin_enrolment(actor=ME, account=account)
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM people_secondfactor")
        stored = bytes(cursor.fetchone()[0])

    assert second_factor.secret_of(factor).encode() not in stored


# ── at the door ─────────────────────────────────────────────────────────────
def knock(browser: Client, account):
    return browser.post(
        "/people/sign-in/", {"identifier": account.username, "password": make.PASSWORD, "next": "/people/me/"}
    )


def test_with_a_second_factor_the_password_alone_opens_nothing():
    account = make.account()
    enrolled(account)
    browser = Client()

    with clock.frozen(NOON):
        first = knock(browser, account)
        inside = browser.get("/people/me/").status_code
        wrong = browser.post("/people/sign-in/second/", {"code": "000000"}).status_code
        right = browser.post("/people/sign-in/second/", {"code": code_at(account, NOON)})

    assert (first["Location"], inside, wrong) == ("/people/sign-in/second/", 302, 422)
    assert (right.status_code, right["Location"]) == (303, "/people/me/")
    assert SignIn.objects.get(account=account).second_factor is True


def test_the_first_factor_is_forgotten_after_ten_minutes():
    account = make.account()
    enrolled(account)
    browser = Client()
    with clock.frozen(NOON):
        knock(browser, account)
    later = NOON + timedelta(minutes=11)
    with clock.frozen(later):
        answer = browser.post("/people/sign-in/second/", {"code": code_at(account, later)})

    assert answer["Location"] == "/people/sign-in/"


def test_staff_must_set_a_second_factor_up_where_the_installation_asks_for_it(settings):
    settings.HUYING_STAFF_SECOND_FACTOR = True
    staff = make.staff(RoleKind.OFFICE).account
    browser = Client()

    with clock.frozen(NOON):
        first = knock(browser, staff)
        inside = browser.get("/people/me/").status_code
        page = browser.get("/people/sign-in/set-up/").content.decode()
        wrong = browser.post("/people/sign-in/set-up/", {"code": "000000"}).status_code
        done = browser.post("/people/sign-in/set-up/", {"code": code_at(staff, NOON)})

    assert (first["Location"], inside, wrong) == ("/people/sign-in/set-up/", 302, 422)
    assert "data:image/svg+xml" in page
    assert len(re.findall(r"<code>[2-9a-z]{5}-[2-9a-z]{5}</code>", done.content.decode())) == 10
    with clock.frozen(NOON):
        assert browser.get("/people/me/").status_code == 200


def test_residents_need_none_even_there(settings):
    settings.HUYING_STAFF_SECOND_FACTOR = True

    assert knock(Client(), make.account())["Location"] == "/people/me/"


def test_staff_who_must_have_one_cannot_switch_it_off(settings):
    staff = make.staff(RoleKind.OFFICE).account
    browser = make.client(staff)
    enrolled(staff)
    settings.HUYING_STAFF_SECOND_FACTOR = True

    browser.post("/people/me/second/", {"do": "off", "idempotency_key": "off-while-due"})
    assert second_factor.has_second_factor(staff)

    settings.HUYING_STAFF_SECOND_FACTOR = False
    browser.post("/people/me/second/", {"do": "off", "idempotency_key": "off-for-good"})
    assert not second_factor.has_second_factor(staff)


def test_recovery_codes_are_kept_for_repeated_requests_only_under_seal():
    from huying.kernel.models import StoredAnswer

    account = make.account()
    enrolled(account)
    browser = Client()
    with clock.frozen(NOON):
        knock(browser, account)
        browser.post("/people/sign-in/second/", {"code": code_at(account, NOON)})
        page = browser.post("/people/me/second/", {"do": "recovery", "idempotency_key": "recovery-1"}).content.decode()

    shown = re.findall(r"<code>([2-9a-z]{5}-[2-9a-z]{5})</code>", page)
    assert len(shown) == 10
    assert not any(code.encode() in bytes(row.body) for row in StoredAnswer.objects.all() for code in shown)


def test_the_setting_up_page_needs_a_fresh_sign_in():
    browser = make.client(make.account(), fresh=False)

    assert browser.get("/people/sign-in/set-up/")["Location"] == "/people/me/second/"
