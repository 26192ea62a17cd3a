"""The desks of an office with many books: found by name, number, book and state; the oldest that waits comes first."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.people.models import Notice
from huying.points import actions, queries
from huying.points.models import Claim, Passbook, Rule
from huying.points.tests.factories import ITEMS, World, actor, balance
from huying.volunteers.tests.factories import browser, person, sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(world: World, settings: Any) -> Client:
    settings.HUYING_STAFF_SECOND_FACTOR = False
    return browser(world.cast.keeper)


def shown(client: Client, name: str, **asked: str) -> list[str]:
    """Owners on the first page of a desk, in its order."""
    answer: Any = client.get(reverse(f"points:{name}"), asked)
    assert answer.status_code == 200
    rows = [one[name.removesuffix("s")] for one in answer.context["rows"]]
    return [one.passbook.person.name for one in rows]


def stated(world: World, name: str, minutes: int) -> Claim:
    with clock.frozen(clock.now() - timedelta(minutes=minutes)):
        return world.claim(world.passbook(person(name, world.home)))


def test_what_waits_longest_comes_first_and_is_found_by_name_and_number(world: World, staff: Client) -> None:
    new, old = stated(world, "欧阳后来", 5), stated(world, "欧阳先到", 90)
    stated(world, "司徒守正", 30)

    assert shown(staff, "claims") == ["欧阳先到", "司徒守正", "欧阳后来"]
    assert shown(staff, "claims", q="欧阳") == ["欧阳先到", "欧阳后来"]
    assert shown(staff, "claims", q=new.passbook.number) == ["欧阳后来"]
    assert shown(staff, "claims", q="没有这个人") == []
    for one in (old, new):
        actions.confirm(actor=world.keeper, claim=one)
    assert shown(staff, "claims", state="confirmed") == ["欧阳后来", "欧阳先到"]
    taken = staff.get(reverse("points:claims_file", args=["csv"]), {"q": "先到", "state": "confirmed"})
    text = b"".join(taken.streaming_content).decode() if taken.streaming else taken.content.decode()
    assert "欧阳先到" in text and "欧阳后来" not in text


def test_who_keeps_several_books_looks_at_one(world: World) -> None:
    office = browser(world.cast.office)
    stated(world, "欧阳先到", 90)
    place = world.cast.next_door
    draft = actions.Draft(items=[{"code": "x", "name": "参加植树", "amount": 5, "proof": "签到"}], name="桂花积分办法")
    other = actions.make_book(actor=world.office, place=place, draft=draft).book

    assert shown(office, "claims", book=str(world.book.public_id)) == ["欧阳先到"]
    assert shown(office, "claims", book=str(other.public_id)) == []
    assert "桂花积分办法 · 桂花社区" in office.get(reverse("points:claims")).content.decode()


def appealed(world: World, name: str, minutes: int) -> None:
    with clock.frozen(clock.now() - timedelta(minutes=minutes)):
        claim = actions.refuse(actor=world.second, claim=stated(world, name, 1), reason="看不清")
        passbook = claim.passbook
        actions.file_appeal(actor=actor(passbook.person), passbook=passbook, claim=claim, words=f"{name}说照片很清楚")


def test_appeals_are_found_and_leave_as_a_file(world: World, staff: Client) -> None:
    appealed(world, "欧阳后来", 5)
    appealed(world, "欧阳先到", 90)

    assert shown(staff, "appeals") == ["欧阳先到", "欧阳后来"]
    assert shown(staff, "appeals", q="后来") == ["欧阳后来"]
    assert shown(staff, "appeals", state="closed") == []
    taken = staff.get(reverse("points:appeals_file", args=["csv"]), {"q": "后来"})
    text = b"".join(taken.streaming_content).decode() if taken.streaming else taken.content.decode()
    assert "欧阳后来说照片很清楚" in text and "先到" not in text


def test_everything_of_a_passbook_is_reached_however_old(world: World) -> None:
    passbook = world.passbook(world.cast.resident)
    for number in range(27):
        claim = world.claim(passbook, "litter", 1000 + number)
        Claim.objects.filter(pk=claim.pk).update(title=f"第{number:02}次捡垃圾")
    dora = browser(world.cast.resident)
    address = reverse("points:passbook_all", args=[passbook.public_id])

    assert f"{address}?kind=claims" in dora.get(reverse("points:passbook", args=[passbook.public_id])).content.decode()
    first: Any = dora.get(address, {"kind": "claims"})
    second = dora.get(address, {"kind": "claims", "cursor": first.context["page"].next}).content.decode()
    assert "第26次捡垃圾" in first.content.decode() and "第00次捡垃圾" not in first.content.decode()
    assert "第00次捡垃圾" in second and "第01次捡垃圾" in second and "第02次捡垃圾" not in second
    assert dora.get(address, {"kind": "appeals"}).status_code == 200
    assert browser(world.cast.outsider).get(address).status_code == 404
    assert queries.claims_of(passbook).count() == 27


# ── a book that is renamed, a book that ends ────────────────────────────────
def test_a_book_that_ended_earns_nothing_more_and_its_points_stay_of_use(world: World) -> None:
    passbook = world.passbook(world.cast.resident, points=40)
    good = world.good(stock=1)
    late = world.claim(passbook)
    actions.end_book(actor=world.keeper, book=world.book, reason="会议记录本第 20 页")
    passbook.refresh_from_db()

    with clock.frozen(clock.now() + timedelta(days=1)):
        with pytest.raises(actions.NoRules):
            actions.open_passbook(actor=world.keeper, book=world.book, person=person("后来的人", world.home))
        with pytest.raises((actions.NoRules, actions.OtherRules)):
            rule = late.rule
            done = actions.Done("扶老人过桥", clock.today(), 1)
            actions.state_claim(actor=actor(world.cast.resident), passbook=passbook, rule=rule, done=done)
        assert actions.confirm(actor=world.keeper, claim=late).amount == 10  # what was done before still counts
        world.handed(world.gift(good, passbook))
        for act in (actions.end_book, actions.rename_book):
            more = {"reason": "再来一次"} if act is actions.end_book else {"name": "新名称"}
            with pytest.raises(actions.BookOver):
                act(actor=world.keeper, book=world.book, **more)  # type: ignore[operator]
        made = world.draft(name="另一个办法")
    assert (balance(passbook), made.number) == (10, 1)
    assert world.book not in queries.published_books()


def test_everybody_with_a_passbook_hears_of_the_end_once(world: World, staff: Client) -> None:
    kept, left = world.passbook(world.cast.resident), world.passbook(person("已退出", world.home))
    actions.leave(actor=actor(left.person), passbook=left)
    address = reverse("points:end", args=[world.book.public_id])
    assert sent(staff, address, reason=" ").status_code == 422

    assert sent(staff, address, reason="会议记录本第 20 页").status_code == 303
    assert queries.in_use(world.book.pk) == [kept.pk]
    for one in (kept, left):
        actions.tell_end(actor=Actor.system("tests"), passbook=one)

    told = list(Notice.objects.filter(title__contains="已停止").values_list("person_id", flat=True))
    assert told == [kept.person_id]
    for page in ("keep", "book"):
        html = staff.get(reverse(f"points:{page}", args=[world.book.public_id])).content.decode()
        assert "起停止" in html and "起草下一版" not in html


def test_what_was_done_before_the_end_can_still_be_stated(world: World) -> None:
    passbook, last = world.passbook(world.cast.resident), clock.today()
    actions.end_book(actor=world.keeper, book=world.book, reason="会议记录本第 20 页")
    dora = browser(world.cast.resident)
    new, page = (reverse(f"points:{name}", args=[passbook.public_id]) for name in ("claim_new", "passbook"))
    facts = {"rule": str(item_of(passbook).pk), "title": "扶老人过桥", "quantity": "1"}

    with clock.frozen(clock.now() + timedelta(days=3)):
        assert new in dora.get(page).content.decode()
        assert f'value="{last:%Y-%m-%d}"' in dora.get(new).content.decode()
        late = sent(dora, new, done_on=f"{clock.today():%Y-%m-%d}", **facts)
        done = sent(dora, new, done_on=f"{last:%Y-%m-%d}", **facts)
        assert (late.status_code, done.status_code) == (422, 303)
        assert actions.confirm(actor=world.keeper, claim=Claim.objects.get()).amount == 10
    with clock.frozen(clock.now() + timedelta(days=61)):  # longer ago than anything is taken
        assert new not in dora.get(page).content.decode()
        assert "帮助邻里出行" not in dora.get(new).content.decode()


def item_of(passbook: Passbook) -> Rule:
    """The item of the book that this passbook is of."""
    return Rule.objects.get(edition__book=passbook.book, code="bridge")


def test_a_draft_has_to_be_dropped_before_the_end(world: World) -> None:
    actions.draft_edition(actor=world.keeper, book=world.book, draft=actions.Draft(items=ITEMS))

    with pytest.raises(actions.DraftOpen):
        actions.end_book(actor=world.keeper, book=world.book, reason="会议记录本第 20 页")


def test_a_book_is_renamed_but_not_after_what_nobody_is_scored_for(world: World, staff: Client) -> None:
    address = reverse("points:rename", args=[world.book.public_id])

    refused = sent(staff, address, name="婚事新办积分办法")
    done = sent(staff, address, name="和平社区好事办法", name_en="Good deeds of Heping", about="做好事。")

    world.book.refresh_from_db()
    assert (refused.status_code, done.status_code) == (422, 303)
    assert (world.book.name, world.book.name_en, world.book.about) == (
        "和平社区好事办法",
        "Good deeds of Heping",
        "做好事。",
    )
