"""What is counted, in words and in SQL: each share says what it is a part of, and both open to their calls."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from huying.calls.models import Call, CallEvent, Exclusion, LateStage
from huying.calls.states import OPEN_STATES, ExclusionState, Outcome, Stage, State
from huying.kernel import clock

GOOD, MIDDLING = 4, 3
"""From how many stars on somebody is satisfied, and how many are 基本满意 (five levels of GB/T 39735)."""


@dataclass(frozen=True, slots=True)
class Share:
    """``part`` of ``whole``; ``weighted`` counts with the weight of the middling (``ScoreRule.middling``)."""

    code: str
    name: Promise
    says: Promise
    part: Q
    whole: Q
    weighted: Q | None = None


CLOSED = Q(state=State.CLOSED)
STOPPED = Q(state__in=[State.CANCELLED, State.REJECTED])
HANDED_ON = Q(state=State.TRANSFERRED)
DUE = CLOSED | Q(state__in=OPEN_STATES)
RATED = CLOSED & Q(score__isnull=False)
OWN, PROXY = Q(rated_by_proxy=False), Q(rated_by_proxy=True)
RUN_OUT = ~Q(state=State.DISPATCHED, ring__gt=0)
"""Where the end of the clock is a delay: not where a ring is over and the next one begins."""
CALLED = Q(callback__outcome=Outcome.ANSWERED)

SHARES: dict[str, Share] = {
    one.code: one
    for one in (
        Share(
            "responded",
            _("及时响应"),
            _("受理没有超时的，占应办的。"),
            DUE & Q(late_review=False),
            DUE,
        ),
        Share(
            "closed",
            _("办结"),
            _("已办结的，占应办的（含缓办；没办好的，哪一段时间里超时就算在哪一段）。办结不等于解决。"),
            CLOSED,
            DUE,
        ),
        Share(
            "on_time",
            _("按期办结"),
            _("每一步都没有超时就办结的，占应办的。等对方评价的时间不算。"),
            CLOSED & Q(late=False),
            DUE,
        ),
        Share(
            "on_time_net",
            _("按期办结（扣除缓办）"),
            _("同上，缓办过的两边都不算。"),
            CLOSED & Q(late=False, extended=False),
            DUE & Q(extended=False),
        ),
        Share(
            "confirmed",
            _("确认解决"),
            _("求助人或代办人说解决了的，占办结的；没有评价的不当作解决。"),
            CLOSED & Q(solved=True),
            CLOSED,
        ),
        Share(
            "solved",
            _("解决（本人评）"),
            _("本人评价里说解决了的，占本人评价的。"),
            RATED & OWN & Q(solved=True),
            RATED & OWN,
        ),
        Share(
            "solved_proxy",
            _("解决（代评）"),
            _("家人或代办人评价里说解决了的，占代评的。"),
            RATED & PROXY & Q(solved=True),
            RATED & PROXY,
        ),
        Share(
            "satisfied",
            _("满意（本人评）"),
            _("本人评四星、五星的，三星按基本满意折算，占本人评价的。"),
            RATED & OWN & Q(score__gte=GOOD),
            RATED & OWN,
            RATED & OWN & Q(score=MIDDLING),
        ),
        Share(
            "satisfied_proxy",
            _("满意（代评）"),
            _("代评四星、五星的，三星按基本满意折算，占代评的。"),
            RATED & PROXY & Q(score__gte=GOOD),
            RATED & PROXY,
            RATED & PROXY & Q(score=MIDDLING),
        ),
        Share(
            "silent",
            _("没有评价"),
            _("到期没人评价、自动办结的，占办结的；不算进满意和解决。"),
            CLOSED & Q(score__isnull=True),
            CLOSED,
        ),
        Share(
            "called_solved",
            _("解决（回访）"),
            _("回访时说解决了的，占回访有答复的。"),
            CALLED & Q(callback__solved=True),
            CALLED,
        ),
        Share(
            "called_satisfied",
            _("满意（回访）"),
            _("回访评四星、五星的，三星按基本满意折算，占回访有答复的。"),
            CALLED & Q(callback__score__gte=GOOD),
            CALLED,
            CALLED & Q(callback__score=MIDDLING),
        ),
        Share(
            "called_differs",
            _("回访对不上"),
            _("原来说解决了、回访却说没解决的，占两边都有答复的。"),
            CALLED & RATED & Q(solved=True, callback__solved=False),
            CALLED & RATED,
        ),
        Share(
            "reopened",
            _("重办"),
            _("重新办理过的，占办结的和重办还没办好的。"),
            DUE & Q(reopened_count__gt=0),
            CLOSED | (DUE & Q(reopened_count__gt=0)),
        ),
        Share("returned", _("退回"), _("接单后退回过的，占应办的。"), DUE & Q(returned=True), DUE),
        Share("extended", _("缓办"), _("缓办过的，占应办的。"), DUE & Q(extended=True), DUE),
        Share("voided", _("作废"), _("取消、并入别件或不予受理的，占全部。"), STOPPED, STOPPED | HANDED_ON | DUE),
        Share("transferred", _("转办"), _("转给别的部门的，占全部。"), HANDED_ON, STOPPED | HANDED_ON | DUE),
    )
}


def counting(since: datetime, until: datetime) -> Q:
    """Calls that count in [since, until): those that ended in it, and those not done that were late in it, whether their
    time ran out or they left a stage too late. Setting aside or asking anew takes none of these away.
    """
    ended = Q(ended_at__gte=since, ended_at__lt=until)
    over = RUN_OUT & Q(stage_due_at__gte=since, stage_due_at__lt=min(until, clock.now()))
    return ended | (Q(state__in=OPEN_STATES) & (over | Q(Exists(late_in(since, until)))))


def left_out() -> Exists:
    """The outer call is left out of the shares: proposed by one person and agreed to by another (domain.md 2.3)."""
    return Exists(Exclusion.objects.filter(call=OuterRef("pk"), state=ExclusionState.IN_FORCE))


def late_in(since: datetime, until: datetime) -> QuerySet[LateStage]:
    """Stages of the outer call whose time ran out in the period and that were left too late."""
    return LateStage.objects.filter(call=OuterRef("pk"), due_at__gte=since, due_at__lt=until)


def marked(rows: QuerySet[Call], since: datetime, until: datetime) -> QuerySet[Call]:
    """Calls with what the shares ask for: were they late, handed back, set aside; ``moment`` is when each counts.

    A call counts when it ended; one that is not done counts when it was late last in the period.
    """
    late = LateStage.objects.filter(call=OuterRef("pk"))
    steps = CallEvent.objects.filter(call=OuterRef("pk"))
    now = clock.now()
    over = RUN_OUT & Q(state__in=OPEN_STATES, stage_due_at__lte=now)
    last_late = late_in(since, until).order_by("-due_at").values("due_at")[:1]
    return rows.alias(
        late=Exists(late) | over,
        late_review=Exists(late.filter(stage=Stage.REVIEW)) | (over & Q(state__in=[State.SUBMITTED, State.REVIEWING])),
        returned=Exists(steps.filter(verb="hand_back")),
        extended=Exists(steps.filter(verb="suspend")),
        moment=Coalesce(F("ended_at"), Subquery(last_late), F("stage_due_at")),
    )
