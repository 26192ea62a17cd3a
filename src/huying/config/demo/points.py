"""Points of the demonstration: a community's adopted book, a bank with goods, passbooks with a life on them. All invented.

Made by the real actions: the station drafts and records the vote, the street publishes; residents state, staff confirm.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.people.models import Account, Person, Role
from huying.places.models import Place
from huying.points import actions, queries
from huying.points.models import Book, Good, Partner, Passbook
from huying.points.rules import codes
from huying.points.states import Assembly, IntakeKind
from huying.volunteers.models import ServiceRecord
from huying.volunteers.states import COUNTED

DAY = timedelta(days=1)
BEGAN = 45
"""Days ago the book began to hold."""
ITEMS: list[dict[str, Any]] = [
    {
        "code": "service",
        "name": "参加志愿服务",
        "name_en": "Serving as a volunteer",
        "amount": 10,
        "source": "service",
        "measure": "hour",
        "proof": "已确认的服务记录",
        "cap_day": 60,
        "validity_months": 12,
    },
    {
        "code": "lesson",
        "name": "听宣讲、上夜校",
        "name_en": "Attending talks and evening classes",
        "amount": 5,
        "source": "learning",
        "proof": "签到表",
        "cap_month": 40,
        "validity_months": 12,
    },
    {
        "code": "neighbour",
        "name": "帮助邻里",
        "name_en": "Helping a neighbour",
        "amount": 10,
        "proof": "照片，或邻居的话",
        "cap_day": 20,
        "cap_month": 100,
        "validity_months": 12,
    },
    {
        "code": "litter",
        "name": "捡拾公共地方的垃圾",
        "name_en": "Collecting litter in public places",
        "amount": 4,
        "measure": "kilo",
        "proof": "在储蓄所过秤",
        "cap_day": 40,
        "validity_months": 3,
    },
    {
        "code": "merit",
        "name": "评议推荐的好事",
        "name_en": "A good deed chosen by the assembly",
        "amount": 50,
        "source": "honour",
        "proof": "评议会记录",
        "confirmer": "office",
        "cap_year": 100,
    },
]
GOODS = (
    ("抽纸", "Tissues", "提", 20, 1290, 40),
    ("洗衣液", "Washing liquid", "瓶", 45, 2490, 25),
    ("食用油", "Cooking oil", "桶", 90, 5990, 12),
    ("理发一次", "A haircut", "次", 30, 1500, 30),
    ("肥皂", "Soap", "块", 8, 300, 60),
)
DEEDS = (
    "陪邻居去医院取药",
    "帮楼上老人搬米",
    "清理楼道里的杂物",
    "教邻居用手机挂号",
    "看护放学的孩子一小时",
    "扶老人过马路",
)


def load() -> None:
    """The book, the bank and what people did; nothing where there is a book."""
    if Book.objects.exists():
        return
    station, office = acting("station"), acting("office")
    home = Place.objects.get(path=station.roles[0][1])
    residents = Person.objects.filter(home_place__path__startswith=home.path, erased_at=None).order_by("id")[:12]
    scheme(station, office, home, list(residents))


def scheme(station: Actor, office: Actor, home: Place, residents: Sequence[Person]) -> Book:
    """Points of one community over some weeks: its book, its bank, and what these people did and fetched."""
    now = clock.now()
    with clock.frozen(now - BEGAN * DAY):
        book = published(station, office, home)
        goods = stocked(station, office, book, home)
    for number, person in enumerate(residents):
        lived(person, number, book, goods, now, station, office)
    settled(station, office, book, now)
    drafted_again(station, book)
    return book


def acting(username: str) -> Actor:
    """Somebody of the demonstration, with the roles he holds."""
    return with_roles(Account.objects.values_list("person_id", flat=True).get(username=username))


def with_roles(person_id: int) -> Actor:
    """This person with the roles he holds."""
    roles = Role.objects.filter(person_id=person_id).values_list("kind", "place__path")
    return Actor(person_id=person_id, roles=tuple(sorted(roles)))


def published(station: Actor, office: Actor, home: Place) -> Book:
    draft = actions.Draft(
        items=ITEMS,
        name=f"{home.name}文明积分办法",
        name_en="Points of thanks",
        about="做好事，攒积分，换一点日用品，算是一声谢谢。自愿参加，随时退出。",
        caps={"cap_month": 300},
    )
    edition = actions.make_book(actor=station, place=home, draft=draft)
    vote = actions.Vote(
        Assembly.DEPUTIES, clock.today() - DAY, 45, 38, 34, 2, 2, "居民代表会议记录本第 12 页，存社区档案柜"
    )
    actions.adopt(actor=station, edition=edition, vote=vote)
    return actions.publish(actor=office, edition=edition, valid_from=clock.now()).book


def stocked(station: Actor, office: Actor, book: Book, home: Place) -> list[Good]:
    """A counter; a shop whose goods are settled, a firm that pays."""
    bank = actions.open_bank(
        actor=station, book=book, place=home, name="文明储蓄所", name_en="Points bank", hours="周三、周六 9:00–11:30"
    )
    shop = actions.save_partner(actor=station, book=book, name="邻里超市", is_sponsor=False, is_merchant=True)
    firm = actions.save_partner(actor=station, book=book, name="青禾爱心企业联谊会", is_sponsor=True, is_merchant=False)
    money = actions.enter_intake(
        actor=station, book=book, kind=IntakeKind.MONEY, amount=300_000, evidence="捐赠票据 2026-07", partner=firm
    )
    actions.confirm_intake(actor=office, intake=money)
    goods = []
    for name, english, unit, points, fen, stock in GOODS:
        litter: dict[str, Any] = {"litter": "烟头", "litter_grams": 200} if name == "肥皂" else {}
        shelf = actions.Shelf(name, unit, points, fen, english, partner=None if litter else shop, **litter)
        good = actions.save_good(actor=station, bank=bank, shelf=shelf)
        row = actions.enter_intake(
            actor=station, book=book, kind=IntakeKind.GOODS, good=good, amount=stock, evidence="送货单"
        )
        actions.confirm_intake(actor=office, intake=row)
        goods.append(good)
    return goods


def lived(
    person: Person, number: int, book: Book, goods: list[Good], now: datetime, station: Actor, office: Actor
) -> None:
    """Some weeks of one passbook: things done, one that waits, one refused, an exchange fetched and one that waits."""
    me = Actor(person_id=person.pk)
    with clock.frozen(now - (BEGAN - 3) * DAY):
        passbook = actions.open_passbook(actor=me, book=book, person=person)
    served(person, now)
    for week in range(1 + number % 4):
        with clock.frozen(now - (35 - 7 * week) * DAY):
            stated(me, passbook, "litter", "河边捡垃圾", 4000 + 500 * number, office if number == 2 else station)
            stated(me, passbook, "neighbour", DEEDS[(number + week) % len(DEEDS)], 1, office)
    if number % 3 == 0:
        stated(me, passbook, "neighbour", DEEDS[number % len(DEEDS)], 1, None)
    if number == 1:
        refused = stated(me, passbook, "neighbour", "替邻居收快递", 1, None)
        actions.refuse(actor=station, claim=refused, reason="没有写是替谁收的，请补上再报")
        actions.file_appeal(actor=me, passbook=passbook, claim=refused, words="是替 3 楼的老人收的，她可以作证")
    exchanged(me, passbook, goods[number % 2 * 4], now, station, fetched=number % 4 != 3)


def served(person: Person, now: datetime) -> None:
    """Confirmed hours since then, as the reaction would book them."""
    since = now - (BEGAN - 1) * DAY
    rows = ServiceRecord.objects.filter(person=person, state__in=COUNTED, starts_at__gte=since).order_by("starts_at")
    for key in rows.values_list("pk", flat=True)[:6]:
        actions.earn_service(actor=Actor.system("demo"), record_id=key)


def stated(me: Actor, passbook: Passbook, code: str, title: str, quantity: int, checker: Actor | None) -> Any:
    edition = queries.edition_now(passbook.book)
    assert edition is not None
    done = actions.Done(title, clock.today(), quantity, "照片存在社区" if code == "neighbour" else "")
    rule = edition.rules.get(code=code)
    claim = actions.state_claim(actor=me, passbook=passbook, rule=rule, done=done)
    if checker is None or checker.person_id == passbook.person_id:
        return claim
    try:
        return actions.confirm(actor=checker, claim=claim)
    except actions.NotForOneself:
        return claim


def exchanged(me: Actor, passbook: Passbook, good: Good, now: datetime, station: Actor, *, fetched: bool) -> None:
    if queries.stand(passbook).free < good.points or me.person_id == station.person_id:
        return
    with clock.frozen(now - 3 * DAY):
        gift = actions.reserve(actor=me, passbook=passbook, good=good)
        if fetched:
            actions.hand(actor=station, gift=gift, code=codes.digits(gift.public_id, gift.serial))


def settled(station: Actor, office: Actor, book: Book, now: datetime) -> None:
    """Last week's sheet of the shop, approved; where nothing was fetched of its goods there is none."""
    shop, firm = (
        Partner.objects.filter(book=book, **one).get() for one in ({"is_merchant": True}, {"is_sponsor": True})
    )
    since: date = clock.local(now - 7 * DAY).date()
    try:
        sheet = actions.make_sheet(actor=station, partner=shop, funded_by=firm, since=since, until=clock.today() + DAY)
    except actions.NothingToSettle:
        return
    actions.approve_sheet(actor=office, sheet=sheet, evidence="转账回单 2026-11-03，存社区")


def drafted_again(station: Actor, book: Book) -> None:
    """The next version is being written."""
    more = {
        "code": "reading",
        "name": "图书角值班",
        "name_en": "Keeping the book corner",
        "amount": 6,
        "measure": "hour",
    }
    items = [*ITEMS, {**more, "source": "claim", "proof": "值班表"}]
    actions.draft_edition(actor=station, book=book, draft=actions.Draft(items=items, caps={"cap_month": 300}))
