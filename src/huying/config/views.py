"""Pages about the installation itself: is everything well, which jobs are stuck."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from huying.kernel import health as kernel_health
from huying.kernel import jobs, paging
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden
from huying.kernel.requests import Request, signed_in
from huying.people import rules as people_rules
from huying.people.states import RoleKind

TONES = {kernel_health.GOOD: "pine", kernel_health.WATCH: "kaki", kernel_health.BAD: "mei"}


def can_keep_jobs(actor: Actor) -> bool:
    """May see stuck jobs and send them again."""
    return people_rules.holds(actor, RoleKind.SYSTEM_ADMIN)


@require_safe
@never_cache
def health(request: Request) -> JsonResponse:
    """For load balancers and monitors: alive when it answers at all, ready (200) or not (503); no details."""
    found = kernel_health.checks()
    ready = kernel_health.ready(found)
    states = {one.code: one.state for one in found}
    return JsonResponse({"live": True, "ready": ready, "checks": states}, status=200 if ready else 503)


@require_safe
@never_cache
def state(request: Request) -> HttpResponse:
    """The same in plain words with the next step, for staff."""
    actor = signed_in(request)
    if not people_rules.is_staff(actor):
        raise Forbidden
    found = [{"check": one, "tone": TONES[one.state]} for one in kernel_health.checks()]
    bad = sum(row["tone"] == "mei" for row in found)
    return render(request, "config/state.html", {"rows": found, "bad": bad, "may_keep_jobs": can_keep_jobs(actor)})


@require_safe
@never_cache
def stuck_jobs(request: Request) -> HttpResponse:
    """Jobs that failed for good, newest first."""
    if not can_keep_jobs(signed_in(request)):
        raise Forbidden
    page = paging.page(jobs.dead(), order=("-id",), cursor=request.GET.get("cursor") or None)
    columns = [{"label": _("任务")}, {"label": _("编号")}, {"label": _("试过")}, {"label": _("何时")}, {"label": ""}]
    return render(request, "config/stuck_jobs.html", {"page": page, "columns": columns})


@require_POST
def retry_job(request: Request, job_id: int) -> HttpResponse:
    """Send one of them again."""
    actor = signed_in(request)
    if not can_keep_jobs(actor):
        raise Forbidden
    jobs.retry(actor=actor, job_id=job_id)
    messages.success(request, _("已重新排队，马上再试一次。"))
    return HttpResponseRedirect(reverse("system:jobs"), status=303)
