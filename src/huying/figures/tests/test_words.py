"""Numbers as people tell them are read and printed without losing sign, scale or unit; units refuse to add."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from huying.figures.rules.adding import Counted, NeverAdds, UnitsDiffer, add
from huying.figures.rules.words import (
    NotANumber,
    RateWithoutPercent,
    Told,
    TooPrecise,
    TwoSigns,
    parse,
    plain,
    printed,
    short,
)
from huying.figures.states import Sign

READ = {
    "57万人次": ("570000", Sign.EXACT, "人次"),
    "180余万元": ("1800000", Sign.MORE, "元"),
    "12.6万余元": ("126000", Sign.MORE, "元"),
    "130万余人": ("1300000", Sign.MORE, "人"),
    "1,070余场": ("1070", Sign.MORE, "场"),
    "5000多台": ("5000", Sign.MORE, "台"),
    "7亩多": ("7", Sign.MORE, "亩"),
    "近91万": ("910000", Sign.ABOUT, ""),
    "15人左右": ("15", Sign.ABOUT, "人"),
    "约３０％": ("30", Sign.ABOUT, "%"),
    "破6000万次": ("60000000", Sign.OVER, "次"),
    "超3.4亿": ("340000000", Sign.OVER, ""),
    "5,000+": ("5000", Sign.MORE, ""),
    "57万+人次": ("570000", Sign.MORE, "人次"),
    "~91万": ("910000", Sign.ABOUT, ""),
    ">6,000万次": ("60000000", Sign.OVER, "次"),
    "1.2万亿元": ("1200000000000", Sign.EXACT, "元"),
}


@pytest.mark.parametrize("text", READ)
def test_a_told_number_is_read(text: str) -> None:
    value, sign, unit = READ[text]
    assert parse(text) == Told(Decimal(value), sign, unit, near=text.startswith("近"))


def test_a_rate_keeps_its_name_and_needs_a_percentage() -> None:
    assert parse("覆盖率达98.31%") == Told(Decimal("98.31"), unit="%", of="覆盖率")
    assert parse("覆盖率达98.31%").places == 2
    with pytest.raises(RateWithoutPercent):
        parse("覆盖率达98")


@pytest.mark.parametrize(
    "text", ["", "很多人", "-5人", "1,07场", "3..4", "5人6", "1e9", "九十万", "1" * 40 + "x" * 40 + "1"]
)
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(NotANumber):
        parse(text)


@pytest.mark.parametrize("text", ["约57万余人", "超5000多台", "近15人左右"])
def test_two_signs_are_refused(text: str) -> None:
    with pytest.raises(TwoSigns):
        parse(text)


@pytest.mark.parametrize("text", ["9999999万亿", "0.1234567", "9" * 30])
def test_what_cannot_be_kept_exactly_is_refused(text: str) -> None:
    with pytest.raises(TooPrecise):
        parse(text)


def test_a_scale_is_printed_as_it_was_told() -> None:
    assert [printed(parse(text)) for text in ("10000人", "1万人", "近91万", "破6000万次", "1070余场")] == [
        "10,000人",
        "1万人",
        "约91万",
        "超6,000万次",
        "1,070余场",
    ]
    assert plain(parse("57万余人次")) == "570,000+"


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    some.builds(
        lambda whole, power: Decimal(whole).scaleb(power),
        some.integers(0, 10**7),
        some.integers(-6, 6),
    ),
    some.sampled_from(Sign),
    some.sampled_from(["", "人", "人次", "户", "场", "%", "元", "亩"]),
    some.sampled_from(["", "覆盖率"]),
)
def test_printing_and_reading_again_loses_nothing(value: Decimal, sign: Sign, unit: str, of: str) -> None:
    told = Told(value, sign, "%" if of else unit, of)
    for text in (printed(told), short(told)):
        again = parse(text)
        assert again == told
        assert again.places == told.places


def counted(text: str, *, adds: bool = True) -> Counted:
    told = parse(text)
    return Counted(told, told.unit, told.unit, adds)


def test_people_and_attendances_never_make_one_number() -> None:
    for other in ("57万人次", "3户", "3场", "3家次", "3条", "3面", "3亩", "3元"):
        with pytest.raises(UnitsDiffer):
            add([counted("3人"), counted(other)])


def test_percentages_are_never_added() -> None:
    with pytest.raises(NeverAdds):
        add([counted("30%", adds=False), counted("20%", adds=False)])


def test_a_sum_keeps_the_sign_of_its_parts() -> None:
    assert add([counted("30人"), counted("20余人")]).told == Told(Decimal(50), Sign.MORE, "人")
    assert add([counted("近30人"), counted("20余人")]).told.sign == Sign.ABOUT
    assert add([counted("超30人"), counted("20余人")]).told.sign == Sign.OVER
