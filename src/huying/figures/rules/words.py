"""Numbers as people tell them: 57万余人次, 近91万, 破6000万, 覆盖率达98.31% (catalogue section 6, end).

Nothing that was told is lost: the scale is kept as the exponent of the decimal (4.2万 is ``Decimal("4.2E+4")``, told to
the nearest thousand), the sign stays beside the value, the unit is a word.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from huying.figures.states import Sign
from huying.kernel.errors import InvalidInput

PERCENT = "%"
LARGEST = Decimal(10) ** 15  # a thousand times 万亿: more was never told of anything a county counts
MOST_PLACES = 6
SCALES = {"": 0, "万": 4, "亿": 8, "万亿": 12}
NEAR = ("近", "将近")
"""Not quite as many as told; 约 and 左右 may be either side of it."""
BEFORE = {
    **dict.fromkeys((*NEAR, "约", "大约", "~", "≈"), Sign.ABOUT),
    **dict.fromkeys(("破", "突破", "超", "超过", "逾", ">"), Sign.OVER),
}
AFTER = {**dict.fromkeys(("余", "多", "+", "以上"), Sign.MORE), "左右": Sign.ABOUT}
SHAPE = re.compile(
    r"(?:(?P<of>[^\d\s]*率)达)?"
    r"(?P<before>" + "|".join(sorted(BEFORE, key=len, reverse=True)) + r")?"
    r"(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    r"(?P<first>余|多)?(?P<scale>万亿|亿|万)?(?P<second>余|多|\+)?"
    r"(?P<unit>[^\d\s+~>余多]*?)(?P<last>余|多|\+|左右|以上)?"
)


class NotANumber(InvalidInput):
    code = "not_a_number"
    message = _("这个数看不懂。请写成“1,070余场”“57万人次”“近91万人”或“覆盖率达98.31%”这样。")


class TwoSigns(InvalidInput):
    code = "two_signs"
    message = _("“约”“余”“超”这样的字只能用一个。")


class TooPrecise(InvalidInput):
    code = "number_too_large"
    message = _("数太大，或者小数位太多。")


class RateWithoutPercent(InvalidInput):
    code = "rate_without_percent"
    message = _("“率达”后面要写百分数。")


@dataclass(frozen=True, slots=True)
class Told:
    """A number as it was told. ``of``: the rate's own name (率达), which says nothing of its base; ``near``: 近, not 约."""

    value: Decimal
    sign: Sign = Sign.EXACT
    unit: str = ""
    of: str = ""
    near: bool = False

    @property
    def places(self) -> int:
        """Digits behind the point, as told: 98.31 % has two; a number told in 万 has fewer than none."""
        return -exponent(self.value)


def exponent(value: Decimal) -> int:
    """The power of ten of the last digit told."""
    found = value.as_tuple().exponent
    assert isinstance(found, int)
    return found


def parse(text: str) -> Told:
    """Read one number with its sign, scale and unit. NotANumber, TwoSigns, TooPrecise, RateWithoutPercent."""
    tidy = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
    found = SHAPE.fullmatch(tidy)
    if found is None:
        raise NotANumber
    signs = [BEFORE[found["before"]]] if found["before"] else []
    signs += [AFTER[word] for word in (found["first"], found["second"], found["last"]) if word]
    if len(signs) > 1:
        raise TwoSigns
    value = Decimal(found["digits"].replace(",", "")).scaleb(SCALES[found["scale"] or ""])
    if value >= LARGEST or exponent(value) < -MOST_PLACES:
        raise TooPrecise
    if found["of"] and found["unit"] != PERCENT:
        raise RateWithoutPercent
    return Told(value, signs[0] if signs else Sign.EXACT, found["unit"], found["of"] or "", found["before"] in NEAR)


def digits(value: Decimal) -> str:
    """The number in the scale it was told in: 10,000 stays 10,000, and 1万 stays 1万."""
    power = exponent(value)
    scale, shift = next((word, up) for word, up in SCALES.items() if power <= up)
    return f"{value.scaleb(-shift):,f}{scale}"


def printed(told: Told) -> str:
    """In words, as a report has it: 57万余人次, 约91万, 超6,000万次, 覆盖率达98.31%."""
    number, of = digits(told.value), f"{told.of}达" if told.of else ""
    return (
        of
        + {
            Sign.EXACT: f"{number}{told.unit}",
            Sign.MORE: f"{number}余{told.unit}",
            Sign.ABOUT: f"约{number}{told.unit}",
            Sign.OVER: f"超{number}{told.unit}",
        }[told.sign]
    )


def short(told: Told) -> str:
    """With the bare sign, for tables: 57万+人次, ~91万, >6,000万次."""
    number, of = digits(told.value), f"{told.of}达" if told.of else ""
    if told.sign == Sign.MORE:
        return f"{of}{number}+{told.unit}"
    return f"{of}{told.sign.value}{number}{told.unit}"


def plain(told: Told) -> str:
    """The number without Chinese scales and without its unit, for other languages: 570,000+, ~910,000."""
    number = f"{told.value:,f}"
    return f"{number}+" if told.sign == Sign.MORE else f"{told.sign.value}{number}"
