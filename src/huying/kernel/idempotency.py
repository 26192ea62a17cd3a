"""Every write carries a key: the same key and body gets the stored answer, another body gets 409.

The whole request runs in one transaction that begins by taking the key, so a crash at any point leaves either nothing
or everything with its answer. An answer of 400 or more rolls all of it back and frees the key.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.conf import settings
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils.translation import gettext_lazy as _

from huying.kernel import afterwards, clock, prepared
from huying.kernel.errors import Conflict, DomainError, answer
from huying.kernel.models.idempotency import StoredAnswer
from huying.kernel.sealed.envelope import SealBroken, Spot, seal, unseal
from huying.kernel.sealed.keyring import KeyringTrouble
from huying.kernel.signing import key_for

FIELD = "idempotency_key"
PROGRAM = "X-Api-Key"
"""The header in which a program that is nobody's browser says who it is."""
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


def by_itself(view: V) -> V:
    """Mark a view that takes its key in the transaction of its own write, with others that wait for the same row.

    It finds its key as ``request.ticket`` and hands it to an action that calls ``take_each`` and ``keep_each``, or to
    ``once`` after it has asked who is there. Endpoints of the REST interface are named in the settings.
    """
    view.idempotency_by_itself = True  # type: ignore[attr-defined]
    return view


def way_of(request: HttpRequest) -> str:
    """How the view behind the address takes its key: "exempt" (what leads nowhere too), "by_itself", or "once"."""
    try:
        found = resolve(request.path_info)
    except Resolver404:
        return "exempt"
    if found.view_name in settings.HUYING_KEYS_BY_ITSELF:
        return "by_itself"
    view = found.func
    return next((way for way in ("exempt", "by_itself") if getattr(view, f"idempotency_{way}", False)), "once")


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
    """Whose key it is: the person's, the program's by the key it shows, or the visitor's by the secret of his browser.
    Keys of others never meet.
    """
    actor = getattr(request, "actor", None)
    if actor is not None and actor.person_id:
        return f"person:{actor.person_id}"
    shown = request.headers.get(PROGRAM)
    if shown:
        return f"program:{hashlib.sha256(shown.encode('utf-8', 'replace')).hexdigest()[:40]}"
    secret = request.COOKIES.get(settings.CSRF_COOKIE_NAME) or request.session.session_key
    if not secret:
        request.session.create()
        secret = request.session.session_key or ""
    return f"visitor:{hashlib.sha256(secret.encode()).hexdigest()[:40]}"


@dataclass(frozen=True, slots=True)
class Ticket:
    """The key of one write, whose it is, and the digest of what was sent with it."""

    scope: str
    key: str
    digest: bytes


TAKE = (
    f"INSERT INTO {StoredAnswer._meta.db_table} (at, scope, key, digest, location, status, content_type, body)"  # noqa: S608
    " SELECT %s, scope, key, digest, way, CASE WHEN way <> '' THEN 303 END, '', ''"
    " FROM unnest(%s::text[], %s::text[], %s::bytea[], %s::text[]) WITH ORDINALITY asked (scope, key, digest, way, n)"
    " ORDER BY n ON CONFLICT (scope, key) DO NOTHING RETURNING scope, key"
)


class IdempotencyMiddleware:
    """Innermost middleware: one key, one transaction, one answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        way = "exempt" if request.method in SAFE else way_of(request)
        if way == "exempt":
            return self.get_response(request)
        try:
            ticket = Ticket(scope_of(request), key_of(request), digest_of(request))
            if way == "by_itself":
                request.ticket = ticket  # type: ignore[attr-defined]
                return self.get_response(request)
            return self.once(request, ticket)
        except DomainError as error:
            return answer(request, error)

    def once(self, request: HttpRequest, ticket: Ticket) -> HttpResponse:
        with afterwards.scope(), transaction.atomic():
            if not take(ticket):
                return replay(ticket)
            response = self.get_response(request)
            if response.status_code >= 400:
                transaction.set_rollback(True)
            else:
                keep(ticket, response)
        return response


def take(ticket: Ticket) -> bool:
    """True when the key was free; waits while another request with this key is under way."""
    return take_each([ticket])[0]


def take_each(tickets: Sequence[Ticket], ways: Sequence[str] = ()) -> list[bool]:
    """For each key whether it was free; the second of two equal ones is not. Keys are taken in one order, so that two
    that take many wait for each other but never in a circle.

    ``ways``: where each answer is going to lead (303), if all goes as it should; else ``keep_each`` says so before commit.
    """
    first: dict[tuple[str, str], int] = {}
    for number, one in enumerate(tickets):
        first.setdefault((one.scope, one.key), number)
    order = sorted(first)
    asked = [(*one, tickets[first[one]].digest, ways[first[one]] if ways else "") for one in order]
    columns = [list(column) for column in zip(*asked, strict=True)] if asked else [[], [], [], []]
    taken = prepared.rows(TAKE, [clock.now(), *columns])
    free = {first[scope, key] for scope, key in taken}
    return [number in free for number in range(len(tickets))]


def keep(ticket: Ticket, response: HttpResponse) -> None:
    """Store the answer; its body is sealed, for it may show what somebody was allowed to see once."""
    body = b"" if response.streaming else response.content
    StoredAnswer.objects.filter(scope=ticket.scope, key=ticket.key).update(
        status=response.status_code,
        location=response.headers.get("Location", "")[:500],
        content_type=response.headers.get("Content-Type", "")[:100],
        body=seal(body.decode("latin-1"), spot(ticket)) if 0 < len(body) <= BODY_KEPT else b"",
    )


def keep_each(ways: Sequence[tuple[Ticket, str | None]]) -> None:
    """Store for each key taken here where its answer leads to (303); a key without a way, refused, is free again."""
    table = StoredAnswer._meta.db_table
    going = [(one.scope, one.key, way) for one, way in ways if way]
    refused = [(one.scope, one.key) for one, way in ways if not way]
    with connection.cursor() as cursor:
        if going:
            cursor.execute(
                f"UPDATE {table} kept SET status = 303, location = told.way"  # noqa: S608 - own table
                " FROM unnest(%s::text[], %s::text[], %s::text[]) told (scope, key, way)"
                " WHERE kept.scope = told.scope AND kept.key = told.key",
                [list(column) for column in zip(*going, strict=True)],
            )
        if refused:
            cursor.execute(
                f"DELETE FROM {table} kept USING unnest(%s::text[], %s::text[]) gone (scope, key)"  # noqa: S608
                " WHERE kept.scope = gone.scope AND kept.key = gone.key",
                [list(column) for column in zip(*refused, strict=True)],
            )


def replay(ticket: Ticket) -> HttpResponse:
    """The stored answer again; without its body when that was too large to keep or its seal's key is gone."""
    stored = StoredAnswer.objects.get(scope=ticket.scope, key=ticket.key)
    if bytes(stored.digest) != ticket.digest:
        raise KeyReused
    response = HttpResponse(body_of(stored), status=stored.status or 200, content_type=stored.content_type or None)
    if stored.location:
        response.headers["Location"] = stored.location
    response.headers["Idempotency-Replayed"] = "true"
    return response


def was_kept(scope: str, key: str, since: datetime) -> bool:
    """True when this key was taken at ``since`` or later."""
    return StoredAnswer.objects.filter(scope=scope, key=key, at__gte=since).exists()


def body_of(stored: StoredAnswer) -> bytes:
    """The body that was kept, or nothing when there is none or it does not open."""
    try:
        return unseal(bytes(stored.body), spot(stored)).encode("latin-1") if stored.body else b""
    except (SealBroken, KeyringTrouble):
        return b""


def spot(kept: Ticket | StoredAnswer) -> Spot:
    """Where a body belongs: it opens for this key of this scope only."""
    row = hashlib.sha256(f"{kept.scope}\n{kept.key}".encode()).digest()[:16]
    return Spot(StoredAnswer._meta.db_table, "body", row)
