"""Keys of other programs: given out, looked through, taken back."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from huying.calls import actions, queries, rules
from huying.calls.forms.doors import KeyForm
from huying.calls.views.desk import see
from huying.kernel import idempotency, paging
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden
from huying.kernel.requests import Request, fresh, signed_in

HEADS = (_("程序"), _("能报哪里的事"), _("谁负责"), _("什么时候给的"), _("状态"))
PAGE = 25


def keeper(request: Request) -> Actor:
    """The actor, when he gives out keys anywhere."""
    actor = signed_in(request)
    if not rules.can_keep_doors(actor):
        raise Forbidden(_("接入钥匙由所和中心的工作人员管理。"))
    return actor


@idempotency.exempt  # the answer shows the key, and answers are kept: it must be shown once only
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@fresh
def keys(request: Request) -> HttpResponse:
    """The keys at one's places; POST gives one, and shows its text this once."""
    actor = keeper(request)
    form = KeyForm(
        request.POST if request.method == "POST" else None, areas=queries.own_areas(actor, rules.DOOR_KEEPERS)
    )
    text = ""
    if form.is_bound and form.is_valid():
        _key, text = actions.give_key(actor=actor, name=form.cleaned_data["name"], place=form.area)
        form = KeyForm(areas=list(form.areas.values()))
    page = paging.page(queries.keys_of(actor), order=("-id",), cursor=request.GET.get("cursor"), size=PAGE)
    base = request.build_absolute_uri(reverse("calls:open311_discovery", args=["json"]))
    facts = {"form": form, "page": page, "heads": HEADS, "text": text, "address": base}
    return render(request, "calls/desk/doors.html", facts, status=422 if form.is_bound else 200)


@require_POST
def end(request: Request, public_id: UUID) -> HttpResponse:
    """Take one back."""
    actor = keeper(request)
    key = actions.end_key(actor=actor, key=queries.key_by_id(actor, public_id))
    messages.success(request, gettext("“%(name)s”的钥匙已停用。") % {"name": key.name})
    return see(reverse("calls:doors"))
