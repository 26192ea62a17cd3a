"""Round-ups as DOCX in the layout of GB/T 9704-2012, with python-docx.

A4; 37 mm above, 28 mm at the binding, a core of 156 x 225 mm with 22 lines of 28 characters; body 3号 仿宋, title
2号 小标宋, headings 黑体, 楷体, 仿宋. The faces of the standard are named, not embedded: they are not free. Numbers of
pages in 4号 between dashes, to the right on odd pages and to the left on even ones.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from docx.api import Document
from docx.document import Document as DocxDocument
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Length, Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from huying.cockpit.views.report_pdf import as_picture

BODY, TITLE, SMALL = Pt(16), Pt(22), Pt(10.5)
LINES = 22
CORE_WIDTH, CORE_HEIGHT = Mm(156), Mm(225)
PITCH = Pt(28.95)
"""Of one line: 225 mm by 22, on a twentieth of a point, so that 22 lines fit."""
FANGSONG, KAITI, HEITI, SONG, XIAOBIAO = "仿宋_GB2312", "楷体_GB2312", "黑体", "宋体", "方正小标宋简体"
FACES = {1: HEITI, 2: KAITI, 3: FANGSONG, 4: FANGSONG}
RED = RGBColor(0xC8, 0x10, 0x2E)
CENTRE, RIGHT, LEFT = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT, WD_ALIGN_PARAGRAPH.LEFT
AFTER_BORDERS = tuple(
    "w:shd w:tabs w:suppressAutoHyphens w:kinsoku w:wordWrap w:overflowPunct w:topLinePunct w:autoSpaceDE w:autoSpaceDN"  # noqa: SIM905
    " w:bidi w:adjustRightInd w:snapToGrid w:spacing w:ind w:contextualSpacing w:mirrorIndents w:suppressOverlap w:jc"
    " w:textDirection w:textAlignment w:textboxTightWrap w:outlineLvl w:divId w:cnfStyle w:rPr w:sectPr"
    " w:pPrChange".split()
)
"""What must stand behind borders in the properties of a paragraph (ISO/IEC 29500-1, 17.3.1.26)."""
CLOSER = Pt(-0.25)
"""A character of the body is closer to the next by so much: 28 of them in 156 mm."""
EPOCH = (1980, 1, 1, 0, 0, 0)


def drawn(sheet: dict[str, Any], at: datetime) -> bytes:
    """The file of a sheet of ``report_paper.laid``; ``at`` stands in it as the time it was made."""
    paper = Document()
    set_styles(paper)
    set_page(paper)
    facts = paper.core_properties
    facts.title, facts.author, facts.language = sheet["title"], sheet["organ"], "zh-CN"
    facts.created = facts.modified = at.replace(tzinfo=None)
    facts.last_modified_by, facts.comments, facts.revision = "", "", 1
    add_head(paper, sheet)
    for block in sheet["blocks"]:
        ADD[block["kind"]](paper, block, sheet["files"])
    add_end(paper, sheet)
    if sheet["numbers"] or sheet["tables"]:
        add_annex(paper, sheet)
    if sheet["day"]:
        add_imprint(paper, sheet)
    drop_thumbnail(paper)
    made = io.BytesIO()
    paper.save(made)
    return same_bytes(made.getvalue())


def drop_thumbnail(paper: DocxDocument) -> None:
    """The library's empty paper carries a picture of itself."""
    rels = paper.part.package.rels
    for key in [key for key, one in rels.items() if one.reltype.endswith("/thumbnail")]:
        del rels[key]


def same_bytes(packed: bytes) -> bytes:
    """The same parts without the time of packing, in the order of their names after the list of types."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist(), key=lambda one: (one != "[Content_Types].xml", one)):
            new.writestr(zipfile.ZipInfo(name, EPOCH), old.read(name), zipfile.ZIP_DEFLATED, 9)
    return out.getvalue()


def set_face(run_properties: Any, face: str) -> None:
    """One face for Chinese and for everything else."""
    fonts = run_properties.get_or_add_rFonts()
    for kind in ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs"):
        fonts.set(qn(kind), face)
    for theme in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
        fonts.attrib.pop(qn(theme), None)


def set_styles(paper: DocxDocument) -> None:
    normal: Any = paper.styles["Normal"]
    normal.font.size = BODY
    set_face(normal.element.get_or_add_rPr(), FANGSONG)
    # By the characters, not by a grid of them: programs that snap to cells narrower than a character take two for each
    spacing = with_facts("w:spacing", val=str(int(CLOSER / Pt(1) * 20)))
    normal.element.rPr.insert_element_before(spacing, "w:w", "w:kern", "w:position", "w:sz", "w:szCs", "w:lang")
    normal.paragraph_format.space_before = normal.paragraph_format.space_after = Pt(0)
    normal.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    normal.paragraph_format.line_spacing = PITCH
    for level, face in FACES.items():
        style: Any = paper.styles[f"Heading {level}"]
        style.font.size, style.font.bold, style.font.italic = BODY, False, False
        style.font.color.rgb = RGBColor(0, 0, 0)
        set_face(style.element.get_or_add_rPr(), face)
        shape = style.paragraph_format
        shape.space_before = shape.space_after = Pt(0)
        shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.EXACTLY, PITCH
        shape.first_line_indent, shape.keep_with_next = 2 * BODY, True
    linked: Any = paper.styles.add_style("Hyperlink", WD_STYLE_TYPE.CHARACTER)
    linked.font.color.rgb = RGBColor(0, 0, 0)


def set_page(paper: DocxDocument) -> None:
    """Margins, grid, and numbers of pages."""
    section = paper.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.header_distance, section.footer_distance = Mm(15), Mm(23)
    grid = section._sectPr.find(qn("w:docGrid"))
    if grid is None:
        grid = OxmlElement("w:docGrid")
        section._sectPr.append(grid)
    grid.set(qn("w:type"), "lines")
    grid.set(qn("w:linePitch"), str(int(CORE_HEIGHT / LINES / Pt(1) * 20)))
    paper.settings.odd_and_even_pages_header_footer = True
    for footer, side in ((section.footer, RIGHT), (section.even_page_footer, LEFT)):
        line = footer.paragraphs[0]
        line.alignment = side
        shape = line.paragraph_format
        shape.right_indent, shape.left_indent = (Pt(14), Pt(0)) if side == RIGHT else (Pt(0), Pt(14))
        numbered(line)


def numbered(line: Paragraph) -> None:
    """— 1 —, where the number is a field."""
    for words in ("— ", None, " —"):
        if words is None:
            for kind in ("begin", "PAGE", "end"):
                run = faced(line.add_run(), SONG, Pt(14))
                if kind == "PAGE":
                    code = OxmlElement("w:instrText")
                    code.set(qn("xml:space"), "preserve")
                    code.text = " PAGE "
                    run._r.append(code)
                else:
                    mark = OxmlElement("w:fldChar")
                    mark.set(qn("w:fldCharType"), kind)
                    run._r.append(mark)
        else:
            faced(line.add_run(words), SONG, Pt(14))


def faced(run: Run, face: str, size: Length | None = None) -> Run:
    set_face(run._r.get_or_add_rPr(), face)
    if size is not None:
        run.font.size = size
    return run


def add_line(paper: Any, words: str = "", side: Any = None, face: str = "", size: Length | None = None) -> Paragraph:
    line: Paragraph = paper.add_paragraph()
    if side is not None:
        line.alignment = side
    if words:
        run = line.add_run(words)
        if face:
            faced(run, face, size)
    return line


def free_height(line: Paragraph, points: float = 0) -> Paragraph:
    """Lines of another height than the grid's: of large letters, small tables and pictures."""
    shape = line.paragraph_format
    off = with_facts("w:snapToGrid", val="0")
    line._p.get_or_add_pPr().insert_element_before(off, *AFTER_BORDERS[AFTER_BORDERS.index("w:snapToGrid") + 1 :])
    shape.line_spacing_rule = WD_LINE_SPACING.AT_LEAST if points else WD_LINE_SPACING.SINGLE
    if points:
        shape.line_spacing = Pt(points)
    return line


def add_head(paper: DocxDocument, sheet: dict[str, Any]) -> None:
    """Issuing body in red, number, red line, title, whom it is addressed to."""
    if sheet["organ"]:
        line = free_height(add_line(paper, sheet["organ"], CENTRE, XIAOBIAO, Pt(26)), 36)
        line.runs[0].font.color.rgb = RED
        add_line(paper)
        numbered_line = add_line(paper, sheet["number"], CENTRE)
        add_rule(numbered_line)
        add_line(paper)
    free_height(add_line(paper, sheet["title"], CENTRE, XIAOBIAO, TITLE), 34)
    add_line(paper)
    if sheet["addressed_to"]:
        add_line(paper, sheet["addressed_to"] + "：")


def add_rule(line: Paragraph) -> None:
    """A red line as wide as the core, 4 mm below the words."""
    borders = OxmlElement("w:pBdr")
    borders.append(with_facts("w:bottom", val="single", sz="12", space="11", color="C8102E"))
    line._p.get_or_add_pPr().insert_element_before(borders, *AFTER_BORDERS)


def add_heading(paper: DocxDocument, block: dict[str, Any], _files: Mapping[str, bytes]) -> None:
    paper.add_paragraph(block["text"], style=f"Heading {block['level']}")


def add_paragraph(paper: DocxDocument, block: dict[str, Any], _files: Mapping[str, bytes]) -> None:
    line = add_line(paper)
    line.paragraph_format.first_line_indent = 2 * BODY
    for piece in block["pieces"]:
        if "href" in piece:
            add_link(line, piece["text"], piece["href"])
        else:
            line.add_run(piece["text"])
        if "mark" in piece:
            line.add_run(piece["mark"]).font.superscript = True


def add_link(line: Paragraph, words: str, address: str, size: Length | None = None) -> None:
    link = OxmlElement("w:hyperlink")
    link.set(qn("r:id"), line.part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
    run = line.add_run(words, style="Hyperlink")
    if size is not None:
        run.font.size = size
    link.append(run._r)
    line._p.append(link)


def add_table(paper: DocxDocument, block: dict[str, Any], _files: Mapping[str, bytes]) -> None:
    add_caption(paper, block["title"])
    table = grid_of(paper, len(block["rows"]) + 1, len(block["heads"]))
    for k, words in enumerate(block["heads"]):
        fill(table.cell(0, k), words, head=True, side=CENTRE)
    for n, row in enumerate(block["rows"], start=1):
        for k, one in enumerate(row):
            fill(table.cell(n, k), one["text"], side=RIGHT if k else LEFT, address=one.get("href", ""))
    add_note(paper, block["note"])


def grid_of(paper: DocxDocument, rows: int, columns: int) -> Any:
    """A ruled table whose first row stands again on the next page."""
    table = paper.add_table(rows, columns, style="Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    properties = table.rows[0]._tr.get_or_add_trPr()
    properties.append(OxmlElement("w:tblHeader"))
    for row in table.rows:
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    return table


def fill(cell: Any, words: str, *, head: bool = False, side: Any = LEFT, address: str = "") -> None:
    line = free_height(cell.paragraphs[0])
    line.alignment = side
    if address:
        add_link(line, words, address, SMALL)
    else:
        faced(line.add_run(words), HEITI if head else FANGSONG, SMALL)


def add_caption(paper: DocxDocument, words: str) -> None:
    line = add_line(paper, words, CENTRE, HEITI, Pt(12))
    line.paragraph_format.keep_with_next = True


def add_note(paper: DocxDocument, words: str) -> None:
    if words:
        add_line(paper, words, LEFT, FANGSONG, SMALL)


def add_chart(paper: DocxDocument, block: dict[str, Any], files: Mapping[str, bytes]) -> None:
    add_caption(paper, block["title"])
    line = free_height(add_line(paper, side=CENTRE))
    add_picture(line, as_picture(files[block["file"]]), Mm(150), block["alt"])
    add_note(paper, block["note"])


def add_photos(paper: DocxDocument, block: dict[str, Any], files: Mapping[str, bytes]) -> None:
    for photo in block["photos"]:
        line = free_height(add_line(paper, side=CENTRE))
        line.paragraph_format.keep_with_next = True
        add_picture(line, files[photo["file"]], Mm(110), photo["caption"])
        add_line(paper, photo["caption"], CENTRE, FANGSONG, SMALL)


def add_picture(line: Paragraph, body: bytes, width: Length, words: str) -> None:
    """With words for those who do not see it."""
    shape = line.add_run().add_picture(io.BytesIO(body), width=width)
    shape._inline.docPr.set("descr", words)


def add_end(paper: DocxDocument, sheet: dict[str, Any]) -> None:
    """The annex by name, the issuing body and the day, four characters from the right edge."""
    if sheet["numbers"] or sheet["tables"]:
        line = add_line(paper, f"附件：{sheet['annex']}")
        line.paragraph_format.first_line_indent = 2 * BODY
    if sheet["day"]:
        add_line(paper)
        add_line(paper)
        for words in (sheet["organ"], sheet["day"]):
            line = add_line(paper, words, RIGHT)
            line.paragraph_format.right_indent = 4 * BODY


def add_annex(paper: DocxDocument, sheet: dict[str, Any]) -> None:
    first = add_line(paper, "附件", LEFT, HEITI, BODY)
    first.paragraph_format.page_break_before = True
    add_line(paper)
    free_height(add_line(paper, sheet["annex"], CENTRE, XIAOBIAO, TITLE), 34)
    for words in sheet["remarks"]:
        add_note(paper, words)
    if sheet["numbers"]:
        add_numbers(paper, sheet)
    for one in sheet["tables"]:
        add_line(paper)
        add_table(paper, {**one, "note": ""}, {})


def add_numbers(paper: DocxDocument, sheet: dict[str, Any]) -> None:
    """What each number of the sentences is, and its codes."""
    table = grid_of(paper, len(sheet["numbers"]) + 1, len(sheet["heads"]))
    for k, words in enumerate(sheet["heads"]):
        fill(table.cell(0, k), words, head=True, side=CENTRE)
    for n, row in enumerate(sheet["numbers"], start=1):
        for k, key in enumerate(("n", "what", "told")):
            fill(table.cell(n, k), row[key])
        line = free_height(table.cell(n, 3).paragraphs[0])
        for code in row["codes"]:
            if line.runs or line.hyperlinks:
                line.add_run().add_break()
            if code["href"]:
                add_link(line, code["code"], code["href"], SMALL)
            else:
                faced(line.add_run(code["code"]), FANGSONG, SMALL)
    widths = (Mm(14), Mm(70), Mm(40), Mm(32))
    for row_ in table.rows:
        for cell, width in zip(row_.cells, widths, strict=True):
            cell.width = width


def add_imprint(paper: DocxDocument, sheet: dict[str, Any]) -> None:
    """版记 at the foot of the last page: who else gets it, who had it printed and when, in 4号 between rules."""
    rows = [(f"抄送：{sheet['copied_to']}。", "")] if sheet["copied_to"] else []
    rows.append((sheet["organ"], f"{sheet['day']}印发"))
    add_line(paper)
    table = paper.add_table(len(rows), 2)
    for n, (left, right) in enumerate(rows):
        first, last = table.rows[n].cells
        filled = [(first, left, LEFT), (last, right, RIGHT)] if right else [(first.merge(last), left, LEFT)]
        for cell, words, side in filled:
            line = free_height(cell.paragraphs[0])
            line.alignment = side
            line.paragraph_format.left_indent, line.paragraph_format.right_indent = Pt(14), Pt(14)
            faced(line.add_run(words), FANGSONG, Pt(14))
    rule_off(table)
    at_the_foot(table)
    free_height(paper.add_paragraph()).add_run().font.size = Pt(1)  # a table is never the last thing of a paper


def rule_off(table: Any) -> None:
    """Rules as wide as the core: thick ones around (0.35 mm), thin ones between (0.25 mm)."""
    borders = OxmlElement("w:tblBorders")
    for name, eighths in (("top", "8"), ("bottom", "8"), ("insideH", "6")):
        borders.append(with_facts(f"w:{name}", val="single", sz=eighths, space="0", color="000000"))
    table._tbl.tblPr.insert_element_before(borders, "w:shd", "w:tblLayout", "w:tblCellMar", "w:tblLook")


def at_the_foot(table: Any) -> None:
    """A table that floats to the lower edge of the core of its page (LibreOffice 7.4 leaves it below the text)."""
    spot = with_facts("w:tblpPr", vertAnchor="margin", tblpYSpec="bottom", horzAnchor="margin", tblpXSpec="center")
    table._tbl.tblPr.insert(0 if table._tbl.tblPr.find(qn("w:tblStyle")) is None else 1, spot)


def with_facts(name: str, **facts: str) -> Any:
    made = OxmlElement(name)
    for key, value in facts.items():
        made.set(qn(f"w:{key}"), value)
    return made


ADD = {
    "heading": add_heading,
    "paragraph": add_paragraph,
    "table": add_table,
    "chart": add_chart,
    "photos": add_photos,
}
