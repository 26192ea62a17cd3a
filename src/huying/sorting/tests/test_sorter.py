"""Text in, chances and reasons out: what must hold of every text, and of the arrays."""

from __future__ import annotations

import io
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huying.sorting import words
from huying.sorting.sorter import NoSorter, Sorter, unpacked
from huying.sorting.tests.small import small


@cache
def sorter() -> Sorter:
    return small(bath="洗澡 擦身 卧床", clinic="医院 复查 看病", meal="送饭 午饭")


HOSTILE = [
    "洗" * 10_000,
    "😭" * 3000,
    "\x00\x07\u202e\ufeff",
    "\ud800",
    "<script>alert(1)</script>",
    "'; DROP TABLE",
    "",
    " \n\t",
]


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=400))
def test_chances_sum_to_one_and_repeat_for_any_text(text: str) -> None:
    chances = sorter().chances(text)

    assert float(chances.sum()) == pytest.approx(1, abs=1e-5)
    assert (chances >= 0).all()
    assert (chances == sorter().chances(text)).all()


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_read_like_any_other(text: str) -> None:
    assert float(sorter().chances(text).sum()) == pytest.approx(1, abs=1e-5)
    assert len(words.plain(text)) <= words.LONGEST
    assert sorter().reasons(words.cut(text), "bath") == [] or text.startswith("洗")


def test_the_words_that_spoke_for_a_kind_are_named_strongest_first() -> None:
    reasons = sorter().reasons(words.cut("我爸卧床好久，想请人帮他洗澡，谢谢"), "bath")

    assert set(reasons) == {"卧床", "洗澡"}
    assert sorter().reasons(words.cut("我爸卧床好久"), "unknown") == []


def test_a_single_letter_is_named_with_its_louder_neighbour() -> None:
    bathing = small(bath="洗个澡", clinic="医院")

    assert bathing.reasons(words.cut("洗"), "bath") in ([], ["洗"])
    assert bathing.reasons(words.cut("想洗个澡"), "bath") == ["洗个澡"]


def test_names_and_numbers_are_no_words() -> None:
    said = words.plain("王建国大爷住桂花里3幢502，电话13912345678，李阿姨陪他", ("王建国", "桂花里"))

    assert "王建国" not in said and "桂花里" not in said and "李" not in said
    assert "1391" not in said and "502" not in said
    assert "陪他" in said


def test_full_width_and_capitals_are_the_same_text() -> None:
    assert words.plain("ＷｅＣｈａｔ　怎么用") == words.plain("wechat 怎么用")


def test_arrays_survive_packing_and_nothing_else_is_read_as_arrays() -> None:
    again = unpacked(sorter().packed())

    assert again.labels == sorter().labels
    assert (again.chances("想洗澡") == sorter().chances("想洗澡")).all()
    for body in (b"", b"PK\x03\x04", b"not arrays", sorter().packed()[:200]):
        with pytest.raises(NoSorter):
            unpacked(body)


def test_pickled_objects_are_never_opened() -> None:
    out = io.BytesIO()
    np.savez(out, labels=np.array([{"a": 1}], dtype=object))

    with pytest.raises(NoSorter):
        unpacked(out.getvalue())
