"""Files that are made again and again: asked for, listed, ended; and those that were made."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huying.figures import actions, queries
from huying.figures.forms import FeedForm, refused
from huying.figures.views.places import read_place, reader
from huying.kernel import exports, paging
from huying.kernel.errors import DomainError
from huying.kernel.requests import Request, fresh
from huying.places import queries as place_queries
from huying.ui.naming import named

FEEDS = (_("什么"), _("多久一次"), _("怎么分"), _("哪种文件"), _("下一份"), _("停用"))
FILES = (_("什么"), _("哪段时间"), _("什么时候做的"), {"label": _("大小"), "end": True})


@require_safe
@never_cache
def feeds(request: Request) -> HttpResponse:
    """My feeds, and the files they made within ninety days."""
    actor = reader(request)
    page = paging.page(queries.my_files(actor), ("-id",), request.GET.get("cursor") or None)
    home = place_queries.home_of(actor)
    context = {
        "feeds": queries.my_feeds(actor).filter(ended_at=None).order_by("-id"),
        "lapsed": queries.my_feeds(actor).filter(lapsed=True).order_by("-id")[:10],
        "page": page,
        "files": [(one, queries.Period(one.since, one.until)) for one in page.rows],
        "feed_heads": FEEDS,
        "file_heads": FILES,
        "home": home,
        "list_files": exports.addresses("figures:feeds_export"),
    }
    return render(request, "figures/feeds.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def add_feed(request: Request, public_id: UUID) -> HttpResponse:
    """Have the numbers of this place made into a file."""
    actor = reader(request)
    place = read_place(actor, public_id)
    form = FeedForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            actions.add_feed(actor=actor, place=place, **form.facts())
        except DomainError as problem:
            refused(form, problem)
        else:
            messages.success(request, gettext("已加上定时导出。做好的文件在这里，保留 90 天。"))
            return HttpResponseRedirect(reverse("figures:feeds"), status=303)
    context = {"place": place, "form": form}
    return render(request, "figures/feed.html", context, status=422 if form.is_bound else 200)


@require_POST
def end_feed(request: Request, public_id: UUID) -> HttpResponse:
    """No more of these."""
    actor = reader(request)
    actions.end_feed(actor=actor, feed=queries.my_feed(actor, public_id))
    messages.success(request, gettext("已停掉这项定时导出，做好的文件还在。"))
    return HttpResponseRedirect(reverse("figures:feeds"), status=303)


@require_safe
@fresh
def kept_file(request: Request, public_id: UUID) -> HttpResponseBase:
    """One file of mine."""
    actor = reader(request)
    file = queries.my_file(actor, public_id)
    kind = cast(exports.Kind, file.feed.kind)
    body = actions.take_file(actor=actor, file=file)
    name = f"{named(file.feed.place)}-{file.since:%Y%m%d}.{kind}"
    return exports.download(HttpResponse(body), name, kind)
