"""Signing in through an outside identity provider (OpenID Connect, code flow with PKCE, by Authlib).

Authlib is loaded by whoever signs in this way: few places have a provider, and it takes a tenth of each process's start.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from huying.kernel import clock
from huying.kernel.errors import DomainError
from huying.people.actions import outside
from huying.people.states import HALF_FOR
from huying.people.views import session
from huying.people.views.pages import show_plain
from huying.people.views.session import actor_of, go, safe_next

DISCOVERY = "/.well-known/openid-configuration"


class ProviderAway(DomainError):
    code = "provider_away"
    status = 503
    message = gettext_lazy("统一身份认证现在连不上，请改用密码或验证码登录。")


@cache
def _client(issuer: str, client_id: str, secret: str) -> Any:
    from authlib.integrations.django_client import OAuth  # noqa: PLC0415 - see above

    oauth = OAuth()
    oauth.register(
        name="outside",
        client_id=client_id,
        client_secret=secret,
        server_metadata_url=issuer + DISCOVERY,
        client_kwargs={
            "scope": "openid profile phone",
            "code_challenge_method": "S256",
            "default_timeout": 10,
        },
    )
    return oauth.create_client("outside")


def client() -> Any:
    """The provider that the settings name; Http404 when there is none."""
    if not settings.HUYING_OIDC_ISSUER:
        raise Http404
    return _client(settings.HUYING_OIDC_ISSUER, settings.HUYING_OIDC_CLIENT_ID, settings.HUYING_OIDC_CLIENT_SECRET)


@never_cache
@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """Send the browser to the provider, with state, nonce and PKCE kept in the session."""
    from authlib.integrations.base_client.errors import OAuthError  # noqa: PLC0415 - see above
    from requests import RequestException  # noqa: PLC0415

    request.session["outside_next"] = safe_next(request)
    back = request.build_absolute_uri(reverse("people:outside_back"))
    try:
        answer: HttpResponse = client().authorize_redirect(request, back)
    except (RequestException, OAuthError) as error:
        raise ProviderAway from error
    return answer


@never_cache
@require_GET
def back(request: HttpRequest) -> HttpResponse:
    """The browser comes back: check state and signed token, then let a known person in."""
    from authlib.integrations.base_client.errors import OAuthError  # noqa: PLC0415 - see above
    from requests import RequestException  # noqa: PLC0415

    try:
        token = client().authorize_access_token(request)
    except RequestException as error:
        raise ProviderAway from error
    except (OAuthError, ValueError):
        messages.error(request, _("统一身份认证没有成功，请再试一次，或改用密码登录。"))
        return go("people:sign_in")
    claims = token.get("userinfo") or {}
    target = request.session.pop("outside_next", "/")
    account = outside.find_or_link(
        actor=actor_of(request),
        issuer=settings.HUYING_OIDC_ISSUER,
        subject=str(claims.get("sub", "")),
        phone=str(claims.get("phone_number", "")) if claims.get("phone_number_verified") is True else "",
    )
    if account is not None:
        return session.enter(request, account, "oidc", target)
    request.session["outside"] = {"subject": str(claims["sub"]), "at": clock.now().timestamp()}
    messages.info(request, _("第一次使用，请先用密码或验证码登录一次，确认后就能直接登录。"))
    return go("people:sign_in")


@never_cache
@session.signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest) -> HttpResponse:
    """Ask whether the identity just shown belongs to this account, and tie them together."""
    kept = request.session.get("outside")
    if not kept or clock.now().timestamp() - kept["at"] > HALF_FOR.total_seconds():
        request.session.pop("outside", None)
        return go("people:me")
    if request.method == "POST":
        if request.POST.get("answer") == "yes":
            outside.link_identity(
                actor=actor_of(request),
                account=session.account_of(request),
                issuer=settings.HUYING_OIDC_ISSUER,
                subject=kept["subject"],
            )
            messages.success(request, _("关联好了，下次可以直接登录。"))
        request.session.pop("outside", None)
        return go("people:me")
    return show_plain(request, "outside_link", title=_("关联账号"), provider=settings.HUYING_OIDC_NAME)


@session.signed_in
@require_http_methods(["POST"])
def unlink(request: HttpRequest) -> HttpResponse:
    """Take the tie to the outside identity away."""
    outside.unlink_identities(actor=actor_of(request), account=session.account_of(request))
    messages.success(request, _("已取消关联。"))
    return go("people:my_sign_in")
