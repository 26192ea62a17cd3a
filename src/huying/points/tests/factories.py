"""A book that an assembly adopted, a bank with goods, and people with passbooks, for tests of this room."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.ledger import queries as ledger_queries
from huying.people.models import Account, Person
from huying.points import actions, queries
from huying.points.actions import Done, Draft, Shelf, Vote
from huying.points.models import Bank, Book, Claim, Edition, Gift, Good, Partner, Passbook, Rule
from huying.points.rules import codes
from huying.points.states import Assembly, IntakeKind
from huying.volunteers.tests.factories import HASH, START, Cast, actor, person, role

__all__ = ["ITEMS", "START", "VOTE", "World", "actor", "balance", "code_of", "mark_of"]

ITEMS: list[dict[str, Any]] = [
    {
        "code": "service",
        "name": "参加志愿服务",
        "name_en": "Service as a volunteer",
        "amount": 6,
        "source": "service",
        "measure": "hour",
        "proof": "已确认的服务记录",
        "cap_day": 30,
        "validity_days": 365,
    },
    {"code": "talk", "name": "参加宣讲学习", "amount": 5, "source": "learning", "proof": "签到表", "cap_month": 20},
    {"code": "bridge", "name": "帮助邻里出行", "amount": 10, "proof": "照片或邻居的话", "cap_day": 20, "cap_year": 100},
    {
        "code": "litter",
        "name": "捡拾公共地方的垃圾",
        "amount": 4,
        "measure": "kilo",
        "proof": "过秤",
        "validity_days": 90,
    },
    {
        "code": "merit",
        "name": "评议推荐的好事",
        "amount": 50,
        "source": "honour",
        "proof": "评议记录",
        "confirmer": "office",
    },
]
VOTE = Vote(Assembly.ALL, date(2026, 3, 1), 300, 180, 150, 20, 10, "会议记录本第 12 页，存村委会")


def balance(passbook: Passbook) -> int:
    return ledger_queries.balance(passbook.account_id)


class World:
    """The community's book, adopted and published; people who keep it; a bank with oil and soap."""

    def __init__(self) -> None:
        self.cast = Cast()
        self.home = self.cast.home
        self.keeper, self.office = actor(self.cast.keeper), actor(self.cast.office)
        self.outsider = actor(self.cast.outsider)
        self.second = self.staff("谢文博", "station_keeper")
        self.inspector = self.staff("孔令仪", "inspector")
        self.auditor = self.staff("严守账", "auditor")
        self.book = self.published()

    def boss(self) -> Actor:
        """Somebody above, who publishes what the office of the street wrote down."""
        return self.staff("区里的人", "dispatcher")

    def staff(self, name: str, kind: str) -> Actor:
        somebody = person(name, self.home)
        role(somebody, kind, self.cast.county if kind != "station_keeper" else self.home)
        return actor(somebody)

    # ── books ──────────────────────────────────────────────────────────────
    def draft(self, **more: Any) -> Edition:
        given = Draft(items=ITEMS, name="和平社区文明积分办法", about="做好事，攒积分。")
        return actions.make_book(actor=self.keeper, place=self.home, draft=replace(given, **more))

    def published(self, **more: Any) -> Book:
        """Yesterday, so that what is done today counts."""
        with clock.frozen(clock.now() - timedelta(days=1)):
            edition = self.draft(**more)
            actions.adopt(actor=self.keeper, edition=edition, vote=VOTE)
            actions.publish(actor=self.office, edition=edition, valid_from=clock.now())
            return edition.book

    def next_edition(self, items: list[dict[str, Any]], after: timedelta = timedelta(days=30), **more: Any) -> Edition:
        edition = actions.draft_edition(actor=self.keeper, book=self.book, draft=Draft(items=items, **more))
        actions.adopt(actor=self.keeper, edition=edition, vote=VOTE)
        return actions.publish(actor=self.office, edition=edition, valid_from=clock.now() + after)

    def rule(self, code: str) -> Rule:
        edition = queries.edition_now(self.book)
        assert edition is not None
        return edition.rules.get(code=code)

    # ── people ─────────────────────────────────────────────────────────────
    def passbook(self, who: Person | None = None, points: int = 0, *, reads: bool = True) -> Passbook:
        """Of this person (or somebody new), with so many points, ten for each thing done; ``reads``: he has an account."""
        owner = who or person("居民", self.home)
        if reads and not Account.objects.filter(person=owner).exists():
            Account.objects.create(username=f"p{owner.pk}", person=owner, password=HASH)
        passbook = actions.open_passbook(actor=Actor(person_id=owner.pk), book=self.book, person=owner)
        if points:
            self.give(passbook, points)
        return passbook

    def claim(self, passbook: Passbook, code: str = "bridge", quantity: int = 1, **more: Any) -> Claim:
        """Stated by its owner."""
        done = Done("扶老人过桥", more.pop("done_on", clock.today()), quantity, **more)
        doer = Actor(person_id=passbook.person_id)
        return actions.state_claim(actor=doer, passbook=passbook, rule=self.rule(code), done=done)

    def confirmed(self, passbook: Passbook, code: str = "bridge", quantity: int = 1, **more: Any) -> Claim:
        return actions.confirm(actor=self.keeper, claim=self.claim(passbook, code, quantity, **more))

    def give(self, passbook: Passbook, points: int) -> None:
        """By weight, which has no cap: four points a kilo."""
        self.confirmed(passbook, "litter", points * 250)

    # ── banks ──────────────────────────────────────────────────────────────
    def bank(self, name: str = "和平储蓄所") -> Bank:
        return actions.open_bank(actor=self.keeper, book=self.book, place=self.home, name=name)

    def partner(self, name: str = "便民超市", **more: Any) -> Partner:
        kinds = {"is_sponsor": False, "is_merchant": True} | more
        return actions.save_partner(actor=self.keeper, book=self.book, name=name, **kinds)

    def good(self, bank: Bank | None = None, stock: int = 0, **more: Any) -> Good:
        facts: dict[str, Any] = {"name": "食用油", "unit": "桶", "points": 40, "value_fen": 4990} | more
        good = actions.save_good(actor=self.keeper, bank=bank or self.bank(), shelf=Shelf(**facts))
        if stock:
            self.stocked(good, stock)
        return good

    def stocked(self, good: Good, amount: int) -> None:
        """Entered by one, counted by another."""
        facts = {"kind": IntakeKind.GOODS, "amount": amount, "evidence": "送货单"}
        row = actions.enter_intake(actor=self.keeper, book=good.bank.book, good=good, **facts)
        actions.confirm_intake(actor=self.office, intake=row)

    def funded(self, fen: int, name: str = "爱心企业") -> Partner:
        sponsor = self.partner(name, is_sponsor=True, is_merchant=False)
        row = actions.enter_intake(
            actor=self.keeper, book=self.book, kind=IntakeKind.MONEY, amount=fen, evidence="捐赠票据", partner=sponsor
        )
        actions.confirm_intake(actor=self.office, intake=row)
        return sponsor

    def gift(self, good: Good, passbook: Passbook, quantity: int = 1) -> Gift:
        doer = Actor(person_id=passbook.person_id)
        return actions.reserve(actor=doer, passbook=passbook, good=good, quantity=quantity)

    def handed(self, gift: Gift, by: Actor | None = None) -> Gift:
        """Fetched with the slip that its owner brought."""
        return actions.hand(actor=by or self.keeper, gift=gift, code=code_of(gift))


def code_of(gift: Gift) -> str:
    """What its owner sees."""
    return codes.digits(gift.public_id, gift.serial)


def mark_of(passbook: Passbook) -> str:
    """What stands on his booklet beside its number."""
    return codes.mark(passbook.public_id, passbook.booklet)
