"""The passbook on paper: Typst draws it with fonts from a package, as certificates are drawn."""

from __future__ import annotations

import json
from functools import cache
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any

import segno
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from huying.kernel import clock
from huying.points import queries
from huying.points.models import Passbook
from huying.points.rules import codes
from huying.ui.naming import named

FONTS = "cvttf_NotoSansCJK_Regular"


@cache
def fonts() -> list[str]:
    """Folders of the fonts."""
    spec = find_spec(FONTS)
    assert spec is not None and spec.origin is not None  # requirements.txt
    return [str(Path(spec.origin).parent)]


def drawn(passbook: Passbook) -> bytes:
    """The PDF, on A5: the cover with what can be used, then every line."""
    import typst  # noqa: PLC0415 - only who prints loads a typesetter

    source = (Path(__file__).parent.parent / "templates" / "points" / "booklet.typ").read_bytes()
    facts = json.dumps(words(passbook), ensure_ascii=False)
    made: bytes = typst.compile(  # type: ignore[misc]  # its stub cannot tell text from bytes
        source, sys_inputs={"data": facts}, font_paths=fonts(), ignore_system_fonts=True
    )
    return made


def scanned(passbook: Passbook) -> str:
    """What the square on a booklet says: its number and the digits that prove that it is there."""
    return f"{passbook.number}-{codes.mark(passbook.public_id, passbook.booklet)}"


def square(text: str) -> str:
    """A QR code as SVG text."""
    picture = BytesIO()
    segno.make(text, error="m").save(picture, kind="svg", scale=4, border=2, xmldecl=False)
    return picture.getvalue().decode()


def words(passbook: Passbook) -> dict[str, Any]:
    """Every word of the booklet, in the reader's language; plain text, which the template only places."""
    chinese = (get_language() or "zh").startswith("zh")
    stand, lines = queries.stand(passbook), queries.all_lines(passbook)
    titles = queries.titles(lines)
    facts = [
        (_("户名"), passbook.person.name),
        (_("存折号"), scanned(passbook)),
        (_("积分办法"), named(passbook.book)),
        (_("可用积分"), str(stand.free)),
        (_("待领取占用"), str(stand.held) if stand.held else ""),
        (_("打印日期"), f"{clock.today():%Y-%m-%d}"),
    ]
    ends = [_("{n} 分可以用到 {day}（含当天）").format(n=n, day=f"{day:%Y-%m-%d}") for day, n in stand.ends]
    return {
        "lang": "zh" if chinese else "en",
        "region": "cn" if chinese else "gb",
        "title": _("文明存折"),
        "qr": square(scanned(passbook)),
        "qr_title": _("兑换时扫这里。像钥匙一样收好；丢了马上挂失，旧的就不能用了。"),
        "facts": [list(pair) for pair in facts if pair[1]],
        "ends_title": _("到期") if ends else "",
        "ends": ends,
        "heads": [_("日期"), _("事由"), _("积分"), _("结余")],
        "rows": [
            [
                f"{clock.local(one.transfer.recorded_at):%Y-%m-%d}",
                titles[one.transfer.pk],
                f"{one.amount:+d}",
                str(one.balance),
            ]
            for one in lines
        ],
        "footer": _("积分只是感谢，不是钱，不与任何待遇挂钩；不用也可以，随时可以退出。有不同意见可以申诉。"),
        "nothing": _("还没有记录。"),
    }
