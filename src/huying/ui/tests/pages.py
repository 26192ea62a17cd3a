"""Addresses and entries that the tests of the design system use instead of the rooms'."""

from __future__ import annotations

from dataclasses import dataclass, field

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import include, path
from django.utils.cache import get_conditional_response

from huying.ui import widgets
from huying.ui.navigation import Entry


def home(request: HttpRequest) -> HttpResponse:
    """A resident's home as full as it gets."""
    services = [
        {"label": word, "url": "/ask/", "icon": icon, "tone": tone}
        for word, icon, tone in (
            ("助餐", "bowl-food-duotone", "kaki"),
            ("助洁", "broom-duotone", "pine"),
            ("助浴", "bathtub-duotone", "dai"),
            ("陪诊", "stethoscope-duotone", "mei"),
            ("维修", "wrench-duotone", "gui"),
            ("代办", "files-duotone", "pine"),
            ("聊聊天", "chat-circle-dots-duotone", "dai"),
            ("全部", "squares-four-duotone", "kaki"),
        )
    ]
    states = [("已提交", "done"), ("已受理", "done"), ("已派单", "now"), ("完成", "todo")]
    steps = [{"label": label, "state": state} for label, state in states]
    return render(request, "ui_tests/home.html", {"services": services, "steps": steps})


@dataclass
class Told:
    """What the server of these tests was told, and how it is to behave."""

    posts: list[dict[str, str]] = field(default_factory=list)
    status: int = 303
    tickets: list[tuple[str, str]] = field(default_factory=lambda: [("t-1", "需两人协助"), ("t-2", "心内科复查")])
    polls: list[int] = field(default_factory=list)
    going: set[str] = field(default_factory=set)
    version: int = 1


TOLD = Told()
FACTS = {
    "columns": ["社区", {"label": "件数", "end": True}],
    "tree": [
        {
            "label": "青禾街道",
            "url": "/",
            "icon": "building-duotone",
            "count": 12,
            "unit": "个社区",
            "children": [{"label": "和平社区", "url": "/", "current": True}, {"label": "竹园社区", "url": "/"}],
        }
    ],
}


def board(request: HttpRequest) -> HttpResponse:
    """A workbench page; its columns carry an ETag, so that asking again costs nothing."""
    keys = [("J / K", "下一件、上一件"), ("A", "派单"), ("/", "搜索"), ("?", "这份说明")]
    drawn = [{"id": key, "title": title} for key, title in TOLD.tickets]
    waiting = [one for one in drawn if one["id"] not in TOLD.going]
    going = [one for one in drawn if one["id"] in TOLD.going]
    told = {**FACTS, "keys": keys, "tickets": waiting, "going": going, "version": TOLD.version}
    if request.headers.get("HX-Target") == "detail":
        return render(request, "ui_tests/panel.html", told)
    response = render(request, "ui_tests/board.html", told)
    if request.headers.get("HX-Request"):
        etag = f'"{hash((tuple(TOLD.tickets), tuple(sorted(TOLD.going)), TOLD.version))}"'
        response = get_conditional_response(request, etag=etag) or response
        response.headers["ETag"] = etag
        TOLD.polls.append(response.status_code)
    return response


class Ask(forms.Form):
    words = forms.CharField(label="一句话说明", min_length=3, widget=forms.Textarea, max_length=100)
    kind = forms.ChoiceField(label="类别", choices=[("meal", "助餐"), ("clinic", "陪诊")], widget=forms.RadioSelect)
    photos = forms.FileField(label="照片", required=False, widget=widgets.Photos)


def ask(request: HttpRequest) -> HttpResponse:
    """A form that can wait for the network."""
    form = Ask(request.POST or None, request.FILES or None)
    if request.method == "POST":
        TOLD.posts.append({name: str(request.POST[name]) for name in ("idempotency_key", "words")})
        if TOLD.status != 303:
            return HttpResponse(status=TOLD.status)
        if form.is_valid():
            return HttpResponseRedirect("/board/", status=303)
    return render(request, "ui_tests/ask.html", {"form": form}, status=422 if form.errors else 200)


def leave(request: HttpRequest) -> HttpResponse:
    """Signing out."""
    return HttpResponseRedirect("/", status=303)


def broken(request: HttpRequest, status: int) -> HttpResponse:
    return render(request, "ui/error.html", {"status": status}, status=status)


def taken(request: HttpRequest) -> HttpResponse:
    """A write that was taken: the page after it, and a message."""
    messages.success(request, "已送出")
    return HttpResponseRedirect("/calls/1/", status=303)


def unsigned(request: HttpRequest) -> HttpResponse:
    return redirect("/people/sign-in/?next=/ask/")


def refused(request: HttpRequest) -> HttpResponse:
    return HttpResponse("<main>mend</main>", status=422)


urlpatterns = [
    path("", home, name="home"),
    path("board/", board, name="board"),
    path("ask/", ask, name="ask"),
    path("leave/", leave, name="leave"),
    path("broken/<int:status>/", broken, name="broken"),
    path("taken/", taken, name="taken"),
    path("unsigned/", unsigned, name="unsigned"),
    path("refused/", refused, name="refused"),
    path("ui/", include("huying.ui.urls")),
]


def staff_only(request: HttpRequest) -> bool:
    return request.GET.get("as") == "staff"


def three(request: HttpRequest) -> int:
    return 3


ENTRIES = [
    Entry("tab", "首页", "home", "house", icon_on="house-fill"),
    Entry("tab", "求助", "taken", "hand-heart", main=True),
    Entry("tab", "活动", "refused", "bell", large=False),
    Entry("tab", "我的", "unsigned", "user", badge=three),
    Entry("rail", "派单台", "board", "kanban-duotone", seen_by=staff_only, under=("refused",), badge=three),
    Entry("rail", "统计", "home", "chart-bar-duotone", group="统计", seen_by=staff_only),
    Entry("foot", "样式页", "ui:gallery"),
]
ASTRAY = [Entry("tab", "空", "nowhere", "house"), Entry("attic", "阁楼", "home", "no-such-icon")]
