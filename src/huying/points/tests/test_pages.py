"""The pages of points from draft to soap: what stands on them, what a refusal says, what a form keeps."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from huying.kernel import clock
from huying.people.models import Allowance, Notice
from huying.points import actions, queries
from huying.points.models import Appeal, Bank, Book, Claim, Edition, Gift, Good, Intake, Passbook, Sheet, Weighing
from huying.points.rules import codes
from huying.points.states import BookletState
from huying.points.tests.factories import ITEMS, START, World, mark_of
from huying.volunteers.tests.factories import browser, sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(world: World, settings: Any) -> Client:
    settings.HUYING_STAFF_SECOND_FACTOR = False
    return browser(world.cast.keeper)


@pytest.fixture
def dora(world: World) -> Client:
    return browser(world.cast.resident)


def page(client: Client, name: str, *args: Any, **asked: str) -> str:
    answer = client.get(reverse(f"points:{name}", args=args), asked)
    assert answer.status_code == 200, (name, answer.status_code)
    return answer.content.decode()


# ── books ───────────────────────────────────────────────────────────────────
def test_everybody_reads_the_rules_and_how_they_were_adopted(world: World) -> None:
    html = page(Client(), "book", world.book.public_id)

    assert "和平社区文明积分办法" in page(Client(), "list")
    for words in ("帮助邻里出行", "10 分，每次", "每天最多 20 分", "150 / 20 / 10", "180 / 300", "会议记录本第 12 页"):
        assert words in html
    english = Client(headers={"accept-language": "en"}).get(reverse("points:book", args=[world.book.public_id]))
    assert "Service as a volunteer" in english.content.decode()


def rows(**more: str) -> dict[str, str]:
    """The first row of the form of a draft."""
    given = {
        "name": "帮助邻里",
        "amount": "5",
        "measure": "time",
        "source": "claim",
        "proof": "照片",
        "confirmer": "keeper",
    }
    return {f"{name}_0": value for name, value in (given | more).items()}


def test_a_book_is_drafted_voted_on_and_published_by_two(world: World, staff: Client) -> None:
    office = browser(world.cast.office)
    place = world.cast.next_door
    facts = {"place": str(place.public_id), "name": "桂花社区积分办法"}
    bad = sent(office, reverse("points:new"), **facts, **rows(name="不收彩礼"))
    assert bad.status_code == 422
    assert "各家自己的事" in bad.content.decode()
    assert "不收彩礼" in bad.content.decode()  # what was typed stays

    assert sent(office, reverse("points:new"), **facts, **rows()).status_code == 303
    book = Book.objects.get(place=place)
    vote = {"assembly": "all", "held_on": "2026-03-01", "eligible": "100", "present": "60", "minutes": "记录本第 3 页"}
    few = sent(office, step(book, "adopt"), **{**vote, "present": "40"}, in_favour="30", against="5", abstained="5")
    assert (few.status_code, "第二十二条" in few.content.decode()) == (422, True)
    done = sent(office, step(book, "adopt"), **vote, in_favour="50", against="5", abstained="5")
    assert done.status_code == 303
    late = {"valid_from": "2026-03-04T00:00"}
    same = sent(office, step(book, "publish"), **late)
    assert "另一个人" in same.content.decode()
    other = browser_of(world)
    assert sent(other, step(book, "publish"), **late).status_code == 303
    assert Edition.objects.get(book=book).state == "published"


def browser_of(world: World) -> Client:
    from huying.people.models import Person

    return browser(Person.objects.get(pk=world.boss().person_id))


def step(book: Book, verb: str) -> str:
    return reverse("points:edition_step", args=[book.public_id, verb])


def test_the_next_draft_begins_with_what_holds_and_keeps_its_codes(world: World, staff: Client) -> None:
    html = page(staff, "draft", world.book.public_id)
    for one in ITEMS:
        assert one["name"] in html

    data = {f"{name}_{n}": str(value) for n, one in enumerate(ITEMS) for name, value in one.items()}
    choices = {f"{name}_{n}": one for n in range(5) for name, one in (("measure", "time"), ("source", "claim"))}
    more = {f"confirmer_{n}": "keeper" for n in range(5)}
    address = reverse("points:draft", args=[world.book.public_id])
    (seen,) = re.findall(r'name="digest" value="([0-9a-f]{64})"', html)
    answer = sent(staff, address, **(more | choices | data), cap_month="200", digest=seen)

    assert answer.status_code == 303
    edition = queries.open_edition(world.book)
    assert edition is not None
    assert ([one["code"] for one in edition.items], edition.cap_month) == ([one["code"] for one in ITEMS], 200)


def test_a_draft_saved_while_the_vote_form_is_open_is_noticed(world: World, staff: Client) -> None:
    """The form carries the draft its reader saw; after he was shown the other one, the next press is about that one."""
    draft = {**ITEMS[2], "amount": 9}
    actions.draft_edition(actor=world.keeper, book=world.book, draft=actions.Draft(items=[draft]))
    address = step(world.book, "adopt")
    open_form = staff.get(address).content.decode()
    (seen,) = re.findall(r'name="digest" value="([0-9a-f]{64})"', open_form)
    actions.draft_edition(actor=world.keeper, book=world.book, draft=actions.Draft(items=[{**draft, "amount": 10}]))
    vote = {"assembly": "all", "held_on": "2026-03-01", "eligible": "300", "present": "180", "in_favour": "150"}
    vote |= {"against": "20", "abstained": "10", "minutes": "会议记录本第 13 页"}

    refused = sent(staff, address, **vote, digest=seen)

    html = refused.content.decode()
    assert refused.status_code in (409, 422) and "草案又改过了" in html and "会议记录本第 13 页" in html
    assert Edition.objects.get(number=2).state == "draft"
    (now,) = re.findall(r'name="digest" value="([0-9a-f]{64})"', html)
    assert now != seen
    assert sent(staff, address, **vote, digest=now).status_code == 303
    assert Edition.objects.get(number=2).adoption.in_favour == 150


# ── the passbook ────────────────────────────────────────────────────────────
def test_a_resident_opens_a_passbook_states_and_exchanges(world: World, dora: Client, staff: Client) -> None:
    good = world.good(stock=3, points=10)
    assert "我要一本存折" in page(dora, "mine")
    assert sent(dora, reverse("points:join", args=[world.book.public_id])).status_code == 303
    passbook = Passbook.objects.get()
    rule = world.rule("bridge")
    facts = {"rule": str(rule.pk), "title": "扶老人过桥", "done_on": clock.today().isoformat(), "quantity": "1"}
    assert sent(dora, reverse("points:claim_new", args=[passbook.public_id]), **facts).status_code == 303
    claim = Claim.objects.get()
    own = sent(dora, reverse("points:claim_step", args=[claim.public_id, "confirm"]))
    assert "由别人核对" in own.content.decode()
    assert "扶老人过桥" in page(staff, "claims")
    assert sent(staff, reverse("points:claim_step", args=[claim.public_id, "confirm"])).status_code == 303

    assert "食用油" in page(dora, "goods", passbook.public_id)
    take = {"good": str(good.public_id), "quantity": "1", "points": "10"}
    assert sent(dora, reverse("points:goods", args=[passbook.public_id]), **take).status_code == 303
    gift = Gift.objects.get()
    code = codes.digits(gift.public_id, 1)
    assert f"{code[:4]} {code[4:]}" in page(dora, "gift", gift.public_id)
    assert f"{code[:4]} {code[4:]}" not in page(staff, "gift", gift.public_id)
    again = sent(dora, reverse("points:goods", args=[passbook.public_id]), **take)
    assert "积分不够" in again.content.decode()

    html = page(dora, "passbook", passbook.public_id)
    assert "扶老人过桥" in html
    assert "+10" in html
    counter = reverse("points:counter", args=[good.bank.public_id])
    assert sent(staff, counter, act="code", code=f"{code[:4]} {code[4:]}").status_code == 303
    used = sent(staff, counter, act="code", code=code)
    assert (used.status_code, "没有这个领取码" in used.content.decode()) == (422, True)
    assert "陈桂英" in page(staff, "counter", good.bank.public_id)


def test_the_booklet_is_a_pdf_with_every_line(world: World, dora: Client) -> None:
    passbook = world.passbook(world.cast.resident, points=30)

    answer = dora.get(reverse("points:booklet", args=[passbook.public_id]))

    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")
    from huying.points.views.booklet import words

    told = words(passbook)
    assert told["rows"] == [["2026-03-03", "扶老人过桥", "+30", "30"]]
    assert told["ends"] == ["30 分可以用到 2026-06-01（含当天）"]
    assert "30 分可以用到 2026-06-01（含当天）" in page(dora, "passbook", passbook.public_id)
    assert Notice.objects.filter(body="可以用到 2026-06-01（含当天）。").count() == 1


def test_leaving_and_freezing_say_what_they_do(world: World, dora: Client) -> None:
    passbook = world.passbook(world.cast.resident)
    leave = reverse("points:passbook_step", args=[passbook.public_id, "leave"])

    assert "都不受影响" in dora.get(leave).content.decode()
    frozen = sent(dora, reverse("points:passbook_step", args=[passbook.public_id, "freeze"]), reason="丢了")
    assert frozen.status_code == 303
    assert "暂停兑换" in page(dora, "passbook", passbook.public_id)
    assert sent(dora, leave).status_code == 303
    assert Passbook.objects.get().state == BookletState.LEFT


def test_staff_open_a_passbook_for_somebody_who_asks(world: World, staff: Client) -> None:
    html = page(staff, "passbooks", q="陈桂英")
    assert "这些居民还没有存折" in html
    person = str(world.cast.resident.public_id)
    assert "替 陈桂英 开立" in page(staff, "join", world.book.public_id, person=person)

    assert sent(staff, reverse("points:join", args=[world.book.public_id]), person=person).status_code == 303
    assert "陈桂英" in page(staff, "passbooks", q="陈桂英")


# ── the bank ────────────────────────────────────────────────────────────────
def test_goods_deliveries_scales_and_booklets_at_the_counter(world: World, staff: Client) -> None:
    facts = {"name": "文明储蓄所", "place": str(world.home.public_id), "hours": "周三上午"}
    assert sent(staff, reverse("points:bank_new", args=[world.book.public_id]), **facts).status_code == 303
    bank = Bank.objects.get()
    good = {"name": "肥皂", "unit": "块", "points": "8", "value": "3.00", "litter": "烟头", "litter_grams": "200"}
    new = reverse("points:good_new", args=[bank.public_id])
    assert sent(staff, new, **{**good, "litter_grams": ""}).status_code == 422
    assert sent(staff, new, **good, active="on").status_code == 303
    soap = Good.objects.get()
    delivery = {"kind": "goods", "good": str(soap.public_id), "amount": "10", "evidence": "单 7"}
    assert sent(staff, reverse("points:intake_new", args=[bank.public_id]), **delivery).status_code == 303
    intake = Intake.objects.get()
    confirm = reverse("points:intake_step", args=[intake.public_id, "confirm"])
    assert sent(staff, confirm).status_code == 403
    assert sent(browser(world.cast.office), confirm).status_code == 303

    counter = reverse("points:counter", args=[bank.public_id])
    assert sent(staff, counter, act="weigh", good=str(soap.public_id), grams="450").status_code == 303
    assert Weighing.objects.get().quantity == 2
    few = sent(staff, counter, act="weigh", good=str(soap.public_id), grams="90")
    assert (few.status_code, "至少 200 克" in few.content.decode()) == (422, True)
    passbook = world.passbook(world.cast.resident, points=20)
    serve = {
        "act": "serve",
        "number": f"{passbook.number}-{mark_of(passbook)}",
        "good": f"{soap.public_id}/8",
        "quantity": "1",
    }
    first = sent(staff, counter, **serve)  # whose it is, before anything is given
    assert (first.status_code, Gift.objects.count()) == (200, 0)
    assert "陈桂英" in first.content.decode() and "可用 20 分" in first.content.decode()
    other = world.passbook(points=20)
    mixed = {**serve, "checked": f"{other.number}-{mark_of(other)}"}
    assert (sent(staff, counter, **mixed).status_code, Gift.objects.count()) == (200, 0)  # another one was shown
    assert sent(staff, counter, **serve, checked=serve["number"]).status_code == 303
    wrong = sent(staff, counter, **{**serve, "number": "0000000000"})
    assert "没有这本存折" in wrong.content.decode()
    html = page(staff, "bank", bank.public_id)
    assert "肥皂" in html
    assert "烟头 200 克换一件" in html


def test_a_scanned_booklet_shows_its_owner_and_the_price_that_is_pressed_is_charged(
    world: World, staff: Client
) -> None:
    passbook, good = world.passbook(world.cast.resident, points=100), world.good(stock=5)
    counter, booklet = reverse("points:counter", args=[good.bank.public_id]), f"{passbook.number}-{mark_of(passbook)}"
    html = sent(staff, counter, act="code", code=booklet).content.decode()
    assert "陈桂英" in html and "可用 100 分" in html and f"{good.public_id}/40" in html
    bad = sent(staff, counter, act="code", code=f"{passbook.number}-000000").content.decode()
    assert "陈桂英" not in bad and "存折上的码不对" in bad
    wrong = {"number": f"{passbook.number}-000001", "quantity": "1", "good": f"{good.public_id}/40"}
    assert "存折上的码不对" in sent(staff, counter, act="serve", **wrong).content.decode()
    assert Allowance.objects.get(scope="points.code").used == 2  # each wrong one counts once

    shelf = actions.Shelf(name="食用油", unit="桶", points=60, value_fen=4990)
    actions.save_good(actor=world.keeper, bank=good.bank, shelf=shelf, good=good)
    press = {"act": "serve", "number": booklet, "checked": booklet, "quantity": "1", "good": f"{good.public_id}/40"}
    refused = sent(staff, counter, **press)
    assert refused.status_code == 422
    assert "现在要 60 分一桶，不是 40 分了" in refused.content.decode()
    assert f'value="{good.public_id}/60" selected' in refused.content.decode()
    assert sent(staff, counter, **press | {"good": f"{good.public_id}/60"}).status_code == 303
    assert Gift.objects.get().points == 60


def test_a_resident_pays_what_he_was_shown(world: World, dora: Client) -> None:
    passbook, good = world.passbook(world.cast.resident, points=100), world.good(stock=5)
    shelf = actions.Shelf(name="食用油", unit="桶", points=60, value_fen=4990)
    actions.save_good(actor=world.keeper, bank=good.bank, shelf=shelf, good=good)
    address, take = reverse("points:goods", args=[passbook.public_id]), {"good": str(good.public_id), "quantity": "1"}

    refused = sent(dora, address, **take, points="40")

    assert (refused.status_code, Gift.objects.count()) == (422, 0)
    assert "现在要 60 分一桶" in refused.content.decode() and 'name="points" value="60"' in refused.content.decode()
    assert sent(dora, address, **take, points="60").status_code == 303
    assert Gift.objects.get().points == 60


def test_guessing_at_the_counter_is_stopped_though_each_guess_is_refused(world: World, staff: Client) -> None:
    bank = world.good(stock=1).bank
    counter = reverse("points:counter", args=[bank.public_id])
    for number in range(20):
        assert "没有这个领取码" in sent(staff, counter, act="code", code=f"{number:08d}").content.decode()

    assert "输错太多次" in sent(staff, counter, act="code", code="99999999").content.decode()


def test_a_sheet_is_made_approved_by_another_and_taken_along(world: World, staff: Client) -> None:
    merchant, sponsor = world.partner(), world.funded(10_000)
    gift = world.gift(world.good(stock=2, partner=merchant), world.passbook(points=40))
    world.handed(gift)
    today = clock.today().isoformat()
    facts = {"partner": str(merchant.public_id), "funded_by": str(sponsor.public_id), "since": today, "until": today}
    assert sent(staff, reverse("points:sheets", args=[world.book.public_id]), **facts).status_code == 303
    sheet = Sheet.objects.get()
    approve = reverse("points:sheet_step", args=[sheet.public_id, "approve"])
    same = sent(staff, approve, evidence="收据")
    assert (same.status_code, "另一个人" in same.content.decode()) == (422, True)
    assert sent(browser(world.cast.office), approve, evidence="收据").status_code == 303
    assert "49.90" in page(staff, "sheet", sheet.public_id)
    file = staff.get(reverse("points:sheet_file", args=[sheet.public_id, "csv"]))
    body = b"".join(file.streaming_content).decode()  # type: ignore[arg-type]
    assert "49.9" in body
    assert "居民" not in body  # never who fetched it


# ── appeals ─────────────────────────────────────────────────────────────────
def test_an_appeal_goes_to_somebody_else_with_its_days(world: World, dora: Client, staff: Client) -> None:
    passbook = world.passbook(world.cast.resident)
    claim = actions.refuse(actor=world.keeper, claim=world.claim(passbook), reason="看不清")
    address = reverse("points:appeal_new", args=[passbook.public_id]) + f"?claim={claim.public_id}"
    assert sent(dora, address, words="很清楚").status_code == 303
    appeal = Appeal.objects.get()

    mark = reverse("points:appeal_step", args=[appeal.public_id, "mark"])
    mine = sent(staff, mark)
    assert "不能处理" in mine.content.decode()
    assert "很清楚" in page(staff, "appeals")
    office = browser(world.cast.office)
    assert sent(office, mark).status_code == 303
    decide = reverse("points:appeal_step", args=[appeal.public_id, "decide"])
    assert sent(office, decide, outcome="kept", reason="没有人").status_code == 303
    html = page(dora, "appeal", appeal.public_id)
    assert "请另一组复核" in html
    assert "没有人" in html


def test_pages_without_anything_say_what_to_do(world: World, dora: Client, staff: Client) -> None:
    assert "没有要核对的" in page(staff, "claims")
    assert "没有申诉" in page(staff, "appeals")
    bank = world.bank()
    assert "货架还是空的" in page(staff, "bank", bank.public_id)
    assert "今天还没有人来" in page(staff, "counter", bank.public_id)
    passbook = world.passbook(world.cast.resident)
    assert "还没有记录" in page(dora, "passbook", passbook.public_id)
    assert "还没有可以兑换的" in page(dora, "goods", passbook.public_id)


def test_no_page_of_staff_tells_how_many_points_somebody_has_in_a_list(world: World, staff: Client) -> None:
    passbook = world.passbook(world.cast.resident, points=7777 // 77)

    html = page(staff, "passbooks")

    assert passbook.number in html
    assert not re.search(r">\s*101\s*<", html)
    assert clock.now() == START
