"""The lives of rule books, claims, gifts, takings back and appeals, and the words that are decided once.

Sources: catalogue C09 (S3-1g, S3-5c), K01, K03, K11; domain.md 3 and 7; 村民委员会组织法 art. 22 and 26 (who must be
there for an assembly to decide); 中农办、农业农村部 2020 (items are set by democratic procedure, rewards only). Stored
codes are never renamed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class EditionState(TextChoices):
    DRAFT = "draft", _("草案")
    ADOPTED = "adopted", _("已表决，待公布")
    PUBLISHED = "published", _("已公布")
    DROPPED = "dropped", _("已作废")


class Assembly(TextChoices):
    """Who decided, and so how many had to be there (村民委员会组织法 art. 22, 26)."""

    ALL = "all", _("村（居）民会议")
    HOUSEHOLDS = "households", _("户代表会议")
    DEPUTIES = "deputies", _("村（居）民代表会议")


class Source(TextChoices):
    """What an item rewards."""

    SERVICE = "service", _("志愿服务")
    LEARNING = "learning", _("学习宣讲")
    HONOUR = "honour", _("推荐评议")
    CLAIM = "claim", _("申报的好事")


class Measure(TextChoices):
    """What one amount is given for."""

    TIME = "time", _("每次")
    HOUR = "hour", _("每小时")
    KILO = "kilo", _("每公斤")


class Confirmer(TextChoices):
    """Who says that it is true."""

    KEEPER = "keeper", _("站点工作人员")
    OFFICE = "office", _("实践所工作人员")


class BookletState(TextChoices):
    OPEN = "open", _("使用中")
    FROZEN = "frozen", _("暂停兑换")
    LEFT = "left", _("已退出")


class ClaimState(TextChoices):
    WAITING = "waiting", _("待核对")
    CONFIRMED = "confirmed", _("已入账")
    REFUSED = "refused", _("未通过")
    WITHDRAWN = "withdrawn", _("已撤回")
    REVERSED = "reversed", _("已更正冲回")


class GiftState(TextChoices):
    """Reserve, hand over, settle; or cancel. What was handed over wrongly comes back."""

    RESERVED = "reserved", _("待领取")
    HANDED = "handed", _("已领取")
    CANCELLED = "cancelled", _("已取消")
    LAPSED = "lapsed", _("过期未领")
    RETURNED = "returned", _("已退回")


class Way(TextChoices):
    """How who fetched something showed that it is his; UNKNOWN is from before this was written down."""

    CODE = "code", _("领取码")
    PAPER = "paper", _("打印的领取码")
    BOOKLET = "booklet", _("存折上的码")
    UNKNOWN = "unknown", _("没有记录")


class IntakeKind(TextChoices):
    GOODS = "goods", _("进货")
    LOSS = "loss", _("报损")
    MONEY = "money", _("资助款")


class IntakeState(TextChoices):
    WAITING = "waiting", _("待另一人清点")
    CONFIRMED = "confirmed", _("已入账")
    REFUSED = "refused", _("未通过")


class SheetState(TextChoices):
    DRAFT = "draft", _("待审核")
    APPROVED = "approved", _("已审核结算")
    DROPPED = "dropped", _("已作废")


class Ground(TextChoices):
    """The only two reasons for which points are ever taken back (K01)."""

    ERROR = "error", _("记错了")
    FRAUD = "fraud", _("弄虚作假")


class ReversalState(TextChoices):
    PROPOSED = "proposed", _("已告知，等待另一人决定")
    CARRIED = "carried", _("已冲回")
    DROPPED = "dropped", _("不冲回")


class AppealState(TextChoices):
    FILED = "filed", _("已提出，待受理")
    MARKED = "marked", _("已受理，待处理")
    DECIDED = "decided", _("已答复，可再申诉")
    AGAIN = "again", _("再申诉，待另一组复核")
    CLOSED = "closed", _("已办结")


class Outcome(TextChoices):
    UPHELD = "upheld", _("支持申诉")
    KEPT = "kept", _("维持原来的处理")


@dataclass(frozen=True, slots=True)
class Step:
    """``needs``: fields that must come with it."""

    from_: tuple[str, ...]
    to: str
    label: Promise
    needs: tuple[str, ...] = ()


EDITION_STEPS = {
    "adopt": Step((EditionState.DRAFT,), EditionState.ADOPTED, _("登记表决结果")),
    "publish": Step((EditionState.ADOPTED,), EditionState.PUBLISHED, _("核对并公布")),
    "drop": Step((EditionState.DRAFT, EditionState.ADOPTED), EditionState.DROPPED, _("作废这一稿"), ("reason",)),
}
CLAIM_STEPS = {
    "confirm": Step((ClaimState.WAITING,), ClaimState.CONFIRMED, _("核对无误，入账")),
    "refuse": Step((ClaimState.WAITING,), ClaimState.REFUSED, _("不通过"), ("reason",)),
    "withdraw": Step((ClaimState.WAITING,), ClaimState.WITHDRAWN, _("撤回申报")),
}
GIFT_STEPS = {
    "hand": Step((GiftState.RESERVED,), GiftState.HANDED, _("交付")),
    "cancel": Step((GiftState.RESERVED,), GiftState.CANCELLED, _("取消兑换")),
    "lapse": Step((GiftState.RESERVED,), GiftState.LAPSED, _("到期退回")),
    "return": Step((GiftState.HANDED,), GiftState.RETURNED, _("退回这次兑换"), ("reason",)),
}
APPEAL_STEPS = {
    "mark": Step((AppealState.FILED,), AppealState.MARKED, _("受理")),
    "decide": Step((AppealState.MARKED,), AppealState.DECIDED, _("答复"), ("reason",)),
    "again": Step((AppealState.DECIDED,), AppealState.AGAIN, _("请另一组复核"), ("reason",)),
    "review": Step((AppealState.AGAIN,), AppealState.CLOSED, _("复核答复"), ("reason",)),
    "accept": Step((AppealState.DECIDED,), AppealState.CLOSED, _("接受答复")),
}
PASSBOOK_VERBS: dict[str, Promise] = {
    "share": _("让家里人看到我的存折"),
    "unshare": _("不让家里人看到"),
    "freeze": _("挂失，暂停兑换"),
    "unfreeze": _("恢复兑换"),
    "leave": _("退出"),
    "join": _("重新使用"),
}

# ── the ledger ──────────────────────────────────────────────────────────────
PERSON, BOOK, GOOD, PARTNER = "people.Person", "points.Book", "points.Good", "points.Partner"
ISSUING, TAKEN = "issuing", "taken"
"""Of a rule book: where points come into being, and where those go that were exchanged."""
SUPPLY, STOCK, RESERVED, GIVEN, LOST = "supply", "stock", "reserved", "given", "lost"
"""Of one kind of goods: where it comes from, what is on the shelf, what waits to be fetched, what was given, what broke."""
DONATED, FUND, EARNED = "donated", "fund", "earned"
"""Of a partner, in fen: what a sponsor promised, what is there for settling, what a merchant was settled for."""
REASONS: dict[str, Promise] = {
    "points.earn": _("文明积分"),
    "points.gift": _("积分兑换"),
    "points.return": _("退回兑换"),
    "points.reversal": _("更正冲回"),
    "points.intake": _("物品进货"),
    "points.loss": _("物品报损"),
    "points.litter": _("垃圾换物"),
    "points.money": _("资助款"),
    "points.settle": _("商户结算"),
}
"""Why something moves in the ledger: the codes that stand there for ever, and how they are read."""

# ── limits ──────────────────────────────────────────────────────────────────
NOTICE = timedelta(days=60)
"""Between the word that points will end, as its owner can read it, and their end (domain 3)."""
EARLY = timedelta(days=7)
"""So much sooner the word is given, so that a night without jobs does not put the end off."""
LEAST_VALID, LEAST_MONTHS = 90, 3
"""Days or calendar months that points can be used at least: the word has to come sixty days before."""
FREEZE_AGAIN = timedelta(days=180)
"""So long the same member of staff does not freeze the same passbook again."""
CODE_DIGITS, MARK_DIGITS, NUMBER_DIGITS = 8, 6, 10
FETCH_DAYS = 14
WRONG_CODES = 20
"""Wrong pick-up codes an hour that one person at one counter may type."""
GIFT_MOST = 20
"""Pieces of one exchange."""
CLAIM_BACK = timedelta(days=60)
"""So long after it happened may something be claimed."""
