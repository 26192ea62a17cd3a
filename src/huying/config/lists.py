"""Every list that leaves as a file can be had again and again (figures keeps the files). Its own view makes it, asked by its
owner as he is at that moment: what he may see, and what the trail says of it, is decided where it is decided for the button.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple, cast

from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase, QueryDict, StreamingHttpResponse
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils.translation import gettext_lazy as _
from django_htmx.middleware import HtmxDetails

from huying.figures import queries as figures
from huying.figures.queries import Period
from huying.kernel import clock, exports
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden, NotFound, Text
from huying.kernel.requests import FRESH, Request

MOST_BYTES = 20_000_000
"""More is not kept in the database: who needs that much takes it once, with a filter, or by the API."""


class Listed(NamedTuple):
    """``days``: the list is of days. Then each file is of the day, week or month before: always, or where days were asked
    for. ``last``: the last of them is the day after.
    """

    title: Text
    days: str = ""
    last: str = "inside"


ALWAYS, ASKED, AFTER = "always", "asked", "after"
LISTS: dict[str, Listed] = {
    "activities:desk_file": Listed(_("活动")),
    "calls:callback_draw_file": Listed(_("一次抽取的回访")),
    "calls:callbacks_file": Listed(_("回访")),
    "calls:exclusions_file": Listed(_("剔除的诉求")),
    "calls:export": Listed(_("求助列表"), ASKED),
    "calls:figures_export": Listed(_("求助的比率"), ALWAYS),
    "calls:figures_calls_file": Listed(_("比率背后的求助"), ALWAYS),
    "calls:hotline_file": Listed(_("热线工单")),
    "calls:proposal_file": Listed(_("一份派单方案")),
    "calls:teams_export": Listed(_("队伍得分"), ALWAYS),
    "cockpit:reports_file": Listed(_("综述通报")),
    "figures:checks_export": Listed(_("填报数的检查")),
    "figures:feeds_export": Listed(_("我的定时导出")),
    "figures:number_export": Listed(_("一个数的记录"), ALWAYS, AFTER),
    "figures:number_values": Listed(_("一个数和它的各部分"), ALWAYS, AFTER),
    "figures:reported_export": Listed(_("填报的数")),
    "ledger:accounts_export": Listed(_("账户")),
    "ledger:export": Listed(_("账户明细"), ALWAYS),
    "packs:library_file": Listed(_("机制包")),
    "places:bookings_file": Listed(_("场地预订")),
    "places:checks_file": Listed(_("阵地自查")),
    "places:export": Listed(_("阵地清单")),
    "places:gaps": Listed(_("缺阵地的地方")),
    "places:standard_file": Listed(_("标准执行情况")),
    "points:appeals_file": Listed(_("积分申诉")),
    "points:claims_file": Listed(_("积分申报")),
    "points:passbook_file": Listed(_("存折明细")),
    "points:passbooks_file": Listed(_("积分存折名单")),
    "points:sheet_file": Listed(_("结算单")),
    "points:sheets_file": Listed(_("商户结算")),
    "points:stock_file": Listed(_("库存")),
    "points:untold_file": Listed(_("要当面告知的存折")),
    "system:trail_export": Listed(_("操作记录"), ASKED),
    "volunteers:campaigns_file": Listed(_("招募志愿者")),
    "volunteers:counts_file": Listed(_("志愿者人数")),
    "volunteers:list_file": Listed(_("志愿者")),
    "volunteers:my_service_file": Listed(_("我的服务记录")),
    "volunteers:queue_file": Listed(_("待确认的服务")),
    "volunteers:records_file": Listed(_("服务记录")),
    "volunteers:session_file": Listed(_("一场的签到名单")),
    "volunteers:sessions_file": Listed(_("签到场次")),
    "volunteers:team_file": Listed(_("队员名单")),
    "volunteers:teams_file": Listed(_("志愿队伍")),
    "volunteers:wants_file": Listed(_("队伍要人")),
}
"""Route of a list as a file -> what it is called where it is made again and again."""


def found(address: str) -> tuple[Listed, ResolverMatch]:
    """The list behind an address; NotFound."""
    try:
        match = resolve(address.partition("?")[0])
    except Resolver404:
        raise NotFound from None
    if match.view_name not in LISTS:
        raise NotFound
    return LISTS[match.view_name], match


def title(address: str) -> str:
    """What the list is called; NotFound."""
    return str(found(address)[0].title)


def answer(who: Actor, address: str, kind: str, period: Period | None = None) -> HttpResponseBase:
    """What the view of the list answers to this person. Forbidden, NotFound, and what else it refuses."""
    listed, match = found(address)
    kwargs = {name: kind if name in {"form", "kind"} else value for name, value in match.kwargs.items()}
    path, _mark, query = address.partition("?")
    request = cast(Request, HttpRequest())
    request.method, request.path, request.path_info = "GET", path, path
    request.GET = narrowed(listed, QueryDict(query), kind, period)  # type: ignore[assignment]  # read only
    request.actor, request.htmx = who, HtmxDetails(request)
    request.session = {FRESH: clock.now().timestamp()}  # type: ignore[assignment]  # he showed who he is when he asked for it
    try:
        found_answer = match.func(request, *match.args, **kwargs)
    except Http404:
        raise NotFound from None
    if found_answer.status_code != 200 or found_answer.headers["Content-Type"] != exports.TYPES[kind]:
        raise Forbidden  # a page instead of a file: its filters mean nothing any more
    return cast(HttpResponseBase, found_answer)


def narrowed(listed: Listed, asked: QueryDict, kind: str, period: Period | None) -> QueryDict:
    """The filters, with the kind of file where the address has it among them, and the days of this file."""
    given = asked.copy()
    given["as"] = kind
    dated = listed.days == ALWAYS or (listed.days == ASKED and bool(given.get("since") or given.get("until")))
    if period is not None and dated:
        given["since"], given["until"] = period.since.isoformat(), last_of(listed, period).isoformat()
    return given


def last_of(listed: Listed, period: Period) -> date:
    return period.until if listed.last == AFTER else period.until - timedelta(days=1)


def check(who: Actor, address: str) -> None:
    """Ask for the list as he would now, and read nothing of it. Forbidden, NotFound, and what else it refuses."""
    with transaction.atomic():
        answer(who, address, "csv")  # never closed: that would end the request it is asked in, with its connection
        transaction.set_rollback(True)  # nothing was taken: no line in the trail


def written(who: Actor, address: str, kind: str, period: Period) -> bytes:
    """The file. TooBig where it is larger than ``MOST_BYTES``; what the list refuses."""
    made, parts, size = answer(who, address, kind, period), [], 0
    assert isinstance(made, StreamingHttpResponse | FileResponse)  # exports.respond gives nothing else
    for part in cast(Iterable[bytes], made.streaming_content):
        size += len(part)
        if size > MOST_BYTES:
            raise figures.TooBig
        parts.append(part)
    if isinstance(made, FileResponse) and made.file_to_stream is not None:
        made.file_to_stream.close()
    return b"".join(parts)


def register() -> None:
    """Tell figures; called once when Django starts."""
    figures.lists_from(figures.Lists(title, check, written))
