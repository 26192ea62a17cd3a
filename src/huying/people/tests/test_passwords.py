"""Passwords, user names, changed numbers, accounts of staff (threat 19)."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.contrib.auth.tokens import default_token_generator
from django.test import Client

from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden, InvalidInput
from huying.people import actions
from huying.people.actions import guardians, registering
from huying.people.models import Account, Consent
from huying.people.states import RoleKind
from huying.people.tests import factories as make
from huying.people.tests.test_codes import code_sent
from huying.places.tests.factories import place

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("purposes")]
DAY = datetime(2026, 3, 3, 4, 0, tzinfo=UTC)
VISITOR = Actor(person_id=None, address="203.0.113.9")


def registration(**facts) -> actions.Registration:
    given = {"phone": "13900000777", "name": "姚望", "birth_date": date(1990, 5, 1), "agrees": True}
    return actions.Registration(**{**given, **facts})


def register(**facts) -> Account:
    return actions.register_person(actor=VISITOR, form=registration(**facts))


# ── passwords and user names ────────────────────────────────────────────────
@pytest.mark.parametrize(
    "password",
    [
        "",
        "short",
        "12345678",
        "password",
        "woaini520",
        "aaaaaaaaaaaa",
        "qwertyuiop",
        "yaowang1990",
        "19900501",
        "yaowang!!",
        "x" * 129,
        "abc\x00defghijk",
    ],
)
def test_passwords_that_are_guessed_first_are_refused(password):
    account = register()

    with pytest.raises(InvalidInput) as refused:
        actions.set_password(actor=make.actor(account.person), account=account, password=password)

    assert set(refused.value.fields) == {"password"}


def test_staff_need_twelve_characters():
    staff = make.staff(RoleKind.OFFICE)
    resident = make.account()
    nine = "tui8-kamo"

    actions.set_password(actor=make.actor(resident.person), account=resident, password=nine)
    with pytest.raises(InvalidInput):
        actions.set_password(actor=make.actor(staff), account=staff.account, password=nine)


def test_a_new_password_ends_the_other_sessions_but_not_this_one():
    account = make.account()
    here, there = make.client(account), make.client(account)

    answer = here.post(
        "/people/me/password/",
        {"password": "mi-jiu-gui-hua-88", "again": "mi-jiu-gui-hua-88", "idempotency_key": "password-1"},
    )

    assert answer.status_code == 303
    assert (here.get("/people/me/").status_code, there.get("/people/me/").status_code) == (200, 302)
    assert "登录 ·" in here.get("/people/me/sign-in/").content.decode()


def test_two_different_passwords_are_not_taken():
    browser = make.client(make.account())

    answer = browser.post(
        "/people/me/password/",
        {"password": "mi-jiu-gui-hua-88", "again": "mi-jiu-gui-hua-89", "idempotency_key": "password-2"},
    )

    assert answer.status_code == 422
    assert "两次填的密码不一样" in answer.content.decode()


def test_who_forgot_the_password_signs_in_by_code_and_sets_a_new_one(client):
    account = make.account()
    number = account.person.phone.open()
    client.post("/people/sign-in/code/", {"phone": number})
    client.post("/people/sign-in/code/check/", {"phone": number, "code": code_sent()})

    answer = client.post(
        "/people/me/password/",
        {"password": "mi-jiu-gui-hua-88", "again": "mi-jiu-gui-hua-88", "idempotency_key": "password-3"},
    )

    account.refresh_from_db()
    assert answer.status_code == 303
    assert account.check_password("mi-jiu-gui-hua-88")


@pytest.mark.parametrize("username", ["", "ab", "1abc", "王芳", "a b c", "a" * 41, "<b>", "admin'--"])
def test_strange_user_names_are_refused(username):
    account = make.account()

    with pytest.raises(InvalidInput):
        actions.set_username(actor=make.actor(account.person), account=account, username=username)


def test_a_user_name_belongs_to_one_person_in_any_size_of_letters():
    make.account(username="wang.fang")
    mine = make.account()

    with pytest.raises(registering.UsernameTaken):
        actions.set_username(actor=make.actor(mine.person), account=mine, username="Wang.Fang")


def test_changing_the_number_needs_a_code_to_the_new_one():
    account = make.account()
    browser = make.client(account)
    browser.post("/people/me/phone/", {"phone": "13900000999"})
    wrong = browser.post("/people/me/phone/", {"phone": "13900000999", "code": "000000"})
    right = browser.post("/people/me/phone/", {"phone": "13900000999", "code": code_sent()})

    account.refresh_from_db()
    assert (wrong.status_code, right.status_code) == (422, 303)
    assert bytes(account.phone_index) == make.index_of("13900000999")
    assert account.person.phone.open() == "+8613900000999"


def test_a_number_of_another_account_is_refused_in_the_words_of_a_wrong_code():
    other = make.account(make.person(phone="13900000999"))
    account = make.account()
    browser = make.client(account)
    browser.post("/people/me/phone/", {"phone": "13900000999"})
    code = code_sent()
    wrong = browser.post("/people/me/phone/", {"phone": "13900000999", "code": "000000"}).content.decode()
    taken = browser.post("/people/me/phone/", {"phone": "13900000999", "code": code}).content.decode()

    other.refresh_from_db()
    assert "验证码不对或已过期，请重新获取。" in wrong and "验证码不对或已过期，请重新获取。" in taken
    assert bytes(other.phone_index) == make.index_of("13900000999")


# ── accounts of staff ───────────────────────────────────────────────────────
def test_a_system_administrator_opens_an_account_and_hands_over_a_link_that_works_once():
    here = place("street")
    browser = make.client(make.staff(RoleKind.SYSTEM_ADMIN, here))
    newcomer = make.person("新来的", home=here)

    page = browser.post(
        f"/people/persons/{newcomer.public_id}/account/", {"username": "xin.lai", "idempotency_key": "open-account-1"}
    ).content.decode()
    link = page.split("<code>http://testserver")[1].split("</code>")[0]
    visitor = Client()
    first = visitor.get(link)
    weak = visitor.post(link, {"password": "12345678", "again": "12345678", "idempotency_key": "first-pw-1"})
    done = visitor.post(
        link, {"password": "mi-jiu-gui-hua-88", "again": "mi-jiu-gui-hua-88", "idempotency_key": "first-pw-2"}
    )

    assert (first.status_code, weak.status_code, done.status_code) == (200, 422, 303)
    assert visitor.get(link).status_code == 404
    assert (
        visitor.post("/people/sign-in/", {"identifier": "xin.lai", "password": "mi-jiu-gui-hua-88"}).status_code == 303
    )


def test_the_link_is_not_kept_for_repeated_requests():
    from huying.kernel.models import StoredAnswer

    here = place("street")
    browser = make.client(make.staff(RoleKind.SYSTEM_ADMIN, here))
    newcomer = make.person("新来的", home=here)

    browser.post(
        f"/people/persons/{newcomer.public_id}/account/", {"username": "xin.lai", "idempotency_key": "open-account-2"}
    )

    assert not any(b"first-password" in bytes(row.body) for row in StoredAnswer.objects.all())


@pytest.mark.parametrize("kind", [RoleKind.OFFICE, RoleKind.SECURITY_ADMIN, RoleKind.AUDIT_ADMIN])
def test_nobody_but_the_system_administrator_opens_accounts(kind):
    here = place("street")
    other = make.staff(kind, here)
    newcomer = make.person("新来的", home=here)

    with pytest.raises(Forbidden):
        actions.open_account(actor=make.actor(other), person_id=newcomer.pk, username="xin.lai")


def test_links_of_strangers_and_nonsense_are_unknown(client):
    account = make.account()
    token = default_token_generator.make_token(account)
    other = make.account()

    answers = [
        client.get(f"/people/first-password/{key}/{value}/").status_code
        for key, value in [
            (other.person.public_id, token),
            (account.person.public_id, "x-y"),
            ("nonsense", token),
            ("0" * 36, token),
        ]
    ]

    assert answers == [404] * 4


def test_an_account_has_room_for_one_person_only():
    account = make.account()

    with pytest.raises(registering.AccountExists):
        system = make.staff(RoleKind.SYSTEM_ADMIN, place("street"))
        account.person.home_place = system.home_place
        account.person.save()
        actions.open_account(actor=make.actor(system), person_id=account.person_id, username="again")


def test_consent_is_the_persons_own_word():
    account = register()

    consent = Consent.objects.get()
    assert (consent.person_id, consent.given_by_id, consent.recorded_by_id) == (
        account.person_id,
        account.person_id,
        None,
    )


def test_missing_tick_names_the_field():
    with pytest.raises(guardians.ConsentMissing) as refused:
        register(agrees=False)

    assert set(refused.value.fields) == {"agrees"}
