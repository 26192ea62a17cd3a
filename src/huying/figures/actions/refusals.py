"""Why a step with figures is refused."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from huying.kernel.errors import Conflict, InvalidInput


class MetricUnknown(InvalidInput):
    code = "metric_unknown"
    message = _("登记簿里没有这个指标，或者它是算出来的比率。")


class NothingCounted(InvalidInput):
    code = "nothing_counted"
    message = _("登记簿里没有这个指标，或者时间的开始不早于结束。")


class PlaceUnknown(InvalidInput):
    code = "place_unknown"
    message = _("没有这个地方。")


class AlreadyCorrected(Conflict):
    code = "already_corrected"
    message = _("这个数已经有人更正过，请刷新后在最新的数上更正。")


class FeedTaken(Conflict):
    code = "feed_taken"
    message = _("这样的定时导出您已经有了。")


class FeedEnded(Conflict):
    code = "feed_ended"
    message = _("这项定时导出已经停了。")


class FeedRuns(Conflict):
    code = "feed_runs"
    message = _("这项定时导出没有停。")


class TooManyFeeds(Conflict):
    code = "too_many_feeds"
    message = _("最多可以有 20 项定时导出，请先停掉不用的。")


class CheckEnded(Conflict):
    code = "check_ended"
    message = _("这项检查已经停用。")


class CheckNameTaken(Conflict):
    code = "check_name_taken"
    message = _("这个地方已经有同名的检查。")
