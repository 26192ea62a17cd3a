"""Standards are data: a version never changes, sites answer for themselves, another person verifies, gaps are listed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from huying.kernel import clock, events
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden, InvalidInput, NotFound
from huying.kernel.models import AuditLine
from huying.places import actions, queries, rules
from huying.places.actions.standards import differences
from huying.places.models import CheckNote, Place, SiteCheck, Standard
from huying.places.states import CheckState, SiteChecked, Standing
from huying.places.tests.factories import SYSTEM, place, staff
from huying.places.tests.standards import checked, facts, installed, keeper, officer, said, verified

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 3, 1, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def on_a_tuesday():
    with clock.frozen(NOW):
        yield


@pytest.fixture
def site():
    return place("station", name="和平站")


# ── standards ───────────────────────────────────────────────────────────────
def test_the_same_version_is_taken_twice_and_writes_once(site):
    asked = facts("ones")
    assert differences(None, asked) == "new"
    first = actions.install_standard(actor=SYSTEM, place=None, facts=asked, pack="yingxiu.ones")

    assert differences(None, asked) == "same"
    assert actions.install_standard(actor=SYSTEM, place=None, facts=asked) == first
    assert [one.weight for one in first.items.order_by("number")] == [1, 2, 3]
    assert AuditLine.objects.filter(verb="standard.install").count() == 1


def test_a_version_never_changes_and_an_older_one_never_comes_back(site):
    installed(code="ones")

    with pytest.raises(actions.StandardDiffers):
        installed(code="ones", items=4)
    second = installed(code="ones", version=2, items=4)
    assert differences(None, facts("ones")) == differences(None, facts("ones", 2, items=5)) == "refused"
    with pytest.raises(actions.StandardIsNewer):
        installed(code="ones")
    assert list(queries.in_force()) == [second]


def test_one_code_at_two_places_and_everywhere_stands_side_by_side(site):
    other = place("station")

    here, everywhere = installed(code="ones", place=site.parent, items=2), installed(code="ones", items=5)

    assert queries.asked_of(site) == [here, everywhere]
    assert queries.asked_of(other) == [everywhere]


def test_a_standard_is_retired_and_can_be_put_in_force_again(site):
    standard = installed(code="ones")
    row = checked(site, standard, "yyy")

    actions.retire(actor=SYSTEM, standard=standard)

    with pytest.raises(actions.StandardEnded):
        actions.retire(actor=SYSTEM, standard=standard)
    with pytest.raises(actions.NotAsked):
        checked(site, standard, "yyy", by=keeper(site, 7))
    assert (queries.asked_of(site), differences(None, facts("ones"))) == ([], "again")
    assert installed(code="ones") == standard
    assert (Standard.objects.get().ended_at, SiteCheck.objects.get()) == (None, row)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"code": "Ones"}, "code"),
        ({"version": 0}, "version"),
        ({"name": " "}, "name"),
        ({"kinds": ()}, "kinds"),
        ({"kinds": ("station", "street")}, "kinds"),
        ({"items": ()}, "items"),
        ({"items": (actions.ItemFacts("一件", weight=0),)}, "items"),
        ({"items": (actions.ItemFacts(""),)}, "items"),
    ],
)
def test_what_cannot_be_a_standard_is_refused_by_name(site, wrong, named):
    with pytest.raises(InvalidInput) as refusal:
        actions.install_standard(actor=SYSTEM, place=None, facts=replace(facts(), **wrong))

    assert set(refusal.value.fields) == {named}


def test_only_administrators_install_each_for_his_own_places(site):
    admin, office = staff(site.parent, "administrator"), staff(site.parent, "office")

    with pytest.raises(Forbidden):
        actions.install_standard(actor=office, place=site.parent, facts=facts())
    with pytest.raises(Forbidden):
        actions.install_standard(actor=admin, place=None, facts=facts())
    assert actions.install_standard(actor=admin, place=site.parent, facts=facts()).place == site.parent


# ── checks ──────────────────────────────────────────────────────────────────
def test_the_score_is_the_weight_that_is_met_of_the_weight_that_applies(site):
    row = checked(site, installed(items=4), "yn-y")

    assert (row.met, row.applies, row.state) == (1 + 4, 1 + 2 + 4, CheckState.SELF_CHECKED)


def test_another_person_verifies_and_never_who_checked(site):
    standard = installed()
    both = Actor(501, roles=(("station_keeper", site.path), ("office", site.parent.path)))
    row = checked(site, standard, "yyy", by=both)

    for nobody in (both, keeper(site, 9), staff(place("street"), "office", person_id=9), SYSTEM, Actor(9)):
        assert not rules.can_verify(nobody, row)
        with pytest.raises(Forbidden):
            actions.verify_check(actor=nobody, check=row)
    done = actions.verify_check(actor=officer(site), check=row)

    assert (done.state, done.holds, done.decided_by_id) == (CheckState.VERIFIED, True, 502)
    with pytest.raises(actions.CheckDecided):
        actions.return_check(actor=officer(site), check=row, reason="再看看")


def test_the_database_refuses_a_check_verified_by_its_own_author(site):
    row = checked(site, installed(), "yyy")

    for wrong in (
        {"state": "verified", "decided_by_id": row.checked_by_id, "decided_at": NOW},
        {"state": "verified"},
        {"holds": True},
        {"met": 9},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            SiteCheck.objects.filter(pk=row.pk).update(**wrong)


def test_a_returned_check_says_why_and_is_made_anew_while_the_old_one_holds(site):
    standard = installed()
    first = verified(site, standard, "yyn")
    second = checked(site, standard, "yyy")

    with pytest.raises(InvalidInput):
        actions.return_check(actor=officer(site), check=second, reason=" ")
    with pytest.raises(actions.CheckWaits):
        checked(site, standard, "yyy", by=keeper(site, 9))
    actions.return_check(actor=officer(site), check=second, reason="第三件看不到")
    third = actions.verify_check(actor=officer(site), check=checked(site, standard, "yyy"))

    states = SiteCheck.objects.order_by("pk").values_list("pk", "state", "holds", "reason")
    assert list(states) == [
        (first.pk, "verified", False, ""),
        (second.pk, "returned", False, "第三件看不到"),
        (third.pk, "verified", True, ""),
    ]


@pytest.mark.parametrize(
    ("answers", "named"),
    [
        ([], {"answer_1", "answer_2"}),
        (said("y"), {"answer_2"}),
        (said("yyy"), {"items"}),
        ([*said("yy"), *said("y")], {"items"}),
        (said("y-", {2: " "}), {"note_2"}),
        (said("yy", {1: "长" * 201}), {"note_1"}),
        (said("--"), set()),
    ],
)
def test_every_item_is_answered_once_and_what_does_not_apply_says_why(site, answers, named):
    standard = installed(items=2)

    with pytest.raises(InvalidInput) as refusal:
        actions.self_check(actor=keeper(site), place=site, standard=standard, said=answers)

    assert (set(refusal.value.fields), SiteCheck.objects.count()) == (named, 0)


def test_who_does_not_keep_the_site_and_what_is_not_asked_of_it_are_refused(site):
    standard, hall = installed(), place("hall")

    for nobody in (Actor(9), staff(site.parent, "grid_worker"), keeper(hall), SYSTEM):
        with pytest.raises(Forbidden):
            checked(site, standard, "yyy", by=nobody)
    with pytest.raises(actions.NotAsked):
        checked(hall, standard, "yyy")
    with pytest.raises(actions.NotAsked):
        checked(site, installed(place=place("street")), "yyy")


def test_checks_are_told_upwards(site, monkeypatch):
    told = []
    monkeypatch.setattr(events, "publish", told.append)

    row = verified(site, installed(), "yyy")

    assert told == [SiteChecked(row.pk)] * 2


# ── standings and gaps ──────────────────────────────────────────────────────
def standings(standard, **more):
    return {one.name: (one.standing, one.waits) for one in queries.sites(standard, **more)}


def test_sites_stand_met_unmet_old_or_never_and_every_count_agrees():
    street = place("street")
    standard = installed(code="ones")
    names = ("全部做到的", "缺一件的", "一年前的", "没查的", "等着的")
    sites = [place("station", place("community", street), name=name) for name in names]
    place("hall", place("community", street))
    verified(sites[0], standard, "yyy")
    verified(sites[1], standard, "yn-")
    with clock.frozen(NOW - timedelta(days=366)):
        verified(sites[2], standard, "yyy")
    checked(sites[4], standard, "yyy")

    assert standings(standard) == {
        "全部做到的": ("met", False),
        "缺一件的": ("unmet", False),
        "一年前的": ("old", False),
        "没查的": ("never", False),
        "等着的": ("never", True),
    }
    (tally,) = queries.tallies(street)
    assert (tally.sites, tally.met, tally.unmet, tally.old, tally.never, tally.waiting) == (5, 1, 1, 1, 2, 1)
    for word in Standing.values:
        assert queries.sites(standard, standing=word).count() == tally.of(word)
    assert set(standings(standard, standing="gap")) == set(names[1:])
    assert list(standings(standard, standing="waiting")) == ["等着的"]
    assert list(standings(standard, words="缺一")) == list(standings(standard, item=2)) == ["缺一件的"]
    assert [(item.number, n) for item, n in queries.missing_items(standard, street)] == [(1, 0), (2, 1), (3, 0)]
    assert standings(standard, within=place("street")) == {}
    one = {name: queries.of_site(site)[0].standing for name, site in zip(names, sites, strict=True)}
    assert one == {name: standing for name, (standing, _waits) in standings(standard).items()}


def test_a_new_version_asks_every_site_anew_and_the_old_check_stays_behind_it(site):
    verified(site, installed(code="ones"), "yyy")
    second = installed(code="ones", version=2, items=2)

    assert standings(second) == {"和平站": ("old", False)}
    assert [tally.old for tally in queries.tallies()] == [1]
    assert queries.met_at(site) == []
    verified(site, second, "yy")
    assert standings(second) == {"和平站": ("met", False)}
    assert SiteCheck.objects.filter(holds=True).count() == 1


def test_a_check_of_the_version_before_that_still_waits_is_in_nobodys_way(site):
    first = checked(site, installed(code="ones"), "yyy")
    second = installed(code="ones", version=2, items=2)

    assert [tally.waiting for tally in queries.tallies()] == [0]
    assert standings(second) == {"和平站": ("never", False)}
    assert not queries.of_site(site)[0].waits
    checked(site, second, "yn", by=keeper(site, 9))
    assert [tally.waiting for tally in queries.tallies()] == [1]
    assert queries.of_site(site)[0].waits
    actions.verify_check(actor=officer(site), check=first)
    assert standings(second) == {"和平站": ("old", True)}


def test_a_check_of_an_earlier_version_verified_late_does_not_push_the_newer_one_aside(site):
    first = checked(site, installed(code="ones"), "nnn")
    second = installed(code="ones", version=2, items=2)
    newer = actions.verify_check(actor=officer(site), check=checked(site, second, "yy", by=keeper(site, 9)))

    late = actions.verify_check(actor=officer(site), check=first)

    assert (late.state, late.holds) == (CheckState.VERIFIED, False)
    assert standings(second) == {"和平站": ("met", False)}
    assert SiteCheck.objects.get(holds=True) == newer


def test_the_public_sees_what_is_met_and_nothing_else(site):
    met, unmet, waits = (installed(name=name) for name in ("甲", "乙", "丙"))
    verified(site, met, "yy-")
    verified(site, unmet, "yyn")
    checked(site, waits, "yyy")

    assert queries.met_at(site) == [(met, NOW)]
    with clock.frozen(NOW + timedelta(days=366)):
        assert queries.met_at(site) == []


def test_a_site_that_moved_away_or_became_another_kind_is_counted_nowhere_and_shows_no_badge(site):
    county = site.parent.parent.parent
    standard, gap = installed(place=county, name="甲"), installed(place=county, name="乙")
    changed = place("station", site.parent, "别的站")
    for one in (site, changed):
        verified(one, standard, "yyy")
        verified(one, gap, "yny")
    assert [found for found, _since in queries.met_at(site)] == [standard]
    assert queries.missing_items(gap)[1][1] == 2

    actions.move_place(actor=SYSTEM, place=site, parent=place("community"), reason="区划调整")
    Place.objects.filter(pk=changed.pk).update(kind="hall")
    site, changed = Place.objects.get(pk=site.pk), Place.objects.get(pk=changed.pk)

    assert queries.met_at(site) == queries.met_at(changed) == []
    assert [n for _item, n in queries.missing_items(gap)] == [0, 0, 0]
    assert list(queries.sites(gap, item=2)) == []


def test_the_rule_and_the_question_agree_about_who_reads_and_who_verifies(site):
    row = checked(site, installed(), "yyy")
    away = place("street")
    people = [keeper(site), keeper(site, 9), officer(site), staff(site, "inspector", person_id=9), Actor(9)]
    people += [staff(away, "administrator"), staff(site, "auditor", person_id=9), staff(site, "volunteer")]

    for one in people:
        reads = SiteCheck.objects.filter(rules.checks_visible_to(one)).exists()
        assert reads == rules.can_read_checks(one, row.place)
        assert queries.waiting_checks(one).exists() == rules.can_verify(one, row)
    with pytest.raises(NotFound):
        queries.check(Actor(9), row.public_id)


# ── people ──────────────────────────────────────────────────────────────────
def test_a_forgotten_keeper_leaves_the_check_without_his_words(site):
    row = checked(site, installed(), "yn-", notes={1: "墙上有牌子", 3: "没有"})
    actions.return_check(actor=officer(site), check=row, reason="第二件补上")

    assert actions.forget_checker(person_id=501) == 2
    assert actions.forget_checker(person_id=502) == 0

    row.refresh_from_db()
    assert (row.reason, row.checked_by_id, row.answers.count()) == ("", 501, 3)
    assert not CheckNote.objects.exists()


def test_two_who_verified_each_other_are_two_and_others_become_one(site):
    row = verified(site, installed(), "yyy")

    assert queries.checked_each_other(501, 502) and queries.checked_each_other(502, 501)
    assert not queries.checked_each_other(501, 77)
    actions.move_checker(person_id=501, to=77)
    row.refresh_from_db()
    assert (row.checked_by_id, row.decided_by_id) == (77, 502)
    assert list(queries.checked_by(77)) == [row]
