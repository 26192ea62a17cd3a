"""Who has to be told in person: the list, the slip that is read out and signed, and the press afterwards."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from huying.kernel import clock, exports, paging
from huying.kernel.errors import Forbidden
from huying.kernel.requests import Request, fresh, signed_in
from huying.points import actions, forms, queries, rules
from huying.points.models import Passbook
from huying.points.views import pages
from huying.ui.naming import named


@require_safe
@never_cache
def untold(request: Request) -> HttpResponse:
    """Owners without an account who do not know yet what ends, or what is to be taken back."""
    actor = signed_in(request)
    if not rules.is_keeper(actor):
        raise Forbidden
    form = forms.FindForm(request.GET)
    rows = queries.to_tell(actor, form.got("q"))
    page = paging.page(rows, ("person__sort_key", "id"), request.GET.get("cursor"), 25)
    return pages.show(
        request,
        "untold",
        desk=True,
        page=page,
        words=form.got("q").strip(),
        files=exports.addresses("points:untold_file", query=request.GET.urlencode()),
        columns=[_("姓名"), _("存折号"), _("积分办法"), _("住在哪里")],
    )


COLUMNS: tuple[exports.Column[Passbook], ...] = (
    exports.Column(gettext_lazy("姓名"), "person.name"),
    exports.Column(gettext_lazy("存折号"), "number"),
    exports.Column(gettext_lazy("积分办法"), lambda row: named(row.book), "book"),
    exports.Column(gettext_lazy("住在哪里"), lambda row: named(row.person.home_place), "home"),
)


@require_safe
@never_cache
@fresh
def untold_file(request: Request, form: str) -> HttpResponseBase:
    """The same list as a file, to go round with."""
    actor = signed_in(request)
    if not rules.is_keeper(actor):
        raise Forbidden
    rows = queries.to_tell(actor, forms.FindForm(request.GET).got("q")).order_by("person__sort_key", "id")
    kind = exports.kind_of(form)
    return exports.respond(actor=actor, name=_("要当面告知的存折"), kind=kind, columns=COLUMNS, rows=rows)


@require_http_methods(pages.BOTH)
@never_cache
def tell(request: Request, public_id: UUID) -> HttpResponse:
    """The slip to read out and have signed; then the press that begins his time."""
    actor = signed_in(request)
    found = queries.passbook(actor, public_id)
    if not rules.attends(actor, found):
        raise Forbidden
    form = forms.TellForm(pages.posted(request))

    def act() -> None:
        actions.tell_in_person(actor=actor, passbook=found, how=form.cleaned_data["how"])

    if request.method == "POST" and pages.carried_out(form, act):
        return pages.go(_("记下了，从今天起算。"), "untold", request=request)
    return pages.show(
        request,
        "tell",
        pages.status_of(form),
        desk=True,
        form=form,
        passbook=found,
        lines=actions.spoken(found),
        back=reverse("points:untold"),
        today=clock.today(),
    )
