"""The door: password, one-time code, second factor, signing out, showing again who one is."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from huying.kernel.errors import DomainError
from huying.kernel.idempotency import exempt
from huying.kernel.sealed import PhoneUnclear, normal_mobile
from huying.people.actions import codes, second_factor, signing_in, texting
from huying.people.forms.door import (
    CodeForm,
    ConfirmCodeForm,
    ConfirmForm,
    EnrolForm,
    PhoneForm,
    SecondForm,
    SignInForm,
)
from huying.people.views import session
from huying.people.views.pages import put_errors, show_plain
from huying.people.views.qr import square
from huying.people.views.session import actor_of, go, safe_next

form_page = require_http_methods(["GET", "HEAD", "POST"])


@exempt
@never_cache
@sensitive_post_parameters("password")
@form_page
def sign_in(request: HttpRequest) -> HttpResponse:
    """User name or phone with password. Wrong names and wrong passwords are answered alike."""
    form = SignInForm(request.POST or None)
    status = 200
    if request.user.is_authenticated and request.method == "GET":
        return go(safe_next(request))
    if request.method == "POST" and form.is_valid():
        try:
            account = signing_in.check_password(actor=actor_of(request), **form.cleaned_data)
        except DomainError as error:
            put_errors(form, error)
            status = error.status
        else:
            if account is not None:
                return session.enter(request, account, "password", safe_next(request))
            form.add_error(None, _("用户名、手机号或密码不对，请再试一次。"))
            status = 422
    elif request.method == "POST":
        status = 422
    return show_plain(
        request,
        "sign_in",
        title=_("登录"),
        status=status,
        form=form,
        next=safe_next(request),
        codes_on=bool(texting.gateway_name()),
        outside=settings.HUYING_OIDC_NAME if settings.HUYING_OIDC_ISSUER else "",
        demo=settings.DEMO,
    )


@exempt
@never_cache
@form_page
def ask_code(request: HttpRequest) -> HttpResponse:
    """Ask for a code; the answer is the same whether the number is known here or not."""
    form = PhoneForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                codes.request_code(actor=actor_of(request), phone=form.cleaned_data["phone"])
            except DomainError as error:
                put_errors(form, error)
                status = error.status
            else:
                return _code_page(request, CodeForm(initial={"phone": form.cleaned_data["phone"]}), 200)
    return show_plain(request, "ask_code", title=_("验证码登录"), status=status, form=form, next=safe_next(request))


@exempt
@never_cache
@require_POST
def check_code(request: HttpRequest) -> HttpResponse:
    """Check the code: who has an account is let in, who has none goes on to register."""
    form = CodeForm(request.POST)
    if not form.is_valid():
        return _code_page(request, form, 422)
    phone, code = form.cleaned_data["phone"], form.cleaned_data["code"]
    if not codes.check_code(actor=actor_of(request), phone=phone, code=code):
        form.add_error("code", _("验证码不对或已过期，请核对，或重新获取。"))
        return _code_page(request, form, 422)
    account = signing_in.find_account(phone)
    if account is not None:
        if not account.is_active:
            form.add_error(None, _("这个账号已停用，请到就近的实践站询问。"))
            return _code_page(request, form, 422)
        return session.enter(request, account, "code", safe_next(request))
    session.remember_proof(request, phone)
    return go("people:register")


def _code_page(request: HttpRequest, form: CodeForm, status: int) -> HttpResponse:
    try:
        mask = "•••• " + normal_mobile(str(form["phone"].value() or ""))[-4:]
    except PhoneUnclear:
        mask = ""
    return show_plain(
        request,
        "check_code",
        title=_("填写验证码"),
        status=status,
        form=form,
        mask=mask,
        next=safe_next(request),
        demo=settings.DEMO,
    )


@exempt
@never_cache
@form_page
def second(request: HttpRequest) -> HttpResponse:
    """The second factor of somebody whose first one was right."""
    half = session.half_signed_in(request)
    if half is None:
        return go("people:sign_in")
    account, facts = half
    form = SecondForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                right = second_factor.check_second(
                    actor=actor_of(request), account=account, code=form.cleaned_data["code"]
                )
            except DomainError as error:
                put_errors(form, error)
                status = error.status
            else:
                if right:
                    return session.open_session(
                        request, account, way=facts["way"], second_factor=True, target=facts["next"]
                    )
                form.add_error("code", _("验证码不对，请等下一组数字再试。"))
    return show_plain(request, "second", title=_("再确认一次是您"), status=status, form=form)


@exempt
@never_cache
@form_page
def enrol(request: HttpRequest) -> HttpResponse:
    """Setting up the second factor: on the way in when it is due, or from one's own pages."""
    half = session.half_signed_in(request)
    account = half[0] if half else session.account_of(request)
    if half is None and not session.is_fresh(request):
        return go("people:my_second")
    if second_factor.has_second_factor(account):
        return go("people:second" if half else "people:my_second")
    actor = actor_of(request)
    factor = second_factor.begin_enrolment(actor=actor, account=account)
    form = EnrolForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                recovery = second_factor.confirm_enrolment(actor=actor, account=account, code=form.cleaned_data["code"])
            except DomainError as error:
                put_errors(form, error)
                status = error.status
            else:
                if recovery is not None:
                    if half:
                        session.open_session(request, account, way=half[1]["way"], second_factor=True, target="/")
                    return show_plain(
                        request,
                        "recovery_codes",
                        title=_("恢复码"),
                        codes=recovery,
                        next=half[1]["next"] if half else "",
                    )
                form.add_error("code", _("数字不对，请核对手机时间后再试。"))
    secret = second_factor.secret_of(factor)
    return show_plain(
        request,
        "enrol",
        title=_("设置动态验证码"),
        status=status,
        form=form,
        secret=" ".join(secret[i : i + 4] for i in range(0, len(secret), 4)),
        picture=square(second_factor.enrolment_address(account, secret)),
        due=half is not None,
    )


@exempt
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this session."""
    session.close_session(request)
    messages.success(request, _("您已退出。"))
    return go("/")


@exempt
@never_cache
@sensitive_post_parameters("password")
@session.signed_in
@form_page
def confirm(request: HttpRequest) -> HttpResponse:
    """Show once more who one is: the password, or a code to one's own number for those without one."""
    account, actor = session.account_of(request), actor_of(request)
    by_password = account.has_usable_password()
    form_class = ConfirmForm if by_password else ConfirmCodeForm
    asks_code = not by_password and "send" in request.POST
    form = form_class(request.POST) if request.method == "POST" and not asks_code else form_class()
    status, sent = 200, False
    try:
        if asks_code:
            codes.request_code(actor=actor, phone=session.own_phone(account))
            sent = True
        elif request.method == "POST":
            status = 422
            if form.is_valid():
                if _is_right(request, form, by_password):
                    session.freshen(request)
                    return go(safe_next(request, "/people/me/"))
                name = "password" if by_password else "code"
                form.add_error(name, _("不对，请再试一次。"))
    except DomainError as error:
        status = error.status
        messages.error(request, str(error))
    return show_plain(
        request,
        "confirm",
        title=_("请再确认一次是您"),
        status=status,
        form=form,
        by_password=by_password,
        sent=sent,
        next=safe_next(request, "/people/me/"),
    )


def _is_right(request: HttpRequest, form: ConfirmForm | ConfirmCodeForm, by_password: bool) -> bool:
    account, actor = session.account_of(request), actor_of(request)
    if by_password:
        return signing_in.check_again(actor=actor, account=account, password=form.cleaned_data["password"])
    return codes.check_code(actor=actor, phone=session.own_phone(account), code=form.cleaned_data["code"])


@never_cache
def demo_texts(request: HttpRequest) -> HttpResponse:
    """Only in a demonstration: the text messages that a real installation would have sent."""
    if not settings.DEMO or texting.gateway_name() != "console":
        raise Http404
    return show_plain(request, "demo_texts", title=_("演示短信"), texts=list(reversed(texting.demo_texts())))
