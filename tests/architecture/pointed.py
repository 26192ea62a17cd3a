"""Points in the world of the walk: alice's community has a book, a bank and dora's passbook with one of everything on it."""

from __future__ import annotations

from datetime import date, timedelta

from huying.calls.tests.factories import Cast, actor
from huying.kernel import clock
from huying.points import actions as points
from huying.points import queries
from huying.points.models import Claim, Good
from huying.points.rules import codes
from huying.points.states import Assembly, Ground, IntakeKind

ITEMS = [
    {"code": "bridge", "name": "帮助邻里出行", "amount": 10, "proof": "照片"},
    {
        "code": "litter",
        "name": "捡拾公共地方的垃圾",
        "amount": 4,
        "measure": "kilo",
        "proof": "过秤",
        "validity_days": 90,
    },
]
VOTE = points.Vote(Assembly.ALL, date(2026, 3, 1), 300, 180, 150, 20, 10, "会议记录本第 12 页")


class Pointed:
    """Drafted and published by alice and bob; dora states, exchanges and appeals."""

    def __init__(self, cast: Cast) -> None:
        self.alice, self.bob, self.dora = (actor(one) for one in (cast.keeper, cast.dispatcher, cast.resident))
        self.cast = cast
        self.of_book()
        self.of_bank()
        self.of_passbook()

    def of_book(self) -> None:
        draft = points.Draft(items=ITEMS, name="和平社区文明积分办法", about="做好事，攒积分。")
        with clock.frozen(clock.now() - timedelta(days=1)):  # what is done today counts
            first = points.make_book(actor=self.alice, place=self.cast.home, draft=draft)
            points.adopt(actor=self.alice, edition=first, vote=VOTE)
            points.publish(actor=self.bob, edition=first, valid_from=clock.now())
        self.book = first.book
        points.draft_edition(actor=self.alice, book=self.book, draft=draft)

    def of_bank(self) -> None:
        """Oil from a shop that is settled, soap for cigarette ends; a delivery that bob entered waits."""
        self.bank = points.open_bank(actor=self.alice, book=self.book, place=self.cast.home, name="和平储蓄所")
        facts = {"book": self.book, "is_sponsor": True, "is_merchant": True}
        self.partner = points.save_partner(actor=self.alice, name="便民超市", **facts)
        self.good = self.shelved("食用油", partner=self.partner)
        soap = self.shelved("肥皂", litter="烟头", litter_grams=250)
        for good in (self.good, soap):
            self.intake = self.entered(good)
            points.confirm_intake(actor=self.alice, intake=self.intake)
        self.intake = self.entered(self.good)

    def shelved(self, name: str, **more: object) -> Good:
        shelf = points.Shelf(name=name, unit="件", points=10, value_fen=4990, **more)  # type: ignore[arg-type]
        return points.save_good(actor=self.alice, bank=self.bank, shelf=shelf)

    def entered(self, good: Good, amount: int = 50):  # type: ignore[no-untyped-def]
        facts = {"kind": IntakeKind.GOODS, "amount": amount, "evidence": "送货单"}
        return points.enter_intake(actor=self.bob, book=self.book, good=good, **facts)

    def stated(self, title: str, code: str = "bridge", quantity: int = 1) -> Claim:
        edition = queries.edition_now(self.book)
        assert edition is not None
        done = points.Done(title, clock.today(), quantity)
        rule = edition.rules.get(code=code)
        return points.state_claim(actor=self.dora, passbook=self.passbook, rule=rule, done=done)

    def of_passbook(self) -> None:
        self.passbook = points.open_passbook(actor=self.dora, book=self.book, person=self.cast.resident)
        for title, code, quantity in (("捡烟头", "litter", 25_000), ("扶老人过桥", "bridge", 1)):
            done = points.confirm(actor=self.alice, claim=self.stated(title, code, quantity))
        self.reversal = points.propose_reversal(
            actor=self.bob, claim=done, ground=Ground.ERROR, evidence="同一天记了两次"
        )
        refused = points.refuse(actor=self.bob, claim=self.stated("修了路灯"), reason="看不清")
        self.appeal = points.file_appeal(actor=self.dora, passbook=self.passbook, claim=refused, words="照片很清楚")
        self.claim = self.stated("送老人去医院")
        gift = points.reserve(actor=self.dora, passbook=self.passbook, good=self.good)
        points.hand(actor=self.alice, gift=gift, code=codes.digits(gift.public_id, gift.serial))
        self.gift = points.reserve(actor=self.dora, passbook=self.passbook, good=self.good)
        span = {"since": clock.today(), "until": clock.today() + timedelta(days=1)}
        self.sheet = points.make_sheet(actor=self.bob, partner=self.partner, funded_by=self.partner, **span)
