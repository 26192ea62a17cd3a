"""Making and changing a place: facts, position in the tree, closing and reopening."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from huying.kernel.errors import NotFound
from huying.kernel.requests import Request
from huying.places import actions, forms, queries, rules
from huying.places.models import Place, PlaceKind
from huying.places.views.pages import carried_out, crumbs, form_page, need, on_to, posted, show
from huying.ui.naming import named

both = require_http_methods(["GET", "HEAD", "POST"])


@both
def create_top(request: Request, kind: str) -> HttpResponse:
    """A new top of the tree."""
    need(request, rules.can_create(request.actor, None))
    return _create(request, None, _kind(kind, None))


@both
def create(request: Request, public_id: UUID, kind: str) -> HttpResponse:
    """A new place of ``kind`` below another."""
    parent = queries.by_public_id(public_id)
    need(request, rules.can_create(request.actor, parent))
    return _create(request, parent, _kind(kind, parent))


def _kind(code: str, parent: Place | None) -> PlaceKind:
    found = next((kind for kind in queries.kinds_under(parent) if kind.pk == code), None)
    if found is None:
        raise NotFound
    return found


def _create(request: Request, parent: Place | None, kind: PlaceKind) -> HttpResponse:
    form = forms.PlaceForm(posted(request), kind=kind)
    made: list[Place] = []

    def act() -> None:
        made.append(actions.create_place(actor=request.actor, parent=parent, kind=kind.pk, facts=form.facts()))

    if request.method == "POST" and carried_out(form, act):
        return on_to(request, _("已新增。"), "detail", made[0].public_id)
    title = str(_("新增{kind}")).format(kind=named(kind))
    return form_page(request, form, title=title, label=_("保存"), place=parent, template="place_form")


@require_safe
def choose_kind(request: Request, public_id: UUID | None = None) -> HttpResponse:
    """What can be put here? One link a kind."""
    parent = queries.by_public_id(public_id) if public_id else None
    need(request, rules.can_create(request.actor, parent))
    title = _("新增一处")
    context = {"place": parent, "kinds": queries.kinds_under(parent), "title": title, "crumbs": crumbs(parent, title)}
    return show(request, "choose_kind", context)


@both
def change(request: Request, public_id: UUID) -> HttpResponse:
    """The facts of a place."""
    place = queries.by_public_id(public_id)
    need(request, rules.can_change(request.actor, place))
    form = forms.PlaceForm(posted(request), kind=place.kind, place=place)

    def act() -> None:
        actions.change_place(actor=request.actor, place=place, facts=form.facts(), seen=form.seen_at())

    if request.method == "POST" and carried_out(form, act):
        return on_to(request, _("已保存。"), "detail", place.public_id)
    return form_page(request, form, title=_("修改"), label=_("保存"), place=place, template="place_form")


@both
def move(request: Request, public_id: UUID) -> HttpResponse:
    """Hang a place elsewhere: search, choose, confirm."""
    place = queries.by_public_id(public_id)
    need(request, rules.can_move(request.actor, place, place.parent))
    form = forms.MoveForm(posted(request), kind=place.kind)

    def act() -> None:
        actions.move_place(actor=request.actor, place=place, parent=form.parent, reason=form.cleaned_data["reason"])

    if request.method == "POST" and carried_out(form, act):
        return on_to(request, _("已移动，下级也一起移过去了。"), "detail", place.public_id)
    return form_page(
        request,
        form,
        title=_("移到别处"),
        label=_("移动"),
        place=place,
        lead=_("下级会一起移过去，历史记录不变。"),
        template="move",
        kinds=" ".join(place.kind.parents.values_list("pk", flat=True)),
    )


@both
def close(request: Request, public_id: UUID) -> HttpResponse:
    """Take a place out of use."""
    place = queries.by_public_id(public_id)
    need(request, rules.can_change(request.actor, place))
    form = forms.CloseForm(posted(request))

    def act() -> None:
        data = form.cleaned_data
        actions.close_place(actor=request.actor, place=place, reason=data["reason"], on=data["on"])

    if request.method == "POST" and carried_out(form, act):
        return on_to(request, _("已停用，历史记录都还在。"), "detail", place.public_id)
    lead = _("停用以后不再出现在清单和地图里，历史记录都还在，也可以恢复。房间会一起停用。")
    return form_page(request, form, title=_("停用"), label=_("停用"), place=place, lead=lead, kind="danger")


@both
def reopen(request: Request, public_id: UUID) -> HttpResponse:
    """Bring a closed place back."""
    place = queries.by_public_id(public_id)
    need(request, rules.can_change(request.actor, place))
    form = forms.ReasonForm(posted(request))

    def act() -> None:
        actions.reopen_place(actor=request.actor, place=place, reason=form.cleaned_data["reason"])

    if request.method == "POST" and carried_out(form, act):
        return on_to(request, _("已恢复。房间要逐个恢复。"), "detail", place.public_id)
    return form_page(request, form, title=_("恢复使用"), label=_("恢复"), place=place)
