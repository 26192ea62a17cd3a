"""The trail as a page and as a file. Reading it is itself a line in it."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, cast

from django import forms
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from huying.config.trail.reading import READERS, Told, Wanted, can_read, narrowed, readable, told
from huying.config.trail.words import SUBJECTS, WORDS
from huying.kernel import audit, clock, exports, paging
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden, InvalidInput, NotFound
from huying.kernel.exports import Column
from huying.kernel.requests import Request, fresh, signed_in
from huying.kernel.transactions import begin
from huying.people import rules
from huying.people.forms.places import add_place_fields, chosen_place
from huying.places.models import Place
from huying.ui.components.basic import Text, moment
from huying.ui.registry import escaped
from huying.ui.widgets import Day

SIZE = 50
COLUMNS: list[Column[Told]] = [
    Column(_("时间"), "at"),
    Column(_("谁"), "who"),
    Column(_("替谁"), "behalf"),
    Column(_("做了什么"), "did"),
    Column(_("代号"), "verb"),
    Column(_("对象类别"), "kind"),
    Column(_("对象"), "subject"),
    Column(_("地方"), "place"),
    Column(_("内容"), "details"),
    Column(_("原因"), "reason"),
    Column(_("渠道"), "channel"),
    Column(_("网络地址"), "address"),
]
HEADS = (_("时间"), _("谁"), _("做了什么"), _("对象"), _("地方"), _("内容和原因"))


class TrailForm(forms.Form):
    """What to look for in the trail."""

    who = forms.CharField(label=_("谁"), help_text=_("姓名全称或用户名"), max_length=60, required=False)
    verb = forms.ChoiceField(label=_("做了什么"), required=False)
    subject = forms.ChoiceField(label=_("对象类别"), required=False)
    number = forms.IntegerField(label=_("对象编号"), min_value=1, max_value=2**63 - 1, required=False)
    since = forms.DateField(label=_("从"), widget=Day, required=False)
    until = forms.DateField(label=_("到"), widget=Day, required=False)

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        self.place: Place | None = None
        verb, subject = cast(forms.ChoiceField, self.fields["verb"]), cast(forms.ChoiceField, self.fields["subject"])
        verb.choices, subject.choices = _said(get_language())
        add_place_fields(self, label=_("地方"), hint=_("包括它下面的地方"), place=None, required=False)

    def clean(self) -> dict[str, Any]:
        """The place lies in the reader's own places; from may not come after until."""
        self.place = chosen_place(self, rules.within(self.actor, READERS, "path"))
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and since > until:
            self.add_error("until", _("结束日期要在开始日期之后。"))
        return self.cleaned_data

    def wanted(self) -> Wanted:
        """What was understood; a filter with an error does not narrow."""
        asked = self.cleaned_data
        return Wanted(
            who=str(asked.get("who") or "").strip(),
            verb=asked.get("verb") or "",
            subject=asked.get("subject") or "",
            number=asked.get("number"),
            place=self.place,
            since=_midnight(asked.get("since")),
            until=_midnight(asked.get("until"), 1),
        )


@lru_cache(maxsize=16)
def _said(language: str | None) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Verbs and kinds to choose from, three hundred: said once a process for each language, the one that is active."""
    every = ("", gettext("全部"))
    verbs, subjects = ([(code, str(words)) for code, words in named.items()] for named in (WORDS, SUBJECTS))
    return [every, *verbs], [every, *subjects]


def _midnight(day: date | None, later: int = 0) -> datetime | None:
    if day is None or not date(2000, 1, 1) <= day <= date(2100, 1, 1):
        return None
    return datetime.combine(day + timedelta(days=later), time(), tzinfo=clock.SHANGHAI)


def reader(request: Request) -> Actor:
    """Who may read the trail; Forbidden for others."""
    actor = signed_in(request)
    if not can_read(actor):
        raise Forbidden
    return actor


def remember(actor: Actor, wanted: Wanted) -> None:
    """Write down that the trail was read, and by what it was narrowed (whose name was asked for stays out)."""
    asked = {"who": bool(wanted.who), "verb": wanted.verb, "subject": wanted.subject, "number": wanted.number}
    asked |= {"since": _day(wanted.since), "until": _day(wanted.until)}
    changes = {name: value for name, value in asked.items() if value}
    with begin(actor):
        audit.record(actor, "audit.read", None, place_path=_path(actor, wanted), changes=changes)


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d}" if moment else ""


def _path(actor: Actor, wanted: Wanted) -> str:
    return wanted.place.path if wanted.place else rules.held(actor, READERS)[0]


@require_safe
@never_cache
def trail(request: Request) -> HttpResponse:
    """The lines of the reader's places, newest first."""
    actor = reader(request)
    form = TrailForm(actor, request.GET)
    good = form.is_valid()
    wanted = form.wanted()
    page = paging.page(narrowed(readable(actor), wanted), ("-id",), request.GET.get("cursor") or None, SIZE)
    now = clock.now()
    rows = [shown(one, now) for one in told(page.rows)]
    remember(actor, wanted)
    kept = request.GET.copy()
    kept.pop("cursor", None)
    context = {
        "form": form,
        "page": page,
        "rows": rows,
        "heads": HEADS,
        "files": [
            (kind, f"{reverse('system:trail_export', args=[kind])}{'?' if kept else ''}{kept.urlencode()}")
            for kind in exports.TYPES
        ],
    }
    return render(request, "config/trail.html", context, status=200 if good else 422)


def shown(one: Told, now: datetime) -> dict[str, Any]:
    """One line as the cells of ``lines``, in the order of HEADS."""
    behalf = gettext("替 %(name)s") % {"name": one.behalf} if one.behalf else ""
    place = f"{one.channel} {one.address}" if one.address else ""
    return {
        "cells": (
            moment(at=one.at, reference=now),
            small(one.who, behalf),
            small(one.did, one.verb, kind="hy-muted"),
            f"{one.kind} {one.subject}",
            one.place or "–",
            small(small(one.details, one.reason), place, kind="hy-muted"),
        )
    }


def small(words: Text, beside: Text, *, kind: str = "") -> SafeString:
    """The words, and in smaller letters what stands beside them, if anything."""
    tag = f'<small class="{kind}">' if kind else "<small>"
    return SafeString(f"{escaped(words)} {tag}{escaped(beside)}</small>" if beside else escaped(words))


@require_safe
@fresh
@never_cache
def export(request: Request, form: str) -> HttpResponseBase:
    """The same lines as a file, after showing again who one is; who took it stands in the trail."""
    actor = reader(request)
    if form not in exports.TYPES:
        raise NotFound
    asked = TrailForm(actor, request.GET)
    if not asked.is_valid():
        raise InvalidInput(" ".join(str(words) for errors in asked.errors.values() for words in errors))
    wanted = asked.wanted()
    lines = narrowed(readable(actor), wanted).order_by("-id").iterator(chunk_size=exports.CHUNK)
    return exports.respond(
        actor=actor,
        name=gettext("操作记录"),
        kind=cast(exports.Kind, form),
        columns=COLUMNS,
        rows=told(lines),
        place_path=_path(actor, wanted),
    )
