"""Files of round-ups, read back by other programs: DOCX by python-docx and as XML, PDF by PDFium."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

import pypdfium2
import pytest
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from pypdfium2 import raw

from huying.cockpit import actions
from huying.cockpit.models import Report, ReportFile
from huying.cockpit.queries import reports as queries
from huying.cockpit.rules import report_charts
from huying.cockpit.states import Verb
from huying.cockpit.tests.conftest import Desk
from huying.cockpit.tests.test_reports import edit, letterhead, step
from huying.cockpit.views import report_docx, report_paper, report_pdf
from huying.figures.models import Metric
from huying.kernel import clock
from huying.kernel.models.audit import AuditLine

pytestmark = pytest.mark.django_db
BASE = "https://huying.example"
LONG = "呼应群众所盼" * 60


def docx(report: Report, document: Any, pictures: Any) -> bytes:
    return report_docx.drawn(report_paper.laid(report, document, pictures, BASE), report.signed_at or clock.now())


def pdf(report: Report, document: Any, pictures: Any) -> bytes:
    return report_pdf.drawn(report_paper.laid(report, document, pictures, BASE))


DRAW = {"docx": docx, "pdf": pdf}


@pytest.fixture
def signed(desk: Desk) -> Report:
    for at, amount in ((desk.one, 128), (desk.two, 7), (desk.three, 44)):
        desk.count("calls_submitted", at, amount)
    desk.count("sessions_held", desk.one, 12)
    letterhead(desk)
    report = edit(desk, desk.draft(), {1: "{period}，收到求助{calls_submitted}，上门{calls_submitted=180件}。" + LONG})
    return step(desk, step(desk, report, Verb.LOCK), Verb.SIGN, desk.signer)


def handed(desk: Desk, report: Report, kind: str) -> bytes:
    fresh = queries.report(desk.actor(desk.writer), report.public_id)
    return actions.hand_out(actor=desk.actor(desk.writer), report=fresh, kind=kind, draw=DRAW[kind]).body


def test_the_page_of_the_docx_is_that_of_the_standard(desk: Desk, signed: Report) -> None:
    paper = Document(io.BytesIO(handed(desk, signed, "docx")))
    section = paper.sections[0]
    sides = (section.page_width, section.page_height, section.top_margin, section.left_margin)
    assert [round(side.mm, 1) for side in sides] == [210.0, 297.0, 37.0, 28.0]
    core = (
        section.page_width - section.left_margin - section.right_margin,
        section.page_height - section.top_margin - section.bottom_margin,
    )
    assert [round(side / 36000) for side in core] == [156, 225]
    grid = section._sectPr.find(qn("w:docGrid"))
    assert (grid.get(qn("w:type")), grid.get(qn("w:charSpace"))) == ("lines", None)
    assert Mm(225) // int(int(grid.get(qn("w:linePitch"))) / 20 * 12700) == 22
    closer = paper.styles["Normal"].element.rPr.find(qn("w:spacing")).get(qn("w:val"))
    assert int(Mm(156) / (Pt(16) + int(closer) / 20 * 12700)) == 28


def test_the_faces_and_sizes_are_those_of_the_standard(desk: Desk, signed: Report) -> None:
    paper = Document(io.BytesIO(handed(desk, signed, "docx")))

    def face(style: str) -> tuple[str, float]:
        found = paper.styles[style]
        return found.element.rPr.rFonts.get(qn("w:eastAsia")), found.font.size.pt

    assert face("Normal") == ("仿宋_GB2312", 16)
    assert [face(f"Heading {n}") for n in (1, 2, 3, 4)] == [
        ("黑体", 16),
        ("楷体_GB2312", 16),
        ("仿宋_GB2312", 16),
        ("仿宋_GB2312", 16),
    ]
    lines = {one.text: one for one in paper.paragraphs}
    title = lines["三月工作通报"].runs[0]
    assert (title._r.rPr.rFonts.get(qn("w:eastAsia")), title.font.size.pt) == ("方正小标宋简体", 22)
    assert [one.text for one in paper.paragraphs if one.style.name == "Heading 1"] == [
        "一、总体情况",
        "二、各地情况",
        "三、活动与服务",
    ]


def test_number_day_annex_and_page_numbers_stand_where_they_belong(desk: Desk, signed: Report) -> None:
    body = handed(desk, signed, "docx")
    paper = Document(io.BytesIO(body))
    lines = {one.text: one for one in paper.paragraphs}
    assert "青实发〔2026〕1号" in lines and "各街道：" in lines and "附件：数据来源与编号" in lines
    day = lines["2026年4月2日"]
    assert (day.paragraph_format.right_indent.pt, str(day.alignment)) == (64.0, "RIGHT (2)")
    assert paper.settings.odd_and_even_pages_header_footer
    section = paper.sections[0]
    for footer in (section.footer, section.even_page_footer):
        line = footer.paragraphs[0]
        assert re.sub(r"\s", "", line.text) == "——"
        assert [one.text.strip() for one in line._p.iter(qn("w:instrText"))] == ["PAGE"]
        assert {run.font.size.pt for run in line.runs} == {14.0}
    assert (section.footer.paragraphs[0].alignment, section.even_page_footer.paragraphs[0].alignment) == (2, 0)
    packed = zipfile.ZipFile(io.BytesIO(body))
    assert packed.testzip() is None
    assert any(name.endswith(".png") for name in packed.namelist())


def test_every_number_of_the_docx_is_a_link_to_its_page(desk: Desk, signed: Report) -> None:
    paper = Document(io.BytesIO(handed(desk, signed, "docx")))
    codes = {code for one in signed.frozen["numbers"] for code in one["codes"]}
    links = {link.address: link.text for one in paper.paragraphs for link in one.hyperlinks}
    assert links[f"{BASE}/n/{signed.frozen['numbers'][0]['codes'][0]}/"]
    assert {address.split("/n/")[1].strip("/") for address in links} <= codes
    (annex,) = [one for one in paper.tables if one.cell(0, 0).text == "序号"]
    text = "\n".join(cell.text for row in annex.rows for cell in row.cells)
    assert codes and all(code in text for code in codes)
    assert "180件*（人工填写；平台计算：179件）" in text


def opened(body: bytes) -> Any:
    return pypdfium2.PdfDocument(body)


def test_the_pdf_has_a4_pages_text_and_links(desk: Desk, signed: Report) -> None:
    paper = opened(handed(desk, signed, "pdf"))
    sizes = {tuple(round(side) for side in paper[n].get_size()) for n in range(len(paper))}
    text = "".join(paper[n].get_textpage().get_text_range() for n in range(len(paper)))
    plain = re.sub(r"\s", "", text)
    assert sizes == {(595, 842)}
    for words in (
        "青实发〔2026〕1号",
        "三月工作通报",
        "一、总体情况",
        "179件",
        "2026年4月2日",
        "数据来源与编号",
        "—1—",
        "—2—",
    ):
        assert words in plain, plain[:600]
    found = {one for n in range(len(paper)) for one in addresses(paper, n)}
    cells = set(cell_links(signed))
    codes = {code for fact in signed.frozen["numbers"] for code in fact["codes"]}
    codes |= {c for one in signed.frozen["blocks"] if one["kind"] == "table" for row in one["codes"] for c in row if c}
    assert found - cells == {f"{BASE}/n/{code}/" for code in codes}
    assert cells and cells <= found


def cell_links(signed: Report) -> dict[str, str]:
    """Address -> number of each cell of its tables that holds one."""
    tables = [report_paper.cells(one, BASE) for one in signed.frozen["blocks"] if one["kind"] == "table"]
    return {cell["href"]: cell["text"] for rows in tables for row in rows for cell in row if "href" in cell}


def test_numbers_in_tables_of_the_docx_are_links_to_the_numbers_of_their_rows(desk: Desk, signed: Report) -> None:
    paper = Document(io.BytesIO(handed(desk, signed, "docx")))
    cells = [cell for row in paper.tables[0].rows for cell in row.cells]
    links = {link.address: link.text for cell in cells for one in cell.paragraphs for link in one.hyperlinks}
    days = "since=2026-03-01&until=2026-04-01"
    east, whole = (
        f"{BASE}/figures/at/{one.public_id}/number/calls_submitted/?{days}" for one in (desk.east, desk.county)
    )
    assert (links[east], links[whole]) == ("135", "179")
    assert links == cell_links(signed)


def test_papers_locked_before_tables_kept_their_numbers_are_drawn_without_links() -> None:
    table = {"kind": "table", "title": "表", "heads": ["地方", "求助"], "rows": [["东街", "3"]], "note": ""}
    assert report_paper.cells(table, BASE) == [[{"text": "东街"}, {"text": "3"}]]


def test_what_does_not_add_up_stands_in_the_row_of_the_whole(desk: Desk) -> None:
    desk.count("calls_submitted", desk.one, 3)
    desk.count("attended", desk.one, 8)
    Metric.objects.filter(pk="attended").update(additive=False)
    desk.own("【表】各地：attended、calls_submitted\n【柱状图】各地：calls_submitted、attended")
    table, chart = queries.document(desk.draft("own"))["blocks"]
    assert table["rows"] == [["东街", "–", "3"], ["西街", "–", "0"], ["本级", "–", "0"], ["合计", "8", "3"]]
    assert [one["values"] for one in chart["series"]] == [[3.0, 0.0, 0.0], [None, None, None]]


def addresses(paper: Any, n: int) -> list[str]:
    import ctypes

    page, at, link, found = paper[n], ctypes.c_int(0), raw.FPDF_LINK(), []
    while raw.FPDFLink_Enumerate(page.raw, at, link):
        action = raw.FPDFLink_GetAction(link)
        size = raw.FPDFAction_GetURIPath(paper.raw, action, None, 0)
        words = ctypes.create_string_buffer(size)
        raw.FPDFAction_GetURIPath(paper.raw, action, words, size)
        found.append(words.value.decode())
    return found


def test_the_pdf_has_22_lines_of_28_characters(desk: Desk) -> None:
    desk.own("# 题\n" + LONG * 4)
    report = step(desk, desk.draft("own"), Verb.LOCK)
    paper = opened(handed(desk, report, "pdf"))
    lines = [one for one in paper[1].get_textpage().get_text_range().splitlines() if one.strip()]
    assert [len(one.strip()) for one in lines[:-1]] == [28] * 22
    assert lines[-1].strip() == "— 2 —"
    page = paper[1].get_textpage()
    left, bottom, _right, top = page.get_charbox(0)
    assert abs(left / 72 * 25.4 - 28) < 2 and abs((842 - top) / 72 * 25.4 - 37) < 2 and bottom < top


def test_the_pages_have_ink_where_words_are_and_none_on_the_margins(desk: Desk, signed: Report) -> None:
    paper = opened(handed(desk, signed, "pdf"))
    picture = paper[0].render(scale=1).to_pil().convert("L")
    width, height = picture.size
    margin = [picture.crop(box) for box in ((0, 0, width, 95), (0, 0, 75, height), (width - 68, 0, width, height))]
    assert [one.getextrema()[0] > 240 for one in margin] == [True, True, True]
    assert picture.crop((75, 95, width - 68, height - 100)).getextrema()[0] < 60


def test_the_same_locked_paper_is_the_same_file_and_its_download_is_recorded(desk: Desk, signed: Report) -> None:
    for kind in DRAW:
        first = handed(desk, signed, kind)
        ReportFile.objects.filter(kind=kind).delete()
        assert handed(desk, signed, kind) == first
        kept = ReportFile.objects.get(kind=kind)
        assert (bytes(kept.body), len(kept.sha256)) == (first, 64)
        assert handed(desk, signed, kind) == first and ReportFile.objects.filter(kind=kind).count() == 1
    assert AuditLine.objects.filter(verb="roundup.download").count() == 6


def test_a_draft_is_drawn_each_time_and_not_kept(desk: Desk) -> None:
    desk.count("calls_submitted", desk.one, 128)
    report = desk.draft()
    assert b"PDF" in handed(desk, report, "pdf")[:8]
    assert not ReportFile.objects.exists()


def test_charts_show_gaps_for_what_is_missing_and_are_the_same_each_time() -> None:
    block = {
        "kind": "line",
        "title": "<甲>&",
        "labels": ["1", "2", "3"],
        "series": [{"name": "乙", "values": [1.0, None, 3.0]}],
    }
    drawn = report_charts.drawn(block)
    assert drawn == report_charts.drawn(block)
    assert "&lt;甲&gt;&amp;" in drawn and drawn.count("<circle") == 2 and "<polyline" not in drawn
    assert report_pdf.as_picture(drawn.encode()) == report_pdf.as_picture(drawn.encode())
    assert [report_charts.ticks(one) for one in (0, 3, 10, 64, 1234)] == [
        [0, 1],
        [0, 1, 2, 3],
        [0, 2, 4, 6, 8, 10],
        [0, 20, 40, 60, 80],
        [0, 500, 1000, 1500],
    ]
