"""Why somebody is proposed, in words: the way, the skills, the time, the work he has, that he is known here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from huying.calls.models import Call
from huying.calls.queries.wishes import A_DAY, BEGIN, Wish, free_parts, week_part
from huying.ui.naming import named
from huying.volunteers.models import Skill
from huying.volunteers.states import WEEK

WALK_KM_AN_HOUR = 4.5
DETOUR = 1.3
"""Streets are longer than the straight line; the same proxy as in the reach report."""


def work_in_words(held: int, served: int) -> list[str]:
    """What is in hand, and how often he served this week."""
    said = [ngettext("手上 %(n)d 件", "手上 %(n)d 件", held) % {"n": held}] if held else []
    if served:
        said.append(ngettext("这周服务过 %(n)d 次", "这周服务过 %(n)d 次", served) % {"n": served})
    return said or [_("手上没有事")]


def language_in_words(call: Call, *, team: bool = False) -> list[str]:
    """The language that was asked for, and that is spoken."""
    if call.language is None:
        return []
    words = _("队里有人会说%(language)s") if team else _("会说%(language)s")
    return [words % {"language": named(call.language)}]


def time_in_words(wish: Wish | None, named_parts: Sequence[int], promised: Iterable[datetime]) -> list[str]:
    """Until when somebody is free on the day on which he can first come; nothing where nobody asked for a time, or he
    set none.
    """
    parts = free_parts(wish, named_parts, promised) if wish and named_parts else []
    if wish is None or not parts:
        return []
    said = hours_in_words(parts)
    one_day = wish.first // A_DAY == wish.last // A_DAY
    day = WEEK[week_part(parts[0]) // A_DAY]
    return [said if one_day else _("%(day)s%(hours)s") % {"day": day, "hours": said}]


def hours_in_words(parts: Sequence[int]) -> str:
    """A stretch of one day: until six in the evening, from noon on."""
    since, until = parts[0] % A_DAY, parts[-1] % A_DAY + 1
    if until < A_DAY:
        begins, ends = BEGIN[since], BEGIN[until]
        return (_("%(from)d 点到 %(to)d 点有空") if since else _("到 %(to)d 点前有空")) % {"from": begins, "to": ends}
    return _("%(from)d 点以后有空") % {"from": BEGIN[since]} if since else _("整天有空")


def way_in_words(km: float | None, *, on_foot: bool) -> list[str]:
    """How far: minutes on foot for a neighbour, kilometres for a team or a long way; nothing when unknown."""
    if km is None:
        return []
    minutes = max(1, round(km * DETOUR / WALK_KM_AN_HOUR * 60))
    if on_foot and minutes <= 45:
        return [ngettext("步行约 %(n)d 分钟", "步行约 %(n)d 分钟", minutes) % {"n": minutes}]
    return [_("约 %(km).1f 公里") % {"km": max(km, 0.1)}]


def skills_in_words(one: Any, needed: dict[int, Skill]) -> list[str]:
    """What fits and what is missing, by name."""
    said = [_("会%(skill)s") % {"skill": named(skill)} for pk, skill in needed.items() if pk in one.fitting]
    lacking = [named(skill) for pk, skill in needed.items() if pk not in one.fitting]
    if lacking:
        said.append(_("没有登记：%(skills)s") % {"skills": _("、").join(lacking)})
    return said
