"""Numbers of people stay out of the logs, however they get near them."""

from __future__ import annotations

import io
import logging
import random
from typing import Any

import pytest

from huying.kernel.masking import MaskFilter, mask, mask_any, processor
from huying.kernel.sealed.numbers import id_check_character

ID = "11010519491231002X"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("call 13800138000 now", "call [手机号] now"),
        ("+8613800138000", "[手机号]"),
        ("+86 138 0013 8000", "[手机号]"),
        ("138-0013-8000", "[手机号]"),
        ("１３８００１３８０００", "[手机号]"),
        ("tel=13800138000&x=1", "tel=[手机号]&x=1"),
        ("电话13800138000地址", "电话[手机号]地址"),
        (f"id {ID}.", "id [证件号]."),
        (f"身份证{ID.lower()}号", "身份证[证件号]号"),
        ("１１０１０５１９４９１２３１００２Ｘ", "[证件号]"),
        (f"{ID},13800138000", "[证件号],[手机号]"),
    ],
)
def test_numbers_of_people_are_replaced(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-20 12:00:00,123 INFO job 4711 done in 0.138001380",
        "0192f3c4-5b6a-7138-8013-800013800138",
        "1763625600000",
        "12345 110 95598",
        "HY20261120-00017",
        "123456789012345678901234",
        "lat 31.1380013800",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert mask(text) == text


def test_a_thousand_made_up_people_leave_no_number_behind() -> None:
    chance = random.Random(11)
    phones = [f"1{chance.randint(3, 9)}{chance.randrange(10**9):09}" for _ in range(1000)]
    first17 = [
        f"{chance.randint(11, 65)}{chance.randrange(10**4):04}{chance.randint(1930, 2024)}"
        f"{chance.randint(1, 12):02}{chance.randint(1, 28):02}{chance.randrange(1000):03}"
        for _ in range(1000)
    ]
    ids = [each + id_check_character(each) for each in first17]
    text = "\n".join(
        f'{{"person": "{phone}", "id": "{number}"}} /p/{phone}/?id={number}'
        for phone, number in zip(phones, ids, strict=True)
    )

    masked = mask(text)

    assert [number for number in phones + ids if number in masked] == []


def logged(write: Any) -> str:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(MaskFilter())
    log = logging.getLogger("huying.test.masking")
    log.propagate, log.handlers = False, [handler]
    write(log)
    return stream.getvalue()


def test_messages_arguments_and_tracebacks_of_the_log_are_masked() -> None:
    def write(log: logging.Logger) -> None:
        log.warning("called %s (%d)", "13800138000", 13800138000)
        log.warning("facts %s", {"id": ID})
        try:
            raise ValueError(f"no such person {ID}")
        except ValueError:
            log.exception("failed for 13800138000")
        log.warning("no arguments, 100% of 13800138000")

    text = logged(write)

    assert "13800138000" not in text and ID not in text
    assert "Traceback" in text and "no such person [证件号]" in text and "100% of [手机号]" in text


def test_structlog_events_are_masked_through_and_through() -> None:
    event = {"event": "call 13800138000", "facts": {"ids": [ID, 5], "number": 13800138000, "ok": True, "none": None}}

    assert processor(None, "info", event) == {
        "event": "call [手机号]",
        "facts": {"ids": ["[证件号]", 5], "number": "[手机号]", "ok": True, "none": None},
    }
    assert mask_any(1.5) == 1.5


def test_every_handler_of_the_product_masks(settings: Any) -> None:
    assert [name for name, handler in settings.LOGGING["handlers"].items() if "mask" not in handler["filters"]] == []
    assert settings.LOGGING["filters"]["mask"]["()"] == "huying.kernel.masking.MaskFilter"
