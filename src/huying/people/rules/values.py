"""What a telephone number, an identity number and a name must look like, in one spelling each."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_LANDLINE = re.compile(r"0\d{9,11}|[2-9]\d{6,7}|400\d{7}|800\d{7}")
_MOBILE = re.compile(r"1[3-9]\d{9}")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
# Marks that turn reading direction or hide: they make a name look like another one.
_TRICKS = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]")


def normal_phone(text: str) -> str | None:
    """Digits of a mobile or land line number in China, spaces and +86 gone; None when it is neither."""
    digits = _digits(text)
    return digits if _MOBILE.fullmatch(digits) or _LANDLINE.fullmatch(digits) else None


def normal_mobile(text: str) -> str | None:
    """The eleven digits of a Chinese mobile number, or None (a code can be sent only to these)."""
    digits = _digits(text)
    return digits if _MOBILE.fullmatch(digits) else None


def _digits(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text or "")[:40]
    plain = re.sub(r"[\s\-‐-―().·]", "", plain)
    return re.sub(r"^(\+|00)86", "", plain)


def normal_name(text: str) -> str:
    """A name with inner spaces single, direction marks and invisible letters gone; any length."""
    plain = unicodedata.normalize("NFC", _TRICKS.sub("", text or ""))
    plain = "".join(letter if unicodedata.category(letter)[0] != "C" else " " for letter in plain)
    return " ".join(plain.split())


def normal_id_number(text: str) -> str:
    """Full width to half width, spaces gone, the last letter large."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text or "")).upper()


def id_number_problem(number: str, today: date) -> Promise | None:
    """Why ``number`` (already normal) is no identity number of GB 11643-1999; None when it is one.

    Length, date and check digit decide. The first six digits say where it was first issued and are no reason
    to refuse: codes of counties are dropped over time, and 81/82/83/9… are residence permits.
    """
    if not re.fullmatch(r"\d{17}[\dX]", number):
        return _("身份证号码应为18位，最后一位可以是X。")
    born = birth_date_in(number)
    if born is None or not date(1900, 1, 1) <= born <= today:
        return _("身份证号码里的出生日期不对。")
    total = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False))
    if _CHECK[total % 11] != number[17]:
        return _("身份证号码的校验位不对，请再核对一遍。")
    return None


def birth_date_in(number: str) -> date | None:
    """The birth date written inside an identity number; None when it is no date."""
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None
