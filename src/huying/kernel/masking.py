"""Keeps numbers of people out of the logs: identity numbers (GB 11643) and Chinese mobile numbers,
wherever they turn up.
"""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Mapping, MutableMapping
from typing import Any

ID_NUMBER = re.compile(
    r"(?<![0-9A-Za-z０-９])[1-9１-９]\d{5}(?:1[89]|20|１[８９]|２０)\d{2}[01０１]\d[0-3０-３]\d{4}[0-9Xx０-９Ｘｘ](?![0-9０-９])"
)
MOBILE = re.compile(r"(?<![0-9０-９.])(?:[+＋]?86[ -]?|0086[ -]?)?[1１][3-9３-９]\d[ -]?\d{4}[ -]?\d{4}(?![0-9０-９])")
ID_MARK, MOBILE_MARK = "[证件号]", "[手机号]"


def mask(text: str) -> str:
    """The text with every identity number and mobile number replaced by a mark. Rather one too many than
    one too few.
    """
    return MOBILE.sub(MOBILE_MARK, ID_NUMBER.sub(ID_MARK, text))


def mask_any(value: Any) -> Any:
    """The same through mappings, lists and tuples; other values as they are unless their text holds a
    number.
    """
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, bool | float | None):
        return value
    if isinstance(value, Mapping):
        return {mask_any(key): mask_any(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [mask_any(item) for item in value]
    text = str(value)
    masked = mask(text)
    return value if masked == text else masked


def processor(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """For structlog, after the processor that formats exceptions."""
    return {key: mask_any(value) for key, value in event.items()}


class MaskFilter(logging.Filter):
    """For the standard library's handlers: masks message, arguments and traceback of every record."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = mask(record.getMessage()), None
        if record.exc_info and record.exc_info[0] is not None and not record.exc_text:
            record.exc_text = "".join(traceback.format_exception(*record.exc_info)).rstrip()
        if record.exc_text:
            record.exc_text = mask(record.exc_text)
        if record.stack_info:
            record.stack_info = mask(record.stack_info)
        return True
