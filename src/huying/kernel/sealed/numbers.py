"""Numbers of people and organisations in China: checked and brought into one form."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Literal

from django.utils.translation import gettext_lazy as _

from huying.kernel import clock
from huying.kernel.errors import InvalidInput

ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ID_CHECK = "10X98765432"
USCC_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
MOBILE = re.compile(r"1[3-9]\d{9}")
LANDLINE = re.compile(r"0(?:10|2\d|[3-9]\d{2})[2-8]\d{6,7}")
SERVICE_LINE = re.compile(r"[48]00\d{7}")
SHORT_LINE = re.compile(r"(?:1\d{2}|9\d{4}|1\d{4})")
EXTENSION = re.compile(r"(?:转|ext\.?|[xX#])(\d{1,6})$", re.IGNORECASE)


class PhoneUnclear(InvalidInput):
    code = "phone_unclear"
    message = _("电话号码看不懂，请填写手机号，或“区号-号码”的固定电话。")


class IdNumberWrong(InvalidInput):
    code = "id_number_wrong"
    message = _("身份证件号码不对，请对照证件再看一遍。")


class OrganisationCodeWrong(InvalidInput):
    code = "organisation_code_wrong"
    message = _("统一社会信用代码不对，请对照证照再看一遍。")


def half_width(text: str) -> str:
    """Digits and letters as typed by a Chinese input method, in their usual form."""
    return unicodedata.normalize("NFKC", text).strip()


def normal_phone(text: str) -> str:
    """A telephone number in one form: ``+8613800001234``, ``+861088886666``, ``+864001234567``, ``12345``.

    After E.164; numbers inside China only, extension kept as ``x12``. PhoneUnclear for anything else.
    """
    number = re.sub(r"[\s\-‐‑–—()._·]+", "", half_width(text))
    extension = EXTENSION.search(number)
    if extension:
        number = number[: extension.start()]
    bare = re.sub(r"^(?:\+|00)86|^86(?=1[3-9]\d{9}$|[1-9]\d{9,10}$)", "", number)
    abroad, number = bare != number, bare
    if not number.isascii():
        raise PhoneUnclear(fields={"phone": PhoneUnclear.message})
    tail = f"x{extension[1]}" if extension else ""
    if MOBILE.fullmatch(number):
        return f"+86{number}{tail}"
    if LANDLINE.fullmatch(number):
        return f"+86{number[1:]}{tail}"
    if LANDLINE.fullmatch(f"0{number}") and abroad:  # +86 10 8888 6666 comes without the 0
        return f"+86{number}{tail}"
    if SERVICE_LINE.fullmatch(number):
        return f"+86{number}{tail}"
    if SHORT_LINE.fullmatch(number) and not tail:
        return number
    raise PhoneUnclear(fields={"phone": PhoneUnclear.message})


def normal_mobile(text: str) -> str:
    """``+86`` and eleven digits; PhoneUnclear for anything that cannot receive a text message."""
    number = normal_phone(text)
    if not MOBILE.fullmatch(number.removeprefix("+86")):
        raise PhoneUnclear(_("请填写十一位手机号。"), fields={"phone": _("请填写十一位手机号。")})
    return number


@dataclass(frozen=True, slots=True)
class IdNumber:
    """A well-formed number of an identity document. ``region`` is a hint only: codes change, people move."""

    number: str
    birth_date: date
    sex: Literal["male", "female"]
    kind: Literal["citizen", "hk_macau_taiwan", "foreigner"]
    region: str

    def __repr__(self) -> str:
        return f"<IdNumber {self.kind}>"


def check_id_number(text: str) -> IdNumber:
    """Read an 18-character number by GB 11643: length, date and check character; IdNumberWrong says which
    is off.

    The region is not checked: current lists reject nine in ten people born before 1980 (domain 0.4). 81,
    82 and 83 begin residence permits of Hong Kong, Macau and Taiwan residents, 9 the permits of
    foreigners (since 2023).
    """
    number = half_width(text).replace(" ", "").upper()
    if re.fullmatch(r"\d{15}", number):
        raise wrong(_("这是旧的十五位号码，请填写十八位号码。"))
    if not re.fullmatch(r"\d{17}[\dX]", number) or not number.isascii():
        raise wrong(_("身份证件号码应当是十八位，最后一位可以是 X。"))
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise wrong(_("身份证件号码里的出生日期不存在。")) from None
    if not born.year >= 1850 or born > clock.today():
        raise wrong(_("身份证件号码里的出生日期不存在。"))
    if id_check_character(number) != number[17]:
        raise wrong(_("身份证件号码有一位填错了，请对照证件再看一遍。"))
    kind: Literal["citizen", "hk_macau_taiwan", "foreigner"] = "citizen"
    if number[:2] in {"81", "82", "83"}:
        kind = "hk_macau_taiwan"
    elif number[0] == "9":
        kind = "foreigner"
    return IdNumber(number, born, "male" if int(number[16]) % 2 else "female", kind, number[:6])


def id_check_character(number: str) -> str:
    """ISO 7064 MOD 11-2 over the first 17 digits."""
    return ID_CHECK[sum(weight * int(digit) for weight, digit in zip(ID_WEIGHTS, number, strict=False)) % 11]


def wrong(message: object) -> IdNumberWrong:
    return IdNumberWrong(message, fields={"id_number": message})  # type: ignore[arg-type, dict-item]


def check_organisation_code(text: str) -> str:
    """An organisation's 18-character code by GB 32100, upper case; OrganisationCodeWrong otherwise."""
    code = half_width(text).replace(" ", "").replace("-", "").upper()
    fields = {"organisation_code": OrganisationCodeWrong.message}
    if len(code) != 18 or any(letter not in USCC_LETTERS for letter in code):
        raise OrganisationCodeWrong(fields=fields)
    total = sum(USCC_LETTERS.index(letter) * pow(3, place, 31) for place, letter in enumerate(code[:17]))
    if USCC_LETTERS[-total % 31] != code[17]:
        raise OrganisationCodeWrong(fields=fields)
    return code
