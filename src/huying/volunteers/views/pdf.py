"""Certificates on paper: Typst draws them with fonts from a package; no program and no font of the system is needed."""

from __future__ import annotations

import json
from functools import cache
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any

import segno
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from huying.kernel import clock
from huying.ui import when
from huying.ui.naming import named
from huying.volunteers import queries
from huying.volunteers.models import Certificate
from huying.volunteers.templatetags.service import hours

FONTS = "cvttf_NotoSansCJK_Regular"
"""A package that holds Noto Sans CJK (SIL Open Font License)."""


@cache
def fonts() -> list[str]:
    """Folders of the fonts."""
    spec = find_spec(FONTS)
    assert spec is not None and spec.origin is not None  # requirements.txt
    return [str(Path(spec.origin).parent)]


def drawn(certificate: Certificate, address: str) -> bytes:
    """The PDF: facts on the first page, records on the following; ``address`` is where anybody checks it."""
    import typst  # noqa: PLC0415 - only who prints loads a typesetter

    source = (Path(__file__).parent.parent / "templates" / "volunteers" / "certificate.typ").read_bytes()
    facts = json.dumps(words(certificate, address), ensure_ascii=False)
    made: bytes = typst.compile(  # type: ignore[misc]  # its stub cannot tell text from bytes
        source, sys_inputs={"data": facts}, font_paths=fonts(), ignore_system_fonts=True
    )
    return made


def words(certificate: Certificate, address: str) -> dict[str, Any]:
    """Every word of the sheet, in the reader's language; plain text, which the template only places."""
    chinese = (get_language() or "zh").startswith("zh")
    count = len(certificate.records)
    facts = [
        (_("姓名"), certificate.volunteer.person.name),
        (_("志愿者编号"), str(certificate.volunteer.public_id)),
        (_("服务起止"), _("%(since)s 至 %(until)s") % {"since": certificate.since, "until": certificate.until}),
        (_("服务时长"), _("%(hours)s 小时") % {"hours": hours(certificate.minutes)}),
        (_("服务次数"), ngettext("%(n)d 次", "%(n)d 次", count) % {"n": count}),
        (_("星级"), "★" * certificate.stars),
        (_("记录单位"), certificate.issuer_name),
        (_("证明序号"), certificate.numbered),
        (_("证明编号"), certificate.code),
    ]
    told = _("兹证明%(name)s在下列期间参加志愿服务，经负责人逐条登记、另一人确认，累计服务 %(hours)s 小时。")
    share = _("%(evidence)s 级（%(label)s）：%(hours)s 小时")
    return {
        "lang": "zh" if chinese else "en",
        "region": "cn" if chinese else "gb",
        "title": _("志愿服务记录证明"),
        "words": told % {"name": certificate.volunteer.person.name, "hours": hours(certificate.minutes)},
        "facts": [list(pair) for pair in facts if pair[1]],
        "evidence_title": _("这些时长怎样证明："),
        "shares": [
            share % {"evidence": one.evidence, "label": one.label, "hours": hours(one.minutes)}
            for one in queries.shares_of(certificate)
        ],
        "check": _("扫右边的码，或在 %(address)s 输入编号，任何人都可以查验。") % {"address": address},
        "qr": square(address),
        "issuer": certificate.issuer_name,
        "day": f"{clock.local(certificate.issued_at):%Y-%m-%d}",
        "footer": _("免费开具，不得用于商业用途；如有更正，以查验页为准。"),
        "list_title": _("服务记录"),
        "heads": [_("日期"), _("活动名称和内容"), _("地点"), _("时长"), _("证明")],
        "rows": [row(one, certificate) for one in queries.records_behind(certificate)],
    }


def row(record: Any, certificate: Certificate) -> list[str]:
    """One line of the list; the time as it stood when the certificate was given."""
    then = next(line for line in certificate.records if line["id"] == str(record.public_id))
    title = f"{record.title} {record.content}".strip()
    place = named(record.place)
    return [when.day_text(clock.local(record.starts_at)), title, place, hours(int(then["minutes"])), then["evidence"]]


def square(text: str) -> str:
    """The QR square as the text of an SVG picture."""
    picture = BytesIO()
    segno.make(text, error="m").save(picture, kind="svg", scale=4, border=2, xmldecl=False)
    return picture.getvalue().decode()
