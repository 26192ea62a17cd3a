"""What a name, a code, a position, an age range must look like; each problem is one sentence."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from huying.kernel import sealed
from huying.kernel.errors import InvalidInput, Text
from huying.kernel.pinyin import syllables
from huying.places.states import Crs

LONGEST_NAME = 120
KIND_CODE = re.compile(r"[a-z][a-z0-9_]{0,29}")
CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,29}")
# Marks that hide or turn the reading direction make one name look like another.
TRICKS = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]")
# A generous frame around China: a pair outside it is a slip, most often the two numbers swapped.
LON_FRAME = (73.0, 136.0)
LAT_FRAME = (3.0, 54.0)
NUMERALS = {n: i for i, n in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
# Chinese numerals count only where they number something: 第三网格, 十二号楼; 百合社区 and 三里桥 are names.
NUMERAL_RUN = re.compile(
    "(?<=第)[零〇一二两三四五六七八九十百]+|[零〇一二两三四五六七八九十百]+(?=[号组楼栋幢层期]|单元|网格)|[0-9]+"
)


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is written about a place besides where it hangs. ``problems()`` says what cannot be stored."""

    name: str
    name_en: str = ""
    short_name: str = ""
    code: str = ""
    lon: float | None = None
    lat: float | None = None
    crs: str = Crs.WGS84
    address: str = ""
    phone: str = ""
    capacity: int | None = None
    floor: str = ""
    purpose: str = ""
    age_from: int | None = None
    age_to: int | None = None
    host: str = ""
    opened_date: date | None = None
    source: str = ""
    as_of_date: date | None = None


LENGTHS = {
    "name": LONGEST_NAME,
    "name_en": 160,
    "short_name": 40,
    "code": 30,
    "address": 200,
    "phone": 40,
    "floor": 20,
    "purpose": 120,
    "host": 120,
    "source": 120,
}


def tidy(text: str) -> str:
    """Inner spaces single, control letters and direction marks gone, composed form (NFC)."""
    plain = unicodedata.normalize("NFC", TRICKS.sub("", text))
    plain = "".join(" " if unicodedata.category(letter)[0] in "CZ" else letter for letter in plain)
    return " ".join(plain.split())


def checked(facts: Facts) -> Facts:
    """The same facts with tidy texts; InvalidInput with one sentence for each field that cannot be kept."""
    problems: dict[str, Text] = {}
    texts: dict[str, str] = {}
    for field, longest in LENGTHS.items():
        raw = getattr(facts, field)
        if len(raw) > longest * 4:  # not worth tidying: nobody typed this
            problems[field] = too_long(longest)
            continue
        texts[field] = tidy(raw)
        if len(texts[field]) > longest:
            problems[field] = too_long(longest)
    if not problems.get("name") and not any(letter.isalnum() for letter in texts["name"]):
        problems["name"] = _("请写名称，至少有一个字或数字。")
    if texts.get("code") and not CODE.fullmatch(texts["code"]):
        problems["code"] = _("代码只能用数字、字母、点和横线。")
    if texts.get("phone"):
        problems |= phone_problems(texts["phone"])
    problems |= position_problems(facts.lon, facts.lat)
    if facts.crs not in Crs.values:
        problems["crs"] = _("坐标系只能是 WGS84 或 CGCS2000。")
    problems |= number_problems(facts)
    if problems:
        raise InvalidInput(fields=problems)
    return Facts(**{**facts.__dict__, **texts})


def too_long(longest: int) -> Text:
    return str(_("太长了，最多 {longest} 个字。")).format(longest=longest)


def phone_problems(phone: str) -> dict[str, Text]:
    """A number is kept as written (0571-8888 0001), but it must be one that can be dialled."""
    try:
        sealed.normal_phone(phone)
    except sealed.PhoneUnclear as unclear:
        return {"phone": str(unclear)}
    return {}


def position_problems(lon: float | None, lat: float | None) -> dict[str, Text]:
    """Sentences about a pair in degrees: both or neither, inside the frame of China, not swapped."""
    if lon is None and lat is None:
        return {}
    if lon is None or lat is None:
        return {"lon" if lon is None else "lat": _("经度和纬度要一起填。")}
    if not (math.isfinite(lon) and math.isfinite(lat)):
        return {"lon": _("经纬度应当是数字。")}
    if _inside(lon, LON_FRAME) and _inside(lat, LAT_FRAME):
        return {}
    if _inside(lat, LON_FRAME) and _inside(lon, LAT_FRAME):
        return {"lon": _("经度和纬度写反了：经度在 73 到 136 之间，纬度在 3 到 54 之间。")}
    where = "lat" if _inside(lon, LON_FRAME) else "lon"
    return {where: _("这个位置不在国内：经度应在 73 到 136 之间，纬度在 3 到 54 之间。")}


def _inside(value: float, frame: tuple[float, float]) -> bool:
    return frame[0] <= value <= frame[1]


def number_problems(facts: Facts) -> dict[str, Text]:
    found: dict[str, Text] = {}
    if facts.capacity is not None and not 0 < facts.capacity <= 1_000_000:
        found["capacity"] = _("人数应在 1 到 1000000 之间。")
    for field in ("age_from", "age_to"):
        age = getattr(facts, field)
        if age is not None and not 0 <= age <= 130:
            found[field] = _("年龄应在 0 到 130 之间。")
    if facts.age_from is not None and facts.age_to is not None and facts.age_from > facts.age_to:
        found["age_to"] = _("最大年龄不能小于最小年龄。")
    return found


def sort_key(name: str) -> str:
    """Pinyin order with numbers by size: 第二网格 before 第十网格, 3号楼 before 12号楼."""
    counted = NUMERAL_RUN.sub(lambda run: f" {_number(run[0])} ", name)
    return " ".join("".join(syllables(counted)).lower().split())[:200]


def _number(run: str) -> str:
    if run.isascii():
        return run.lstrip("0").zfill(6)
    total, current = 0, 0
    for sign in run:
        if sign in "十百":
            total += (current or 1) * (10 if sign == "十" else 100)
            current = 0
        else:
            current = NUMERALS[sign]
    return str(total + current).zfill(6)


def reason_problem(reason: str) -> Promise | None:
    """Why a reason cannot be kept: it must be given and fit in 200 letters."""
    if not 2 <= len(reason.strip()) <= 200:
        return _("请写明原因（2 到 200 个字）。")
    return None
