"""The rail of staff: what stands where, and how it stands."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from huying.config.navigation.asking import seen_if
from huying.places import rules as place_rules
from huying.ui.navigation import Entry

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
        _("站点标准"),
        "places:standards",
        icon="seal-check-duotone",
        group=_("阵地"),
        seen_by=seen_if(place_rules.reads_checks),
        under=(
            "places:standard",
            "places:checks",
            "places:check",
            "places:site_checks",
            "places:new_check",
            "places:add_check_photo",
        ),
    ),
    Entry(
        "rail",
        _("机制包"),
        "packs:library",
        icon="squares-four-duotone",
        group=_("设置"),
        seen_by=seen_if(place_rules.works_here),
        under=("packs:pack", "packs:difference", "packs:load", "packs:ours", "packs:on", "packs:off", "packs:set_up"),
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
