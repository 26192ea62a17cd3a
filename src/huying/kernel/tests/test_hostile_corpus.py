"""Seven hundred damaged files: none is kept with anything but pixels, none brings a reader down with an
unforeseen error.

The readers run in this process here, which is what makes seven hundred cheap; their limits are proved with
the bombs.
"""

from __future__ import annotations

import io
import json
import random
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from huying.kernel.attachments.images import sniff
from huying.kernel.children import geo, image, sheet
from huying.kernel.tests.pictures import SECRET_WORDS, encoded
from huying.kernel.tests.tables import xlsx_upload

EACH = 100


def damaged(whole: bytes, number: int) -> bytes:
    """The file with bits turned over, a piece cut out, doubled, or its end missing; the same for the same
    number.
    """
    chance = random.Random(number)
    data = bytearray(whole)
    for _ in range(chance.randint(1, 8)):
        start = chance.randrange(len(data))
        length = chance.randint(1, 40)
        match chance.randrange(4):
            case 0:
                data[start] ^= 1 << chance.randrange(8)
            case 1:
                del data[start : start + length]
            case 2:
                data[start:start] = data[start : start + length]
            case _:
                data[start : start + length] = chance.randbytes(length)
        data = data or bytearray(b"x")
    return bytes(data)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_damaged_pictures_are_redrawn_clean_or_refused(kind: str) -> None:
    whole = encoded(kind)
    outcomes: dict[str, int] = {}

    for number in range(EACH):
        data = damaged(whole, number)
        result = sniff(data)
        if result == "picture":
            found = image.redraw(data, 200, 60, 1_000_000)
            result = found if isinstance(found, str) else "kept"
            if not isinstance(found, str):
                bodies = [image.encoded(picture) for picture in found]
                assert [word for word in SECRET_WORDS for body in bodies if word in body] == []
        outcomes[result] = outcomes.get(result, 0) + 1

    assert set(outcomes) <= {"kept", "format", "damaged", "pixels", "pdf", "svg", "polyglot"}
    assert sum(outcomes.values()) == EACH


def told(monkeypatch: pytest.MonkeyPatch, data: bytes, read: Callable[[], Any], wrong: type[Exception]) -> str:
    monkeypatch.setattr("sys.stdin", type("Stdin", (), {"buffer": io.BytesIO(data)}))
    try:
        read()
    except wrong:
        return "refused"
    return "read"


def test_damaged_tables_are_read_or_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    table = xlsx_upload([["姓名", "电话", "日期"], ["王秀英", 13800138000, "2026-11-20"]] * 20).read()
    text = ("姓名,电话\n" + '"王, 秀英",13800138000\n' * 20).encode("gb18030")

    outcomes = [told(monkeypatch, damaged(table, n), lambda: list(sheet.xlsx_rows()), sheet.Wrong) for n in range(EACH)]
    outcomes += [
        told(monkeypatch, damaged(text, n), lambda: list(sheet.csv_rows(1000)), sheet.Wrong) for n in range(EACH)
    ]

    assert set(outcomes) == {"read", "refused"}


def test_damaged_maps_are_read_or_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    shape = {"type": "Polygon", "coordinates": [[[121, 31], [121.1, 31], [121.1, 31.1], [121, 31]]]}
    feature = {"type": "Feature", "id": 7, "properties": {"name": "柳溪"}, "geometry": shape}
    whole = json.dumps({"type": "FeatureCollection", "features": [feature] * 5}, ensure_ascii=False).encode()

    def read(data: bytes) -> list[Any]:
        count = geo.Count(1000)
        return [geo.checked(each, count, 1000) for each in geo.features(geo.parsed(data, 1000))]

    outcomes = []
    for number in range(EACH):
        outcomes.append(told(monkeypatch, b"", partial(read, damaged(whole, number)), geo.Wrong))

    assert set(outcomes) == {"read", "refused"}
