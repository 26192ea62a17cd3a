"""The auditor's page: records that look odd, to be read one by one. Nothing here counts or ranks persons."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from huying.kernel.errors import Forbidden
from huying.kernel.requests import Request, signed_in
from huying.volunteers import queries, rules
from huying.volunteers.views.joining import show


@require_safe
@never_cache
def odd(request: Request) -> HttpResponse:
    """Odd records of the last five weeks, by what is odd."""
    actor = signed_in(request)
    if not rules.can_audit(actor):
        raise Forbidden
    return show(request, "service/odd", odd=queries.oddities(actor))
