"""Units that refuse to add: 人, 人次, 户 and 场 never make one number (catalogue C16; architecture 3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from huying.figures.rules.words import Told
from huying.figures.states import Sign
from huying.kernel.errors import DomainError


class UnitsDiffer(DomainError):
    code = "units_differ"
    message = _("单位不同的数不能相加：{units}。")


class NeverAdds(DomainError):
    code = "never_adds"
    message = _("“{unit}”的数不能相加。")


@dataclass(frozen=True, slots=True)
class Counted:
    """A value with its unit as data: the unit's code and name, and whether such values may be added at all."""

    told: Told
    unit: str
    name: str
    adds: bool = True


def sign_of(signs: Sequence[Sign]) -> Sign:
    """The sign of a sum: one 约 makes it 约; else one 超 makes it more than the digits, one 余 at least them."""
    for sign in (Sign.ABOUT, Sign.OVER, Sign.MORE):
        if sign in signs:
            return sign
    return Sign.EXACT


def add(parts: Sequence[Counted]) -> Counted:
    """The sum of values of one and the same unit, sign and all. UnitsDiffer, NeverAdds; at least one part is needed."""
    first = parts[0]
    if len({one.unit for one in parts}) > 1:
        raise UnitsDiffer(units="、".join(dict.fromkeys(one.name for one in parts)))
    if len(parts) > 1 and not first.adds:
        raise NeverAdds(unit=first.name)
    total = sum((one.told.value for one in parts), Decimal(0)) if len(parts) > 1 else first.told.value
    sign = sign_of([one.told.sign for one in parts])
    return Counted(Told(total, sign, first.told.unit), first.unit, first.name, first.adds)
