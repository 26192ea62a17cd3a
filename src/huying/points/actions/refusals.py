"""Why something about points is refused, as facts with names."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from huying.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound, TooMany


class ItemRefused(InvalidInput):
    code = "points_item_refused"
    message = _("“{name}”里的“{word}”不能计分：{why}")


class GoodRefused(InvalidInput):
    code = "points_good_refused"
    message = _("“{name}”里的“{word}”不能兑换：{why}")


class ItemsUnclear(InvalidInput):
    code = "points_items_unclear"
    message = _("第 {row} 项要改：{what}")


class BookHere(Conflict):
    code = "points_book_here"
    message = _("这个地方已经有积分办法，请在原来的办法上起草新的一版。")


class StepRefused(Conflict):
    code = "points_step_refused"
    message = _("现在是“{state}”，不能“{verb}”。页面可能已经旧了，请刷新看看。")


class ReasonMissing(InvalidInput):
    code = "reason_missing"
    message = _("请写明理由，本人会看到。")


class VoteUnclear(InvalidInput):
    code = "points_vote_unclear"
    message = _("票数对不上：赞成、反对、弃权加起来要等于到会人数，到会人数不能超过应到人数。")


class VoteLost(Conflict):
    code = "points_vote_lost"
    message = _("赞成的没有超过到会人数的一半，这一稿没有通过。请修改后再提交表决。")


class TooFewThere(Conflict):
    code = "points_too_few_there"
    message = _("到会人数不够：{what}（村民委员会组织法第二十二条、第二十六条）。")


class DraftChanged(Conflict):
    code = "points_draft_changed"
    message = _("您填写的时候，草案又改过了。请看一遍现在的草案：会上读的和它一样再登记，不一样就先改回来。")


class DraftSaved(Conflict):
    code = "points_draft_saved"
    message = _("您填写的时候，草案又存过一稿。您填的都在下面，还没有保存；请对照现在的草案改好，再保存一次。")


class BookOver(Conflict):
    code = "points_book_over"
    message = _("这个办法已经停止了。")


class DraftOpen(Conflict):
    code = "points_draft_open"
    message = _("还有一稿没有公布，请先作废那一稿，再停止。")


class OtherItems(Conflict):
    code = "points_other_items"
    message = _("内容与表决时的不一样，要重新表决。")


class AnotherPerson(Forbidden):
    code = "points_another_person"
    message = _("这一步要由另一个人来做。")


class PrintedByYou(AnotherPerson):
    code = "points_printed_by_you"
    message = _("这本存折是您打印的，您知道上面的码，所以要由另一个人交付；或者请本人用手机上的领取码。")


class NotForOneself(Forbidden):
    code = "points_not_for_oneself"
    message = _("自己的、自己申报的和家里人的积分，要由别人核对。")


class NeverBack(InvalidInput):
    code = "points_never_back"
    message = _("生效时间不能早于公布，也不能早于上一版。")


class NoRules(NotFound):
    code = "points_no_rules"
    message = _("那一天这里还没有生效的积分办法；办法从公布第二天做的事算起。")


class NotReached(Conflict):
    code = "points_not_reached"
    message = _("这个积分办法只管住在当地的人；您住的地方有没有办法，请看“积分办法”。")


class CountedAnew(Conflict):
    code = "points_counted_anew"
    message = _("这条记录已按更正后的内容重新计分，不能再按原来的记一次。记录还不对的，请先更正记录，积分会跟着改。")


class LitterNotSettled(InvalidInput):
    code = "points_litter_not_settled"
    message = _("垃圾兑换的物品不和商户结算：请不选商户，或者另设一件用积分兑换的。")


class OtherRules(Conflict):
    code = "points_other_rules"
    message = _("那一天适用的是另一版办法，请按当天的办法申报。")


class DayUnclear(InvalidInput):
    code = "points_day_unclear"
    message = _("日期不能晚于今天，也不能早于 {days} 天以前。")


class ByItself(Conflict):
    code = "points_by_itself"
    message = _("志愿服务确认后自动入账，不用申报。")


class AmountUnclear(InvalidInput):
    code = "points_amount_unclear"
    message = _("数量太小或太大，算不出积分。")


class CapReached(Conflict):
    code = "points_cap_reached"
    message = _("按办法规定的上限，这一项已经不能再加分了。")


class NotOpen(Conflict):
    code = "points_not_open"
    message = _("这本存折现在是“{state}”，不能这样操作。")


class NotEnoughPoints(Conflict):
    code = "points_not_enough"
    message = _("积分不够：需要 {need}，可用 {have}。")


class OutOfStock(Conflict):
    code = "points_out_of_stock"
    message = _("“{name}”现在不够了，请换一样或过几天再来。")


class MonthMost(Conflict):
    code = "points_month_most"
    message = _("“{name}”每人每月最多 {most} {unit}。")


class NotOffered(Conflict):
    code = "points_not_offered"
    message = _("这样物品现在不能兑换。")


class CodeWrong(NotFound):
    code = "points_code_wrong"
    message = _("没有这个领取码，或者已经用过、过期、换过了。")


class BookletWrong(NotFound):
    code = "points_booklet_wrong"
    message = _("存折上的码不对，或者这本已经挂失。请扫存折上的二维码；没有带存折的，请本人在场时重新打印一本。")


class CodesUsedUp(TooMany):
    code = "points_codes_used_up"
    message = _("输错太多次，请过一会儿再试。")


class NothingToSettle(Conflict):
    code = "points_nothing_to_settle"
    message = _("这段时间没有要结算的兑换。")


class FundTooSmall(Conflict):
    code = "points_fund_too_small"
    message = _("资助款不够：要结算 {need} 元，现有 {have} 元。")


class UnderAppeal(Conflict):
    code = "points_under_appeal"
    message = _("本人正在申诉，办结以前不能这样处理。")


class TooEarly(Conflict):
    code = "points_too_early"
    message = _("已告知本人，{until} 以后才能决定；本人同意的可以马上办。")


class OnASheet(Conflict):
    code = "points_on_a_sheet"
    message = _("这次兑换在待审核的商户结算单上：先作废那张结算单，再退回。")


class PriceChanged(Conflict):
    code = "points_price_changed"
    message = _("“{name}”现在要 {now} 分一{unit}，不是 {shown} 分了。还要的话，请再按一次。")


class NotTold(Conflict):
    code = "points_not_told"
    message = _("本人没有账号，看不到消息：先当面告知，从告知那天起算申诉的时间。")


class NothingToTell(Conflict):
    code = "points_nothing_to_tell"
    message = _("没有要当面告知的了：可能别人已经告知，或者本人开了账号、能看到消息了。")


class TooLate(Conflict):
    code = "points_too_late"
    message = _("过了可以提出的时间（{until}）。还有疑问请向实践所反映。")


class AppealedAlready(Conflict):
    code = "points_appealed_already"
    message = _("这件事已经申诉过了，请看原来的申诉。")


class SpentAlready(Conflict):
    code = "points_spent_already"
    message = _("这些积分已经用掉，余额不够冲回。积分不会变成负数，请写明情况后结束。")
