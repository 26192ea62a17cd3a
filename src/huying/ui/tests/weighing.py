"""What the first view of a page costs on the wire: page, styles, scripts, sprites, web manifest, as they are sent."""

from __future__ import annotations

import gzip
import re

from django.conf import settings
from django.test import Client

FIRST_VIEW = 60 * 1024


def packed(address: str) -> int:
    """Bytes of a static file as it is sent: the .gz beside it when there is one."""
    path = settings.BUILT / address.removeprefix("/static/").partition("#")[0]
    beside = path.with_name(path.name + ".gz")
    return int((beside if beside.exists() else path).stat().st_size)


def weigh(client: Client, address: str) -> dict[str, int]:
    """Bytes by address. The touch icon is left out: it is fetched when the app is put on the home screen."""
    sent = client.get(address, headers={"Accept-Encoding": "gzip"})
    page = gzip.decompress(sent.content).decode()
    found = {name for name in re.findall(r'(?:src|href)="(/static/[^"#]+)', page) if not name.endswith(".png")}
    sheets = [(settings.BUILT / name.removeprefix("/static/")).read_text() for name in found if name.endswith(".css")]
    found |= {name for sheet in sheets for name in re.findall(r"url\(\"?(/static/[^)\"]+)", sheet)}
    weights = {name: packed(name) for name in found}
    weights[address] = len(sent.content)
    weights["manifest"] = len(client.get("/ui/app.webmanifest", headers={"Accept-Encoding": "gzip"}).content)
    return weights
