"""Who has no account is told by a person; until then nothing of his ends and no time to object begins."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden
from huying.kernel.models import AuditLine
from huying.people.models import Account, Notice
from huying.points import actions, queries, tasks
from huying.points.models import Ending, Passbook, Reversal
from huying.points.queries.endings import last_day
from huying.points.states import Ground, Outcome
from huying.points.tests.factories import START, World, balance
from huying.points.tests.test_endings import DAY, END, LAST, MOMENT, SYSTEM, at, end_now, night, warn_now
from huying.volunteers.tests.factories import browser, sent

pytestmark = pytest.mark.django_db


def silent(world: World, kilos: int = 10) -> Passbook:
    """Opened by staff for somebody without a telephone; forty points that can be used for ninety days."""
    passbook = world.passbook(reads=False)
    world.confirmed(passbook, "litter", kilos * 1000)
    return passbook


def listed(world: World, who: Actor | None = None) -> list[Passbook]:
    return list(queries.to_tell(who or world.keeper))


def test_points_of_who_cannot_read_the_word_do_not_end(world: World) -> None:
    passbook = silent(world)

    for days in (-65, -30, 0, 61, 400):
        night((END + days * DAY).date())

    assert (balance(passbook), Ending.objects.count()) == (40, 0)
    assert not Notice.objects.filter(person=passbook.person, title__contains="可以用到").exists()


def test_told_in_person_they_end_sixty_days_later(world: World) -> None:
    passbook = silent(world)
    with at(END - 68 * DAY):
        assert listed(world) == []
    with at(END - 30 * DAY):
        assert (listed(world), listed(world, world.outsider)) == ([passbook], [])
        words = actions.spoken(passbook)
        actions.tell_in_person(actor=world.keeper, passbook=passbook, how="上门念了一遍")
        assert listed(world) == []
        with pytest.raises(actions.NothingToTell):
            actions.tell_in_person(actor=world.second, passbook=passbook, how="又去了一次")

    row = Ending.objects.get()
    assert (row.told_by_id, row.told_at) == (world.keeper.person_id, END - 30 * DAY)
    assert words[0][0] == f"有 40 分可以用到 {last_day(row.ends_at)}（含当天）" and row.ends_at >= END + 30 * DAY
    with at(row.ends_at - MOMENT):
        end_now()
        before = balance(passbook)
    with at(row.ends_at):
        end_now()
    assert (before, balance(passbook)) == (40, 0)
    assert AuditLine.objects.get(verb="points.tell_in_person").reason == "上门念了一遍"


def test_only_a_keeper_who_says_how_tells(world: World) -> None:
    passbook = silent(world)
    with at(END - 30 * DAY):
        for who in (world.outsider, world.auditor, Actor(person_id=passbook.person_id)):
            with pytest.raises(Forbidden):
                actions.tell_in_person(actor=who, passbook=passbook, how="说了")
        with pytest.raises(actions.ReasonMissing):
            actions.tell_in_person(actor=world.keeper, passbook=passbook, how=" ")
        readable = world.passbook()
        world.confirmed(readable, "litter", 1000)
        with pytest.raises(actions.NothingToTell):
            actions.tell_in_person(actor=world.keeper, passbook=readable, how="说了")
    with pytest.raises(IntegrityError), transaction.atomic():  # no half of a word
        Ending.objects.create(passbook=passbook, lot_id=1, points=1, ends_at=END)


def test_an_account_that_was_opened_or_shut_changes_who_is_told(world: World) -> None:
    passbook = silent(world)
    account = Account.objects.create(username="later", person=passbook.person, is_active=False)
    with at(END - 62 * DAY):
        warn_now()
        assert (Ending.objects.count(), listed(world)) == (0, [passbook])
    Account.objects.filter(pk=account.pk).update(is_active=True)
    with at(END - 61 * DAY):
        warn_now()
        assert (Ending.objects.get().told_by, listed(world)) == (None, [])


def test_a_lifted_freeze_takes_the_word_back_until_somebody_tells_anew(world: World) -> None:
    passbook = silent(world)
    with at(END - 62 * DAY):
        actions.tell_in_person(actor=world.keeper, passbook=passbook, how="上门说了")
    with at(END - 5 * DAY):
        actions.freeze(actor=world.keeper, passbook=passbook, reason="有人反映")
    with at(END + 10 * DAY):
        actions.unfreeze(actor=SYSTEM, passbook=passbook)
        end_now()
        assert (balance(passbook), listed(world)) == (40, [passbook])
    with at(END + 400 * DAY):
        end_now()
        assert balance(passbook) == 40
        actions.tell_in_person(actor=world.keeper, passbook=passbook, how="上门说了")
    ends_at = Ending.objects.latest("pk").ends_at
    assert ends_at is not None and ends_at >= END + 460 * DAY
    with at(ends_at):
        end_now()
    assert balance(passbook) == 0


def test_what_was_spent_is_on_no_list(world: World) -> None:
    passbook, good = silent(world), world.good(stock=5, points=40)
    with at(END - 30 * DAY):
        world.confirmed(passbook, "litter", 10_000)  # these end later, and are what is left
        world.handed(world.gift(good, passbook))
        assert (balance(passbook), listed(world)) == (40, [])


# ── taking back ─────────────────────────────────────────────────────────────
def proposed(world: World, passbook: Passbook) -> Reversal:
    claim = passbook.claims.get()
    return actions.propose_reversal(actor=world.keeper, claim=claim, ground=Ground.ERROR, evidence="记录本第 3 页")


def test_the_time_to_object_begins_when_he_was_told(world: World) -> None:
    passbook = silent(world)
    row = proposed(world, passbook)
    assert (row.told_at, row.not_before, listed(world)) == (None, None, [passbook])
    with at(START + 40 * DAY), pytest.raises(actions.NotTold):
        actions.carry_reversal(actor=world.second, reversal=row)

    told = START + 1 * DAY
    with at(told):
        assert actions.spoken(passbook)[0][0] == "有人提出冲回 40 分：扶老人过桥"
        actions.tell_in_person(actor=world.keeper, passbook=passbook, how="上门说了，签了字")
    row.refresh_from_db()
    assert (row.told_at, row.not_before, row.told_by_id) == (told, told + 15 * DAY, world.keeper.person_id)
    with at(told + 15 * DAY - MOMENT), pytest.raises(actions.TooEarly):
        actions.carry_reversal(actor=world.second, reversal=row)
    with at(told + 15 * DAY):
        assert actions.carry_reversal(actor=world.second, reversal=row).state == "carried"


def test_a_word_that_could_be_read_begins_at_once(world: World) -> None:
    passbook = world.passbook()
    world.confirmed(passbook)

    row = proposed(world, passbook)

    assert (row.told_at, row.not_before, listed(world)) == (START, START + 15 * DAY, [])


def test_who_opens_an_account_later_is_told_there_and_his_time_begins_then(world: World) -> None:
    passbook = silent(world)
    row = proposed(world, passbook)
    account = Account.objects.create(username="later", person=passbook.person, is_active=False)
    assert list(queries.over_now()["tell_reversal"]) == []
    assert actions.tell_reversal(actor=SYSTEM, reversal=row).told_at is None  # cannot read it yet
    Account.objects.filter(pk=account.pk).update(is_active=True)
    told = START + 9 * DAY
    with at(told):
        assert (list(queries.over_now()["tell_reversal"]), listed(world)) == ([row.pk], [])
        for _ in range(2):
            tasks.tell_reversal.func.__wrapped__(row_id=row.pk)
        assert list(queries.over_now()["tell_reversal"]) == []

    row.refresh_from_db()
    assert (row.told_at, row.told_by, row.not_before) == (told, None, told + 15 * DAY)
    assert row.until is not None and row.until > told + 24 * DAY
    notice = Notice.objects.get(person=passbook.person, title="有人提出冲回 40 分：扶老人过桥")
    assert "以前可以申诉" in notice.body
    with at(told + 15 * DAY - MOMENT), pytest.raises(actions.TooEarly):
        actions.carry_reversal(actor=world.second, reversal=row)
    with at(told + 15 * DAY):
        assert actions.carry_reversal(actor=world.second, reversal=row).state == "carried"


def test_staff_who_act_for_him_appeal_in_time_counted_from_the_telling(world: World) -> None:
    passbook = silent(world)
    row = proposed(world, passbook)
    acting = replace(world.second, on_behalf_of_id=passbook.person_id)

    with at(START + 40 * DAY):
        case = actions.file_appeal(actor=acting, passbook=passbook, reversal=row, words="他说没有记错")
        actions.mark_appeal(actor=world.office, appeal=case)
        actions.decide_appeal(actor=world.office, appeal=case, outcome=Outcome.UPHELD, reason="没有记错")

    assert Reversal.objects.get(pk=row.pk).state == "dropped"


# ── pages ───────────────────────────────────────────────────────────────────
def test_the_desk_leads_to_the_slip_and_the_press(world: World, settings: Any) -> None:
    settings.HUYING_STAFF_SECOND_FACTOR = False
    passbook = silent(world)
    with clock.frozen(END - 30 * DAY):
        staff = browser(world.cast.keeper)
        assert reverse("points:untold") in staff.get(reverse("points:desk")).content.decode()
        page = reverse("points:tell", args=[passbook.public_id])
        assert page in staff.get(reverse("points:untold"), {"q": passbook.number}).content.decode()
        slip = staff.get(page).content.decode()
        assert "有 40 分可以用到" in slip and "签字" in slip
        assert sent(staff, page, how="").status_code == 422
        assert sent(staff, page, how="上门说了").status_code == 303
        assert "没有要当面告知的" in staff.get(reverse("points:untold")).content.decode()
        again = sent(staff, page, how="再说一次")
        assert (again.status_code, "没有要当面告知的了" in again.content.decode()) == (422, True)
    assert Ending.objects.get().points == 40
    assert last_day(Ending.objects.get().ends_at) > LAST  # type: ignore[arg-type]
