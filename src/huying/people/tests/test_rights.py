"""The rights of the person: a copy of everything, and being forgotten everywhere (PIPL art. 44-47; catalogue
C02).
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client

from huying.kernel import audit, clock
from huying.kernel.errors import Forbidden
from huying.kernel.models import StoredAnswer
from huying.people import actions, queries
from huying.people.actions import rights
from huying.people.actions.consents import GuardianDecides
from huying.people.models import Account, Consent, Guardianship, Notice, Person, Role
from huying.people.states import RoleKind
from huying.people.tests import factories as make
from huying.places.tests.factories import place

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("purposes")]
NAME, PINYIN = "欧阳翠微", "ouyangcuiwei"
PHONE, ID_NUMBER, ADDRESS = "13944445555", "11010519491231002X", "桂花街七十七号"
TRACES = [NAME, "翠微", PINYIN, PHONE, ID_NUMBER, ADDRESS, "cui.wei"]


def everything() -> Person:
    """Somebody who left traces in every table of this room, and in those of the kernel."""
    home = place("community")
    person = make.person(
        NAME, home=home, phone=PHONE, id_number=ID_NUMBER, address=ADDRESS, birth_date=date(1949, 12, 31), sex="female"
    )
    account = make.account(person, username="cui.wei")
    make.role(person, RoleKind.VOLUNTEER, home)
    me = make.actor(person)
    for code in ("account", "health", "photo"):
        actions.give_consent(actor=me, person_id=person.pk, code=code)
    actions.entrust(actor=me, phone="13966667777")
    actions.set_preferences(actor=me, print="large")
    actions.send_notice(actor=me, person=person, title=f"{NAME}，您好")
    neighbour = make.person("隔壁老王")
    actions.send_notice(actor=me, person=neighbour, about=person, title=f"{NAME}请您帮忙", body=ADDRESS)
    actions.send_notice(actor=me, person=neighbour, title="与她无关")
    actions.request_code(actor=make.actor(person), phone=PHONE)
    make.client(account)
    browser = make.client(make.staff(RoleKind.STATION_KEEPER, home))
    browser.post(f"/people/persons/{person.public_id}/reveal/", {"field": "phone", "reason": "联系上门时间"})
    browser.post(f"/people/act/{person.public_id}/", {"idempotency_key": "act-for-her"})
    audit.record(me, "test.line", person)
    return person


def rows_with(*traces: str) -> list[tuple[str, str, str]]:
    """(table, column, trace) for every text, json or bytes column of the whole database that holds a trace."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'public'"
            " AND data_type IN ('text', 'character varying', 'json', 'jsonb', 'bytea', 'ARRAY', 'date', 'USER-DEFINED')"
        )
        for table, column, kind in cursor.fetchall():
            for trace in traces:
                shapes = {trace, json.dumps(trace)[1:-1]}
                for shape in shapes:
                    if kind == "bytea":
                        where, value = f'position(%s::bytea in "{column}") > 0', shape.encode()
                    else:
                        where, value = f'position(%s in "{column}"::text) > 0', shape
                    cursor.execute(f'SELECT count(*) FROM "{table}" WHERE {where}', [value])
                    if cursor.fetchone()[0]:
                        found.append((table, column, trace))
    return found


def test_the_search_for_traces_itself_finds_what_is_there():
    everything()

    tables = {(table, column) for table, column, _trace in rows_with(*TRACES)}
    assert {("people_person", "name"), ("people_person", "search_text"), ("people_notice", "title")} <= tables
    assert ("people_account", "username") in tables


def test_numbers_and_addresses_lie_sealed_even_before():
    everything()

    tables = {table for table, _column, _trace in rows_with(PHONE, ID_NUMBER)}
    assert tables == set()
    assert rows_with(ADDRESS) == [("people_notice", "body", ADDRESS)]


def test_after_erasure_no_table_of_the_whole_database_knows_the_person():
    person = everything()

    actions.erase_person(actor=make.actor(person), person_id=person.pk)

    person.refresh_from_db()
    assert rows_with(*TRACES) == []
    assert (person.name, person.phone, person.id_number, person.address) == ("已注销", None, None, None)
    assert (person.birth_date, person.search_terms, person.preferences) == (None, [], {})
    assert not Account.objects.filter(username="cui.wei").exists()
    assert Notice.objects.get(person__name="隔壁老王").title == "与她无关"


def test_the_search_pieces_of_the_name_are_gone_too():
    person = everything()
    actions.erase_person(actor=make.actor(person), person_id=person.pk)

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM people_person WHERE search_terms && ARRAY['欧阳', '翠微', 'ou']::varchar[]"
        )
        assert cursor.fetchone()[0] == 0


def test_nothing_of_the_sealed_values_can_be_looked_up_any_more():
    person = everything()
    actions.erase_person(actor=make.actor(person), person_id=person.pk)

    with connection.cursor() as cursor:
        for table, column in (("people_person", "phone_index"), ("people_onetimecode", "phone_index")):
            cursor.execute(f"SELECT count(*) FROM {table} WHERE {column} = %s", [make.index_of(PHONE)])
            assert cursor.fetchone()[0] == 0


def test_answers_kept_for_repeats_forget_him_as_well():
    person = everything()
    own = StoredAnswer.objects.create(scope=f"person:{person.pk}", key="own-key-1", digest=b"x", at=clock.now())
    from huying.kernel import idempotency
    from huying.kernel.sealed.envelope import seal

    kept = []
    for number, text in enumerate((NAME, json.dumps({"phone": "+86" + PHONE}), json.dumps({"name": NAME}), "harmless")):
        row = StoredAnswer(scope="person:0", key=f"other-key-{number}", digest=b"x", at=clock.now())
        row.body = seal(text.encode().decode("latin-1"), idempotency.spot(row))
        row.save()
        kept.append(row)

    actions.erase_person(actor=make.actor(person), person_id=person.pk)

    assert not StoredAnswer.objects.filter(pk=own.pk).exists()
    bodies = [idempotency.body_of(StoredAnswer.objects.get(pk=row.pk)) for row in kept]
    assert bodies == [b"", b"", b"", b"harmless"]


def test_his_sessions_die_and_his_roles_end():
    person = make.person(home=place("community"), phone=PHONE)
    account = make.account(person)
    make.role(person, RoleKind.VOLUNTEER, person.home_place)
    browser = make.client(account)
    key = browser.session.session_key

    answer = browser.post("/people/me/erase/", {"sure": "on", "idempotency_key": "erase-me-1"})

    assert answer.status_code == 303
    assert not Session.objects.filter(session_key=key).exists()
    assert list(queries.roles_now(person.pk)) == []
    assert browser.get("/people/me/").status_code == 302
    assert Client().post("/people/sign-in/", {"identifier": PHONE, "password": make.PASSWORD}).status_code == 422


def test_what_must_be_kept_stays_under_the_number_without_a_face():
    person = everything()
    number = person.pk

    actions.erase_person(actor=make.actor(person), person_id=person.pk)

    assert Role.objects.filter(person_id=number).exists()
    assert Consent.objects.filter(person_id=number).exists()
    assert not Consent.objects.filter(person_id=number, withdrawn_at__isnull=True).exists()
    assert Person.objects.get(pk=number).name == "已注销"


def test_erasing_twice_changes_nothing():
    person = make.person(phone=PHONE)
    first = actions.erase_person(actor=make.actor(person), person_id=person.pk).erased_at

    assert actions.erase_person(actor=make.actor(person), person_id=person.pk).erased_at == first


def test_the_same_number_may_come_back_as_a_new_person():
    person = make.account(make.person(NAME, phone=PHONE)).person
    actions.erase_person(actor=make.actor(person), person_id=person.pk)

    form = actions.Registration(phone=PHONE, name=NAME, birth_date=date(1949, 12, 31), agrees=True)
    again = actions.register_person(actor=make.SYSTEM, form=form)

    assert again.person_id != person.pk


def test_strangers_and_staff_cannot_erase_anybody():
    home = place("community")
    person = make.person(home=home)

    for other in (make.person(), make.staff(RoleKind.OFFICE, home), make.staff(RoleKind.SYSTEM_ADMIN, home)):
        with pytest.raises(Forbidden):
            actions.erase_person(actor=make.actor(other), person_id=person.pk)


def test_staff_hand_their_work_over_first():
    staff = make.staff(RoleKind.OFFICE)

    with pytest.raises(rights.CannotEraseNow) as refused:
        actions.erase_person(actor=make.actor(staff), person_id=staff.pk)

    assert "交接" in str(refused.value)


def test_the_guardian_of_a_child_settles_that_first():
    parent = make.person()
    bond = actions.add_child(
        actor=make.actor(parent),
        name="小禾",
        birth_date=clock.today() - timedelta(days=3000),
        sex="",
        tie="parent",
        agrees=True,
    )
    with pytest.raises(rights.CannotEraseNow):
        actions.erase_person(actor=make.actor(parent), person_id=parent.pk)

    actions.erase_person(actor=make.actor(parent), person_id=bond.ward_id)
    actions.erase_person(actor=make.actor(parent), person_id=parent.pk)

    assert set(Person.objects.values_list("name", flat=True)) == {"已注销"}
    assert not Guardianship.objects.filter(ends_at__isnull=True).exists()


def test_the_page_says_what_stands_in_the_way():
    browser = make.client(make.staff(RoleKind.OFFICE))

    page = browser.get("/people/me/erase/").content.decode()

    assert "现在还不能注销" in page and "交接" in page


def test_erasing_needs_the_tick():
    account = make.account()
    browser = make.client(account)

    answer = browser.post("/people/me/erase/", {"idempotency_key": "erase-me-2"})

    account.person.refresh_from_db()
    assert (answer.status_code, account.person.erased_at) == (422, None)


# ── what other rooms add ────────────────────────────────────────────────────
@pytest.fixture
def another_room(monkeypatch):
    seen: list[str] = []
    monkeypatch.setattr(rights, "_rooms", {})
    actions.register_rights(
        "books",
        actions.Rights(
            export=lambda person: [actions.Section("books", "借书", [{"title": "诗经", "at": clock.now()}])],
            erase=lambda actor, person: seen.append(f"erased {person.name}"),
            obstacles=lambda person: ["还有书没还。"] if not seen else [],
        ),
    )
    return seen


def test_other_rooms_add_to_the_copy_and_hold_up_or_do_the_erasure(another_room):
    person = make.person("借书人")

    sections = {
        section.code: section.rows for section in actions.export_person(actor=make.actor(person), person_id=person.pk)
    }
    with pytest.raises(rights.CannotEraseNow) as refused:
        actions.erase_person(actor=make.actor(person), person_id=person.pk)
    another_room.append("returned")
    actions.erase_person(actor=make.actor(person), person_id=person.pk)

    assert sections["books"][0]["title"] == "诗经"
    assert "还有书没还" in str(refused.value)
    assert another_room == ["returned", "erased 借书人"]


# ── the copy ────────────────────────────────────────────────────────────────
def test_the_copy_holds_everything_in_open_words():
    person = everything()

    sections = {
        section.code: section.rows for section in actions.export_person(actor=make.actor(person), person_id=person.pk)
    }

    own = sections["person"][0]
    assert (own["name"], own["phone"], own["id_number"], own["address"]) == (NAME, "+86" + PHONE, ID_NUMBER, ADDRESS)
    assert sections["account"][0]["username"] == "cui.wei"
    assert [row["purpose__title"] for row in sections["consents"]] == ["账号和身份", "健康和照护情况", "照片公开展示"]
    assert len(sections["notices"]) == 1 and len(sections["roles"]) == 1 and len(sections["family"]) == 1


def test_the_copy_comes_as_json_and_as_a_page():
    person = make.person(NAME, phone=PHONE)
    browser = make.client(make.account(person))

    machine = browser.get("/people/me/data/copy.json")
    page = browser.get("/people/me/data/copy.html").content.decode()

    read = json.loads(machine.content)
    assert read["sections"]["person"][0]["phone"] == "+86" + PHONE
    assert machine["Content-Disposition"].startswith("attachment")
    assert NAME in page and PHONE in page
    assert browser.get("/people/me/data/copy.exe").status_code == 404


def test_nobody_takes_a_copy_of_somebody_else():
    home = place("community")
    person = make.person(home=home)

    with pytest.raises(Forbidden):
        actions.export_person(actor=make.actor(make.staff(RoleKind.OFFICE, home)), person_id=person.pk)


def test_a_guardian_takes_the_copy_of_a_child():
    parent = make.person()
    with clock.frozen(datetime(2026, 3, 3, tzinfo=UTC)):
        bond = actions.add_child(
            actor=make.actor(parent), name="小禾", birth_date=date(2016, 1, 1), sex="", tie="parent", agrees=True
        )
        sections = actions.export_person(actor=make.actor(parent), person_id=bond.ward_id)
        with pytest.raises(GuardianDecides):
            actions.give_consent(actor=make.actor(bond.ward), person_id=bond.ward_id, code="photo")

    assert sections[0].rows[0]["name"] == "小禾"
