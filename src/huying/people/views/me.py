"""One's own affairs: what is kept about me, how I sign in, what I want, and being forgotten."""

from __future__ import annotations

import json

from django.contrib import auth, messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from huying.kernel import clock
from huying.kernel.errors import DomainError, NotFound
from huying.kernel.idempotency import exempt
from huying.kernel.sealed import normal_mobile
from huying.people import actions, queries
from huying.people.actions import codes, rights, second_factor, signing_in
from huying.people.forms.door import CodeForm, NewPasswordForm, PhoneForm
from huying.people.forms.me import EraseForm, MyDataForm, PreferencesForm, UsernameForm
from huying.people.states import CodePurpose
from huying.people.views import session
from huying.people.views.exporting import as_json, for_reading
from huying.people.views.pages import put_errors, show
from huying.people.views.session import account_of, actor_of, fresh, go, signed_in

form_page = require_http_methods(["GET", "HEAD", "POST"])


@signed_in
@require_GET
def me(request: HttpRequest) -> HttpResponse:
    """The page that leads to everything of mine."""
    account = account_of(request)
    return show(
        request,
        "me",
        title=_("我的"),
        back="",
        person=account.person,
        roles=queries.roles_now(account.person_id),
        unread=queries.unread_notices(account.person_id),
        wards=queries.wards(account.person_id),
    )


@signed_in
@form_page
def my_data(request: HttpRequest) -> HttpResponse:
    """See and correct my own facts (PIPL art. 45, 46)."""
    person = account_of(request).person
    form = MyDataForm(person, request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            data = form.cleaned_data
            facts = actions.Facts(
                name=data["name"],
                sex=data["sex"],
                birth_date=data["birth_date"] or "",
                address=data["address"],
                home_place=form.place or "",
            )
            try:
                actions.edit_person(actor=actor_of(request), person_id=person.pk, facts=facts)
            except DomainError as error:
                put_errors(form, error)
                status = error.status
            else:
                messages.success(request, _("已保存。"))
                return go("people:me")
    return show(request, "my_data", title=_("我的资料"), status=status, form=form, person=person)


@signed_in
@form_page
def preferences(request: HttpRequest) -> HttpResponse:
    """Language, print, contrast and quiet hours; they follow me to every device."""
    person = account_of(request).person
    start = PreferencesForm.initial_for(person.preferences, get_language() or "zh-hans")
    form = PreferencesForm(request.POST or None, initial=start)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            wishes = actions.set_preferences(actor=actor_of(request), **form.wishes())
            messages.success(request, _("已保存。"))
            response = go("people:me")
            session.remember_modes(response, wishes)
            return response
    return show(request, "preferences", title=_("显示和提醒"), status=status, form=form)


# ── how I sign in ───────────────────────────────────────────────────────────
@signed_in
@require_GET
def my_sign_in(request: HttpRequest) -> HttpResponse:
    """User name, password, number, second factor, outside identity, open sessions: one page."""
    account = account_of(request)
    return show(
        request,
        "my_sign_in",
        title=_("登录和安全"),
        account=account,
        has_password=account.has_usable_password(),
        phone=account.person.phone if account.phone_index else None,
        has_second=second_factor.has_second_factor(account),
        linked=queries.is_linked_outside(account),
        sessions=queries.open_sessions(account),
        this_session=request.session.session_key,
    )


@sensitive_post_parameters("password", "again")
@fresh
@form_page
def my_password(request: HttpRequest) -> HttpResponse:
    """A new password. The old one was asked by ``fresh``, or a code took its place."""
    form = NewPasswordForm(request.POST or None)
    account = account_of(request)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                actions.set_password(
                    actor=actor_of(request),
                    account=account,
                    password=form.cleaned_data["password"],
                    session_key=request.session.session_key or "",
                )
            except DomainError as error:
                put_errors(form, error)
                status = error.status
            else:
                session.renew(request, account)
                messages.success(request, _("新密码已生效，其他设备都已退出。"))
                return go("people:my_sign_in")
    return show(request, "my_password", title=_("设置密码"), back="people:my_sign_in", status=status, form=form)


@fresh
@form_page
def my_username(request: HttpRequest) -> HttpResponse:
    """A user name of my own."""
    account = account_of(request)
    form = UsernameForm(request.POST or None, initial={"username": account.username})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                actions.set_username(actor=actor_of(request), account=account, username=form.cleaned_data["username"])
            except DomainError as error:
                put_errors(form, error)
                status = error.status
            else:
                messages.success(request, _("已保存。"))
                return go("people:my_sign_in")
    return show(request, "my_username", title=_("用户名"), back="people:my_sign_in", status=status, form=form)


@exempt
@fresh
@form_page
def my_phone(request: HttpRequest) -> HttpResponse:
    """Sign in with another number: first a code goes to it, then the code is checked.

    Outside the one-transaction rule of writes, because a wrong code must count as a try.
    """
    account, actor = account_of(request), actor_of(request)
    step_two = "code" in request.POST
    form: PhoneForm | CodeForm = (CodeForm if step_two else PhoneForm)(request.POST or None)
    status = 200 if request.method != "POST" else 422
    if request.method == "POST" and form.is_valid():
        phone = form.cleaned_data["phone"]
        try:
            if not step_two:
                codes.request_code(actor=actor, phone=phone, purpose=CodePurpose.PHONE)
                form, step_two, status = CodeForm(initial={"phone": phone}), True, 200
            elif session.own_phone(account) == normal_mobile(phone):  # the same step once more
                return go("people:my_sign_in")
            elif actions.change_phone(actor=actor, account=account, phone=phone, code=form.cleaned_data["code"]):
                messages.success(request, _("手机号已更换。"))
                return go("people:my_sign_in")
            else:
                form.add_error("code", _("验证码不对或已过期，请重新获取。"))
        except DomainError as error:
            put_errors(form, error)
            status = error.status
    return show(
        request,
        "my_phone",
        title=_("更换手机号"),
        back="people:my_sign_in",
        status=status,
        form=form,
        step_two=step_two,
    )


@never_cache
@fresh
@form_page
def my_second(request: HttpRequest) -> HttpResponse:
    """The second factor: on, off, new recovery codes. Staff who must have one cannot switch it off.

    The answer that shows recovery codes is kept, sealed: a second press shows the same codes, not others that void them.
    """
    account, actor = account_of(request), actor_of(request)
    due = queries.second_factor_due(account)
    recovery: list[str] = []
    if request.method == "POST":
        if request.POST.get("do") == "recovery":
            recovery = actions.new_recovery_codes(actor=actor, account=account)
        elif request.POST.get("do") == "off" and not due:
            actions.switch_off_second_factor(actor=actor, account=account)
            messages.success(request, _("动态验证码已关闭。"))
            return go("people:my_sign_in")
    return show(
        request,
        "my_second",
        title=_("动态验证码"),
        back="people:my_sign_in",
        is_on=second_factor.has_second_factor(account),
        due=due,
        codes=recovery,
    )


@signed_in
@require_POST
def end_session(request: HttpRequest, public_id: str) -> HttpResponse:
    """End one of my sessions."""
    signing_in.end_session(actor=actor_of(request), account=account_of(request), public_id=public_id)
    messages.success(request, _("那台设备已退出。"))
    return go("people:my_sign_in")


@signed_in
@require_POST
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    """End all my sessions but this one."""
    signing_in.end_sessions(actor=actor_of(request), account=account_of(request), but=request.session.session_key or "")
    messages.success(request, _("其他设备都已退出。"))
    return go("people:my_sign_in")


# ── a copy, and being forgotten ─────────────────────────────────────────────
@never_cache
@fresh
@require_GET
def export(request: HttpRequest, kind: str) -> HttpResponse:
    """Everything kept about me, to read (html) or to take along (json). PIPL art. 45."""
    if kind not in {"html", "json"}:
        raise NotFound
    person = account_of(request).person
    sections = actions.export_person(actor=actor_of(request), person_id=person.pk)
    if kind == "json":
        response = HttpResponse(
            json.dumps(as_json(sections), ensure_ascii=False, indent=2), content_type="application/json"
        )
        response["Content-Disposition"] = f'attachment; filename="my-data-{clock.today():%Y%m%d}.json"'
        return response
    return show(request, "export", title=_("我的全部资料"), sections=for_reading(sections))


@fresh
@form_page
def erase(request: HttpRequest) -> HttpResponse:
    """Be forgotten: asked once more, then done at once."""
    person = account_of(request).person
    form = EraseForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                actions.erase_person(actor=actor_of(request), person_id=person.pk)
            except DomainError as error:
                put_errors(form, error)
                status = error.status
            else:
                auth.logout(request)
                messages.success(request, _("您的账号已注销，资料已清除。"))
                return go("/")
    return show(
        request,
        "erase",
        title=_("注销账号"),
        status=status,
        form=form,
        obstacles=rights.obstacles(person),
    )
