"""Files that are made again and again: asked for, listed, ended; and those that were made."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huying.figures import actions, queries, rules
from huying.figures.forms import FeedForm, ListFeedForm, refused
from huying.figures.models import Feed
from huying.figures.views.places import read_place, reader
from huying.kernel import exports, paging
from huying.kernel.actor import Actor
from huying.kernel.errors import DomainError
from huying.kernel.requests import Request, fresh, signed_in
from huying.places import queries as place_queries
from huying.places import rules as place_rules
from huying.ui.fields import plain

FEEDS = (_("什么"), _("多久一次"), _("怎么分"), _("哪种文件"), _("保留"), _("下一份"), _("停用"))
ENDED = (_("什么"), _("什么时候停的"), _("为什么"), _("恢复"))
STAFF, PUBLIC = "ui/staff.html", "ui/resident.html"
MOST_ENDED = 10
LONGEST = Feed._meta.get_field("address").max_length or 0
FILES = (_("什么"), _("哪段时间"), _("什么时候做的"), {"label": _("大小"), "end": True})


@require_safe
@never_cache
def feeds(request: Request) -> HttpResponse:
    """My feeds, those that were stopped lately, and the files they made that are still kept."""
    actor = signed_in(request)
    page = paging.page(queries.my_files(actor), ("-id",), request.GET.get("cursor") or None)
    home = place_queries.home_of(actor)
    running = queries.my_feeds(actor).filter(ended_at=None).order_by("-id")
    context = {
        **layout(actor),
        "feeds": [(queries.title_of(one), one) for one in running],
        "ended": [(queries.title_of(one), one) for one in queries.ended_feeds(actor)[:MOST_ENDED]],
        "page": page,
        "files": [(queries.title_of(one.feed), one, queries.Period(one.since, one.until)) for one in page.rows],
        "feed_heads": FEEDS,
        "ended_heads": ENDED,
        "file_heads": FILES,
        "home": home if home is not None and rules.can_read(actor, home) else None,
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
    if added(form, partial(actions.add_feed, actor=actor, place=place)):
        return seen_to(request)
    context = {"place": place, "form": form}
    return render(request, "figures/feed.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@fresh
def add_list_feed(request: Request) -> HttpResponse:
    """Have a list made into a file, with the filters it has now: ``list`` is its address as a file."""
    actor = signed_in(request)
    address = plain(request.GET.get("list", ""))[:LONGEST]
    title = queries.lists().title(address)
    queries.lists().check(actor, address)
    form = ListFeedForm(request.POST if request.method == "POST" else None)
    if added(form, partial(actions.add_list_feed, actor=actor, address=address)):
        return seen_to(request)
    filters = [value for value in QueryDict(address.partition("?")[2]).values() if value]
    context = {**layout(actor), "title": title, "filters": filters, "form": form}
    return render(request, "figures/list_feed.html", context, status=422 if form.is_bound else 200)


def added(form: FeedForm | ListFeedForm, act: Callable[..., Feed]) -> bool:
    """Whether the act was done with what the form says; a refusal stands beside the form."""
    if not (form.is_bound and form.is_valid()):
        return False
    try:
        act(**form.facts())
    except DomainError as problem:
        refused(form, problem)
        return False
    return True


def seen_to(request: Request) -> HttpResponse:
    messages.success(request, gettext("已加上定时导出。做好的文件会在这里。"))
    return HttpResponseRedirect(reverse("figures:feeds"), status=303)


def layout(actor: Actor) -> dict[str, Any]:
    """Staff find it among their pages, everybody else as a page of his own."""
    staff = place_rules.works_here(actor)
    return {"layout": STAFF if staff else PUBLIC, "staff": staff}


@require_POST
def resume_feed(request: Request, public_id: UUID) -> HttpResponse:
    """Make them again: undo of a stop."""
    actor = signed_in(request)
    actions.resume_feed(actor=actor, feed=queries.my_feed(actor, public_id))
    messages.success(request, gettext("已恢复这项定时导出。"))
    return HttpResponseRedirect(reverse("figures:feeds"), status=303)


@require_POST
def end_feed(request: Request, public_id: UUID) -> HttpResponse:
    """No more of these."""
    actor = signed_in(request)
    actions.end_feed(actor=actor, feed=queries.my_feed(actor, public_id))
    messages.success(request, gettext("已停掉这项定时导出，做好的文件还在。停错了可以在下面恢复。"))
    return HttpResponseRedirect(reverse("figures:feeds"), status=303)


@require_safe
@fresh
def kept_file(request: Request, public_id: UUID) -> HttpResponseBase:
    """One file of mine."""
    actor = signed_in(request)
    file = queries.my_file(actor, public_id)
    kind = cast(exports.Kind, file.feed.kind)
    body = actions.take_file(actor=actor, file=file)
    name = f"{queries.title_of(file.feed)}-{file.since:%Y%m%d}.{kind}"
    return exports.download(HttpResponse(body), name, kind)
