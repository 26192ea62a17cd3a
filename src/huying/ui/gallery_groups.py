"""What the living style page shows, in groups. Each component has a sample in templates/ui/samples/<name>.html."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

GROUPS: list[tuple[str | Promise, str]] = [
    (_("按钮、标签与图标"), "button buttons icon chip badge avatar"),
    (_("版面"), "page_head back breadcrumbs tabs card section note empty toast"),
    (_("首页"), "hero acts act services summary summaries steps person outbox modes"),
    (_("表单"), "form field error_summary choices stars file_input options search_box filters"),
    (_("记录"), "dl timeline log moment progress table row cell lines pager downloads tree map"),
    (_("工作台"), "kpis kpi board column ticket tickets detail part candidate dialog confirm shortcuts"),
]
