"""Why a step with a round-up is refused."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from huying.kernel.errors import Conflict, InvalidInput


class StepNotNow(Conflict):
    code = "report_step_not_now"
    message = _("现在是“{state}”，不能做这一步。请刷新后再看。")


class SecondPersonNeeded(Conflict):
    code = "report_second_person"
    message = _("锁定的人不能自己签发，要由另一位有签发权限的人来签。")


class LetterheadMissing(Conflict):
    code = "letterhead_missing"
    message = _("还没有填发文机关和机关代字，不能编发文字号。请先填好。")


class ReasonMissing(InvalidInput):
    code = "reason_missing"
    message = _("请写明原因。")


class EditedMeanwhile(Conflict):
    code = "report_edited_meanwhile"
    message = _("您编辑的时候，别人已经改过这一份。您写的还在，请对照最新的内容后再保存。")


class PeriodNotPublic(InvalidInput):
    code = "report_period_not_public"
    message = _("公开的只能是一个整月或一整年。")


class PeriodNotOver(Conflict):
    code = "report_period_not_over"
    message = _("给公众看的数要等这段时间过完才有，{day}起才能锁定和发布。")
