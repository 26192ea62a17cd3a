"""Pages of certificates: ask for one, take it along as PDF or badge, and let anybody check it."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huying.kernel.errors import InvalidInput, NotFound
from huying.kernel.requests import Request, signed_in
from huying.volunteers import actions, queries, rules
from huying.volunteers.forms.certificates import CertificateForm, CheckForm, PaperForm, RevokeForm
from huying.volunteers.models import Certificate
from huying.volunteers.views import pdf
from huying.volunteers.views.joining import BOTH, go, refused, show

BADGES = {"jwt": "application/vc+jwt", "json": "application/vc"}


@require_http_methods(BOTH)
@never_cache
def mine(request: Request) -> HttpResponse:
    """My certificates, and a new one for a period."""
    actor = signed_in(request)
    volunteer = queries.profile_of(actor)
    if volunteer is None:
        return go("volunteers:me")
    form = CertificateForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            actions.issue_certificate(actor=actor, volunteer=volunteer, **form.cleaned_data)
        except (InvalidInput, actions.NothingToCertify) as error:
            refused(form, error)
        else:
            messages.success(request, _("证明已开好。"))
            return go("volunteers:certificates")
    facts: dict[str, Any] = {
        "form": form,
        "certificates": queries.certificates_of(actor),
        "stars": queries.stars_of(actor.person_id),
        "table": queries.star_table(),
        "minutes": queries.minutes_of(actor.person_id),
    }
    return show(request, "service/certificates", 422 if form.is_bound else 200, **facts)


@require_safe
@never_cache
def paper(request: Request, public_id: UUID) -> HttpResponse:
    """The certificate as PDF."""
    found = living(queries.certificate_by_id(signed_in(request), public_id))
    name = _("志愿服务证明-%(code)s.pdf") % {"code": found.code}
    made = pdf.drawn(found, address_of(request, found))
    actions.keep_print(actor=request.actor, certificate=found, pdf=made)
    answer = HttpResponse(made, content_type="application/pdf")
    answer.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return answer


@require_safe
@never_cache
def badge(request: Request, public_id: UUID, kind: str) -> HttpResponse:
    """The certificate for programs that check it without asking us: Open Badge 3.0 as VC-JWT (``jwt``), or a W3C
    verifiable credential with its proof inside (``json``). The owner's only, for it says his name.
    """
    actor = signed_in(request)
    found = living(queries.certificate_by_id(actor, public_id))
    if found.volunteer.person_id != actor.person_id or kind not in BADGES:
        raise NotFound
    facts = (found, found.volunteer.person.name, address_of(request, found))
    text = rules.badge(*facts) if kind == "jwt" else json.dumps(rules.secured(*facts), ensure_ascii=False, indent=1)
    answer = HttpResponse(text, content_type=BADGES[kind])
    answer.headers["Content-Disposition"] = f'attachment; filename="badge-{found.code}.{kind}"'
    return answer


def living(certificate: Certificate) -> Certificate:
    """The certificate, unless it is void."""
    if certificate.revoked_at is not None:
        raise NotFound
    return certificate


def address_of(request: Request, certificate: Certificate) -> str:
    return request.build_absolute_uri(reverse("volunteers:verify_code", args=[certificate.code]))


@require_safe
def verify(request: Request) -> HttpResponse:
    """Type the code of a certificate; open to everybody."""
    form = CheckForm(request.GET or None)
    if form.is_bound and form.is_valid():
        return go("volunteers:verify_code", form.cleaned_data["code"])
    return show(request, "service/verify", form=form)


@require_safe
@never_cache
def verify_code(request: Request, code: str) -> HttpResponse:
    """What a certificate says, for anybody who holds it: hours and how they are proven, the name nearly all hidden."""
    try:
        found = queries.check_code(code)
    except NotFound:
        form = CheckForm({"code": code})
        form.is_valid()
        form.add_error("code", _("没有这个编号的证明，请对照纸面再看一遍。"))
        return show(request, "service/verify", 404, form=form)
    return show(request, "service/verified", check=found, may_revoke=may_revoke(request, found.certificate))


@require_http_methods(BOTH)
@never_cache
def verify_file(request: Request, code: str) -> HttpResponse:
    """Whether a PDF is one that was handed out here for this code, unchanged; for anybody. The file is not kept."""
    found = queries.check_code(code)
    form = PaperForm(request.POST, request.FILES) if request.method == "POST" else PaperForm()
    ours = None
    if form.is_bound and form.is_valid():
        ours = queries.is_ours(found.certificate, digest_of(form.cleaned_data["paper"]))
    status = 422 if form.is_bound and form.errors else 200
    return show(request, "service/verify_file", status, check=found, form=form, ours=ours)


def digest_of(paper: UploadedFile[Any]) -> str:
    """SHA-256 of an uploaded file, read in pieces."""
    digest = hashlib.sha256()
    for piece in paper.chunks():
        digest.update(piece)
    return digest.hexdigest()


def may_revoke(request: Request, certificate: Certificate) -> bool:
    if request.actor.is_anonymous or certificate.revoked_at is not None:
        return False
    return rules.can_make_team(request.actor, certificate.issuer)


@require_POST
@never_cache
def revoke(request: Request, public_id: UUID) -> HttpResponse:
    """Make a certificate void, with a reason."""
    found = queries.certificate_by_id(signed_in(request), public_id)
    form = RevokeForm(request.POST)
    if not form.is_valid():
        raise InvalidInput(fields={"reason": _("请写明理由。")})
    actions.revoke_certificate(actor=request.actor, certificate=found, reason=form.cleaned_data["reason"])
    messages.success(request, _("这份证明已作废。"))
    return go("volunteers:verify_code", found.code)
