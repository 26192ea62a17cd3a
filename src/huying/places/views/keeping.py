"""What is kept at a place: hours, contacts, flags, photos."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huying.kernel import paging
from huying.kernel.errors import NotFound
from huying.kernel.idempotency import exempt
from huying.kernel.requests import Request
from huying.places import actions, forms, queries, rules
from huying.places.models import Contact, Place
from huying.places.views.pages import carried_out, crumbs, form_page, need, on_to, posted, show
from huying.ui.naming import named

both = require_http_methods(["GET", "HEAD", "POST"])
VERBS = {
    "place.create": _("新增"),
    "place.change": _("修改"),
    "place.move": _("移到别处"),
    "place.close": _("停用"),
    "place.reopen": _("恢复使用"),
    "place.hours": _("修改开放时间"),
    "place.flag": _("加标记"),
    "place.unflag": _("取消标记"),
}
PAGE_SIZE = 30


def kept(request: Request, public_id: UUID) -> Place:
    """The place, for somebody who keeps it."""
    place = queries.by_public_id(public_id)
    need(request, rules.can_keep(request.actor, place))
    return place


@both
def hours(request: Request, public_id: UUID) -> HttpResponse:
    """Opening hours."""
    place = kept(request, public_id)
    form = forms.HoursForm(posted(request), hours=place.hours)

    def act() -> None:
        actions.set_hours(actor=request.actor, place=place, hours=form.hours())

    if request.method == "POST" and carried_out(form, act):
        return on_to(request, _("开放时间已保存。"), "detail", place.public_id)
    lead = _("每天写成 09:00-12:00 14:00-17:30，空着就是休息；全部空着表示跟随上级阵地，或未公布。")
    return form_page(request, form, title=_("开放时间"), label=_("保存"), place=place, lead=lead, template="hours")


@both
def flag(request: Request, public_id: UUID) -> HttpResponse:
    """Give a flag."""
    place = kept(request, public_id)
    free = [
        one
        for one in queries.flags_for(place)
        if one.pk not in place.flags and rules.can_give_flag(request.actor, place, one)
    ]
    form = forms.FlagForm(posted(request), flags=free)

    def act() -> None:
        actions.set_flag(actor=request.actor, place=place, **form.cleaned_data)

    if request.method == "POST" and carried_out(form, act):
        return on_to(request, _("已加上标记。"), "detail", place.public_id)
    return form_page(request, form, title=_("加标记"), label=_("加上"), place=place)


@both
def unflag(request: Request, public_id: UUID, code: str) -> HttpResponse:
    """End a flag."""
    place = queries.by_public_id(public_id)
    row = queries.flags_by_code().get(code)
    if row is None:
        raise NotFound
    need(request, rules.can_give_flag(request.actor, place, row))
    form = forms.ReasonForm(posted(request))

    def act() -> None:
        actions.clear_flag(actor=request.actor, place=place, flag=row, reason=form.cleaned_data["reason"])

    if request.method == "POST" and carried_out(form, act):
        return on_to(request, _("已取消标记。"), "detail", place.public_id)
    title = str(_("取消“{flag}”")).format(flag=named(row))
    return form_page(request, form, title=title, label=_("取消标记"), place=place, kind="danger")


@both
def add_contact(request: Request, public_id: UUID) -> HttpResponse:
    """Add a contact."""
    place = kept(request, public_id)
    form = forms.ContactForm(posted(request))

    def act() -> None:
        data = form.cleaned_data
        actions.add_contact(
            actor=request.actor,
            place=place,
            role=data["role"],
            name=data["name"],
            phone=data["phone"],
            is_public=data["is_public"],
        )

    if request.method == "POST" and carried_out(form, act):
        return on_to(request, _("已添加联系人。"), "detail", place.public_id)
    return form_page(request, form, title=_("添加联系人"), label=_("添加"), place=place)


def contact_of(place: Place, contact_id: UUID) -> Contact:
    contact = queries.contact(place, contact_id)
    if contact is None:
        raise NotFound
    return contact


@both
def change_contact(request: Request, public_id: UUID, contact_id: UUID) -> HttpResponse:
    """Change a contact, or remove it with the second button."""
    place = kept(request, public_id)
    contact = contact_of(place, contact_id)
    known = {"role": contact.role, "name": contact.name, "is_public": contact.is_public}
    form = forms.ContactForm(posted(request), changing=True, initial={**known, "phone": contact.public_phone})

    def act() -> None:
        data = form.cleaned_data
        actions.change_contact(
            actor=request.actor,
            contact=contact,
            role=data["role"],
            name=data["name"],
            phone=form.phone_given(),
            is_public=data["is_public"],
        )

    if request.method == "POST" and carried_out(form, act):
        return on_to(request, _("已保存。"), "detail", place.public_id)
    gone = reverse("places:remove_contact", args=[place.public_id, contact.public_id])
    return form_page(
        request, form, title=_("修改联系人"), label=_("保存"), place=place, template="contact_form", remove=gone
    )


@require_POST
def remove_contact(request: Request, public_id: UUID, contact_id: UUID) -> HttpResponse:
    place = kept(request, public_id)
    actions.remove_contact(actor=request.actor, contact=contact_of(place, contact_id))
    return on_to(request, _("已删除联系人。"), "detail", place.public_id)


@exempt
@never_cache
@both
def reveal_contact(request: Request, public_id: UUID, contact_id: UUID) -> HttpResponse:
    """Open a private number with a reason; the trail keeps who, when and why.

    The answer holds the number, so it is not stored for repeats.
    """
    place = queries.by_public_id(public_id)
    need(request, rules.can_see_private_contacts(request.actor, place))
    contact = contact_of(place, contact_id)
    form = forms.ReasonForm(posted(request))
    opened: list[str] = []

    def act() -> None:
        reason = form.cleaned_data["reason"]
        opened.append(actions.reveal_contact(actor=request.actor, contact=contact, reason=reason))

    if request.method == "POST":
        carried_out(form, act)
    return form_page(
        request,
        form,
        title=_("查看电话"),
        label=_("查看"),
        place=place,
        lead=_("请写明原因，系统会记下谁、何时、为什么看过。"),
        template="reveal",
        contact=contact,
        who=[(_("职务"), contact.role), (_("姓名"), contact.name), (_("电话"), str(contact.phone or ""))],
        number=opened[0] if opened else "",
    )


@both
def add_photo(request: Request, public_id: UUID) -> HttpResponse:
    """Add a photo."""
    place = kept(request, public_id)
    form = forms.PhotoForm(posted(request), request.FILES if request.method == "POST" else None)

    def act() -> None:
        actions.add_photo(actor=request.actor, place=place, upload=form.cleaned_data["photo"])

    if request.method == "POST" and carried_out(form, act):
        return on_to(request, _("照片已加上。"), "detail", place.public_id)
    return form_page(request, form, title=_("加照片"), label=_("上传"), place=place)


@require_POST
def remove_photo(request: Request, public_id: UUID, photo_id: UUID) -> HttpResponse:
    place = kept(request, public_id)
    actions.remove_photo(actor=request.actor, place=place, public_id=photo_id)
    return on_to(request, _("照片已删除。"), "detail", place.public_id)


@require_safe
def history(request: Request, public_id: UUID) -> HttpResponse:
    """What was done at the place, newest first."""
    place = kept(request, public_id)
    page = paging.page(queries.history(place), ("-id",), request.GET.get("cursor"), PAGE_SIZE)
    items = [
        {"title": VERBS.get(line.verb, line.verb), "at": line.at, "body": line.reason, "tone": "pine"}
        for line in page.rows
    ]
    title = _("变动记录")
    return show(request, "history", {"title": title, "items": items, "page": page, "crumbs": crumbs(place, title)})
