"""What a signed paper looks like: faces and forms of characters, codes of the numbers in its tables, the foot of its last
page (GB/T 9704-2012, 7.4), read back from the files.
"""

from __future__ import annotations

import ctypes
import io
import re
from typing import Any

import pypdfium2
import pytest
from django.test import Client
from docx import Document
from docx.oxml.ns import qn
from pypdfium2 import raw

from huying.cockpit import actions
from huying.cockpit.actions.report_writing import Edit
from huying.cockpit.models import Report
from huying.cockpit.queries import reports as queries
from huying.cockpit.states import Verb
from huying.cockpit.tests.conftest import Desk
from huying.cockpit.tests.test_report_files import BASE, DRAW, cell_links
from huying.cockpit.tests.test_reports import letterhead, step
from huying.figures.models import Number
from huying.kernel.models.audit import AuditLine
from huying.volunteers.tests.factories import browser

pytestmark = pytest.mark.django_db
COPIED = "区委宣传部，区融媒体中心"


@pytest.fixture
def signed(desk: Desk) -> Report:
    for at, amount in ((desk.one, 128), (desk.two, 7), (desk.three, 44)):
        desk.count("calls_submitted", at, amount)
    letterhead(desk)
    report = desk.draft(copied_to=COPIED)
    return step(desk, step(desk, report, Verb.LOCK), Verb.SIGN, desk.signer)


def handed(desk: Desk, report: Report, kind: str) -> bytes:
    fresh = queries.report(desk.actor(desk.writer), report.public_id)
    return actions.hand_out(actor=desk.actor(desk.writer), report=fresh, kind=kind, draw=DRAW[kind]).body


def pages(body: bytes) -> list[Any]:
    paper = pypdfium2.PdfDocument(body)
    return [paper[n] for n in range(len(paper))]


def plain(page: Any) -> str:
    return re.sub(r"\s", "", page.get_textpage().get_text_range())


def faces(page: Any) -> dict[str, str]:
    """Character -> the face that it is set in."""
    text, found = page.get_textpage(), {}
    for n in range(text.count_chars()):
        name, flags = ctypes.create_string_buffer(200), ctypes.c_int(0)
        raw.FPDFText_GetFontInfo(text.raw, n, name, 200, flags)
        found[chr(raw.FPDFText_GetUnicode(text.raw, n))] = name.value.decode()
    return found


def test_words_are_set_in_song_headings_in_hei_and_all_of_it_in_simplified_forms(desk: Desk, signed: Report) -> None:
    found = [face for page in pages(handed(desk, signed, "pdf")) for face in faces(page).items()]
    known = {re.sub(r"^[A-Z]{6}\+", "", face) for letter, face in found if letter.strip()}
    assert known == {"NotoSerifSC-Regular", "NotoSansSC-Regular"}
    first = faces(pages(handed(desk, signed, "pdf"))[0])
    assert "NotoSansSC" in first["况"]  # of 一、总体情况


def test_every_number_of_a_table_has_a_printed_code_that_opens_its_page(desk: Desk, signed: Report) -> None:
    tables = [one for one in signed.frozen["blocks"] if one["kind"] == "table"]
    codes = [code for one in tables for row in one["codes"] for code in row if code]
    assert len(codes) == len(cell_links(signed)) > 3
    printed = "".join(map(plain, pages(handed(desk, signed, "pdf"))))
    assert all(code in printed for code in codes)
    assert all(f"《{one['title']}》中各数的编号" in printed for one in tables)

    east = next(one for one in Number.objects.filter(code__in=codes) if one.place_id == desk.east.pk)
    answer: Any = browser(desk.writer).get(f"/n/{east.code}/", follow=True)
    assert answer.status_code == 200
    assert answer.request["PATH_INFO"] in next(one for one in cell_links(signed) if str(desk.east.public_id) in one)


def test_the_docx_prints_the_same_codes_as_links(desk: Desk, signed: Report) -> None:
    paper = Document(io.BytesIO(handed(desk, signed, "docx")))
    codes = {c for one in signed.frozen["blocks"] if one["kind"] == "table" for row in one["codes"] for c in row if c}
    cells = [cell for table in paper.tables for row in table.rows for cell in row.cells]
    links = {link.address: link.text for cell in cells for line in cell.paragraphs for link in line.hyperlinks}
    assert codes and {f"{BASE}/n/{code}/": code for code in codes}.items() <= links.items()


def test_locking_again_gives_the_same_codes_and_one_line_each_in_the_trail(desk: Desk, signed: Report) -> None:
    codes = [one["codes"] for one in signed.frozen["blocks"] if one["kind"] == "table"]
    again = step(desk, desk.draft(), Verb.LOCK)
    assert [one["codes"] for one in again.frozen["blocks"] if one["kind"] == "table"] == codes
    assert AuditLine.objects.filter(verb="figure.cite").count() == Number.objects.count()


def test_hidden_and_empty_cells_of_a_public_paper_have_no_code(desk: Desk) -> None:
    desk.count("attended", desk.one, 2)
    desk.own("【表】各地：attended", code="small")
    report = step(desk, desk.draft("small", is_public=True), Verb.LOCK)
    (table,) = [one for one in report.frozen["blocks"] if one["kind"] == "table"]
    shown = [row[1] not in {"*", "–"} for row in table["rows"]]
    assert [bool(code) for (code,) in table["codes"]] == shown
    assert not all(shown)
    assert Client().get("/").status_code == 200


def test_the_foot_of_the_last_page_says_who_else_gets_it_and_who_printed_it_when(desk: Desk, signed: Report) -> None:
    sheets = pages(handed(desk, signed, "pdf"))
    foot = f"抄送：{COPIED}。"
    assert [foot in plain(page) for page in sheets] == [False] * (len(sheets) - 1) + [True]
    text = sheets[-1].get_textpage()
    at = text.get_text_range().index("印发")
    _left, bottom, _right, _top = text.get_charbox(at)
    assert 35 <= bottom / 72 * 25.4 <= 42  # stands on the lower edge of the core, 35 mm from that of the page
    assert signed.organ in plain(sheets[-1]) and "2026年4月2日印发" in plain(sheets[-1])


def test_the_foot_of_the_docx_floats_to_the_lower_edge(desk: Desk, signed: Report) -> None:
    paper = Document(io.BytesIO(handed(desk, signed, "docx")))
    table = paper.tables[-1]
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        [f"抄送：{COPIED}。"] * 2,  # one cell across both
        [signed.organ, "2026年4月2日印发"],
    ]
    spot = table._tbl.tblPr.find(qn("w:tblpPr"))
    assert (spot.get(qn("w:vertAnchor")), spot.get(qn("w:tblpYSpec"))) == ("margin", "bottom")
    order = [one.tag.rpartition("}")[2] for one in table._tbl.tblPr]
    known = ["tblStyle", "tblpPr", "tblW", "jc", "tblBorders", "tblLayout", "tblLook"]
    assert order == sorted(order, key=known.index)


def test_a_draft_has_neither_codes_nor_a_foot(desk: Desk) -> None:
    printed = "".join(map(plain, pages(handed(desk, desk.draft(copied_to=COPIED), "pdf"))))
    assert "印发" not in printed and "中各数的编号" not in printed


def test_who_else_gets_it_is_edited_like_the_title(desk: Desk) -> None:
    report = desk.draft()
    facts = Edit(report.title, "各街道", {}, report.edition, copied_to=" 区委宣传部 ")
    edited = actions.edit_report(actor=desk.actor(desk.writer), report=report, edit=facts)
    assert edited.copied_to == "区委宣传部"
    assert report.events.get(verb="edit").changes == {"addressed_to": ["", "各街道"], "copied_to": ["", "区委宣传部"]}
