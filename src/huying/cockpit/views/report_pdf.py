"""Round-ups as PDF: Typst draws them with a free face from a package; no program and no font of the system is needed."""

from __future__ import annotations

import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

FONTS = ("pylopdf_fonts_zh_cn", "cvttf_NotoSansCJK_Regular")
"""Packages that hold Noto Serif SC and Noto Sans SC (仿宋 and 黑体 of the standard are not free), and Noto Sans CJK for
characters that are in neither. All under the SIL Open Font License.
"""
DPI = 200


@cache
def fonts() -> list[str]:
    """Folders of the fonts."""
    found = [find_spec(name) for name in FONTS]
    places = [str(Path(spec.origin).parent) for spec in found if spec is not None and spec.origin is not None]
    assert len(places) == len(FONTS)  # requirements.txt
    return places


def drawn(sheet: dict[str, Any]) -> bytes:
    """The PDF of a sheet of ``report_paper.laid``."""
    words = json.dumps({key: value for key, value in sheet.items() if key != "files"}, ensure_ascii=False)
    source = Path(__file__).parent.parent / "templates" / "cockpit" / "report.typ"
    return compiled({"main.typ": source.read_bytes(), "data.json": words.encode(), **sheet["files"]})


def as_picture(svg: bytes) -> bytes:
    """A chart as PNG, for papers that hold no SVG; drawn by the same program, so the same bytes each time."""
    page = b'#set page(width: auto, height: auto, margin: 0pt)\n#image("chart.svg", width: 156mm)'
    return compiled({"main.typ": page, "chart.svg": svg}, format="png", ppi=DPI)


def compiled(files: dict[str, bytes], **options: Any) -> bytes:
    """What ``main.typ`` among the files becomes. They lie in a folder of their own: handed over as bytes, the typesetter
    takes pictures for text (typst 0.15).
    """
    import typst  # noqa: PLC0415 - only who prints loads a typesetter

    with TemporaryDirectory() as folder:
        for name, body in files.items():
            (Path(folder) / name).write_bytes(body)
        main = str(Path(folder) / "main.typ")
        made: bytes = typst.compile(main, root=folder, font_paths=fonts(), ignore_system_fonts=True, **options)
    return made
