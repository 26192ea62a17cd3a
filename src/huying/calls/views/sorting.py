"""What the sorter says of somebody's own words; staff put a kind right; those who keep the menu see how it does."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from huying.calls import actions, queries
from huying.calls.actions.sorting import may_sort_words
from huying.calls.forms.sorting import KindOfCallForm, OwnWordsForm, as_title
from huying.calls.models import SorterVersion
from huying.calls.states import EMERGENCIES
from huying.calls.views.desk import call_on_desk, checked, on_duty, see
from huying.calls.views.menu import keeper, number
from huying.calls.views.resident import KEPT
from huying.kernel import idempotency, paging
from huying.kernel.errors import InvalidInput
from huying.kernel.requests import Request, way_back
from huying.ui.naming import named

OTHER = "other"
"""The line of the menu for what fits no other: there a person reads it and chooses."""
PAGE = 20
VERSION_HEADS = (
    gettext_lazy("版本"),
    {"label": gettext_lazy("答对"), "end": True},
    {"label": gettext_lazy("均分"), "end": True},
    {"label": gettext_lazy("有把握"), "end": True},
    {"label": gettext_lazy("学过的更正"), "end": True},
    gettext_lazy("状态"),
)
KIND_HEADS = (
    gettext_lazy("服务"),
    {"label": gettext_lazy("查准"), "end": True},
    {"label": gettext_lazy("查全"), "end": True},
    {"label": "F1", "end": True},
)


@idempotency.exempt
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def ask_words(request: Request) -> HttpResponse:
    """What the words of a resident ask for; the words travel in the body, never in an address. A line that was pressed
    leads to its form, which begins with these words. Nothing is chosen for anybody.
    """
    if request.method != "POST":
        return see(reverse("calls:ask"))
    form, kinds = OwnWordsForm(request.POST), list(queries.menu(request.actor))
    valid = form.is_valid()
    words = form.cleaned_data.get("words", "")
    chosen = next((one for one in kinds if one.code == request.POST.get("kind")), None)
    if chosen and words:
        request.session[KEPT] = {"kind": chosen.code, **as_title(words)}
        return see(reverse("calls:ask_kind", args=[chosen.code]))
    facts = {
        "kinds": kinds,
        "numbers": EMERGENCIES,
        "phone": settings.HUYING_PHONE,
        "form": form,
        **proposed(words, kinds, address=request.actor.address),
    }
    if request.htmx and request.htmx.target == "proposals":
        return render(request, "calls/_proposals.html", facts)
    return render(request, "calls/ask.html", facts, status=200 if valid else 422)


def proposed(words: str, kinds: list[Any], *, address: str | None = None) -> dict[str, Any]:
    """What ``calls/_proposals.html`` draws: numbers to ring first, what the words may ask for, and who chooses else.

    Over the limit of the minute for one ``address`` (staff give none) nothing is proposed and a person chooses; the
    numbers to ring stand there all the same.
    """
    sorts = bool(words) and (address is None or may_sort_words(address=address))
    return {
        "said": queries.sorted_words(words, kinds) if sorts else None,
        "asked": bool(words),
        "danger": [one.value for one in queries.emergency_numbers(None, words=words)],
        "other": next((one for one in kinds if one.code == OTHER), None),
    }


@require_POST
def change_kind(request: Request, public_id: UUID) -> HttpResponse:
    """Put a call under another line of the menu; the sorter learns from it."""
    actor = on_duty(request)
    call = call_on_desk(actor, public_id)
    form = KindOfCallForm(request.POST)
    kind = form.kinds[checked(form)["kind"]]
    actions.change_kind(actor=actor, call=call, kind=kind)
    messages.success(request, _("已改为“%(name)s”。") % {"name": named(kind)})
    return see(way_back(request, reverse("calls:panel", args=[call.public_id])))


@require_http_methods(["GET", "HEAD", "POST"])
def sorter(request: Request) -> HttpResponse:
    """The sorter that serves, how well it did, what it was taught; POST teaches now or goes back to an earlier one."""
    actor = keeper(request)
    if request.method == "POST":
        step = request.POST.get("do", "")
        if step == "learn":
            queued = actions.ask_to_learn(actor=actor)
            messages.success(request, _("已排上训练，一两分钟后刷新看看。") if queued else _("已经在排队训练了。"))
        elif step == "switch":
            chosen = queries.version_by_id(number(request.POST.get("version")))
            actions.switch_sorter(actor=actor, version=chosen)
            messages.success(request, _("已换用第 %(n)d 版。") % {"n": chosen.pk})
        else:
            raise InvalidInput
        return see(reverse("calls:sorter"))
    rows = list(queries.versions())
    page = paging.page(queries.corrections(), order=("-at", "-id"), cursor=request.GET.get("cursor"), size=PAGE)
    serving = next((one for one in rows if one.active), None)
    names = {one.code: named(one) for one in queries.whole_menu()}
    facts = {
        "serving": serving,
        "figures": figures(serving) if serving else [],
        "kinds": per_kind(serving, names) if serving else [],
        "confused": confused(serving, names) if serving else [],
        "versions": [line(one) for one in rows],
        "page": page,
        "corrections": [{"row": one, "proposed": names.get(one.proposed, "")} for one in page.rows],
        "version_heads": VERSION_HEADS,
        "kind_heads": KIND_HEADS,
    }
    return render(request, "calls/desk/sorter.html", facts)


def percent(share: float) -> str:
    return f"{100 * share:.1f}%"


def line(version: SorterVersion) -> dict[str, Any]:
    """One version in words: right of the asks written freely, mean F1, share above the threshold."""
    asked = version.scores["asked"]
    return {
        "version": version,
        "right": percent(asked["accuracy"]),
        "score": percent(version.score),
        "sure": percent(asked["coverage"]),
        "gone": version.fingerprint.startswith("gone "),
        "again": _("换用第 %(n)d 版") % {"n": version.pk},
    }


def figures(version: SorterVersion) -> list[tuple[str, str]]:
    """Pairs (name, words) of the two examinations."""
    asked, written = version.scores["asked"], version.scores["written"]
    both = _("手写 %(asked)s，没学过的句式 %(written)s")
    pairs = [
        (_("第一个就对"), "accuracy"),
        (_("前三个里有"), "in_three"),
        (_("各类平均 F1"), "macro_f1"),
        (_("有把握的占"), "coverage"),
        (_("有把握时答对"), "accuracy_above"),
        (_("把握与实际的偏差"), "ece"),
    ]
    found = [(name, both % {"asked": percent(asked[key]), "written": percent(written[key])}) for name, key in pairs]
    return [*found, (_("把握不到多少就请人选"), f"{100 * version.scores['threshold']:.0f}%")]


def per_kind(version: SorterVersion, names: dict[str, str]) -> list[dict[str, str]]:
    """How each kind did in the asks written freely."""
    return [
        {
            "name": names.get(code, code),
            "precision": percent(one["precision"]),
            "recall": percent(one["recall"]),
            "f1": percent(one["f1"]),
        }
        for code, one in version.scores["asked"]["kinds"].items()
    ]


def confused(version: SorterVersion, names: dict[str, str]) -> list[str]:
    """陪诊 → 代取药，3 次: what is taken for what most often, over both examinations."""
    pairs = [*version.scores["asked"]["confused"], *version.scores["written"]["confused"]]
    most = sorted(pairs, key=lambda one: -one[2])[:6]
    return [
        _("%(was)s被当成%(said)s：%(n)d 次") % {"was": names.get(was, was), "said": names.get(said, said), "n": times}
        for was, said, times in most
    ]
