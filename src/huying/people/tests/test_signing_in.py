"""The door: one answer for every wrong input, lock-out across addresses, a fresh session key (threats 18,
19).
"""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.models import AuditLine
from huying.people.actions import signing_in
from huying.people.models import SignIn
from huying.people.states import RoleKind
from huying.people.tests import factories as make

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 3, 4, 0, tzinfo=UTC)
DOOR = "/people/sign-in/"


def visitor(address: str = "203.0.113.9") -> Actor:
    return Actor(person_id=None, address=address)


def knock(browser: Client, name: str, password: str = make.PASSWORD, **more: str):
    return browser.post(DOOR, {"identifier": name, "password": password, **more})


def test_user_name_and_phone_both_open_the_door():
    account = make.account(username="chen.yi")
    number = account.person.phone.open()

    spellings = ["chen.yi", "CHEN.YI", " chen.yi ", number, number[3:], f"{number[3:6]} {number[6:10]} {number[10:]}"]
    answers = [knock(Client(), name).status_code for name in spellings]

    assert answers == [303] * 6


def test_a_phone_that_was_not_proved_opens_nothing():
    owner = make.person(phone="13900000555")
    account = make.account(owner)
    account.phone_index = None
    account.save()

    assert knock(Client(), "13900000555").status_code == 422


def test_wrong_password_and_unknown_name_look_the_same():
    account = make.account()

    pages = [knock(Client(), name, "wrong").content.decode() for name in (account.username, "nobody-here")]

    shapes = [re.sub(r'value="[^"]*"', "", page) for page in pages]
    assert shapes[0] == shapes[1]
    assert "不对" in shapes[0]


def test_an_unknown_name_costs_the_same_hashing(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    account = make.account()

    def cost(name: str) -> float:
        begun = time.process_time()
        signing_in.check_password(actor=visitor(), identifier=name, password="wrong")
        return time.process_time() - begun

    known = min(cost(account.username) for _try in range(2))
    unknown = min(cost("nobody-here") for _try in range(2))
    assert 0.5 < unknown / known < 2


def test_an_account_that_was_switched_off_is_answered_like_a_wrong_password():
    account = make.account()
    account.is_active = False
    account.save()

    assert signing_in.check_password(actor=visitor(), identifier=account.username, password=make.PASSWORD) is None


def test_five_wrong_tries_from_one_address_lock_the_pair_for_a_quarter_of_an_hour():
    account = make.account()
    with clock.frozen(NOON):
        for _try in range(5):
            assert signing_in.check_password(actor=visitor(), identifier=account.username, password="x") is None
        with pytest.raises(signing_in.LockedOut) as locked:
            signing_in.check_password(actor=visitor(), identifier=account.username, password=make.PASSWORD)
        assert 0 < locked.value.facts["retry_after"] <= 900
        elsewhere = signing_in.check_password(
            actor=visitor("198.51.100.1"), identifier=account.username, password=make.PASSWORD
        )
    with clock.frozen(NOON + timedelta(minutes=15)):
        later = signing_in.check_password(actor=visitor(), identifier=account.username, password=make.PASSWORD)

    assert (elsewhere, later) == (account, account)


def test_other_spellings_of_a_phone_do_not_give_more_tries():
    account = make.account(make.person(phone="13900000666"))
    names = ["13900000666", "139 0000 0666", "+8613900000666", "１３９００００0666", "139-0000-0666", "8613900000666"]

    refused = 0
    for name in names:
        try:
            signing_in.check_password(actor=visitor(), identifier=name, password="x")
        except signing_in.LockedOut:
            refused += 1

    assert refused == 1
    assert account.is_active


def test_guesses_from_a_thousand_addresses_are_locked_as_well():
    account = make.account()
    opened = locked = 0

    with clock.frozen(NOON):
        for number in range(1000):
            try:
                signing_in.check_password(
                    actor=visitor(f"10.{number % 200}.{number // 200}.9"), identifier=account.username, password="x"
                )
                opened += 1
            except signing_in.LockedOut:
                locked += 1

    assert (opened, locked) == (30, 970)


def test_unknown_names_are_locked_like_known_ones():
    for _try in range(5):
        signing_in.check_password(actor=visitor(), identifier="nobody-here", password="x")

    with pytest.raises(signing_in.LockedOut):
        signing_in.check_password(actor=visitor(), identifier="nobody-here", password="x")


def test_a_right_password_clears_the_wrong_tries_before_it():
    account = make.account()
    for _round in range(3):
        for _try in range(4):
            signing_in.check_password(actor=visitor(), identifier=account.username, password="x")
        assert signing_in.check_password(actor=visitor(), identifier=account.username, password=make.PASSWORD)


def test_the_locked_page_says_when_to_come_back(client):
    for _try in range(5):
        knock(client, "nobody-here", "x")

    answer = knock(client, "nobody-here", "x")

    assert answer.status_code == 429
    assert "验证码登录" in answer.content.decode()


def test_the_trail_shows_right_and_wrong_tries_without_names():
    account = make.account()
    knock(Client(), account.username, "wrong")
    knock(Client(), account.username)
    knock(Client(), "13912345678", "secret")

    lines = [
        (line.verb, line.subject_id) for line in AuditLine.objects.order_by("pk") if line.verb.startswith("sign_in")
    ]
    assert lines == [("sign_in.wrong", account.pk), ("sign_in", account.pk), ("sign_in.wrong", None)]
    assert "13912345678" not in str(list(AuditLine.objects.values()))


def test_signing_in_changes_the_session_key_and_the_old_one_opens_nothing():
    account = make.account()
    browser = Client()
    browser.get(DOOR)
    session = browser.session
    session["planted"] = "by somebody else"
    session.save()
    before = session.session_key

    knock(browser, account.username)

    assert browser.session.session_key != before
    assert not Session.objects.filter(session_key=before).exists()


def test_hostile_names_and_passwords_are_answered_like_wrong_ones(client):
    hostile = ["a" * 10_000, "\x00", "' OR 1=1 --", "😀" * 30, "\u202etxet", "<script>", "{{7*7}}", "%00"]

    answers = [knock(client, name, name).status_code for name in hostile]

    assert set(answers) == {422}


def test_a_code_signs_in_who_has_an_account(client):
    from huying.people.tests.test_codes import code_sent

    account = make.account()
    number = account.person.phone.open()
    client.post("/people/sign-in/code/", {"phone": number})

    wrong = client.post("/people/sign-in/code/check/", {"phone": number, "code": "000000"})
    right = client.post("/people/sign-in/code/check/", {"phone": number, "code": code_sent()})

    assert (wrong.status_code, right.status_code) in {(422, 303), (303, 303)}
    assert client.get("/people/me/").status_code == 200


def test_a_wrong_code_counts_although_the_page_says_no(client):
    from huying.people.tests.test_codes import code_sent

    account = make.account()
    number = account.person.phone.open()
    client.post("/people/sign-in/code/", {"phone": number})
    code = code_sent()
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    for _try in range(5):
        client.post("/people/sign-in/code/check/", {"phone": number, "code": wrong})

    assert client.post("/people/sign-in/code/check/", {"phone": number, "code": code}).status_code == 422


# ── sessions ────────────────────────────────────────────────────────────────
def test_open_sessions_are_listed_and_each_can_be_ended():
    account = make.account()
    here, there = make.client(account), make.client(account)
    other = SignIn.objects.get(session_key=there.session.session_key)

    page = here.get("/people/me/sign-in/").content.decode()
    answer = here.post(f"/people/me/sessions/{other.public_id}/end/", {"idempotency_key": "end-one-1"})

    assert page.count("登录 ·") == 2
    assert answer.status_code == 303
    assert there.get("/people/me/")["Location"].startswith(DOOR)
    assert here.get("/people/me/").status_code == 200


def test_nobody_ends_the_session_of_somebody_else():
    mine, stranger = make.client(make.account()), make.account()
    make.client(stranger)
    theirs = SignIn.objects.get(account=stranger)

    answer = mine.post(f"/people/me/sessions/{theirs.public_id}/end/", {"idempotency_key": "end-one-2"})

    assert answer.status_code == 404
    assert SignIn.objects.filter(pk=theirs.pk).exists()


def test_all_other_sessions_end_with_one_press():
    account = make.account()
    browsers = [make.client(account) for _number in range(3)]

    browsers[0].post("/people/me/sessions/others/end/", {"idempotency_key": "end-all-1"})

    assert [browser.get("/people/me/").status_code for browser in browsers] == [200, 302, 302]


def test_signing_out_ends_the_session_and_takes_it_off_the_list(client):
    account = make.account()
    browser = make.client(account)
    key = browser.session.session_key

    browser.post("/people/sign-out/")

    assert not Session.objects.filter(session_key=key).exists()
    assert not SignIn.objects.filter(session_key=key).exists()


def test_staff_who_leave_the_desk_are_signed_out_after_half_an_hour():
    staff = make.staff(RoleKind.OFFICE)
    with clock.frozen(NOON + timedelta(days=400)):
        browser = make.client(staff)
    with clock.frozen(NOON + timedelta(days=400, minutes=29)):
        assert browser.get("/people/me/").status_code == 200
    with clock.frozen(NOON + timedelta(days=400, minutes=58)):
        assert browser.get("/people/me/").status_code == 200
    with clock.frozen(NOON + timedelta(days=400, minutes=89)):
        answer = browser.get("/people/me/")

    assert answer.status_code == 302
    assert "30分钟" in browser.get(DOOR).content.decode()


def test_a_resident_may_leave_the_phone_lying():
    account = make.account()
    with clock.frozen(NOON):
        browser = make.client(account)
    with clock.frozen(NOON + timedelta(days=1)):
        assert browser.get("/people/me/").status_code == 200


def test_the_session_of_staff_lasts_twelve_hours_at_most():
    browser = make.client(make.staff(RoleKind.OFFICE))

    assert browser.session.get_expiry_age() <= 12 * 3600


def test_a_busy_page_writes_its_session_once_a_minute(django_assert_max_num_queries):
    account = make.account()
    with clock.frozen(NOON):
        browser = make.client(account)
        browser.get("/people/me/")
        with django_assert_max_num_queries(10) as seen:
            browser.get("/people/me/")

    assert not [query for query in seen.captured_queries if query["sql"].startswith("UPDATE")]


# ── asked again before sensitive acts ───────────────────────────────────────
SENSITIVE = ["me/erase/", "me/data/copy.json", "me/password/", "me/phone/", "me/second/", "me/username/"]


@pytest.mark.parametrize("address", SENSITIVE)
def test_sensitive_pages_ask_again_who_one_is(address):
    browser = make.client(make.account(), fresh=False)

    answer = browser.get(f"/people/{address}")

    assert (answer.status_code, answer["Location"]) == (
        303,
        f"/people/confirm/?next=%2Fpeople%2F{address.replace('/', '%2F')}",
    )


def test_the_password_opens_the_sensitive_page():
    browser = make.client(make.account(), fresh=False)

    wrong = browser.post("/people/confirm/", {"password": "x", "next": "/people/me/erase/"})
    right = browser.post("/people/confirm/", {"password": make.PASSWORD, "next": "/people/me/erase/"})

    assert (wrong.status_code, right.status_code, right["Location"]) == (422, 303, "/people/me/erase/")
    assert browser.get("/people/me/erase/").status_code == 200


def test_confirming_cannot_be_guessed_either():
    browser = make.client(make.account(), fresh=False)

    answers = [browser.post("/people/confirm/", {"password": "x"}).status_code for _try in range(6)]

    assert answers == [422] * 5 + [429]


def test_who_has_no_password_confirms_by_a_code_to_his_own_number():
    from huying.people.tests.test_codes import code_sent

    account = make.account()
    browser = make.client(account, fresh=False)
    account.set_unusable_password()
    account.save()
    browser.force_login(account, backend="huying.people.queries.accounts.Backend")

    browser.post("/people/confirm/", {"send": "1"})
    answer = browser.post("/people/confirm/", {"code": code_sent(), "next": "/people/me/password/"})

    assert answer["Location"] == "/people/me/password/"
