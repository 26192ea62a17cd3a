"""Every write carries a key: the same key and body gets the stored answer, another body gets 409.

The whole request runs in one transaction that begins by taking the key, so a crash at any point leaves either nothing
or everything with its answer. An answer of 400 or more rolls all of it back and frees the key.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable
from typing import TypeVar

from django.conf import settings
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils.translation import gettext_lazy as _

from huying.kernel import afterwards, clock
from huying.kernel.errors import Conflict, DomainError, answer
from huying.kernel.models.idempotency import StoredAnswer
from huying.kernel.sealed.envelope import SealBroken, Spot, seal, unseal
from huying.kernel.sealed.keyring import KeyringTrouble
from huying.kernel.signing import key_for

FIELD = "idempotency_key"
SAFE = {"GET", "HEAD", "OPTIONS", "TRACE"}
SHAPE = re.compile(r"[A-Za-z0-9_.:-]{8,80}")
BODY_KEPT = 64 * 1024
V = TypeVar("V", bound=Callable[..., object])


class KeyMissing(DomainError):
    code = "idempotency_key_missing"
    status = 400
    message = _("这次提交缺少编号（idempotency_key），请刷新页面再试。")


class KeyReused(Conflict):
    code = "idempotency_key_reused"
    message = _("这个编号已经用于另一次提交，请刷新页面再试。")


def exempt(view: V) -> V:
    """Mark a view whose writes need no key (signing in and out: repeating them is harmless)."""
    view.idempotency_exempt = True  # type: ignore[attr-defined]
    return view


def is_exempt(request: HttpRequest) -> bool:
    try:
        view = resolve(request.path_info).func
    except Resolver404:
        return True
    return bool(getattr(view, "idempotency_exempt", False)) or view.__module__.startswith("allauth.")


def key_of(request: HttpRequest) -> str:
    """The key from the header or the hidden field; KeyMissing when absent or oddly shaped."""
    key = request.headers.get("Idempotency-Key") or request.POST.get(FIELD, "")
    if not SHAPE.fullmatch(key):
        raise KeyMissing(fields={FIELD: KeyMissing.message})
    return key


def digest_of(request: HttpRequest) -> bytes:
    """SHA-256 over method, address, the person served and what was sent, but for the CSRF token and the key itself.

    Keyed, because a form may hold one short secret that a plain hash would give away to whoever tries them all.
    """
    served = getattr(getattr(request, "actor", None), "on_behalf_of_id", None)
    start = f"{request.method} {request.get_full_path()} {served or ''}\n".encode()
    sha = hmac.new(key_for(settings.SECRET_KEY, "idempotency"), start, hashlib.sha256)
    if request.content_type in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        for name in sorted(set(request.POST) - {FIELD, "csrfmiddlewaretoken"}):
            sha.update(repr((name, request.POST.getlist(name))).encode())
        for name in sorted(request.FILES):
            for upload in request.FILES.getlist(name):
                sha.update(repr((name, upload.name, upload.size)).encode())
                for chunk in upload.chunks():
                    sha.update(chunk)
                upload.seek(0)
    else:
        sha.update(request.body)
    return sha.digest()


def scope_of(request: HttpRequest) -> str:
    """Whose key it is: the person's, or the visitor's by the secret of his browser. Keys of others never meet."""
    actor = getattr(request, "actor", None)
    if actor is not None and actor.person_id:
        return f"person:{actor.person_id}"
    secret = request.COOKIES.get(settings.CSRF_COOKIE_NAME) or request.session.session_key
    if not secret:
        request.session.create()
        secret = request.session.session_key or ""
    return f"visitor:{hashlib.sha256(secret.encode()).hexdigest()[:40]}"


class IdempotencyMiddleware:
    """Innermost middleware: one key, one transaction, one answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method in SAFE or is_exempt(request):
            return self.get_response(request)
        try:
            return self.once(request, scope_of(request), key_of(request), digest_of(request))
        except DomainError as error:
            return answer(request, error)

    def once(self, request: HttpRequest, scope: str, key: str, digest: bytes) -> HttpResponse:
        with afterwards.scope(), transaction.atomic():
            if not take(scope, key, digest):
                return replay(scope, key, digest)
            response = self.get_response(request)
            if response.status_code >= 400:
                transaction.set_rollback(True)
            else:
                keep(scope, key, response)
        return response


def take(scope: str, key: str, digest: bytes) -> bool:
    """True when the key was free; waits while another request with this key is under way."""
    table = StoredAnswer._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (scope, key, digest, location, content_type, body, at)"  # noqa: S608 - own table
            " VALUES (%s, %s, %s, '', '', '', %s) ON CONFLICT (scope, key) DO NOTHING RETURNING id",
            [scope, key, digest, clock.now()],
        )
        return cursor.fetchone() is not None


def keep(scope: str, key: str, response: HttpResponse) -> None:
    """Store the answer; its body is sealed, for it may show what somebody was allowed to see once."""
    body = b"" if response.streaming else response.content
    StoredAnswer.objects.filter(scope=scope, key=key).update(
        status=response.status_code,
        location=response.headers.get("Location", "")[:500],
        content_type=response.headers.get("Content-Type", "")[:100],
        body=seal(body.decode("latin-1"), spot(scope, key)) if 0 < len(body) <= BODY_KEPT else b"",
    )


def replay(scope: str, key: str, digest: bytes) -> HttpResponse:
    """The stored answer again; without its body when that was too large to keep or its seal's key is gone."""
    stored = StoredAnswer.objects.get(scope=scope, key=key)
    if bytes(stored.digest) != digest:
        raise KeyReused
    body = body_of(stored)
    response = HttpResponse(body, status=stored.status or 200, content_type=stored.content_type or None)
    if stored.location:
        response.headers["Location"] = stored.location
    response.headers["Idempotency-Replayed"] = "true"
    return response


def body_of(stored: StoredAnswer) -> bytes:
    """The body that was kept, or nothing when there is none or it does not open."""
    try:
        return unseal(bytes(stored.body), spot(stored.scope, stored.key)).encode("latin-1") if stored.body else b""
    except (SealBroken, KeyringTrouble):
        return b""


def spot(scope: str, key: str) -> Spot:
    """Where a body belongs: it opens for this key of this scope only."""
    row = hashlib.sha256(f"{scope}\n{key}".encode()).digest()[:16]
    return Spot(StoredAnswer._meta.db_table, "body", row)
