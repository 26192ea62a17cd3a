"""Why the ledger says no, as facts with names."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from huying.kernel.errors import Conflict, DomainError, Forbidden, InvalidInput, NotFound
from huying.ledger.rules.entries import Verdict


class AmountOdd(InvalidInput):
    code = "ledger_amount_odd"
    message = _("数量必须是大于零的整数。")


class KeyOdd(InvalidInput):
    code = "ledger_key_odd"
    message = _("记账编号不能为空，最长 120 个字。")


class WordsTooLong(InvalidInput):
    code = "ledger_words_too_long"
    message = _("记账的说明太长。")


class FloorOdd(InvalidInput):
    code = "ledger_floor_odd"
    message = _("账户只能不许透支，或者是发行账户。")


class MakerNamed(Forbidden):
    code = "ledger_maker_named"
    message = _("经手人只能是您自己。")


class AccountDiffers(Conflict):
    code = "ledger_account_differs"
    message = _("这个账户已经开立，但规则不同。")


class AssetUnknown(NotFound):
    code = "ledger_asset_unknown"
    message = _("没有这种记账的项目。")


class AccountUnknown(NotFound):
    code = Verdict.ACCOUNT_UNKNOWN
    message = _("没有找到这个账户。")


class KeyTaken(Conflict):
    code = Verdict.KEY_TAKEN
    message = _("这个记账编号已经用于另一笔账。")


class SameAccount(InvalidInput):
    code = Verdict.SAME_ACCOUNT
    message = _("转出和转入不能是同一个账户。")


class AssetsDiffer(InvalidInput):
    code = Verdict.ASSETS_DIFFER
    message = _("两个账户记的不是同一种东西。")


class TwoPeopleNeeded(Forbidden):
    code = Verdict.TWO_PEOPLE
    message = _("这笔账要由两个不同的人经手和核对，并写明依据。")


class AlreadyReversed(Conflict):
    code = Verdict.REVERSED
    message = _("这笔账已经冲正过了。")


class NotEnough(Conflict):
    code = Verdict.NOT_ENOUGH
    message = _("余额不够。")


class HoldEnded(Conflict):
    code = "ledger_hold_ended"
    message = _("这笔冻结已经结束。")


class MoreThanHeld(InvalidInput):
    code = "ledger_more_than_held"
    message = _("入账的数量不能超过冻结的数量。")


class UntilPast(InvalidInput):
    code = "ledger_until_past"
    message = _("冻结的期限要在现在以后。")


class Rushed(Conflict):
    code = "ledger_rushed"
    message = _("同一笔账正在别处记，请稍后再试。")


REFUSALS: dict[Verdict, type[DomainError]] = {
    Verdict.ACCOUNT_UNKNOWN: AccountUnknown,
    Verdict.KEY_TAKEN: KeyTaken,
    Verdict.SAME_ACCOUNT: SameAccount,
    Verdict.ASSETS_DIFFER: AssetsDiffer,
    Verdict.TWO_PEOPLE: TwoPeopleNeeded,
    Verdict.REVERSED: AlreadyReversed,
    Verdict.NOT_ENOUGH: NotEnough,
}
