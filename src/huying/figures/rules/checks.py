"""Checks of reported figures: a small language as data, and what each statement comes to (catalogue section 6).

A statement is a dict; ``kind`` says what is asked, the rest names figures. A term is the name of a figure, a whole number,
or a list of terms that are added first:

    {"kind": "sum", "of": ["offices", "stations"], "is": "sites"}        is: optional; without it the value is only given
    {"kind": "difference", "of": "events", "less": "closed"}
    {"kind": "ratio", "top": "closed", "base": "events", "is": "rate"}   the rate is compared as far as it was rounded
    {"kind": "ratio", "top": "solved", "bases": ["asked", ["asked", "found"]]}     the base was not stated
    {"kind": "equal", "of": "offices", "is": "posts"}
    {"kind": "names", "of": "actions"}                                   as many names listed as the number says
    {"kind": "whole", "rate": "share", "top": "schools", "most": 400}    whole numbers that round to the percentage
    {"kind": "distinct", "of": ["national", "provincial"]}               parts that may overlap

A sum adds only what has one unit (``rules/adding.py``); ``equal``, ``ratio`` and ``difference`` may compare two units.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from math import ceil, floor
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from huying.figures.rules.adding import Counted, add
from huying.figures.rules.words import PERCENT, Told
from huying.figures.states import CheckKind, Reason, Sign, Verdict

Term = str | int | list["str | int"]
Statement = Mapping[str, Any]
MOST_WHOLE = 400
ABOUT = (Decimal("0.05"), Decimal("0.05"))
NEAR = (Decimal("0.05"), Decimal(0))
"""How far below and above the told number the true one may be, as a share of it: 约 both ways, 近 only below."""
HALVES = (ROUND_HALF_UP, ROUND_HALF_EVEN)


@dataclass(frozen=True, slots=True)
class Given:
    """One reported figure as a check sees it: what was told, its unit, the names listed with it."""

    counted: Counted
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """How a check ended. ``lower`` and ``upper``: where the true value lies as far as the signs tell; None is unknown.

    ``solutions``: pairs (part, whole) of ``whole``; ``others``: one ratio for each possible base.
    """

    verdict: Verdict
    value: Decimal | None = None
    reason: Reason = Reason.NONE
    lower: Decimal | None = None
    upper: Decimal | None = None
    difference: Decimal | None = None
    solutions: tuple[tuple[int, int], ...] = ()
    others: tuple[Decimal, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """A value, and between what it may lie; None where a sign leaves that side open."""

    value: Decimal
    lower: Decimal | None
    upper: Decimal | None

    @property
    def exact(self) -> bool:
        return self.lower == self.value == self.upper


class MissingFigure(KeyError):
    """A statement names a figure that nobody reported."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One statement together with the figures it may name."""

    statement: Statement
    figures: Mapping[str, Given] = field(default_factory=dict)

    def given(self, name: str) -> Given:
        found = self.figures.get(name)
        if found is None:
            raise MissingFigure(name)
        return found

    def counted(self, term: Term) -> Counted:
        """A term as one counted value; a list is added, which refuses two units. UnitsDiffer, NeverAdds."""
        if isinstance(term, int):
            return Counted(Told(Decimal(term)), "", "")
        if isinstance(term, str):
            return self.given(term).counted
        return add([self.counted(one) for one in term])

    def span(self, key: str) -> Span:
        return self.span_of(self.statement[key])

    def span_of(self, term: Term) -> Span:
        """Of a list: the parts' bounds added up, each with its own sign. UnitsDiffer, NeverAdds."""
        total = self.counted(term)
        if not isinstance(term, list):
            return spanned(total.told)
        parts = [self.span_of(one) for one in term]
        lower, upper = added(one.lower for one in parts), added(one.upper for one in parts)
        return Span(total.told.value, lower, upper)

    def claim(self) -> Told | None:
        return self.counted(self.statement["is"]).told if "is" in self.statement else None


def spanned(told: Told) -> Span:
    """What a sign leaves open: 余 and 超 the upper side; 约 and 近 what ABOUT and NEAR allow."""
    if told.sign == Sign.ABOUT:
        below, above = NEAR if told.near else ABOUT
        return Span(told.value, told.value * (1 - below), told.value * (1 + above))
    return Span(told.value, told.value, told.value if told.sign == Sign.EXACT else None)


def added(bounds: Iterable[Decimal | None]) -> Decimal | None:
    """The sum of bounds; None where one side of a part is open."""
    known = list(bounds)
    return None if None in known else sum((one for one in known if one is not None), Decimal(0))


def judge(statement: Statement, figures: Mapping[str, Given]) -> Result:
    """The verdict on one statement. UnitsDiffer and NeverAdds when it adds what cannot be added."""
    asked = Asked(statement, figures)
    try:
        return JUDGES[CheckKind(statement["kind"])](asked)
    except MissingFigure:
        return Result(Verdict.UNDECIDABLE, reason=Reason.FIGURE_MISSING)


def names_of(statement: Statement) -> list[str]:
    """All figures that a statement names, each once, in order."""
    found: dict[str, None] = {}

    def walk(term: Any) -> None:
        if isinstance(term, str):
            found[term] = None
        elif isinstance(term, list | tuple):
            for one in term:
                walk(one)

    for key, term in statement.items():
        if key != "kind":
            walk(term)
    return list(found)


def compared(got: Span, claim: Told | None) -> Result:
    """The worked-out value beside the claimed one, as far as the claim was rounded."""
    if claim is None:
        return Result(Verdict.PLAUSIBLE, got.value, lower=got.lower, upper=got.upper)
    if got.exact and claim.sign == Sign.EXACT:
        same = rounds_to(got.value, claim)
        reason = Reason.NONE if same else Reason.OTHER_RESULT
        verdict = Verdict.HOLDS if same else Verdict.FAILS
        return Result(verdict, got.value, reason, got.lower, got.upper, got.value - claim.value)
    told = spanned(claim)
    apart = (got.lower is not None and told.upper is not None and got.lower > told.upper) or (
        got.upper is not None and told.lower is not None and got.upper < told.lower
    )
    verdict, reason = (Verdict.FAILS, Reason.OTHER_RESULT) if apart else (Verdict.PLAUSIBLE, Reason.NOT_EXACT)
    return Result(verdict, got.value, reason, got.lower, got.upper, got.value - claim.value)


def rounds_to(value: Decimal, claim: Told) -> bool:
    """True when ``value``, rounded as far as the claim was told, is the claim; halves may go either way."""
    step = Decimal(1).scaleb(-claim.places)
    return any(value.quantize(step, way) == claim.value for way in HALVES)


def judge_sum(asked: Asked) -> Result:
    return compared(asked.span("of"), asked.claim())


def judge_difference(asked: Asked) -> Result:
    of, less = asked.span("of"), asked.span("less")
    lower = of.lower - less.upper if of.lower is not None and less.upper is not None else None
    upper = of.upper - less.lower if of.upper is not None and less.lower is not None else None
    return compared(Span(of.value - less.value, lower, upper), asked.claim())


def divided(top: Span, base: Span, times: int = 1) -> Span:
    """top / base with its bounds; the base is not zero."""
    lower = top.lower / base.upper * times if top.lower is not None and base.upper else None
    upper = top.upper / base.lower * times if top.upper is not None and base.lower else None
    return Span(top.value / base.value * times, lower, upper)


def judge_ratio(asked: Asked) -> Result:
    top, claim = asked.span("top"), asked.claim()
    percent = asked.statement.get("percent") or (claim is not None and claim.unit == PERCENT)
    times = 100 if percent else 1
    bases = [asked.span_of(one) for one in asked.statement.get("bases", [asked.statement.get("base")])]
    if any(not base.value for base in bases):
        return Result(Verdict.UNDECIDABLE, reason=Reason.ZERO_BASE)
    got = [divided(top, base, times) for base in bases]
    if len(got) > 1:
        others = tuple(one.value for one in got)
        return Result(Verdict.UNDECIDABLE, reason=Reason.BASE_NOT_STATED, others=others)
    return compared(got[0], claim)


def judge_equal(asked: Asked) -> Result:
    got, claim = asked.span("of"), asked.claim()
    assert claim is not None
    result = compared(got, claim)
    if result.verdict != Verdict.FAILS:
        return result
    return Result(Verdict.FAILS, result.value, Reason.UNEXPLAINED, result.lower, result.upper, result.difference)


def judge_names(asked: Asked) -> Result:
    given = asked.given(asked.statement["of"])
    listed = Decimal(len(set(given.names)))
    result = compared(Span(listed, listed, listed), given.counted.told)
    if result.verdict != Verdict.FAILS:
        return result
    return Result(Verdict.FAILS, listed, Reason.NAMES_MISSING, difference=result.difference)


def judge_whole(asked: Asked) -> Result:
    """Whole numbers part <= whole <= most whose percentage rounds to the rate; ``top`` or ``base`` may be known."""
    rate = asked.counted(asked.statement["rate"]).told
    most = int(asked.statement.get("most", MOST_WHOLE))
    known = {key: int(asked.span(key).value) for key in ("top", "base") if key in asked.statement}
    pairs = whole_pairs(rate, known.get("top"), known.get("base"), most)
    if not pairs:
        return Result(Verdict.FAILS, reason=Reason.NO_WHOLE_NUMBERS)
    if len(pairs) == 1:
        part, whole = pairs[0]
        return Result(Verdict.HOLDS, Decimal(whole if "top" in known else part), solutions=tuple(pairs))
    return Result(Verdict.UNDECIDABLE, reason=Reason.BASE_MISSING, solutions=tuple(pairs))


def whole_pairs(rate: Told, top: int | None, base: int | None, most: int) -> list[tuple[int, int]]:
    """All (part, whole) with 0 <= part <= whole <= most whose percentage rounds to ``rate``."""
    half = Decimal(1).scaleb(-rate.places) / 2
    low, high = rate.value - half, rate.value + half
    found = []
    for whole in [base] if base is not None else range(1, most + 1):
        first, last = max(0, ceil(low * whole / 100)), min(whole, floor(high * whole / 100))
        tried = range(first, last + 1) if top is None else [top] if first <= top <= last else []
        found += [(part, whole) for part in tried if rounds_to(Decimal(100 * part) / whole, rate)]
    return found


def judge_distinct(asked: Asked) -> Result:
    """How many there are when parts may overlap: at least the largest part, at most the sum."""
    total = asked.span("of")
    parts = [asked.span_of(one) for one in asked.statement["of"]]
    lowers = [one.lower for one in parts if one.lower is not None]
    lower = max(lowers) if lowers else None
    return Result(Verdict.UNDECIDABLE, total.value, Reason.OVERLAP, lower, total.upper)


JUDGES: dict[CheckKind, Callable[[Asked], Result]] = {
    CheckKind.SUM: judge_sum,
    CheckKind.DIFFERENCE: judge_difference,
    CheckKind.RATIO: judge_ratio,
    CheckKind.EQUAL: judge_equal,
    CheckKind.NAMES: judge_names,
    CheckKind.WHOLE: judge_whole,
    CheckKind.DISTINCT: judge_distinct,
}


# What each kind of statement must name, and what it may.
NEEDS: dict[CheckKind, tuple[tuple[str, ...], tuple[str, ...]]] = {
    CheckKind.SUM: (("of",), ("is",)),
    CheckKind.DIFFERENCE: (("of", "less"), ("is",)),
    CheckKind.RATIO: (("top",), ("base", "bases", "is", "percent")),
    CheckKind.EQUAL: (("of", "is"), ()),
    CheckKind.NAMES: (("of",), ()),
    CheckKind.WHOLE: (("rate",), ("top", "base", "most")),
    CheckKind.DISTINCT: (("of",), ()),
}
NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
SIMPLE = frozenset({CheckKind.NAMES})
LARGEST_WHOLE = 10_000
MOST_TERMS = 60


def misfit(statement: Statement) -> dict[str, Promise]:
    """What is wrong with a statement, by its part; nothing when it can be judged."""
    try:
        kind = CheckKind(statement.get("kind", ""))
    except ValueError:
        return {"kind": _("请选择检查的方法。")}
    needs, may = NEEDS[kind]
    wrong: dict[str, Promise] = {key: _("请填写这一项。") for key in needs if not statement.get(key)}
    for key, term in statement.items():
        if key == "kind" or key in wrong:
            continue
        if key not in needs and key not in may:
            wrong[key] = _("这种检查用不到这一项。")
        elif key in {"most", "percent"}:
            if not isinstance(term, int) or not 0 <= term <= LARGEST_WHOLE:
                wrong[key] = _("请填一到一万的整数。")
        elif not term_fits(term, deep=key == "bases") or (kind in SIMPLE and not isinstance(term, str)):
            wrong[key] = _("请写数的代码：小写字母开头，可用数字和下划线。")
    if kind == CheckKind.RATIO and bool(statement.get("base")) == bool(statement.get("bases")):
        wrong["base"] = _("请填写这一项。")
    if kind == CheckKind.DISTINCT and not isinstance(statement.get("of"), list):
        wrong["of"] = _("请写至少两个数。")
    return wrong


def term_fits(term: Any, *, deep: bool) -> bool:
    """A name, a whole number, or a list of these; ``deep``: a list of such terms."""
    if isinstance(term, str):
        return NAME.fullmatch(term) is not None
    if isinstance(term, int):
        return not isinstance(term, bool) and 0 < term <= LARGEST_WHOLE
    if not isinstance(term, list) or not 0 < len(term) <= MOST_TERMS:
        return False
    return all(term_fits(one, deep=False) if deep or not isinstance(one, list) else False for one in term)
