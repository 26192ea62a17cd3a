"""How answers of Open311 are written: XML, and JSON as the Spark convention maps it (a list loses its wrapping name)."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape  # only writes

from django.http import HttpResponse

from huying.kernel import clock

TYPES = {"xml": "text/xml; charset=utf-8", "json": "application/json; charset=utf-8"}
ONE_OF = {
    "services": "service",
    "service_requests": "request",
    "attributes": "attribute",
    "values": "value",
    "errors": "error",
    "endpoints": "endpoint",
    "formats": "format",
}
"""How one member of a list is called in XML."""
NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def written(wire: str, name: str, value: Any, *, status: int = 200) -> HttpResponse:
    """The answer: ``name`` is the root in XML; ``value`` holds dicts, lists, text, numbers, True and None."""
    if wire == "json":
        text = json.dumps(plain(value), ensure_ascii=False)
    else:
        text = f'<?xml version="1.0" encoding="utf-8"?>\n{element(name, value)}\n'
    return HttpResponse(text.encode("utf-8", "replace"), content_type=TYPES[wire], status=status)


def element(name: str, value: Any) -> str:
    """One element and all below it."""
    if isinstance(value, dict):
        inner = "".join(element(key, one) for key, one in value.items())
    elif isinstance(value, list):
        inner = "".join(element(ONE_OF[name], one) for one in value)
    else:
        inner = escape(NOT_XML.sub("\ufffd", words(value)))
    return f"<{name}>{inner}</{name}>" if inner else f"<{name}/>"


def words(value: Any) -> str:
    """A value as text: nothing for None, times in China's zone."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return moment(value) if isinstance(value, datetime) else str(value)


def plain(value: Any) -> Any:
    """The same with times as text."""
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return moment(value) if isinstance(value, datetime) else value


def moment(at: datetime) -> str:
    """2026-03-03T10:00:00+08:00."""
    return clock.local(at).isoformat(timespec="seconds")
