"""Numbers of people in China: read in every way they are written, wrong ones refused with the reason."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huying.kernel import clock
from huying.kernel.sealed import (
    IdNumber,
    IdNumberWrong,
    OrganisationCodeWrong,
    PhoneUnclear,
    blind_index,
    check_id_number,
    check_organisation_code,
    normal_mobile,
    normal_phone,
)
from huying.kernel.sealed.numbers import id_check_character

MOBILE = "+8613800138000"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("13800138000", MOBILE),
        (" 138 0013 8000 ", MOBILE),
        ("138-0013-8000", MOBILE),
        ("１３８００１３８０００", MOBILE),
        ("+86 138 0013 8000", MOBILE),
        ("＋８６１３８００１３８０００", MOBILE),
        ("0086-13800138000", MOBILE),
        ("8613800138000", MOBILE),
        ("(+86)138.0013.8000", MOBILE),
        ("19900000001", "+8619900000001"),
        ("010-88886666", "+861088886666"),
        ("（010）8888 6666", "+861088886666"),
        ("+86 10 8888 6666", "+861088886666"),
        ("0559—2345678", "+865592345678"),
        ("0559-2345678转12", "+865592345678x12"),
        ("0559-2345678 ext.12", "+865592345678x12"),
        ("0559-2345678x12", "+865592345678x12"),
        ("400-123-4567", "+864001234567"),
        ("12345", "12345"),
        ("110", "110"),
        ("95598", "95598"),
    ],
)
def test_telephone_numbers_have_one_form(text: str, number: str) -> None:
    assert normal_phone(text) == number


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "abc",
        "1380013800",
        "138001380000",
        "12800138000",
        "88886666",
        "1088886666",
        "+1 202 555 0100",
        "٠١٠٨٨٨٨٦٦٦٦",
        "13800138000;DROP",
        "🎉",
        "+86",
        "010-12345678",
        "0" * 10_000,
        "12345x1",
        "1234",
        "1380013800O",
    ],
)
def test_other_texts_are_no_telephone_numbers(text: str) -> None:
    with pytest.raises(PhoneUnclear):
        normal_phone(text)


def test_only_mobile_numbers_take_text_messages() -> None:
    assert normal_mobile("138 0013 8000") == MOBILE
    for text in ("010-88886666", "12345", "13800138000转1"):
        with pytest.raises(PhoneUnclear, match="手机号"):
            normal_mobile(text)


def with_check(first17: str) -> str:
    return first17 + id_check_character(first17)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # the specimen of GB 11643-1999, region long renamed
        ("440524188001010014", IdNumber("440524188001010014", date(1880, 1, 1), "male", "citizen", "440524")),
        ("11010519491231002X", IdNumber("11010519491231002X", date(1949, 12, 31), "female", "citizen", "110105")),
        ("11010519491231002x", IdNumber("11010519491231002X", date(1949, 12, 31), "female", "citizen", "110105")),
        (
            "１１０１０５１９４９１２３１００２Ｘ",
            IdNumber("11010519491231002X", date(1949, 12, 31), "female", "citizen", "110105"),
        ),
        ("110105 19491231 002X", IdNumber("11010519491231002X", date(1949, 12, 31), "female", "citizen", "110105")),
    ],
)
def test_identity_numbers_are_read(text: str, expected: IdNumber) -> None:
    assert check_id_number(text) == expected


def test_residents_of_hong_kong_macau_taiwan_and_foreigners_have_numbers_too() -> None:
    kinds = {
        prefix: check_id_number(with_check(f"{prefix}19900101123")).kind
        for prefix in ("810000", "820000", "830000", "911124")
    }

    assert kinds == {
        "810000": "hk_macau_taiwan",
        "820000": "hk_macau_taiwan",
        "830000": "hk_macau_taiwan",
        "911124": "foreigner",
    }


def test_new_and_old_counties_alike_are_taken() -> None:
    """python-stdnum fails with KeyError on 330113 and refuses most old codes (domain 0.4); here the
    region is a hint.
    """
    for region in ("330113", "330114", "451203", "653228", "440524", "532128"):
        assert check_id_number(with_check(f"{region}19750615123")).region == region


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "十八位"),
        ("11010519491231002", "十八位"),
        ("110105491231002", "旧的十五位"),
        ("110105194912310020", "填错"),
        ("110105194902300021", "日期"),
        (with_check("11010518000101002"), "日期"),
        (with_check("11010520991231002"), "日期"),
        ("X10105194912310021", "十八位"),
        ("1101051949123100XX", "十八位"),
        ("٠" * 18, "十八位"),
        ("身份证" * 6, "十八位"),
    ],
)
def test_wrong_identity_numbers_are_refused_with_the_reason(text: str, reason: str) -> None:
    with clock.frozen(datetime(2026, 11, 20, tzinfo=UTC)), pytest.raises(IdNumberWrong, match=reason) as error:
        check_id_number(text)

    assert str(error.value.fields["id_number"]) == str(error.value)
    assert text == "" or text not in str(error.value)


def test_a_child_born_today_has_a_number_and_one_born_tomorrow_has_not() -> None:
    with clock.frozen(datetime(2026, 11, 19, 17, tzinfo=UTC)):  # already the 20th in China
        today = clock.today()
        assert check_id_number(with_check(f"330113{today:%Y%m%d}123")).birth_date == date(2026, 11, 20)
        with pytest.raises(IdNumberWrong):
            check_id_number(with_check(f"330113{today + timedelta(days=1):%Y%m%d}123"))


@given(st.integers(0, 16), st.integers(1, 9))
def test_any_single_wrong_digit_is_noticed(place: int, shift: int) -> None:
    number = "11010519491231002X"
    changed = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]

    with pytest.raises(IdNumberWrong):
        check_id_number(changed)


def test_organisation_codes_follow_gb_32100() -> None:
    assert check_organisation_code(" 91110000600037341l ") == "91110000600037341L"
    for wrong in ("", "91110000600037341M", "9111000060003734IL", "91110000600037341", "９" * 18, "1" * 19):
        with pytest.raises(OrganisationCodeWrong):
            check_organisation_code(wrong)


def test_the_blind_index_is_keyed_by_installation_and_purpose(own_keys: Any) -> None:
    number = blind_index("13800138000", "phone")

    assert len(number) == 32
    assert number == blind_index("+86 138-0013-8000", "phone") == blind_index("１３８００１３８０００", "phone")
    assert blind_index("11010519491231002x", "id_number") == blind_index("110105 1949 1231 002Ｘ", "id_number")
    assert number != blind_index("13800138001", "phone")
    assert number != blind_index("13800138000", "contact")
    assert blind_index("不是号码", "phone") == blind_index(" 不是 号码", "phone")
    (own_keys / "keys" / "keyring.json").unlink()
    from huying.kernel.sealed import keyring

    keyring.ensure()
    assert blind_index("13800138000", "phone") != number


def test_an_identity_number_does_not_show_in_its_repr() -> None:
    assert repr(check_id_number("11010519491231002X")) == "<IdNumber citizen>"
