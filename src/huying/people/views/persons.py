"""Persons, for care staff: search, a card with masked values, adding, editing, likely doubles."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.tokens import default_token_generator
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from huying.kernel import clock
from huying.kernel.errors import DomainError, Forbidden, NotFound
from huying.kernel.idempotency import exempt
from huying.kernel.paging import page
from huying.kernel.sealed import reveal, used_today
from huying.people import actions, queries, rules
from huying.people.forms.persons import AccountForm, PersonForm, RevealForm
from huying.people.models import Account, Person
from huying.people.states import CARE_STAFF
from huying.people.views.pages import put_errors, show
from huying.people.views.session import actor_of, fresh, go, signed_in
from huying.ui.naming import named
from huying.ui.registry import escaped

form_page = require_http_methods(["GET", "HEAD", "POST"])


@signed_in
@require_GET
def persons(request: HttpRequest) -> HttpResponse:
    """The list with its search: name, pinyin, initials; a whole phone or identity number finds exactly."""
    actor = actor_of(request)
    _look(request)
    words = request.GET.get("q", "")[:60]
    rows = queries.search_persons(actor, words).select_related("home_place")
    listed = page(rows, order=("sort_key", "id"), cursor=request.GET.get("cursor"), size=30)
    return show(
        request,
        "persons",
        title=_("居民"),
        back="",
        page=listed,
        rows=[_line(row) for row in listed.rows],
        words=words,
        columns=[_("姓名"), _("住在哪里"), _("电话")],
        may_add=rules.holds(actor, *CARE_STAFF),
    )


def _line(row: Person) -> dict[str, Any]:
    """One person as the cells of ``lines``."""
    home, phone = row.home_place, escaped(str(row.phone or ""))
    href = reverse("people:person", args=[row.public_id])
    name = SafeString(f'<a class="hy-link" href="{href}">{escaped(row.name)}</a>')
    return {"cells": (name, home.name if home else "", SafeString(f'<span class="hy-num">{phone}</span>'))}


@signed_in
@require_GET
def person(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One person: facts, masked numbers, family, roles, and what may be done."""
    _look(request)
    kept = queries.person_kept(actor_of(request), public_id)
    if kept is not None:
        return go("people:person", public_id=kept.public_id)
    return _card(request, queries.person_by_id(actor_of(request), public_id), RevealForm(), "")


def _card(request: HttpRequest, row: Person, form: RevealForm, opened: str, status: int = 200) -> HttpResponse:
    actor = actor_of(request)
    return show(
        request,
        "person",
        title=row.name,
        back="people:persons",
        status=status,
        person=row,
        facts=_facts(row),
        sealed=_sealed(row),
        ties=queries.ties_of(row),
        household=queries.household_of(row),
        roles=queries.roles_now(row.pk)
        if rules.can_see_roles(actor, row.home_place.path if row.home_place else "-")
        else [],
        doubles=queries.with_same_phone(actor, row),
        may_keep=rules.can_merge(actor, row) and actor.person_id != row.pk,
        may_act=rules.can_act_for(actor, row),
        may_open_account=rules.can_open_account(actor, row) and not queries.has_account(row),
        form=form,
        opened=opened,
        asked=form.data.get("field", ""),
        used=used_today(actor.person_id or 0),
    )


def _facts(row: Person) -> list[tuple[str, Any]]:
    return [
        (_("姓名"), row.name),
        (_("性别"), row.get_sex_display() if row.sex else ""),
        (_("出生日期"), row.birth_date),
        (_("住在哪里"), named(row.home_place)),
        (_("电话"), row.phone),
        (_("身份证号码"), row.id_number),
        (_("详细地址"), row.address),
        (_("登记时间"), clock.local(row.created_at).date()),
    ]


def _sealed(row: Person) -> list[dict[str, str]]:
    """The sealed values that are there to be looked at."""
    names = {"phone": _("电话"), "id_number": _("身份证号码"), "address": _("详细地址")}
    return [{"value": name, "label": label} for name, label in names.items() if getattr(row, name)]


@exempt
@never_cache
@fresh
@require_POST
def reveal_value(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Read one sealed value with a reason; logged and counted (security 5 no. 7).

    The answer holds the value and must not be stored for repeats.
    """
    _look(request)
    row = queries.person_by_id(actor_of(request), public_id)
    form = RevealForm(request.POST)
    if not form.is_valid():
        return _card(request, row, form, "", 422)
    field = form.cleaned_data["field"]
    try:
        path = row.home_place.path if row.home_place else ""
        opened = reveal(actor_of(request), row, field, form.cleaned_data["reason"], place_path=path, named=row.name)
    except DomainError as error:
        put_errors(form, error)
        return _card(request, row, form, "", error.status)
    return _card(request, row, form, opened.removeprefix("+86"))


@signed_in
@form_page
def add(request: HttpRequest) -> HttpResponse:
    """Write down a new person; others with the same number are shown after saving."""
    actor = actor_of(request)
    if not rules.holds(actor, *CARE_STAFF):
        raise Forbidden
    form = PersonForm(actor, request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                row = actions.add_person(actor=actor, facts=form.facts())
            except DomainError as error:
                put_errors(form, error)
                status = error.status
            else:
                messages.success(request, _("已登记。"))
                if queries.with_same_phone(actor, row).exists():
                    messages.warning(request, _("有人用同一个电话，请看看是不是同一个人。"))
                return go("people:person", public_id=row.public_id)
    return show(request, "person_form", title=_("登记居民"), back="people:persons", status=status, form=form)


@signed_in
@form_page
def edit(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Correct a person's facts."""
    actor = actor_of(request)
    _look(request)
    row = queries.person_by_id(actor, public_id)
    form = PersonForm(actor, request.POST or None, person=row)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                actions.edit_person(actor=actor, person_id=row.pk, facts=form.facts())
            except DomainError as error:
                put_errors(form, error)
                status = error.status
            else:
                messages.success(request, _("已保存。"))
                return go("people:person", public_id=public_id)
    return show(request, "person_form", title=_("修改资料"), back=_at(row), status=status, form=form, person=row)


@signed_in
@require_GET
def doubles(request: HttpRequest) -> HttpResponse:
    """Persons who share a number: a family, or one person written down twice."""
    _look(request)
    return show(
        request, "doubles", title=_("可能重复"), back="people:persons", groups=queries.likely_doubles(actor_of(request))
    )


@never_cache
@fresh
@form_page
def open_account(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A system administrator opens an account and hands over the link that sets its first password.

    The answer is kept, sealed: a second press shows the same link, not that there is an account already.
    """
    actor = actor_of(request)
    row = queries.person_for_account(actor, public_id)
    form = AccountForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                account = actions.open_account(actor=actor, person_id=row.pk, username=form.cleaned_data["username"])
            except DomainError as error:
                put_errors(form, error)
                status = error.status
            else:
                return show(
                    request,
                    "account_opened",
                    title=_("账号已开通"),
                    account=account,
                    link=_first_link(request, account),
                )
    return show(request, "open_account", title=_("开通账号"), back=_at(row), status=status, form=form, person=row)


def _first_link(request: HttpRequest, account: Account) -> str:
    token = default_token_generator.make_token(account)
    return request.build_absolute_uri(reverse("people:first_password", args=[account.person.public_id, token]))


def _at(row: Person) -> str:
    return reverse("people:person", args=[row.public_id])


def _look(request: HttpRequest) -> None:
    if not rules.can_look_people_up(actor_of(request)):
        raise NotFound
