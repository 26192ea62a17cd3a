"""Switching packs on and off at a place; the set-up of a place as a file."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from huying.kernel.errors import NotFound
from huying.kernel.requests import Request
from huying.packs import actions, queries, rules
from huying.packs.forms import OffForm, OnForm, SetUpForm
from huying.packs.models import Switch
from huying.packs.queries import exporting
from huying.packs.rules.shape import Pack as File
from huying.packs.rules.writing import to_yaml
from huying.packs.views.pages import carried_out, need, ours_at, place_of, show
from huying.packs.views.shelf import yaml_file
from huying.places.models import Place
from huying.ui.naming import named

both = require_http_methods(["GET", "HEAD", "POST"])


@both
@never_cache
def on(request: Request, public_id: UUID) -> HttpResponse:
    """Choose a pack that is not on here yet and switch it on."""
    place = place_of(public_id)
    need(request, rules.can_switch(request.actor, place))
    held = {one.pack_id for one in queries.on_at(place) if one.place_id == place.pk}
    versions = [one for one in queries.shelf().order_by("name", "id") if one.pack_id not in held]
    data = request.POST if request.method == "POST" else None
    form = OnForm(data, versions=versions, initial={"pack": request.GET.get("pack", "")[:50]})

    def act() -> None:
        got = form.cleaned_data
        pack = form.packs[got["pack"]]
        actions.switch_on(actor=request.actor, pack=pack, place=place, until=got["until"], reason=got["reason"])

    if request.method == "POST" and carried_out(form, act):
        messages.success(request, _("已在%(place)s启用。") % {"place": named(place)})
        return HttpResponseRedirect(ours_at(place), status=303)
    title = _("在%(place)s启用机制包") % {"place": named(place)}
    return page(request, "on", form, place, title, versions=versions)


@both
@never_cache
def off(request: Request, public_id: UUID) -> HttpResponse:
    """Say why, and switch it off."""
    switch = switch_of(public_id)
    need(request, rules.can_switch(request.actor, switch.place))
    form = OffForm(request.POST if request.method == "POST" else None)

    def act() -> None:
        actions.switch_off(actor=request.actor, switch=switch, reason=form.cleaned_data["reason"])

    if request.method == "POST" and carried_out(form, act):
        messages.success(request, _("已停用，记录都保留。"))
        return HttpResponseRedirect(ours_at(switch.place), status=303)
    title = _("停用%(name)s") % {"name": named(switch.version)}
    return page(request, "off", form, switch.place, title, switch=switch)


@both
@never_cache
def set_up(request: Request, public_id: UUID) -> HttpResponse:
    """What holds at a place as a pack, to be taken along: the file itself is the answer to the sent form."""
    place = place_of(public_id)
    need(request, rules.can_switch(request.actor, place))
    form = SetUpForm(request.POST if request.method == "POST" else None)
    made: list[File] = []

    def act() -> None:
        made.append(exporting.as_set_up(place, **form.cleaned_data))

    if form.is_bound and carried_out(form, act):
        return yaml_file(to_yaml(made[0]), f"{made[0].key}.yaml")
    title = _("把%(place)s现在的做法导出成机制包") % {"place": named(place)}
    return page(request, "set_up", form, place, title)


def page(request: Request, template: str, form: object, place: Place, title: str, **more: object) -> HttpResponse:
    bound = bool(getattr(form, "is_bound", False))
    context = {"form": form, "place": place, "title": title, "back": ours_at(place), **more}
    return show(request, template, context, status=422 if bound else 200)


def switch_of(public_id: UUID) -> Switch:
    """NotFound when there is none."""
    found = Switch.objects.select_related("pack", "place", "version").filter(public_id=public_id).first()
    if found is None:
        raise NotFound
    return found
