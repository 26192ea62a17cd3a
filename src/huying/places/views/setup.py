"""What places can be: kinds and flags, for those who set the jurisdiction up."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from huying.kernel.errors import NotFound
from huying.kernel.requests import Request
from huying.places import actions, forms, queries, rules
from huying.places.views.pages import carried_out, crumbs, form_page, need, on_to, posted, show
from huying.places.views.reports import end


@require_safe
def kinds(request: Request) -> HttpResponse:
    """The kinds and flags of this installation."""
    need(request, rules.can_set_up(request.actor))
    context = {
        "title": _("类型和标记"),
        "kind_columns": [_("名称"), _("代码"), _("是什么"), end(_("层级")), end(_("现有"))],
        "flag_columns": [_("名称"), _("代码"), _("属于")],
        "kinds": queries.kinds_with_use(),
        "flags": queries.flags_by_code().values(),
        "crumbs": crumbs(None, _("类型和标记")),
    }
    return show(request, "kinds", context)


@require_http_methods(["GET", "HEAD", "POST"])
def kind(request: Request, code: str = "") -> HttpResponse:
    """Add a kind, or change one."""
    need(request, rules.can_set_up(request.actor))
    row = queries.kinds_by_code().get(code)
    if code and row is None:
        raise NotFound
    form = forms.KindForm(posted(request), kind=row)

    def act() -> None:
        named = code or form.cleaned_data["code"]
        if not code and named in queries.kinds_by_code():
            raise actions.CodeTaken(fields={"code": actions.CodeTaken.message})
        actions.save_kind(actor=request.actor, code=named, **form.facts())

    if request.method == "POST" and carried_out(form, act):
        return on_to(request, _("类型已保存。"), "kinds")
    title = _("修改类型") if row else _("新增类型")
    back = reverse("places:kinds")
    return form_page(request, form, title=title, label=_("保存"), back=back, template="kind_form")


@require_http_methods(["GET", "HEAD", "POST"])
def flag_kind(request: Request, code: str = "") -> HttpResponse:
    """Add a flag that places can carry, or change one."""
    need(request, rules.can_set_up(request.actor))
    row = queries.flags_by_code().get(code)
    if code and row is None:
        raise NotFound
    form = forms.FlagKindForm(posted(request), flag=row)

    def act() -> None:
        data = dict(form.cleaned_data)
        named = code or data.pop("code")
        if not code and named in queries.flags_by_code():
            raise actions.CodeTaken(fields={"code": actions.CodeTaken.message})
        actions.save_flag(actor=request.actor, code=named, **data)

    if request.method == "POST" and carried_out(form, act):
        return on_to(request, _("标记已保存。"), "kinds")
    title = _("修改标记") if row else _("新增标记")
    return form_page(request, form, title=title, label=_("保存"), back=reverse("places:kinds"))
