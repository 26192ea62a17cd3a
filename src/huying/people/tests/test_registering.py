"""Opening an account: proved number, least facts, consent, ages (PIPL art. 14, 31; catalogue C02)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client

from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.errors import InvalidInput
from huying.people import actions, queries
from huying.people.actions import registering
from huying.people.models import Account, Guardianship, Notice, OutgoingText, Person
from huying.people.tests import factories as make
from huying.people.tests.test_codes import code_sent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("purposes")]
DAY = datetime(2026, 3, 3, 4, 0, tzinfo=UTC)
VISITOR = Actor(person_id=None, address="203.0.113.9")


def registration(**facts) -> actions.Registration:
    given = {"phone": "13900000777", "name": "姚望", "birth_date": date(1990, 5, 1), "agrees": True}
    return actions.Registration(**{**given, **facts})


def register(**facts) -> Account:
    return actions.register_person(actor=VISITOR, form=registration(**facts))


def test_a_resident_comes_in_with_number_code_name_and_consent(client):
    client.post("/people/sign-in/code/", {"phone": "139 0000 0777"})
    checked = client.post("/people/sign-in/code/check/", {"phone": "13900000777", "code": code_sent()})
    page = client.get("/people/register/").content.decode()
    done = client.post(
        "/people/register/",
        {"name": " 姚  望 ", "birth_date": "1990-05-01", "agrees": "on", "idempotency_key": "register-1"},
    )

    account = Account.objects.get()
    assert (checked["Location"], done.status_code, done["Location"]) == ("/people/register/", 303, "/")
    assert "账号和身份" in page
    assert (account.person.name, account.person.phone.open()) == ("姚 望", "+8613900000777")
    assert queries.consented(account.person_id, "account")
    assert client.get("/people/me/").status_code == 200


def test_nobody_registers_without_a_proved_number(client):
    assert client.get("/people/register/")["Location"] == "/people/sign-in/code/"
    answer = client.post(
        "/people/register/",
        {
            "phone": "13900000777",
            "name": "姚望",
            "birth_date": "1990-05-01",
            "agrees": "on",
            "idempotency_key": "register-2",
        },
    )

    assert answer["Location"] == "/people/sign-in/code/"
    assert not Person.objects.exists()


def test_the_proved_number_counts_whatever_the_form_says(client):
    client.post("/people/sign-in/code/", {"phone": "13900000777"})
    client.post("/people/sign-in/code/check/", {"phone": "13900000777", "code": code_sent()})
    client.post(
        "/people/register/",
        {
            "phone": "13988888888",
            "name": "姚望",
            "birth_date": "1990-05-01",
            "agrees": "on",
            "idempotency_key": "register-3",
        },
    )

    assert Person.objects.get().phone.open() == "+8613900000777"


def test_the_proof_lies_sealed_in_the_session_and_ends_after_half_an_hour(client):
    with clock.frozen(DAY):
        client.post("/people/sign-in/code/", {"phone": "13900000777"})
        client.post("/people/sign-in/code/check/", {"phone": "13900000777", "code": code_sent()})
    assert "13900000777" not in str(dict(client.session))
    with clock.frozen(DAY + timedelta(minutes=31)):
        assert client.get("/people/register/")["Location"] == "/people/sign-in/code/"


def test_without_the_tick_there_is_no_account_and_nothing_typed_is_lost(client):
    client.post("/people/sign-in/code/", {"phone": "13900000777"})
    client.post("/people/sign-in/code/check/", {"phone": "13900000777", "code": code_sent()})
    answer = client.post(
        "/people/register/", {"name": "姚望", "birth_date": "1990-05-01", "idempotency_key": "register-4"}
    )

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "请先阅读并勾选同意" in page and 'value="姚望"' in page and 'value="1990-05-01"' in page
    assert not Account.objects.exists()


def test_somebody_whom_staff_wrote_down_gets_that_record():
    known = make.person("姚望", phone="13900000777", birth_date="")

    account = register()

    assert account.person_id == known.pk
    assert Person.objects.get().birth_date == date(1990, 5, 1)


@pytest.mark.parametrize("facts", [{"name": "姚远"}, {"birth_date": date(1991, 1, 1)}])
def test_somebody_else_with_the_same_number_gets_a_record_of_his_own(facts):
    make.person("姚望", phone="13900000777", birth_date=date(1990, 5, 1))

    register(**facts)

    assert Person.objects.count() == 2


def test_one_number_opens_one_account():
    register()

    with pytest.raises(registering.AccountExists):
        register(name="另一个人")


def test_a_child_cannot_register_alone():
    with clock.frozen(DAY), pytest.raises(registering.GuardianNeeded):
        register(birth_date=date(2012, 3, 4))

    assert not Person.objects.exists()


def test_on_the_fourteenth_birthday_one_is_no_child_any_more():
    with clock.frozen(DAY):
        account = register(birth_date=date(2012, 3, 3), guardian_phone="13900000888")

    assert Guardianship.objects.get().ward_id == account.person_id


def test_who_is_under_eighteen_names_a_guardian_who_is_told():
    parent = make.account(make.person(phone="13900000888"))
    with clock.frozen(DAY):
        with pytest.raises(InvalidInput) as refused:
            register(birth_date=date(2009, 1, 1))
        with pytest.raises(InvalidInput):
            register(birth_date=date(2009, 1, 1), guardian_phone="13900000777")
        account = register(birth_date=date(2009, 1, 1), guardian_phone="139 0000 0888")

    assert set(refused.value.fields) == {"guardian_phone"}
    tie = Guardianship.objects.get()
    assert (tie.ward_id, tie.guardian, tie.contact.open()) == (account.person_id, None, "+8613900000888")
    assert Notice.objects.get().person_id == parent.person_id
    assert OutgoingText.objects.count() == 0


def test_a_child_comes_in_once_its_guardian_agreed():
    parent = make.account()
    with clock.frozen(DAY):
        bond = actions.add_child(
            actor=make.actor(parent.person), name="小禾", birth_date=date(2015, 1, 1), sex="", tie="parent", agrees=True
        )
        actions.allow_child_account(actor=make.actor(parent.person), child_id=bond.ward_id, phone="13900000777")
        account = register(name="小禾", birth_date=date(2015, 1, 1))

    assert account.person_id == bond.ward_id
    assert Notice.objects.get(person=parent.person).about_id == bond.ward_id


def test_when_the_guardian_takes_it_back_the_childs_account_closes():
    parent = make.account()
    with clock.frozen(DAY):
        bond = actions.add_child(
            actor=make.actor(parent.person), name="小禾", birth_date=date(2015, 1, 1), sex="", tie="parent", agrees=True
        )
        actions.allow_child_account(actor=make.actor(parent.person), child_id=bond.ward_id, phone="13900000777")
        account = register(name="小禾", birth_date=date(2015, 1, 1))
        browser = Client()
        browser.force_login(account, backend="huying.people.queries.accounts.Backend")
        before = browser.get("/people/me/").status_code
        actions.withdraw_consent(actor=make.actor(parent.person), person_id=bond.ward_id, code="child_account")

        assert (before, browser.get("/people/me/").status_code) == (200, 302)


@pytest.mark.parametrize(
    ("name", "birth_date", "field"),
    [
        ("", date(1990, 1, 1), "name"),
        ("\u200b\u202e ", date(1990, 1, 1), "name"),
        ("王" * 51, date(1990, 1, 1), "name"),
        ("王芳", date(1899, 12, 31), "birth_date"),
        ("王芳", date(2026, 3, 4), "birth_date"),
    ],
)
def test_impossible_facts_are_named_by_field(name, birth_date, field):
    with clock.frozen(DAY), pytest.raises(InvalidInput) as refused:
        register(name=name, birth_date=birth_date)

    assert set(refused.value.fields) == {field}
