"""Whoever checked sites takes a copy of it along, is forgotten without his words, and becomes one with his double."""

from __future__ import annotations

import pytest

from huying.people import actions as people
from huying.people.models import Role
from huying.people.tests import factories as make
from huying.places import actions, queries
from huying.places.models import CheckNote, SiteCheck
from huying.places.tests.factories import place
from huying.places.tests.standards import installed, said

pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    return place("station", name="和平站")


@pytest.fixture
def two(site):
    """A keeper of the station and somebody of the office, as people."""
    keeper, office = make.staff("station_keeper", site, "陆秋实"), make.staff("office", site.parent, "孟庆澜")
    return keeper, office


@pytest.fixture
def row(site, two):
    keeper, _office = two
    answers = said("yn-", {1: "陆秋实挂的牌子"})
    return actions.self_check(actor=make.actor(keeper), place=site, standard=installed(name="三个一"), said=answers)


def test_names_of_who_checked_and_decided_come_from_above(row, two):
    actions.verify_check(actor=make.actor(two[1]), check=row)
    row.refresh_from_db()

    opened = queries.opened(row)

    assert (opened.checked_by, opened.decided_by) == ("陆秋实", "孟庆澜")


def test_the_copy_of_ones_data_holds_what_one_checked_and_decided(row, two):
    actions.return_check(actor=make.actor(two[1]), check=row, reason="第二件没有")

    copies = {}
    for who in two:
        sections = people.export_person(actor=make.actor(who), person_id=who.pk)
        copies[who.name] = next(one for one in sections if one.code == "site_checks").rows

    assert [(one["place"], one["standard"], one["part"]) for one in copies["陆秋实"]] == [("和平站", "三个一", "自查")]
    assert [(one["part"], one["reason"]) for one in copies["孟庆澜"]] == [("核实", "第二件没有")]


def test_a_forgotten_keeper_leaves_his_answers_under_a_number_without_a_face(row, two):
    keeper, office = two
    actions.return_check(actor=make.actor(office), check=row, reason="第二件没有")

    Role.objects.filter(person=keeper).delete()
    people.erase_person(actor=make.actor(keeper), person_id=keeper.pk)

    kept = SiteCheck.objects.get()
    assert (kept.checked_by_id, kept.reason, kept.answers.count()) == (keeper.pk, "第二件没有", 3)
    assert not CheckNote.objects.exists()
    assert queries.opened(kept).checked_by == "已注销"
