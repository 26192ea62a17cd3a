"""A round-up as a sheet: every word and picture of it laid out as plain data, from which both kinds of file are drawn."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from PIL import Image

from huying.cockpit.models import Report
from huying.cockpit.queries.report_filling import Document
from huying.cockpit.queries.report_grids import number_in
from huying.cockpit.rules import report_charts
from huying.cockpit.rules.report_saying import day_words, stretch_told
from huying.kernel import clock

ANNEX = "数据来源与编号"
HEADS = ("序号", "数的含义", "文中的数", "编号")
LONGEST_SIDE = 1400
HAND_MARK = "*"
CODES_OF = "《{title}》中各数的编号"
NO_CODE = {"text": "–"}


def laid(report: Report, document: Document, pictures: Mapping[str, bytes], base: str) -> dict[str, Any]:
    """The sheet of a document; ``base`` is the address of this installation, without a slash at its end.

    Beside the words: ``files``, name -> bytes of pictures (JPEG) and charts (SVG). A picture that may not be shown any
    more is left out and said to be.
    """
    files: dict[str, bytes] = {}
    links = {n: link_of(fact, base) for n, fact in enumerate(document["numbers"], start=1)}
    return {
        "organ": report.organ,
        "number": report.paper_number,
        "title": document["title"],
        "addressed_to": document["addressed_to"],
        "blocks": [block_of(one, links, pictures, files, base) for one in document["blocks"]],
        "day": day_words(clock.local(report.signed_at).date()) if report.signed_at else "",
        "annex": ANNEX,
        "heads": list(HEADS),
        "remarks": remarks(report, document, base),
        "numbers": numbers(document, base),
        "tables": code_tables(document, base),
        "copied_to": document.get("copied_to", ""),
        "files": files,
    }


def numbers(document: Document, base: str) -> list[dict[str, Any]]:
    """The lines of the annex."""
    return [row_of(n, fact, base) for n, fact in enumerate(document["numbers"], start=1)]


def code_tables(document: Document, base: str) -> list[dict[str, Any]]:
    """For each table whose numbers have codes, one of the same shape with the codes in it; nothing in drafts."""
    coded = [one for one in document["blocks"] if one["kind"] == "table" and any(map(any, one.get("codes", ())))]
    return [
        {
            "title": CODES_OF.format(title=one["title"]),
            "heads": one["heads"],
            "rows": [
                [
                    {"text": row[0]},
                    *({"text": code, "href": f"{base}/n/{code}/"} if code else NO_CODE for code in codes),
                ]
                for row, codes in zip(one["rows"], one["codes"], strict=True)
            ],
        }
        for one in coded
    ]


def link_of(fact: dict[str, Any], base: str) -> str:
    """The page that defines a number: by its code where it has one."""
    return f"{base}/n/{code}/" if (code := code_of(fact)) else ""


def code_of(fact: dict[str, Any]) -> str:
    """Of the codes of a fact (stretch by stretch, each with all its metrics) that of the very number told; "" in a draft."""
    codes: list[str] = fact.get("codes", [])
    at = stretch_told(fact["field"]) * len(fact.get("with", ()))
    return codes[at] if codes else ""


def row_of(n: int, fact: dict[str, Any], base: str) -> dict[str, Any]:
    """One line of the annex: what the number is, as it was said, by whose word."""
    what = f"{fact['name']}（{fact['field']}）"
    if "source" in fact:
        what += f"：填报的数，来源：{fact['source']}，截至{fact['as_of']}"
    else:
        what += f"：{fact['counts']}"
    told = fact["told"]
    if fact.get("hand"):
        told = f"{fact['hand']}{HAND_MARK}（人工填写；平台计算：{fact['told']}）"
    codes = [{"code": code, "href": f"{base}/n/{code}/"} for code in fact.get("codes", [])]
    return {"n": str(n), "what": what, "told": told, "codes": codes or [{"code": "–", "href": ""}]}


def remarks(report: Report, document: Document, base: str) -> list[str]:
    """What a reader must know of the numbers."""
    at = document["as_of"].replace("T", " ")[:16]
    found = [f"文中的数取自平台，时间截至{at}；每个数的编号可在 {base}/n/编号/ 打开，查看它数什么、由什么组成。"]
    if document["public"]:
        found.append("较小的数不公布，以免从中认出个人。")
    if any(one.get("hand") for one in document["numbers"]):
        found.append(f"带{HAND_MARK}的数由编辑人员填写，与平台计算的数并列在表中。")
    if report.digest:
        found.append(f"锁定内容的摘要（SHA-256）：{report.digest}")
    return found


def block_of(
    block: dict[str, Any], links: Mapping[int, str], pictures: Mapping[str, bytes], files: dict[str, bytes], base: str
) -> dict[str, Any]:
    if block["kind"] == "paragraph":
        return {"kind": "paragraph", "pieces": [piece_of(one, links) for one in block["pieces"]]}
    if block["kind"] in {"line", "bar"}:
        name = f"chart{len(files)}.svg"
        files[name] = report_charts.drawn(block).encode()
        return {"kind": "chart", "title": block["title"], "file": name, "alt": told(block), "note": block["note"]}
    if block["kind"] == "photos":
        shown = [one for one in block["photos"] if one["id"] in pictures]
        for one in shown:
            files[f"{one['id']}.jpg"] = jpeg(pictures[one["id"]])
        return {
            "kind": "photos",
            "photos": [{"file": f"{one['id']}.jpg", "caption": one["caption"]} for one in shown],
        }
    if block["kind"] == "table":
        return {**block, "rows": cells(block, base)}
    return block


def cells(block: dict[str, Any], base: str = "") -> list[list[dict[str, str]]]:
    """Rows of a table: ``text`` of each cell and, where it holds a number that has a page, its ``href``."""
    rows = []
    for n, row in enumerate(block["rows"]):
        found = [{"text": words} for words in row]
        for k, one in enumerate(found[1:]):
            if path := cell_path(block, n, k):
                one["href"] = base + path
        rows.append(found)
    return rows


def cell_path(block: dict[str, Any], n: int, k: int) -> str:
    """The page of the number in row ``n`` under metric ``k``; nothing where no number stands, what was counted at the
    place itself, and in papers locked before tables said which numbers they hold.
    """
    found = number_in(block, n, k)
    if found is None:
        return ""
    metric, place, since, until = found
    days = urlencode({"since": since, "until": until})
    return f"{reverse('figures:number', args=[place, metric])}?{days}"


def piece_of(piece: dict[str, Any], links: Mapping[int, str]) -> dict[str, Any]:
    made = {"text": piece["text"]}
    if "n" in piece:
        if links[piece["n"]]:
            made["href"] = links[piece["n"]]
        made["mark"] = f"[{piece['n']}]" + (HAND_MARK if piece["kind"] == "hand" else "")
    return made


def told(block: dict[str, Any]) -> str:
    """A chart in words, for those who do not see it."""
    lines = [
        one["name"]
        + "："
        + "，".join(
            f"{label} {'–' if value is None else report_charts.shown(value)}"
            for label, value in zip(block["labels"], one["values"], strict=True)
        )
        for one in block["series"]
    ]
    return f"{block['title']}。{'；'.join(lines)}"


def jpeg(body: bytes) -> bytes:
    """A kept picture (WebP) as the format that every reader of papers knows, without any metadata."""
    picture = Image.open(io.BytesIO(body)).convert("RGB")
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    drawn = io.BytesIO()
    picture.save(drawn, "JPEG", quality=85, optimize=False)
    return drawn.getvalue()
