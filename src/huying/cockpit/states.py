"""The life of a round-up as a table, and the words that are decided once. Stored codes are never renamed."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ReportState(TextChoices):
    DRAFT = "draft", _("草稿")
    LOCKED = "locked", _("已锁定，待签发")
    SIGNED = "signed", _("已签发")
    PUBLISHED = "published", pgettext_lazy("report", "已发布")
    WITHDRAWN = "withdrawn", _("已撤回")
    DROPPED = "dropped", _("已作废")


class Verb(TextChoices):
    LOCK = "lock", _("锁定")
    UNLOCK = "unlock", _("退回修改")
    SIGN = "sign", _("签发")
    PUBLISH = "publish", pgettext_lazy("report", "发布")
    WITHDRAW = "withdraw", pgettext_lazy("report", "撤回")
    DROP = "drop", pgettext_lazy("report", "作废")


class Stretch(TextChoices):
    """What a template is about: a month, a year, or any days."""

    MONTH = "month", _("一个月")
    YEAR = "year", _("一年")
    ANY = "any", _("任意起止")


@dataclass(frozen=True, slots=True)
class Transition:
    """``signs``: by a second person with the right to sign; ``reason``: it must be said why."""

    from_: tuple[ReportState, ...]
    to: ReportState
    done: Promise
    signs: bool = False
    reason: bool = False


S = ReportState
TRANSITIONS: dict[Verb, Transition] = {
    Verb.LOCK: Transition((S.DRAFT,), S.LOCKED, _("已锁定，数不再变动。")),
    Verb.UNLOCK: Transition((S.LOCKED,), S.DRAFT, _("已退回修改，数又会自动更新。"), reason=True),
    Verb.SIGN: Transition((S.LOCKED,), S.SIGNED, _("已签发，发文字号已编定。"), signs=True),
    Verb.PUBLISH: Transition((S.SIGNED,), S.PUBLISHED, _("已发布。")),
    Verb.WITHDRAW: Transition((S.SIGNED, S.PUBLISHED), S.WITHDRAWN, _("已撤回，字号不再使用。"), True, True),
    Verb.DROP: Transition((S.DRAFT,), S.DROPPED, _("已作废。"), reason=True),
}
NUMBERED = (S.SIGNED, S.PUBLISHED, S.WITHDRAWN)
FROZEN = (S.LOCKED, *NUMBERED)
"""States in which the figures stand as they were at one moment."""

MONTHLY = """# 总体情况
【看】calls_submitted
有：{period}，{place}共收到居民求助{calls_submitted}，{calls_submitted|prev}，{calls_submitted|yoy}。
零：{period}，{place}没有收到居民求助。
无：{period}，{place}收到的居民求助{calls_submitted}。
【看】calls_closed；接上段
有：办结求助{calls_closed}，{calls_closed|prev}；其中按期办结{calls_on_time}，按期办结率{calls_on_time_rate}。
零：本期没有办结的求助。
无：本期办结的求助{calls_closed}。
【看】calls_solved；接上段
有：居民评价中确认解决的{calls_solved}，占办结的{calls_solved_rate}；有人评价的占{calls_rated_rate}。办结不等于解决。
零：本期没有收到居民确认解决的评价。办结不等于解决。
无：确认解决的{calls_solved}。
【折线图】近一年每月求助：calls_submitted、calls_closed

# 各地情况
【表】各地求助与办结：calls_submitted、calls_closed、calls_on_time_rate

# 活动与服务
【看】sessions_held
有：本期举办活动{sessions_held}，{sessions_held|prev}，参加{attended}。
零：本期没有办完的活动。
无：本期举办的活动{sessions_held}。
【看】service_records；接上段
有：确认志愿服务{service_records}，服务时长共{service_minutes}。
零：本期没有确认的志愿服务。
无：本期确认的志愿服务{service_records}。
截至期末，注册志愿者{volunteers_registered}，在用的阵地{sites}。
【照片】4
"""
YEARLY = """# 全年概况
【看】calls_submitted
有：{period}，{place}共收到居民求助{calls_submitted}，{calls_submitted|yoy}。
零：{period}，{place}没有收到居民求助。
无：{period}，{place}收到的居民求助{calls_submitted}。
【看】calls_closed|yoy
增：全年办结求助{calls_closed}，比上一年多{calls_closed|yoy_by}。
减：全年办结求助{calls_closed}，比上一年少{calls_closed|yoy_by}。
平：全年办结求助{calls_closed}，与上一年持平。
零：全年没有办结的求助。
无：全年办结求助{calls_closed}，没有上一年的数可比。
按期办结率{calls_on_time_rate}，确认解决率{calls_solved_rate}，评价率{calls_rated_rate}。办结不等于解决。
【折线图】全年每月求助：calls_submitted、calls_closed

# 各地情况
## 求助与办结
【表】各地求助与办结：calls_submitted、calls_closed、calls_on_time_rate、calls_solved_rate
## 活动与服务
【表】各地活动与服务：sessions_held、attended、service_records
【柱状图】各地活动场次：sessions_held

# 逐月情况
【表】逐月情况：calls_submitted、calls_closed、sessions_held、attended；按月

# 队伍与阵地
截至{until}，注册志愿者{volunteers_registered}，{volunteers_registered|yoy}；在用的阵地{sites}。
全年确认志愿服务{service_records}，服务时长共{service_minutes}。
【照片】6
"""
ROUNDUP = """# 基本情况
{since}至{until}，{place}收到居民求助{calls_submitted}，办结{calls_closed}，按期办结率{calls_on_time_rate}，确认解决率{calls_solved_rate}。办结不等于解决。
【看】attended
有：举办活动{sessions_held}，参加{attended|about}。
零：这段时间没有人次记录在案。
无：举办活动{sessions_held}。

# 主要做法
（请在编辑时写明做法。）

# 成效
【看】calls_closed|prev
增：办结求助比上一段同样长的时间多{calls_closed|prev_by}。
减：办结求助比上一段同样长的时间少{calls_closed|prev_by}。
平：办结求助与上一段同样长的时间持平。
零：这段时间没有办结的求助。
无：没有可比的上一段时间。
截至期末，注册志愿者{volunteers_registered}，在用的阵地{sites}。
【表】各地情况：calls_submitted、calls_closed、sessions_held
【照片】4
"""
FIRST_TEMPLATES: tuple[tuple[str, str, str, Stretch, str], ...] = (
    ("roundup", "综述", "Round-up", Stretch.ANY, ROUNDUP),
    ("monthly", "月通报", "Monthly bulletin", Stretch.MONTH, MONTHLY),
    ("yearly", "年报", "Annual report", Stretch.YEAR, YEARLY),
)
"""Code, name, English name, stretch and text of the templates every place has until it writes its own."""
