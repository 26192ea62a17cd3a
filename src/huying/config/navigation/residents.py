"""The residents' entries: tab bar, links below a page, cards on one's own page, and a leader's way back from the desk."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huying.config.navigation.asking import actor_of, helping, leads_only, records_waiting, seen_if, unread
from huying.people import rules as people_rules
from huying.people.states import RoleKind
from huying.ui.navigation import Entry
from huying.volunteers import rules as volunteer_rules

TABS = (
    Entry("tab", _("首页"), "calls:home", icon="house", icon_on="house-fill"),
    Entry("tab", _("帮忙"), "calls:help", icon="handshake", large=False, under=("calls:help_from",)),
    Entry(
        "tab",
        pgettext_lazy("menu", "求助"),
        "calls:ask",
        icon="hand-heart",
        icon_on="hand-heart-fill",
        under=("calls:ask_kind", "calls:asked"),
        main=True,
        word="call",
    ),
    Entry(
        "tab",
        _("活动"),
        "activities:list",
        icon="calendar-heart",
        under=("activities:activity", "activities:map", "activities:mine", "activities:sign_up", "activities:join"),
        large=False,
        word="activities",
    ),
    Entry("tab", _("我的"), "people:me", icon="user", icon_on="user-fill", under=("people:notices",), badge=unread),
)
FOOT = (
    Entry("foot", _("我的活动"), "activities:mine", seen_by=lambda request: not actor_of(request).is_anonymous),
    Entry("foot", _("队长工作台"), "leading", seen_by=helping),
    Entry("foot", _("身边站点"), "places:tree"),
    Entry("foot", _("站点地图"), "places:whole_map"),
    Entry("foot", _("公开通报"), "cockpit:papers"),
    Entry("foot", _("机制包"), "packs:library"),
    Entry("foot", _("积分办法"), "points:list"),
)
AT_PLACES = (
    Entry("place", _("我们的机制"), "packs:here", icon="squares-four-duotone"),
    Entry("place", _("公开通报"), "cockpit:papers", icon="files-duotone"),
)
MINE = (
    Entry(
        "mine",
        _("我的求助"),
        "calls:mine",
        icon="hand-heart-duotone",
        about=_("看看到哪一步"),
        tone="kaki",
        word="my_calls",
    ),
    Entry(
        "mine",
        _("我的网格"),
        "calls:grid",
        icon="device-mobile-duotone",
        about=_("替居民求助，今天要告诉谁什么"),
        tone="pine",
        seen_by=seen_if(lambda actor: people_rules.holds(actor, RoleKind.GRID_WORKER)),
    ),
    Entry(
        "mine",
        _("我的活动"),
        "activities:mine",
        icon="calendar-dots-duotone",
        about=_("报了名的，参加过的"),
        tone="gui",
    ),
    Entry(
        "mine",
        _("我的存折"),
        "points:mine",
        icon="book-open-duotone",
        about=_("做好事攒的积分，能换什么"),
        tone="gui",
        word="passbook",
    ),
    Entry(
        "mine",
        _("队长工作台"),
        "leading",
        icon="clipboard-text-duotone",
        about=_("点名、名单、确认时长、导出"),
        tone="pine",
        seen_by=seen_if(volunteer_rules.is_leader),
        badge=records_waiting,
    ),
    Entry(
        "mine",
        _("我的服务时长"),
        "volunteers:my_service",
        icon="hourglass-medium-duotone",
        about=_("每一次服务，按年查看和下载"),
        tone="pine",
        seen_by=seen_if(volunteer_rules.may_volunteer),
    ),
    Entry(
        "mine",
        _("服务证明和星级"),
        "volunteers:certificates",
        icon="seal-check-duotone",
        about=_("免费开具，人人可查验"),
        tone="dai",
        seen_by=seen_if(volunteer_rules.may_volunteer),
    ),
    Entry(
        "mine",
        _("志愿服务"),
        "volunteers:me",
        icon="handshake-duotone",
        about=_("登记、队伍、歇一阵"),
        tone="gui",
    ),
)
"""What somebody does here, as cards on his own page; his account and his data stand below them."""
LEADING = (
    Entry(
        "rail",
        _("首页"),
        "calls:home",
        icon="house-line-duotone",
        group=pgettext_lazy("menu", "居民"),
        seen_by=seen_if(leads_only),
    ),
    Entry(
        "rail",
        _("我能帮忙"),
        "calls:help",
        icon="handshake-duotone",
        word="help",
        group=pgettext_lazy("menu", "居民"),
        seen_by=seen_if(leads_only),
        under=("calls:help_from",),
    ),
    Entry(
        "rail",
        _("我的"),
        "people:me",
        icon="user-duotone",
        group=pgettext_lazy("menu", "居民"),
        seen_by=seen_if(leads_only),
    ),
)
"""The way back for a leader who is an ordinary resident."""
