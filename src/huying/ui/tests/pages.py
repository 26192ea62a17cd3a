"""Addresses and entries that the tests of the design system use instead of the rooms'."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import include, path

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


def board(request: HttpRequest) -> HttpResponse:
    """A workbench page."""
    return render(request, "ui_tests/board.html")


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
