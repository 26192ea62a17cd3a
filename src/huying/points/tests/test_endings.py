"""Points end only sixty days after word their owner could read, never while he could not use them, on the day he was told."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.ledger import queries as ledger_queries
from huying.ledger import tasks as ledger_tasks
from huying.people.models import Notice
from huying.points import actions, queries, rules, tasks
from huying.points.models import Appeal, Ending, Passbook, Reversal
from huying.points.queries.books import midnight
from huying.points.queries.endings import last_day, soonest
from huying.points.states import Ground, Outcome
from huying.points.tests.factories import START, World, balance

pytestmark = pytest.mark.django_db
DAY, HOUR, MOMENT = timedelta(days=1), timedelta(hours=1), timedelta(microseconds=1)
SYSTEM = Actor.system("tests")
TODAY = date(2026, 3, 3)
LAST = TODAY + 90 * DAY
"""Points of litter can be used for ninety days: until the first of June, and are gone at the midnight after it."""
END = midnight(LAST + DAY)


def at(moment: datetime) -> object:
    return clock.frozen(moment)


def night(day: date) -> None:
    """What the clock does in one night, at the hours of its jobs."""
    with clock.frozen(midnight(day) + 23 * timedelta(minutes=1)):
        end_now()
    with clock.frozen(midnight(day) + 72 * timedelta(minutes=1)):
        warn_now()


def end_now() -> None:
    """The ledger's own job, as it is queued and run."""
    ledger_tasks.expire.func.__wrapped__()
    for key in list(ledger_queries.accounts_expiring()):
        ledger_tasks.expire_lots.func.__wrapped__(key)
    ProcrastinateJob.objects.all().delete()


def warn_now() -> None:
    tasks.warn.func.__wrapped__()
    for key in list(queries.ending_soon()):
        tasks.warn_one.func.__wrapped__(key)
    ProcrastinateJob.objects.all().delete()


def nights(since: date, until: date) -> None:
    """All nights from ``since`` to before ``until``."""
    for number in range((until - since).days):
        night(since + number * DAY)


def given(world: World, kilos: int = 10) -> Passbook:
    passbook = world.passbook()
    world.confirmed(passbook, "litter", kilos * 1000)
    return passbook


def words_of(passbook: Passbook) -> list[str]:
    rows = Notice.objects.filter(person=passbook.person, title__contains="可以用到").order_by("pk")
    return list(rows.values_list("title", flat=True))


# ── word ────────────────────────────────────────────────────────────────────
def test_without_word_nothing_ends(world: World) -> None:
    passbook = given(world)

    for days in (0, 30, 300):
        with at(END + days * DAY):
            end_now()
    assert (balance(passbook), Ending.objects.count()) == (40, 0)


def test_in_normal_running_points_end_at_the_midnight_after_their_last_day(world: World) -> None:
    passbook = given(world)

    nights(LAST - 70 * DAY, LAST)
    with at(END - MOMENT):
        end_now()
        before = balance(passbook)
    with at(END):
        end_now()

    row = Ending.objects.get()
    assert (before, balance(passbook)) == (40, 0)
    assert (row.points, row.ends_at) == (40, END)
    assert row.ends_at - row.told_at >= 60 * DAY
    notice = Notice.objects.get(person=passbook.person, title__contains="可以用到")
    assert notice.show_after == row.told_at  # as he could read it, after his quiet hours
    assert words_of(passbook) == [f"有 40 分可以用到 {LAST}（含当天）"]


def test_a_night_without_jobs_puts_nothing_off_and_a_month_without_them_puts_the_end_off(world: World) -> None:
    early, late = given(world), given(world)
    with at(END - 61 * DAY):
        actions.warn_expiry(actor=SYSTEM, passbook=early)
    with at(END - 20 * DAY + HOUR):
        actions.warn_expiry(actor=SYSTEM, passbook=late)
        shown = queries.stand(late).ends
    with at(END):
        end_now()
    assert (balance(early), balance(late)) == (0, 40)

    later = Ending.objects.get(passbook=late).ends_at
    assert shown == [(last_day(later), 40)]
    assert words_of(late) == [f"有 40 分可以用到 {last_day(later)}（含当天）"]
    with at(later - MOMENT):
        end_now()
        before = balance(late)
    with at(later):
        end_now()
    assert (before, balance(late)) == (40, 0)


def test_sixty_days_to_the_day(world: World) -> None:
    noon = midnight(date(2026, 4, 1)) + 12 * HOUR

    assert soonest(noon) == midnight(date(2026, 6, 1))
    assert soonest(midnight(date(2026, 4, 1))) == midnight(date(2026, 5, 31))
    assert soonest(midnight(date(2026, 4, 1)) + MOMENT) == midnight(date(2026, 6, 1))
    passbook, short = given(world), noon + 60 * DAY - MOMENT
    with pytest.raises(IntegrityError), transaction.atomic():  # the database itself refuses short notice
        Ending.objects.create(passbook=passbook, lot_id=1, points=1, told_at=noon, ends_at=short)
    Ending.objects.create(passbook=passbook, lot_id=1, points=1, told_at=noon, ends_at=noon + 60 * DAY)


def test_word_is_given_once(world: World) -> None:
    passbook = given(world)

    nights(LAST - 67 * DAY, LAST - 50 * DAY)
    with at(END - 49 * DAY):
        again = actions.warn_expiry(actor=SYSTEM, passbook=passbook)
        none = list(queries.ending_soon())

    assert (again, none, len(words_of(passbook)), Ending.objects.count()) == (0, [], 1, 1)


# ── what cannot be used does not end ────────────────────────────────────────
def warned(world: World) -> Passbook:
    """Forty points, whose owner was told in time."""
    passbook = given(world)
    with at(END - 62 * DAY):
        actions.warn_expiry(actor=SYSTEM, passbook=passbook)
    return passbook


def ends_after(passbook: Passbook, moment: datetime) -> None:
    """From ``moment`` on they can be used for sixty days more, with word; then they are gone."""
    row = Ending.objects.filter(passbook=passbook).latest("pk")
    assert row.ends_at >= moment + 60 * DAY
    with at(row.ends_at - MOMENT):
        end_now()
        before = balance(passbook)
    with at(row.ends_at):
        end_now()
    assert (before, balance(passbook)) == (40, 0)
    assert words_of(passbook)[-1] == f"有 40 分可以用到 {last_day(row.ends_at)}（含当天）"


def test_nothing_ends_while_it_is_frozen_and_a_lifted_freeze_gives_a_term_again(world: World) -> None:
    passbook = warned(world)
    with at(END - 5 * DAY):
        actions.freeze(actor=world.keeper, passbook=passbook, reason="有人反映")
    with at(END + DAY):
        end_now()
        assert balance(passbook) == 40
    lifted = END + 10 * DAY
    with at(lifted):
        actions.unfreeze(actor=SYSTEM, passbook=passbook)
        end_now()
        assert balance(passbook) == 40

    ends_after(passbook, lifted)


def test_days_that_were_frozen_before_the_end_are_given_back(world: World) -> None:
    passbook = warned(world)
    with at(END - 20 * DAY):
        actions.freeze(actor=world.keeper, passbook=passbook, reason="有人反映")
    lifted = END - DAY
    with at(lifted):
        actions.unfreeze(actor=world.second, passbook=passbook)

    ends_after(passbook, lifted)


def proposed(world: World, passbook: Passbook) -> Reversal:
    claim = passbook.claims.get()
    return actions.propose_reversal(actor=world.keeper, claim=claim, ground=Ground.ERROR, evidence="记录本第 3 页")


def test_a_dropped_reversal_gives_a_term_again(world: World) -> None:
    passbook = warned(world)
    with at(END - 5 * DAY):
        row = proposed(world, passbook)
    dropped = END + 3 * DAY
    with at(dropped):
        end_now()
        actions.drop_reversal(actor=world.second, reversal=row, reason="没有记错")
        end_now()
        assert balance(passbook) == 40

    ends_after(passbook, dropped)


def test_while_something_is_appealed_nothing_ends(world: World) -> None:
    passbook = warned(world)
    with at(END - 5 * DAY):
        refused = actions.refuse(actor=world.keeper, claim=world.claim(passbook), reason="看不清")
        case = actions.file_appeal(
            actor=Actor(person_id=passbook.person_id), passbook=passbook, claim=refused, words="很清楚"
        )
    closed = END + 3 * DAY
    with at(closed):
        end_now()
        assert balance(passbook) == 40
        actions.mark_appeal(actor=world.second, appeal=case)
        actions.decide_appeal(actor=world.second, appeal=case, outcome=Outcome.UPHELD, reason="看得清")
        end_now()
        assert (balance(passbook), Appeal.objects.get().state) == (40, "closed")

    ends_after(passbook, closed)


@pytest.mark.parametrize("by_the_clock", [True, False])
def test_points_of_an_exchange_that_nobody_fetched_get_a_term_again(world: World, by_the_clock: bool) -> None:
    passbook, good = warned(world), world.good(stock=2, points=40)
    with at(END - 5 * DAY):
        gift = world.gift(good, passbook)
    back = END + 9 * DAY + HOUR
    with at(back):
        end_now()  # held, and the clock of exchanges has not run yet
        assert balance(passbook) == 40
        if by_the_clock:
            actions.lapse(actor=SYSTEM, gift=gift)
        else:
            actions.cancel(actor=Actor(person_id=passbook.person_id), gift=gift)
        end_now()
        assert balance(passbook) == 40

    ends_after(passbook, back)


def test_what_is_set_aside_does_not_end_and_the_oldest_goes_first(world: World) -> None:
    passbook, good = warned(world), world.good(stock=5, points=40)
    with at(START + 85 * DAY):
        world.confirmed(passbook, "litter", 10_000)
        gift = world.gift(good, passbook)
    with at(END + DAY):
        end_now()
        world.handed(gift)
        end_now()

    assert balance(passbook) == 40


# ── months ──────────────────────────────────────────────────────────────────
def test_months_are_months_of_the_calendar() -> None:
    assert rules.valid_until(date(2026, 3, 3), None, 24) == date(2028, 3, 3)
    assert rules.valid_until(date(2026, 11, 30), None, 3) == date(2027, 2, 28)
    assert rules.valid_until(date(2026, 3, 3), 90, None) == date(2026, 6, 1)
    assert rules.valid_until(date(2026, 3, 3), None, None) is None


def test_an_item_with_months_ends_on_the_day_of_the_month(world: World) -> None:
    item = {"code": "walk", "name": "陪老人散步", "amount": 5, "proof": "照片", "validity_months": 24}
    world.next_edition([item], after=HOUR)
    with at(START + DAY):
        passbook = world.passbook()
        claim = world.claim(passbook, "walk")
        actions.confirm(actor=world.keeper, claim=claim)
        ends = queries.stand(passbook).ends

    assert ends == [(date(2028, 3, 4), 5)]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"validity_months": 2}, "第 1 项要改：有效期至少 3 个月"),
        ({"validity_days": 89}, "第 1 项要改：有效期至少 90 天"),
        ({"validity_days": 90, "validity_months": 3}, "第 1 项要改：有效期按天或按月，只填一个"),
    ],
)
def test_too_short_or_both_is_refused_with_its_line(world: World, more: dict[str, int], said: str) -> None:
    item = {"code": "walk", "name": "陪老人散步", "amount": 5, "proof": "照片", **more}

    with pytest.raises(actions.ItemsUnclear) as caught:
        world.draft(items=[item])
    assert said in str(caught.value)
