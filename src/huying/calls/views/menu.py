"""Pages of those who keep the service menu: its lines, one line with its questions, and the clocks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from huying.calls import actions, queries, rules
from huying.calls.forms.menu import (
    ClockForm,
    KindForm,
    QuestionRows,
    clock_values,
    question_rows,
    rows_of,
    typed_kind,
    typed_rows,
)
from huying.calls.forms.words import refused
from huying.calls.models import Clock, ServiceKind
from huying.calls.views.desk import see
from huying.kernel.actor import Actor
from huying.kernel.errors import DomainError, Forbidden, InvalidInput
from huying.kernel.requests import Request, signed_in
from huying.ui import when
from huying.ui.naming import named

ANSWERED = {"either": _("志愿者或队伍"), "volunteer": _("志愿者个人"), "team": _("只派队伍")}
HEADS = (
    _("服务"),
    _("谁来办"),
    {"label": _("一般要"), "end": True},
    {"label": _("问题"), "end": True},
    {"label": _("在办"), "end": True},
    _("状态"),
    _("排列"),
)
CLOCK_HEADS = (_("服务"), _("哪一步"), _("情况"), _("多久"), _("怎么算"), _("改"))


def keeper(request: Request) -> Actor:
    """The actor, when he keeps the menu."""
    actor = signed_in(request)
    if not rules.can_keep_menu(actor):
        raise Forbidden(_("服务菜单由中心的调度员和业务管理员管理。"))
    return actor


@require_http_methods(["GET", "HEAD", "POST"])
def kinds(request: Request) -> HttpResponse:
    """Every line of the menu; POST moves one, takes it off or puts it back."""
    actor = keeper(request)
    if request.method != "POST":
        rows = [
            {"kind": kind, "id": f"kind-{kind.code}", "answered": ANSWERED[kind.answered_by]}
            for kind in queries.whole_menu()
        ]
        facts = {"rows": rows, "heads": HEADS, "keys": rules.can_keep_doors(actor)}
        return render(request, "calls/desk/menu.html", facts)
    kind = queries.any_kind(request.POST.get("code", "")[:40])
    step = request.POST.get("do", "")
    if step in {"up", "down"}:
        actions.move_kind(actor=actor, kind=kind, up=step == "up")
    elif step in {"on", "off"}:
        actions.set_kind_active(actor=actor, kind=kind, active=step == "on")
    else:
        raise InvalidInput
    return see(f"{reverse('calls:menu')}#kind-{kind.code}")


@require_http_methods(["GET", "HEAD", "POST"])
def new_kind(request: Request) -> HttpResponse:
    """A new line of the menu."""
    return edited(request, keeper(request), None)


@require_http_methods(["GET", "HEAD", "POST"])
def edit_kind(request: Request, code: str) -> HttpResponse:
    """One line with its questions."""
    return edited(request, keeper(request), queries.any_kind(code))


def edited(request: Request, actor: Actor, kind: ServiceKind | None) -> HttpResponse:
    """Draw the form, draw it with one row more, or save it."""
    if request.method != "POST":
        form = KindForm(kind=kind)
        return drawn(request, kind, form, question_rows(first=rows_of(kind) if kind else None))
    if request.POST.get("do") == "row":
        return one_row_more(request, kind)
    form, rows = KindForm(request.POST, kind=kind), question_rows(request.POST)
    if form.is_valid() & rows.is_valid():
        try:
            saved = actions.save_kind(
                actor=actor, kind=form.filled(rows.questions()), skills=list(form.cleaned_data["skills"])
            )
        except DomainError as problem:
            refused(form, problem)
        else:
            messages.success(request, gettext("已保存“%(name)s”。") % {"name": named(saved)})
            return see(reverse("calls:menu"))
    return drawn(request, kind, form, rows, status=422)


def one_row_more(request: Request, kind: ServiceKind | None) -> HttpResponse:
    """The page again with everything typed and one empty row more; nothing is checked or saved."""
    form = KindForm(kind=kind, initial=typed_kind(request.POST))
    return drawn(request, kind, form, question_rows(first=typed_rows(request.POST)))


def drawn(
    request: Request, kind: ServiceKind | None, form: KindForm, rows: QuestionRows, *, status: int = 200
) -> HttpResponse:
    context = {"kind": kind, "form": form, "rows": rows}
    return render(request, "calls/desk/menu_edit.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def clocks(request: Request) -> HttpResponse:
    """How long each stage may take; ``?rule=`` begins with the values of one rule."""
    actor = keeper(request)
    if request.method == "POST" and request.POST.get("do") == "drop":
        actions.drop_clock(actor=actor, rule=queries.clock_by_id(number(request.POST.get("rule"))))
        return see(reverse("calls:clocks"))
    wanted = request.GET.get("rule")
    first = clock_values(queries.clock_by_id(number(wanted))) if wanted else None
    form = ClockForm(request.POST if request.method == "POST" else None, initial=first)
    if form.is_bound and form.is_valid():
        actions.save_clock(actor=actor, **form.facts())
        messages.success(request, _("已保存，新进入这一步的求助按它计时。"))
        return see(reverse("calls:clocks"))
    context = {"form": form, "rules": [line(rule) for rule in queries.clocks()], "heads": CLOCK_HEADS}
    return render(request, "calls/desk/clocks.html", context, status=422 if form.is_bound else 200)


def number(text: str | None) -> int:
    """The key of a rule; 0, which no rule has, for anything else."""
    return int(text) if text and text.isdecimal() and len(text) < 10 else 0


def line(rule: Clock) -> dict[str, Any]:
    """One rule in words."""
    hours = rule.mode != Clock.Mode.NATURAL and rule.minutes % 60 == 0
    span = when.span_text(timedelta(minutes=rule.minutes))
    words = gettext("%(n)d 小时") % {"n": rule.minutes // 60} if hours else span
    facts = {"kind": named(rule.kind) or gettext("所有服务"), "stage": rule.get_stage_display()}
    return {
        "rule": rule,
        "span": words,
        "href": f"{reverse('calls:clocks')}?rule={rule.pk}#set",
        "change": gettext("修改%(kind)s的%(stage)s时限") % facts,
        "drop": gettext("去掉%(kind)s的%(stage)s时限") % facts,
    }
