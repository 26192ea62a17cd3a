"""The fixed words of places, and the first set of kinds, flags and rules that an installation starts from.

The tables are the truth once installed: a locality adds a kind, a level or a rule on a page, not here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Status(TextChoices):
    OPEN = "open", _("在用")
    CLOSED = "closed", _("已停用")


class Crs(TextChoices):
    """How a position was measured (地图管理条例); both lie hundreds of metres from GCJ-02."""

    WGS84 = "WGS84", "WGS 84"
    CGCS2000 = "CGCS2000", "CGCS2000"


class FlagGroup(TextChoices):
    GRADE = "grade", _("等次")
    SERVICE = "service", _("服务功能")
    SETTING = "setting", _("所在场所")


class LayerKind(TextChoices):
    AREAS = "areas", _("区划范围")
    BASE = "base", _("水系、道路、绿地底图")


class BookingState(TextChoices):
    HELD = "held", _("待确认")
    CONFIRMED = "confirmed", _("已订好")
    CANCELLED = "cancelled", _("已取消")


BOOKING_STEPS: dict[str, tuple[frozenset[BookingState], BookingState]] = {
    "confirm": (frozenset({BookingState.HELD}), BookingState.CONFIRMED),
    "change": (frozenset({BookingState.HELD, BookingState.CONFIRMED}), BookingState.CONFIRMED),
    "cancel": (frozenset({BookingState.HELD, BookingState.CONFIRMED}), BookingState.CANCELLED),
    "lapse": (frozenset({BookingState.HELD}), BookingState.CANCELLED),
}
"""The life of a booking: verb -> (from, to). A change leaves the state as it is."""


class CheckState(TextChoices):
    """How far a check of a site against a standard has come."""

    SELF_CHECKED = "self_checked", _("待核实")
    VERIFIED = "verified", _("已核实")
    RETURNED = "returned", _("已退回")


CHECK_STEPS: dict[str, tuple[frozenset[CheckState], CheckState]] = {
    "verify": (frozenset({CheckState.SELF_CHECKED}), CheckState.VERIFIED),
    "return": (frozenset({CheckState.SELF_CHECKED}), CheckState.RETURNED),
}
"""The life of a check: verb -> (from, to). What was returned is checked anew, as another check."""


class Answer(TextChoices):
    """What a site says of one item of a standard."""

    YES = "yes", _("做到了")
    NO = "no", _("没做到")
    NOT_APPLICABLE = "na", _("不适用")


class Standing(TextChoices):
    """How a site stands against a standard: the newest check that was verified decides."""

    MET = "met", _("全部做到")
    UNMET = "unmet", _("有没做到的")
    OLD = "old", _("要重新自查")
    NEVER = "never", _("还没有核实过")


CHECK_LASTS = timedelta(days=365)
"""A check that was verified longer ago is to be made anew."""


@dataclass(frozen=True)
class SiteChecked:
    """A site was checked against a standard, or such a check was verified or returned."""

    check_id: int


@dataclass(frozen=True)
class PlaceMoved:
    """A place and everything below it hang elsewhere: paths have changed."""

    place_id: int
    before: str
    after: str


@dataclass(frozen=True)
class PlaceClosed:
    place_id: int


@dataclass(frozen=True)
class PlacesChanged:
    """Places were made, changed, closed or opened again: some of those whose keys lie from ``first`` to ``last``."""

    first: int
    last: int


class Kind(NamedTuple):
    """One row of PlaceKind; ``parents`` are kind codes, "-" stands for the top of a tree."""

    code: str
    name: str
    name_en: str
    parents: str
    level: int | None = None
    is_site: bool = False
    icon: str = "map-pin-duotone"
    tone: str = "ink"


# Levels leave gaps (10, 20 …), so that a locality can put one between by configuration alone (S3-5a.1).
FIRST_KINDS: tuple[Kind, ...] = (
    Kind("province", "省（自治区、直辖市）", "Province", "-", 10, icon="map-trifold-duotone"),
    Kind("prefecture", "市（州、盟）", "Prefecture", "- province", 20, icon="map-trifold-duotone"),
    Kind("county", "县（市、区、旗）", "County", "- province prefecture", 30, icon="map-trifold-duotone"),
    Kind("street", "街道", "Subdistrict", "- prefecture county", 40, icon="map-trifold-duotone"),
    Kind("town", "镇", "Town", "- prefecture county", 40, icon="map-trifold-duotone"),
    Kind("township", "乡（苏木）", "Township", "- prefecture county", 40, icon="map-trifold-duotone"),
    Kind("community", "社区", "Community", "street town township", 50, icon="map-trifold-duotone"),
    Kind("village", "村", "Village", "street town township", 50, icon="map-trifold-duotone"),
    Kind("grid", "网格", "Grid", "community village", 60, icon="squares-four-duotone"),
    Kind("building", "楼宇", "Building", "street town township community village grid", icon="building-duotone"),
    Kind(
        "centre",
        "文明实践中心",
        "Practice centre",
        "province prefecture county",
        None,
        True,
        "bank-duotone",
        "mei",
    ),
    Kind("subcentre", "分中心", "Sub-centre", "prefecture county centre", None, True, "bank-duotone", "mei"),
    Kind(
        "institute",
        "文明实践院",
        "Practice institute",
        "prefecture county centre",
        None,
        True,
        "bank-duotone",
        "mei",
    ),
    Kind(
        "office",
        "文明实践所",
        "Practice office",
        "street town township",
        None,
        True,
        "house-line-duotone",
        "kaki",
    ),
    Kind(
        "station",
        "文明实践站",
        "Practice station",
        "community village",
        None,
        True,
        "house-line-duotone",
        "pine",
    ),
    Kind(
        "point",
        "文明实践点",
        "Practice point",
        "county street town township community village grid building",
        None,
        True,
        tone="pine",
    ),
    Kind("post", "实践岗", "Practice post", "centre office station point base", None, True, tone="pine"),
    Kind(
        "base",
        "实践基地",
        "Practice base",
        "county street town township community village",
        None,
        True,
        tone="dai",
    ),
    Kind(
        "relay",
        "志愿服务驿站",
        "Volunteer relay station",
        "county street town township community village grid building",
        None,
        True,
        tone="dai",
    ),
    Kind("hall", "社区活动室", "Community room", "community village grid building", None, True, tone="dai"),
    Kind(
        "culture",
        "公共文化空间",
        "Culture space",
        "county street town township community village",
        None,
        True,
    ),
    Kind("media", "融媒体中心", "Media centre", "prefecture county", None, True),
    Kind(
        "room",
        "房间",
        "Room",
        "centre subcentre institute office station point base relay hall culture media building",
        icon="door-duotone",
    ),
)

# (code, name, English name, group, tone)
FIRST_FLAGS: tuple[tuple[str, str, str, str, str], ...] = (
    ("demonstration", "示范", "Demonstration", "grade", "mei"),
    ("pilot", "试点", "Pilot", "grade", "kaki"),
    ("canteen", "助餐", "Canteen", "service", "kaki"),
    ("lecture", "宣讲", "Lectures", "service", "dai"),
    ("reading", "阅读", "Reading", "service", "dai"),
    ("childcare", "托管", "Child care", "service", "dai"),
    ("eldercare", "养老", "Elder care", "service", "pine"),
    ("errands", "便民代办", "Errands", "service", "pine"),
    ("health", "健康服务", "Health", "service", "pine"),
    ("sports", "文体活动", "Sports and arts", "service", "pine"),
    ("safety", "治安调解", "Safety and mediation", "service", "ink"),
    ("loudspeaker", "大喇叭", "Loudspeaker", "service", "ink"),
    ("step_free", "无障碍", "Step-free", "service", "dai"),
    ("in_park", "公园", "Park", "setting", "ink"),
    ("in_building", "楼宇", "Office building", "setting", "ink"),
    ("in_shop", "商铺", "Shop", "setting", "ink"),
    ("in_scenic_spot", "景区", "Scenic spot", "setting", "ink"),
)

# Three-level full coverage (S3-1a.3): each open place of the first kind must hold an open site of the second.
FIRST_RULES: tuple[tuple[str, str], ...] = (
    ("county", "centre"),
    ("street", "office"),
    ("town", "office"),
    ("township", "office"),
    ("community", "station"),
    ("village", "station"),
)


class ScreenWord(NamedTuple):
    """A word on screens that a mechanism of a place may say in its own way: where it stands, what stands there otherwise
    ("": nothing, or what the page has always said), the most Chinese characters (twice as many letters in English).
    """

    where: str | Promise
    usual: str | Promise
    most: int


SCREEN_WORDS: dict[str, ScreenWord] = {
    "brand": ScreenWord(_("每一页上方的平台名称"), "", 12),
    "brand_line": ScreenWord(_("登录页上平台名称下的一句话"), "", 20),
    "greeting": ScreenWord(_("首页问候语下面的一句话"), "", 20),
    "call": ScreenWord(_("居民页下方栏里的“求助”"), pgettext_lazy("menu", "求助"), 5),
    "ask": ScreenWord(_("首页求助按钮和求助页的名称"), _("我要求助"), 8),
    "my_calls": ScreenWord(_("“我的求助”页的名称"), _("我的求助"), 8),
    "help": ScreenWord(_("“我能帮忙”页的名称"), _("我能帮忙"), 8),
    "activities": ScreenWord(_("活动页的名称"), _("活动"), 5),
    "passbook": ScreenWord(_("积分存折的名称"), _("我的存折"), 10),
    "points_bank": ScreenWord(_("积分兑换柜台的名称"), _("储蓄所"), 12),
    "board": ScreenWord(_("派单台的名称"), _("派单台"), 10),
    "whistle": ScreenWord(_("以单位名义求助的按钮和页的名称"), _("吹哨"), 10),
    "site_centre": ScreenWord(_("县一级阵地的叫法"), "", 12),
    "site_office": ScreenWord(_("乡镇（街道）一级阵地的叫法"), "", 12),
    "site_station": ScreenWord(_("村（社区）一级阵地的叫法"), "", 12),
    "site_point": ScreenWord(_("村以下阵地的叫法"), "", 12),
}
"""The whole list. Each is said as it stands, never put together with other words, so that both languages stay right."""
OF_SITES = "site_"
"""What stands before the code of a kind of site."""
