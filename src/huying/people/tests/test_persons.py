"""Persons: who sees whom, search, masked values, bad input (catalogue C02, K05; threat 7)."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from huying.kernel.errors import NotFound
from huying.people import queries, rules
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


# ── who sees whom ───────────────────────────────────────────────────────────
@pytest.mark.parametrize("kind", list(RoleKind))
def test_only_those_who_care_for_a_place_see_its_people(kind, street, community):
    resident, outside = make.person(home=community), make.person(home=place("community"))
    looker = make.person()
    make.role(looker, kind, street)
    actor = make.actor(looker)

    seen = set(queries.visible_persons(actor))

    assert seen == ({looker, resident} if kind in CARE_STAFF else {looker})
    assert outside not in seen


def test_the_list_and_the_single_question_agree_for_everybody(street, community):
    people = [make.person(home=home) for home in (street, community, place("community"), None)]
    lookers = [make.person(), *people]
    for kind in (RoleKind.OFFICE, RoleKind.INSPECTOR, RoleKind.GRID_WORKER):
        looker = make.person()
        make.role(looker, kind, community)
        lookers.append(looker)

    for looker in lookers:
        actor = make.actor(looker)
        listed = set(queries.visible_persons(actor))
        assert listed == {person for person in Person.objects.all() if rules.can_see(actor, person)}


def test_a_visitor_sees_nobody(community):
    from huying.kernel.actor import ANONYMOUS

    make.person(home=community)

    assert list(queries.visible_persons(ANONYMOUS)) == []


def test_those_who_may_not_see_somebody_do_not_learn_that_he_is_there(community):
    person = make.person(home=community)

    with pytest.raises(NotFound):
        queries.person_by_id(make.actor(make.staff(RoleKind.OFFICE)), person.public_id)


# ── search ──────────────────────────────────────────────────────────────────
def test_names_are_found_by_two_characters_pinyin_and_initials(street, community):
    wanted = make.person("欧阳娜", home=community)
    make.person("王小明", home=community)
    actor = make.actor(make.staff(RoleKind.OFFICE, street, "工作人员"))

    hits = [
        list(queries.search_persons(actor, words)) for words in ("欧阳", "阳娜", "ouyang", "oyn", "OUYANG", "欧 娜")
    ]

    assert hits == [[wanted]] * 6


def test_a_whole_number_finds_exactly_and_a_part_finds_nothing(street, community):
    wanted = make.person("张三", home=community, phone="13900001111", id_number=ID_NUMBER)
    actor = make.actor(make.staff(RoleKind.OFFICE, street))

    exact = [
        list(queries.search_persons(actor, words)) for words in ("139 0000 1111", "+8613900001111", ID_NUMBER.lower())
    ]
    partial = [list(queries.search_persons(actor, words)) for words in ("1390000", "0000 1111", "110105", "1111")]

    assert exact == [[wanted]] * 3
    assert partial == [[]] * 4


def test_search_never_leaves_the_places_of_the_searcher(street):
    make.person("张三", home=place("community"), phone="13900001111")
    actor = make.actor(make.staff(RoleKind.OFFICE, street))

    assert [list(queries.search_persons(actor, words)) for words in ("张三", "13900001111", "zhangsan")] == [[]] * 3


@pytest.mark.parametrize("words", ["%", "_", "\\", "'", '"', "😀", "\u202e", "a" * 5000, "a b c d e f g", "{}"])
def test_hostile_search_words_find_nothing_and_break_nothing(words, street, community):
    make.person("张三", home=community)
    browser = make.client(make.staff(RoleKind.OFFICE, street))

    assert browser.get("/people/persons/", {"q": words}).status_code == 200
    assert "张三" not in browser.get("/people/persons/", {"q": words}).content.decode()


def test_the_list_costs_the_same_for_one_and_for_thirty(street, community):
    browser = make.client(make.staff(RoleKind.OFFICE, street))
    make.person(home=community)
    browser.get("/people/persons/")
    counts = []
    for more in (0, 27):
        for _number in range(more):
            make.person(home=community)
        with CaptureQueriesContext(connection) as seen:
            assert browser.get("/people/persons/").status_code == 200
        counts.append(len(seen))

    assert counts == [6, 6]


def test_a_bad_cursor_is_a_clear_error(street):
    browser = make.client(make.staff(RoleKind.OFFICE, street))

    assert browser.get("/people/persons/?cursor=nonsense").status_code == 422
