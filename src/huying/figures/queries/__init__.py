"""What can be asked of figures."""

from huying.figures.queries.amounts import Period, amounts, stretches
from huying.figures.queries.comparing import Difference, differences, drift, recount_from, tell_again
from huying.figures.queries.public import PeriodOdd
from huying.figures.queries.reported import (
    checks,
    reported,
    reported_figure,
    seen_check,
    standing,
    units,
    verdicts,
    words_of,
)
from huying.figures.queries.spreading import OWN, Spread, spread
from huying.figures.queries.values import (
    Line,
    NotAdditive,
    Split,
    Value,
    by_child,
    by_child_and_time,
    metric,
    over_time,
    register,
    value,
    values,
)

__all__ = [
    "OWN",
    "Difference",
    "Line",
    "NotAdditive",
    "Period",
    "PeriodOdd",
    "Split",
    "Spread",
    "Value",
    "amounts",
    "by_child",
    "by_child_and_time",
    "checks",
    "differences",
    "drift",
    "metric",
    "over_time",
    "recount_from",
    "register",
    "reported",
    "reported_figure",
    "seen_check",
    "spread",
    "standing",
    "stretches",
    "tell_again",
    "units",
    "value",
    "values",
    "verdicts",
    "words_of",
]
