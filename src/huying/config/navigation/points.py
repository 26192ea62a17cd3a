"""The rail of those who keep points."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huying.config.navigation.asking import seen_if
from huying.points import rules as point_rules
from huying.ui.navigation import Entry

POINTS = (
    Entry(
        "rail",
        _("积分管理"),
        "points:desk",
        icon="bank-duotone",
        group=pgettext_lazy("menu", "积分"),
        seen_by=seen_if(point_rules.is_keeper),
        under=(
            *(
                "points:new",
                "points:keep",
                "points:rename",
                "points:end",
                "points:draft",
                "points:edition_step",
                "points:partners",
                "points:sheets",
            ),
            *("points:sheet", "points:sheet_step", "points:bank", "points:bank_new", "points:counter"),
            *("points:good_new", "points:good_edit", "points:intake_new", "points:bank_close"),
        ),
    ),
    Entry(
        "rail",
        _("核对申报"),
        "points:claims",
        icon="list-checks-duotone",
        group=pgettext_lazy("menu", "积分"),
        seen_by=seen_if(point_rules.is_keeper),
        under=("points:claim", "points:claim_step", "points:reverse_new", "points:reversal_step"),
    ),
    Entry(
        "rail",
        _("积分存折"),
        "points:passbooks",
        icon="book-open-duotone",
        group=pgettext_lazy("menu", "积分"),
        seen_by=seen_if(point_rules.is_keeper),
        under=(
            "points:passbook",
            "points:passbook_all",
            "points:claim_new",
            "points:passbook_step",
            "points:gift",
            "points:gift_return",
        ),
    ),
    Entry(
        "rail",
        _("要当面告知"),
        "points:untold",
        icon="megaphone-duotone",
        group=pgettext_lazy("menu", "积分"),
        seen_by=seen_if(point_rules.is_keeper),
        under=("points:tell",),
    ),
    Entry(
        "rail",
        _("积分申诉"),
        "points:appeals",
        icon="scales-duotone",
        group=pgettext_lazy("menu", "积分"),
        seen_by=seen_if(point_rules.is_keeper),
        under=("points:appeal", "points:appeal_step"),
    ),
)
