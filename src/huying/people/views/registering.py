"""Opening an account, and the link with which a member of staff sets the first password."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.tokens import default_token_generator
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from huying.kernel.errors import DomainError, NotFound
from huying.people import actions, queries
from huying.people.actions.consents import ACCOUNT, current_purpose
from huying.people.forms.door import NewPasswordForm, RegisterForm
from huying.people.models import Account
from huying.people.views import session
from huying.people.views.pages import put_errors, show_plain
from huying.people.views.session import actor_of, go


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """Name, date of birth and consent of somebody whose number was just proved by a code."""
    if request.user.is_authenticated:
        return go("/")
    phone = session.proved_phone(request)
    if not phone:
        messages.info(request, _("请先验证手机号。"))
        return go("people:ask_code")
    form = RegisterForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            facts = actions.Registration(phone=phone, **form.cleaned_data)
            try:
                account = actions.register_person(actor=actor_of(request), form=facts)
            except DomainError as error:
                put_errors(form, error)
                status = error.status
            else:
                session.forget_proof(request)
                messages.success(request, _("注册好了，欢迎您。"))
                return session.enter(request, account, "code", "/")
    return show_plain(
        request,
        "register",
        title=_("注册"),
        status=status,
        form=form,
        purpose=current_purpose(ACCOUNT),
    )


@never_cache
@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "HEAD", "POST"])
def first_password(request: HttpRequest, key: str, token: str) -> HttpResponse:
    """The page behind the link that a system administrator handed over: works once, for three days."""
    account = queries.account_by_key(key)
    if account is None or not default_token_generator.check_token(account, token):
        raise NotFound(_("这个链接已经用过或过期，请向系统管理员再要一个。"))
    form = NewPasswordForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                _set(request, account, form)
            except DomainError as error:
                put_errors(form, error)
                status = error.status
            else:
                messages.success(request, _("密码设好了，请登录。"))
                return go("people:sign_in")
    return show_plain(request, "first_password", title=_("设置登录密码"), status=status, form=form, account=account)


def _set(request: HttpRequest, account: Account, form: NewPasswordForm) -> None:
    actions.set_password(
        actor=queries.actor_for(account, address=actor_of(request).address),
        account=account,
        password=form.cleaned_data["password"],
    )
