"""The rail of staff, and of leaders for what they run."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huying.activities import rules as activity_rules
from huying.calls import rules as call_rules
from huying.config.navigation.asking import leads_only, organises, records_waiting, seen_if, waiting
from huying.config.trail.reading import can_read as can_read_trail
from huying.ledger import rules as ledger_rules
from huying.people import rules as people_rules
from huying.people.states import SEPARATED, RoleKind
from huying.places import rules as place_rules
from huying.ui.navigation import Entry
from huying.volunteers import rules as volunteer_rules

DESK = (
    Entry(
        "rail",
        _("派单台"),
        "calls:board",
        icon="kanban-duotone",
        group=_("求助"),
        seen_by=seen_if(call_rules.can_desk),
        badge=waiting,
        under=("calls:panel", "calls:dispatch"),
    ),
    Entry(
        "rail",
        _("全部求助"),
        "calls:list",
        icon="list-checks-duotone",
        group=_("求助"),
        seen_by=seen_if(call_rules.can_desk),
    ),
    Entry(
        "rail",
        _("电话代录"),
        "calls:phone",
        icon="phone-call-duotone",
        group=_("求助"),
        seen_by=seen_if(call_rules.can_ask_for_others),
        under=("calls:phone_find", "calls:phone_kind"),
    ),
    Entry(
        "rail",
        pgettext_lazy("menu", "居民"),
        "people:persons",
        icon="identification-card-duotone",
        group=_("人"),
        seen_by=seen_if(people_rules.can_look_people_up),
        under=("people:person", "people:person_add", "people:person_edit", "people:doubles", "people:open_account"),
    ),
    Entry(
        "rail",
        pgettext_lazy("menu", "角色"),
        "people:my_roles",
        icon="user-circle-gear-duotone",
        group=_("人"),
        seen_by=seen_if(people_rules.is_staff),
        under=("people:roles_at", "people:grant", "people:end_role", "people:lend_role", "people:proposals"),
    ),
    Entry(
        "rail",
        _("队长工作台"),
        "leading",
        icon="clipboard-text-duotone",
        group=_("力量"),
        seen_by=seen_if(leads_only),
    ),
    Entry(
        "rail",
        pgettext_lazy("menu", "志愿者"),
        "volunteers:list",
        icon="users-three-duotone",
        group=_("力量"),
        seen_by=seen_if(volunteer_rules.is_keeper),
        under=("volunteers:volunteer", "volunteers:counts", "volunteers:counts_import"),
    ),
    Entry(
        "rail",
        _("服务记录"),
        "volunteers:records",
        icon="hourglass-medium-duotone",
        group=_("力量"),
        seen_by=organises,
        badge=records_waiting,
        under=("volunteers:queue", "volunteers:record"),
    ),
    Entry(
        "rail",
        _("签到场次"),
        "volunteers:sessions",
        icon="qr-code-duotone",
        group=_("力量"),
        seen_by=organises,
        under=(
            "volunteers:session",
            "volunteers:session_new",
            "volunteers:session_code",
            "volunteers:session_paper",
            "volunteers:session_roll",
            "volunteers:session_sheet",
        ),
    ),
    Entry(
        "rail",
        _("招募"),
        "volunteers:campaigns",
        icon="megaphone-duotone",
        group=_("力量"),
        seen_by=seen_if(volunteer_rules.is_keeper),
        under=("volunteers:campaign", "volunteers:campaign_new"),
    ),
    Entry(
        "rail",
        _("志愿队伍"),
        "volunteers:teams",
        icon="handshake-duotone",
        group=_("力量"),
        seen_by=seen_if(volunteer_rules.is_keeper),
        under=("volunteers:team", "volunteers:team_new", "volunteers:team_edit", "volunteers:team_members"),
    ),
    Entry(
        "rail",
        _("账目"),
        "ledger:overview",
        icon="coins-duotone",
        group=_("记录"),
        seen_by=seen_if(ledger_rules.can_audit),
        under=("ledger:account",),
    ),
    Entry(
        "rail",
        _("服务菜单"),
        "calls:menu",
        icon="squares-four-duotone",
        group=_("设置"),
        seen_by=seen_if(call_rules.can_keep_menu),
        under=("calls:menu_new", "calls:menu_edit", "calls:clocks"),
    ),
    Entry(
        "rail",
        _("操作记录"),
        "system:trail",
        icon="clock-counter-clockwise-duotone",
        group=_("设置"),
        seen_by=seen_if(can_read_trail),
    ),
    Entry(
        "rail",
        _("假日和调休"),
        "system:days",
        icon="calendar-dots-duotone",
        group=_("设置"),
        seen_by=seen_if(lambda actor: people_rules.holds(actor, RoleKind.ADMINISTRATOR)),
    ),
    Entry(
        "rail",
        _("系统状态"),
        "system:state",
        icon="heartbeat-duotone",
        group=_("设置"),
        seen_by=seen_if(lambda actor: people_rules.holds(actor, *SEPARATED)),
        under=("system:jobs",),
    ),
    Entry("rail", _("我的"), "people:me", icon="user-duotone", group=_("设置"), seen_by=seen_if(people_rules.is_staff)),
)
GATHER = (
    Entry(
        "rail",
        _("活动管理"),
        "activities:desk",
        icon="calendar-dots-duotone",
        group=pgettext_lazy("menu", "活动"),
        seen_by=seen_if(activity_rules.is_organiser),
        under=("activities:new", "activities:edit", "activities:copy", "activities:door", "activities:results"),
    ),
    Entry(
        "rail",
        _("活动日历"),
        "activities:list",
        icon="calendar-heart",
        group=pgettext_lazy("menu", "活动"),
        seen_by=seen_if(people_rules.is_staff),
        under=("activities:activity", "activities:map", "activities:sign_up"),
    ),
    Entry(
        "rail",
        _("节奏计划"),
        "activities:plans",
        icon="list-checks-duotone",
        group=pgettext_lazy("menu", "活动"),
        seen_by=seen_if(activity_rules.is_organiser),
        under=("activities:plan", "activities:plan_new", "activities:plan_edit"),
    ),
    Entry(
        "rail",
        _("场地预订"),
        "places:bookings",
        icon="door-duotone",
        group=pgettext_lazy("menu", "活动"),
        seen_by=seen_if(activity_rules.is_organiser),
        under=("places:booking", "places:change_booking", "places:timetable", "places:book"),
    ),
)
SITES = (
    Entry(
        "rail",
        _("阵地网络"),
        "places:tree",
        icon="tree-structure-duotone",
        group=_("阵地"),
        seen_by=seen_if(place_rules.works_here),
        under=("places:list", "places:detail", "places:change", "places:choose_kind", "places:create", "places:import"),
    ),
    Entry(
        "rail",
        _("阵地地图"),
        "places:whole_map",
        icon="map-trifold-duotone",
        group=_("阵地"),
        seen_by=seen_if(place_rules.works_here),
        under=("places:map", "places:add_layer"),
    ),
    Entry(
        "rail",
        _("数量和覆盖"),
        "places:figures",
        icon="chart-bar-duotone",
        group=_("阵地"),
        seen_by=seen_if(place_rules.works_here),
        under=("places:coverage", "places:gaps", "places:reach"),
    ),
    Entry(
        "rail",
        _("类型和标记"),
        "places:kinds",
        icon="flag-duotone",
        group=_("设置"),
        seen_by=seen_if(place_rules.can_set_up),
        under=("places:kind", "places:add_kind", "places:flag_kind", "places:add_flag_kind"),
    ),
)
