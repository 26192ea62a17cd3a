"""Villages and sites from a table: upload, look at what it would do, say yes."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from huying.kernel.requests import Request
from huying.places import actions, forms, queries, rules
from huying.places.actions.tables import COLUMNS, Plan
from huying.places.models import ImportDraft
from huying.places.views.pages import carried_out, crumbs, form_page, need, on_to, posted, show

both = require_http_methods(["GET", "HEAD", "POST"])
MOST_SHOWN = 100


@both
def upload(request: Request, public_id: UUID) -> HttpResponse:
    """Choose a file; it is read and checked, nothing is written yet."""
    place = queries.by_public_id(public_id)
    need(request, rules.can_create(request.actor, place))
    form = forms.TableForm(posted(request), request.FILES if request.method == "POST" else None)
    checked: list[tuple[ImportDraft | None, Plan]] = []

    def act() -> None:
        file = form.cleaned_data["upload"]
        checked.append(actions.check_table(actor=request.actor, place=place, upload=file))

    if request.method == "POST" and carried_out(form, act):
        draft, plan = checked[0]
        if draft is not None:
            return HttpResponseRedirect(reverse("places:import_draft", args=[draft.public_id]), status=303)
        form.add_error("upload", str(_("有 {count} 处要改，一行也没有导入。")).format(count=len(plan.problems)))
    return form_page(
        request,
        form,
        title=_("从表格导入"),
        label=_("检查"),
        place=place,
        template="import",
        columns=[words[0] for words in COLUMNS.values()],
        problems=checked[0][1].problems if checked else [],
        problem_columns=[_("行"), _("列"), _("问题")],
        kinds=queries.kinds_by_code().values(),
    )


@both
def draft(request: Request, draft_id: UUID) -> HttpResponse:
    """What the table would do; the button writes it, all or nothing."""
    row = queries.import_draft(request.actor, draft_id)
    place = row.place
    need(request, rules.can_create(request.actor, place))
    form = forms.ReasonForm({} if request.method == "POST" else None)

    def act() -> None:
        actions.import_draft(actor=request.actor, draft=row)

    if request.method == "POST" and carried_out(form, act):
        return on_to(request, _("已导入。"), "detail", place.public_id)
    plan = actions.plan(request.actor, place, row.rows)
    title = _("检查结果")
    context = {
        "title": title,
        "place": place,
        "draft": row,
        "plan": plan,
        "form": form,
        "added": [(one.row, one.place, one.place.parent, one.flags) for one in plan.added[:MOST_SHOWN]],
        "changed": [(one.row, one.place, one.changed, one.flags) for one in plan.changed[:MOST_SHOWN]],
        "headings": {name: words[0] for name, words in COLUMNS.items()},
        "crumbs": crumbs(place, title),
    }
    return show(request, "import_draft", context, status=422 if form.errors else 200)
