"""A signed text has one spelling: nothing that was not written by ``sign`` is taken for it."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huying.kernel import signing

LETTERS = string.ascii_letters + string.digits + "-_"


@given(payload=st.binary(max_size=40))
def test_what_was_signed_is_read_again(payload: bytes) -> None:
    assert signing.unsign(signing.sign(payload, "one"), "one") == payload


@given(payload=st.binary(max_size=40), at=st.integers(0, 60), letter=st.sampled_from(LETTERS))
def test_any_other_letter_anywhere_is_refused(payload: bytes, at: int, letter: str) -> None:
    """Also in the last letter, some of whose bits carry nothing."""
    good = signing.sign(payload, "one")
    place = at % len(good)
    changed = good[:place] + letter + good[place + 1 :]
    if changed != good:
        with pytest.raises(signing.BadSignature):
            signing.unsign(changed, "one")


@pytest.mark.parametrize(
    "change", [lambda text: text + "=", lambda text: text + "A", str.swapcase, lambda text: f" {text}"]
)
def test_padding_and_other_spellings_are_refused(change: object) -> None:
    with pytest.raises(signing.BadSignature):
        signing.unsign(change(signing.sign(b"x" * 16, "one")), "one")  # type: ignore[operator]


def test_a_text_signed_for_one_purpose_is_worth_nothing_for_another() -> None:
    with pytest.raises(signing.BadSignature):
        signing.unsign(signing.sign(b"payload", "one"), "another")
