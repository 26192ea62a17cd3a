"""The arithmetic of fair measurement: pure functions over counts, exact, with their sources.

Shares: GB/T 30428 as worked out by local rules (domain.md 2.2), 12345 三率 (2.3). Score of a team: domain.md section 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from huying.calls.models import ScoreRule


@dataclass(frozen=True, slots=True)
class Value:
    """A share with what it is made of, in calls (件); ``part`` may hold a weighted count."""

    part: Fraction
    whole: int

    @property
    def percent(self) -> Decimal | None:
        """In percent with two decimals, half up; None where nothing was counted."""
        return rounded(100 * self.part / self.whole, 2) if self.whole else None

    def __add__(self, other: Value) -> Value:
        return Value(self.part + other.part, self.whole + other.whole)


def share(part: int | Fraction, whole: int) -> Value:
    """``part`` of ``whole``; ValueError when it cannot be a share. 结案率 = 结案 ÷ (应结案 − 缓办), with the closed in time
    the 按期结案率 (金华考核细则; 天门 2016-12).
    """
    if whole < 0 or not 0 <= part <= whole:
        raise ValueError("a share lies between nothing and all")
    return Value(Fraction(part), whole)


def satisfaction(good: int, middling: int, answered: int, weight: int) -> Value:
    """满意率 = (满意 + 基本满意·k) ÷ answered; ``weight`` is k in percent (12345 三率)."""
    return share(good + Fraction(middling * weight, 100), answered)


@dataclass(frozen=True, slots=True)
class Work:
    """What one team did in a period: counted ratings (number and sum), and the four shares that go beside them."""

    ratings: int
    stars: int
    on_time: Value
    accepted: Value
    lasting: Value
    recorded: Value


def bayesian(ratings: int, stars: int, mean: Fraction, prior: int) -> Fraction:
    """R = (C·m + Σr) ÷ (C + n): few ratings stay near the county's mean ``m``, many speak for themselves."""
    return (prior * mean + stars) / (prior + ratings)


def team_score(work: Work, mean: Fraction | None, rule: ScoreRule) -> Decimal | None:
    """0–100 with one decimal; None (暂不评) with fewer than ``rule.least`` ratings or no mean to lean on.

    score = .35·R/5 + .25·on time + .15·accepted + .15·not reopened + .10·recorded in time, weights from ``rule``. A share
    of which there was nothing to count (no record was due, nobody asked) leaves the sum with its weight.
    """
    if work.ratings < rule.least or mean is None:
        return None
    stars = Value(bayesian(work.ratings, work.stars, mean, rule.prior), 5)
    weights = (rule.rating, rule.on_time, rule.accept, rule.lasting, rule.recorded)
    values = (stars, work.on_time, work.accepted, work.lasting, work.recorded)
    known = [(weight, value) for weight, value in zip(weights, values, strict=True) if value.whole and weight]
    whole = sum(weight for weight, _value in known)
    points = sum((weight * value.part / value.whole for weight, value in known), Fraction(0))
    return rounded(100 * points / whole, 1) if whole else None


def rounded(value: Fraction, places: int) -> Decimal:
    """Half up, as on paper."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
