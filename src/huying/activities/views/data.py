"""Pages of those who keep what activities can be: kinds, themes with their days, units of results."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from huying.activities import actions, queries, rules
from huying.activities.forms.data import KindForm, ThemeForm, UnitForm
from huying.activities.models import ActivityKind, DataRow, Theme, Unit
from huying.activities.rules.themes import TERMS
from huying.activities.states import ThemeRule
from huying.activities.views import pages
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.errors import Conflict, Forbidden, InvalidInput
from huying.kernel.requests import Request, signed_in
from huying.ui.naming import named


@dataclass(frozen=True)
class Table:
    """One of the tables; ``name`` is that of its page, ``one`` begins the names of the pages of a row."""

    name: str
    one: str
    model: Any
    form: Any
    title: Promise
    lead: Promise
    add: Promise
    detail: Promise


TABLES = {
    "kinds": Table(
        "kinds",
        "kind",
        ActivityKind,
        KindForm,
        _("活动类别"),
        _("新建活动时选的类别。停用后不再出现，已有的活动不变。"),
        _("加一个类别"),
        _("怎么计数"),
    ),
    "themes": Table(
        "themes",
        "theme",
        Theme,
        ThemeForm,
        _("活动主题"),
        _("季节、节日、主题和形式。定了日期的，那几天的活动自动带上；手工选的，写活动时勾选。"),
        _("加一个主题"),
        _("哪些天"),
    ),
    "units": Table(
        "units",
        "unit",
        Unit,
        UnitForm,
        _("结果单位"),
        _("填活动结果时选的单位。不同的单位从不相加。"),
        _("加一个单位"),
        _("小数位数"),
    ),
}


def keeper(request: Request) -> Actor:
    """The actor, when he keeps these tables."""
    actor = signed_in(request)
    if not rules.can_keep_data(actor):
        raise Forbidden(_("活动的类别、主题和单位由中心的调度员和业务管理员管理。"))
    return actor


@require_http_methods(pages.BOTH)
def listing(request: Request, table: str) -> HttpResponse:
    """Every row of a table; POST moves one, retires it or offers it again."""
    actor, here = keeper(request), TABLES[table]
    if request.method != "POST":
        return listed(request, here)
    row = queries.data_row(here.model, request.POST.get("code", "")[:40])
    step = request.POST.get("do", "")
    try:
        if step in {"up", "down"}:
            actions.move_row(actor=actor, row=row, up=step == "up")
        elif step in {"on", "off"}:
            actions.set_row_active(actor=actor, row=row, active=step == "on")
        else:
            raise InvalidInput
    except Conflict as refusal:
        return listed(request, here, str(refusal))
    return pages.go("", here.name, request=request, end=f"#row-{row.code}")


def listed(request: Request, table: Table, problem: str = "") -> HttpResponse:
    """The page of a table; ``problem`` says why a press was refused."""
    found: QuerySet[Any] = {"kinds": queries.all_kinds, "themes": queries.all_themes, "units": queries.all_units}[
        table.name
    ]()
    tabs = [
        {"label": one.title, "url": reverse(f"activities:{one.name}"), "current": one is table}
        for one in TABLES.values()
    ]
    context = {
        "table": table,
        "tabs": tabs,
        "rows": [line(table, row) for row in found],
        "heads": [_("名称"), table.detail, {"label": _("用过"), "end": True}, _("状态"), _("排列")],
        "new_url": reverse(f"activities:{table.one}_new"),
        "problem": problem,
    }
    return render(request, "activities/data.html", context, status=409 if problem else 200)


def line(table: Table, row: Any) -> dict[str, Any]:
    """One row in words."""
    return {
        "row": row,
        "id": f"row-{row.code}",
        "url": reverse(f"activities:{table.one}_edit", args=[row.code]),
        "note": str(row.get_group_display()) if isinstance(row, Theme) else "",
        "detail": detail(row),
        "used": used_words(row),
    }


def detail(row: DataRow) -> str:
    """What sets this row apart from others of its table."""
    if isinstance(row, ActivityKind):
        return gettext("大型活动，单独计数") if row.is_large else gettext("和其他活动一起计数")
    if isinstance(row, Unit):
        return gettext("整数") if not row.digits else ngettext("%(n)d 位", "%(n)d 位", row.digits) % {"n": row.digits}
    return days_words(row)


def days_words(theme: Theme) -> str:
    """The rule of a theme, and the days it gives this year."""
    if theme.rule == ThemeRule.NONE:
        return gettext("手工选")
    if theme.rule == ThemeRule.DATES:
        return gettext("每年 %(first)s 至 %(last)s") % {"first": theme.begins, "last": theme.ends}
    if theme.rule == ThemeRule.LUNAR:
        words = gettext("农历 %(month)d 月 %(day)d 日") % {"month": theme.month, "day": theme.day}
    else:
        words = str(TERMS[theme.month])
    year = clock.today().year
    days = [f"{day:%m-%d}" for day in rules.days_of(theme, year)[0]]
    facts = {"rule": words, "year": year, "first": days[0], "last": days[1]}
    return gettext("%(rule)s前后，%(year)d 年是 %(first)s 至 %(last)s") % facts


def used_words(row: Any) -> str:
    """How much has it, with its measure word."""
    used: int = row.used
    if isinstance(row, Unit):
        return ngettext("%(n)d 条结果", "%(n)d 条结果", used) % {"n": used}
    return ngettext("%(n)d 个活动", "%(n)d 个活动", used) % {"n": used}


@require_http_methods(pages.BOTH)
def edit(request: Request, table: str, code: str = "") -> HttpResponse:
    """A new row, or one that is changed."""
    actor, here = keeper(request), TABLES[table]
    row = queries.data_row(here.model, code) if code else None
    title = named(row) if row else str(here.add)
    form = here.form(pages.posted(request), row=row)

    def act() -> None:
        actions.save_row(actor=actor, row=form.filled())

    if request.method == "POST" and pages.carried_out(form, act):
        messages.success(request, gettext("已保存“%(name)s”。") % {"name": named(form.filled())})
        return pages.go("", here.name, request=request)
    back = reverse(f"activities:{here.name}")
    context = {"table": here, "title": title, "form": form, "back": back}
    return render(request, "activities/data_edit.html", context, status=pages.status_of(form))
