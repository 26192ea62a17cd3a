"""What stands in files: the columns of numbers, and of the records behind one."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from huying.figures.models import Feed, ReportedFigure
from huying.figures.queries.feeds import title_of
from huying.figures.queries.records import Behind
from huying.figures.queries.tables import Cell
from huying.kernel.exports import Column
from huying.ui.naming import named

CELLS: tuple[Column[Cell], ...] = (
    Column(_("地方"), lambda one: named(one.place), "place"),
    Column(_("地方编号"), lambda one: one.place.public_id, "place_id"),
    Column(_("指标"), lambda one: named(one.metric), "metric"),
    Column(_("指标代码"), lambda one: one.metric.pk, "metric_code"),
    Column(_("从"), lambda one: one.period.since, "since"),
    Column(_("到哪天之前"), lambda one: one.period.until, "until"),
    Column(_("数"), lambda one: one.value.amount if one.value.whole is None else one.value.percent, "value"),
    Column(_("单位"), lambda one: named(one.metric.unit), "unit"),
    Column(_("分子"), lambda one: one.value.part, "part"),
    Column(_("分母"), lambda one: one.value.whole, "whole"),
    Column(_("数什么"), lambda one: named(one.metric, "counts"), "counts"),
)
RECORDS: tuple[Column[Behind], ...] = (
    Column(_("是什么"), lambda one: str(one.kind), "kind"),
    Column(_("记录"), "title"),
    Column(_("哪一天"), "day"),
    Column(_("地方"), lambda one: named(one.place), "place"),
    Column(_("算多少"), "amount"),
    Column(_("网址"), "href"),
)
REPORTED: tuple[Column[ReportedFigure], ...] = (
    Column(_("地方"), lambda one: named(one.place), "place"),
    Column(_("什么数"), "name"),
    Column(_("代码"), "code"),
    Column(_("报告的数"), "told"),
    Column(_("数"), lambda one: one.value.normalize(), "value"),
    Column(_("准不准"), lambda one: one.get_sign_display(), "sign"),
    Column(_("单位"), lambda one: named(one.unit), "unit"),
    Column(_("数据日期"), "as_of"),
    Column(_("来源"), "source"),
    Column(_("对应的指标"), lambda one: named(one.metric), "metric"),
    Column(_("什么时候填的"), "entered_at"),
)
FEEDS: tuple[Column[Feed], ...] = (
    Column(_("什么"), title_of, "what"),
    Column(_("地方"), lambda one: named(one.place) if one.place else "", "place"),
    Column(_("多久一次"), lambda one: one.get_rhythm_display(), "rhythm"),
    Column(_("几点"), "hour"),
    Column(_("怎么分"), lambda one: one.get_split_display(), "split"),
    Column(_("哪种文件"), lambda one: one.get_kind_display(), "kind"),
    Column(_("保留几天"), "keep_days"),
    Column(_("下一份"), "next_at"),
)
