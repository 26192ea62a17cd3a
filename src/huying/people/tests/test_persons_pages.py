"""Writing persons down, correcting them, looking at sealed values, doubles (catalogue C02, K05; threat 7)."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError

from huying.kernel.errors import Forbidden, InvalidInput
from huying.kernel.models import AuditLine
from huying.people import actions, queries
from huying.people.actions.persons import IdNumberTaken
from huying.people.models import Person
from huying.people.states import CARE_STAFF, RoleKind
from huying.people.tests import factories as make
from huying.places.tests.factories import place

pytestmark = pytest.mark.django_db
ID_NUMBER = "11010519491231002X"


@pytest.fixture
def street():
    return place("street")


@pytest.fixture
def community(street):
    return place("community", street)


# ── writing down ────────────────────────────────────────────────────────────
def test_staff_write_somebody_down_on_the_page(street, community):
    browser = make.client(make.staff(RoleKind.STATION_KEEPER, street))

    answer = browser.post(
        "/people/persons/add/",
        {
            "name": "赵 六",
            "place_words": community.name,
            "phone": "０１０-8888-6666",
            "id_number": ID_NUMBER,
            "address": "桂花街1号",
            "idempotency_key": "add-person-1",
        },
    )

    person = Person.objects.get(name="赵 六")
    assert answer["Location"] == f"/people/persons/{person.public_id}/"
    assert (person.phone.open(), person.id_number.open(), person.address.open()) == (
        "+861088886666",
        ID_NUMBER,
        "桂花街1号",
    )
    assert (person.birth_date, person.sex, person.home_place) == (date(1949, 12, 31), "female", community)


def test_what_is_wrong_is_said_at_each_field_and_nothing_typed_is_lost(street):
    browser = make.client(make.staff(RoleKind.STATION_KEEPER, street))

    answer = browser.post(
        "/people/persons/add/",
        {
            "name": "赵六",
            "place_words": street.name,
            "phone": "12",
            "id_number": "123",
            "birth_date": "2999-01-01",
            "idempotency_key": "add-person-2",
        },
    )
    page = answer.content.decode()

    assert answer.status_code == 422
    assert page.count('class="hy-field hy-field--bad"') == 3
    assert 'value="赵六"' in page and 'value="12"' in page and 'value="2999-01-01"' in page
    assert not Person.objects.filter(name="赵六").exists()


def test_a_place_that_is_not_clear_is_chosen_from_a_list(street):
    one, two = place("community", street, "和平社区"), place("community", place("street"), "和平社区")
    admin = make.person()
    make.account(admin)
    for home in (one.parent, two.parent):
        make.role(admin, RoleKind.OFFICE, home)
    browser = make.client(admin)
    facts = {"name": "赵六", "place_words": "和平"}

    unclear = browser.post("/people/persons/add/", {**facts, "idempotency_key": "add-person-3"})
    chosen = browser.post(
        "/people/persons/add/", {**facts, "place_pick": str(two.public_id), "idempotency_key": "add-person-4"}
    )

    assert unclear.status_code == 422
    assert str(one.public_id) in unclear.content.decode() and str(two.public_id) in unclear.content.decode()
    assert chosen.status_code == 303
    assert Person.objects.get(name="赵六").home_place_id == two.pk


@pytest.mark.parametrize("words", ["没有这个地方", "😀", "' or 1=1"])
def test_an_unknown_place_is_a_clear_error(words, street):
    browser = make.client(make.staff(RoleKind.OFFICE, street))

    answer = browser.post(
        "/people/persons/add/", {"name": "赵六", "place_words": words, "idempotency_key": "add-person-5"}
    )

    assert answer.status_code == 422
    assert "没有找到这个地方" in answer.content.decode()


def test_nobody_is_written_down_outside_ones_own_places(street):
    outside = place("community")
    keeper = make.staff(RoleKind.OFFICE, street)

    for home in (outside, None):
        with pytest.raises(Forbidden):
            actions.add_person(actor=make.actor(keeper), facts=actions.Facts(name="赵六", home_place=home))


@pytest.mark.parametrize("kind", [kind for kind in RoleKind if kind not in CARE_STAFF])
def test_others_write_nobody_down(kind, street):
    person = make.person()
    make.role(person, kind, street)

    with pytest.raises(Forbidden):
        actions.add_person(actor=make.actor(person), facts=actions.Facts(name="赵六", home_place=street))


def test_two_records_never_share_an_identity_number(street, community):
    make.person(home=community, id_number=ID_NUMBER)
    actor = make.actor(make.staff(RoleKind.OFFICE, street))

    with pytest.raises(IdNumberTaken):
        actions.add_person(
            actor=actor, facts=actions.Facts(name="赵六", home_place=community, id_number=ID_NUMBER.lower())
        )


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("  张\u3000三 ", "张 三"),
        ("\u202e三张", "三张"),
        ("张\u200b三", "张三"),
        ("a\x07b", "a b"),
        ("e\u0301", "é"),
        ("👨‍👩‍👧", "👨👩👧"),
        ("<b>张</b>", "<b>张</b>"),
    ],
)
def test_names_are_cleaned_of_tricks_and_kept_otherwise(text, name):
    assert make.person(text).name == name


def test_markup_in_a_name_is_shown_and_not_run(street):
    make.person("<script>alert(1)</script>", home=street)
    page = make.client(make.staff(RoleKind.OFFICE, street)).get("/people/persons/").content.decode()

    assert "<script>alert(1)" not in page and "&lt;script&gt;alert(1)" in page


# ── changing ────────────────────────────────────────────────────────────────
def test_empty_sealed_fields_of_an_edit_leave_what_is_there(street, community):
    person = make.person("赵六", home=community, phone="13900001111", id_number=ID_NUMBER, address="桂花街1号")
    browser = make.client(make.staff(RoleKind.OFFICE, street))
    where = f"/people/persons/{person.public_id}/edit/"

    page = browser.get(where).content.decode()
    answer = browser.post(
        where,
        {
            "name": "赵七",
            "sex": "male",
            "birth_date": "1949-12-31",
            "place_words": community.name,
            "idempotency_key": "edit-person-1",
        },
    )

    person.refresh_from_db()
    assert answer.status_code == 303
    assert (person.name, person.sex, person.phone.open(), person.id_number.open()) == (
        "赵七",
        "male",
        "+8613900001111",
        ID_NUMBER,
    )
    assert "13900001111" not in page and "1111" in page
    assert list(queries.search_persons(make.actor(make.staff(RoleKind.OFFICE, street)), "赵七")) == [person]


def test_the_trail_says_which_fields_moved_and_not_what_they_hold(community):
    person = make.person("赵六", home=community)
    keeper = make.staff(RoleKind.OFFICE, community)

    actions.edit_person(
        actor=make.actor(keeper), person_id=person.pk, facts=actions.Facts(phone="13900001111", name="赵六")
    )

    line = AuditLine.objects.filter(verb="person.edited").get()
    assert (line.changes, line.place_path, line.person_id) == ({"fields": ["phone"]}, community.path, keeper.pk)


def test_nobody_moves_a_person_out_of_his_own_places(street, community):
    person = make.person(home=community)
    keeper = make.staff(RoleKind.OFFICE, street)

    with pytest.raises(Forbidden):
        actions.edit_person(
            actor=make.actor(keeper), person_id=person.pk, facts=actions.Facts(home_place=place("community"))
        )


def test_a_resident_moves_house_himself(community):
    person = make.person(home=community)
    other = place("community")

    actions.edit_person(actor=make.actor(person), person_id=person.pk, facts=actions.Facts(home_place=other))

    person.refresh_from_db()
    assert person.home_place_id == other.pk


def test_an_erased_person_is_not_edited(community):
    person = make.person(home=community)
    actions.erase_person(actor=make.actor(person), person_id=person.pk)

    with pytest.raises(Forbidden):
        actions.edit_person(
            actor=make.actor(make.staff(RoleKind.OFFICE, community)),
            person_id=person.pk,
            facts=actions.Facts(name="新"),
        )


def test_the_database_keeps_an_erased_row_empty(community):
    from django.db import transaction

    person = make.person(home=community)
    actions.erase_person(actor=make.actor(person), person_id=person.pk)

    with pytest.raises(IntegrityError), transaction.atomic():
        Person.objects.filter(pk=person.pk).update(birth_date=date(1980, 1, 1))


# ── looking at sealed values ────────────────────────────────────────────────
def test_the_card_masks_and_a_look_needs_a_reason_and_leaves_a_line(street, community):
    person = make.person("赵六", home=community, phone="13900001111")
    keeper = make.staff(RoleKind.OFFICE, street)
    browser = make.client(keeper)
    card = browser.get(f"/people/persons/{person.public_id}/").content.decode()
    where = f"/people/persons/{person.public_id}/reveal/"

    no_reason = browser.post(where, {"field": "phone", "reason": "", "idempotency_key": "reveal-p-1"})
    wrong_field = browser.post(where, {"field": "password", "reason": "联系上门时间"})
    shown = browser.post(where, {"field": "phone", "reason": "联系上门时间"})

    assert "13900001111" not in card
    assert (no_reason.status_code, wrong_field.status_code, shown.status_code) == (422, 422, 200)
    assert "13900001111" in shown.content.decode()
    line = AuditLine.objects.get(verb="sealed.reveal")
    assert (line.person_id, line.subject_id, line.reason, line.place_path) == (
        keeper.pk,
        person.pk,
        "联系上门时间",
        community.path,
    )


def test_a_revealed_value_is_not_kept_for_repeats(street, community):
    from huying.kernel import idempotency
    from huying.kernel.models import StoredAnswer

    person = make.person("赵六", home=community, phone="13900001111")
    browser = make.client(make.staff(RoleKind.OFFICE, street))

    browser.post(
        f"/people/persons/{person.public_id}/reveal/",
        {"field": "phone", "reason": "联系上门时间", "idempotency_key": "reveal-p-2"},
    )

    assert not any(b"13900001111" in idempotency.body_of(row) for row in StoredAnswer.objects.all())


def test_looking_needs_a_fresh_sign_in(street, community):
    person = make.person(home=community, phone="13900001111")
    browser = make.client(make.staff(RoleKind.OFFICE, street), fresh=False)

    answer = browser.post(f"/people/persons/{person.public_id}/reveal/", {"field": "phone", "reason": "联系上门时间"})

    assert answer["Location"].startswith("/people/confirm/")


def test_looks_are_counted_and_end_for_the_day(street, community, settings):
    settings.HUYING_REVEALS_PER_DAY = 2
    person = make.person(home=community, phone="13900001111")
    browser = make.client(make.staff(RoleKind.OFFICE, street))
    where = f"/people/persons/{person.public_id}/reveal/"

    answers = [browser.post(where, {"field": "phone", "reason": "联系上门时间"}).status_code for _time in range(3)]

    assert answers == [200, 200, 429]


# ── doubles ─────────────────────────────────────────────────────────────────
def test_persons_with_one_number_are_suggested_equal_names_first(street, community):
    make.person("甲", home=community, phone="13900001111")
    make.person("乙", home=community, phone="13900001111")
    make.person("张三", home=community, phone="13900002222")
    make.person("张三", home=community, phone="13900002222")
    make.person("丙", home=community, phone="13900003333")
    make.person("丁", home=place("community"), phone="13900003333")
    actor = make.actor(make.staff(RoleKind.OFFICE, street))

    groups = [(group.same_name, [person.name for person in group.persons]) for group in queries.likely_doubles(actor)]

    assert groups == [(True, ["张三", "张三"]), (False, ["甲", "乙"])]


def test_the_keeper_is_told_at_once_when_a_number_is_there_already(street, community):
    make.person("张三", home=community, phone="13900002222")
    browser = make.client(make.staff(RoleKind.OFFICE, street))

    answer = browser.post(
        "/people/persons/add/",
        {"name": "张三", "place_words": community.name, "phone": "13900002222", "idempotency_key": "double-1"},
        follow=True,
    )

    page = answer.content.decode()
    assert "有人用同一个电话" in page and "同一个电话" in page


def test_facts_do_not_show_what_they_hold():
    assert repr(actions.Facts(name="张三", phone="13900001111")) == "<Facts name phone>"


def test_a_missing_name_is_named(street):
    with pytest.raises(InvalidInput) as refused:
        actions.add_person(
            actor=make.actor(make.staff(RoleKind.OFFICE, street)), facts=actions.Facts(home_place=street)
        )

    assert set(refused.value.fields) == {"name"}
