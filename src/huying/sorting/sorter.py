"""The trained model: plain arrays, kept as npz bytes, never as pickled objects."""

from __future__ import annotations

import io
from dataclasses import dataclass
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from huying.sorting.words import BUCKETS, Cut, cut

Floats = NDArray[np.float32]
ONE_WORD = 0.02
"""A word must push the log-odds of its kind at least so far to be named as a reason."""


@dataclass(frozen=True, slots=True)
class Sorter:
    """``weights`` [BUCKETS, kinds] and ``bias`` [kinds] give log-odds, divided by ``temperature``; at a chance of
    ``threshold`` or more (0 to 1) a kind may be proposed as probable, below it a person chooses.
    """

    labels: tuple[str, ...]
    weights: Floats
    bias: Floats
    temperature: float
    threshold: float

    def chances(self, text: str) -> Floats:
        """The chance of each label; they sum to 1. Those of the bias alone for a text without words."""
        return self.weighed(cut(text).numbers())

    def weighed(self, buckets: NDArray[np.int32]) -> Floats:
        """The same for a text that was counted already."""
        odds = self.bias.copy()
        if buckets.size:
            odds = odds + self.weights[buckets].sum(axis=0) / np.sqrt(np.float32(buckets.size))
        odds = odds / np.float32(self.temperature)
        shares = np.exp(odds - odds.max())
        chances: Floats = shares / shares.sum()
        return chances

    def reasons(self, read: Cut, label: str, most: int = 3) -> list[str]:
        """The words of the text that spoke for ``label`` most, strongest first. A bucket's push beyond its mean over all
        kinds is shared among the words it came from.
        """
        if label not in self.labels or not read.buckets:
            return []
        numbers = read.numbers()
        rows = self.weights[numbers]
        scale = np.sqrt(len(numbers)) * self.temperature
        beyond = (rows[:, self.labels.index(label)] - rows.mean(axis=1)) / scale
        pushes = [0.0] * len(read.words)
        for bucket, push in zip(numbers.tolist(), beyond.tolist(), strict=True):
            places = read.buckets[bucket]
            for place in places:
                pushes[place] += push / len(places)
        best: dict[str, float] = {}
        for place, push in enumerate(pushes):
            if push >= ONE_WORD:
                word = in_company(read.words, pushes, place)
                best[word] = max(push, best.get(word, 0.0))
        strong = sorted(best, key=lambda word: (-best[word], word))
        return [word for word in strong if not any(word in other for other in strong if other != word)][:most]

    def packed(self) -> bytes:
        """The arrays as npz bytes; only rows with something in them, in half precision."""
        rows = np.flatnonzero(np.abs(self.weights).max(axis=1) > 0).astype(np.int32)
        out = io.BytesIO()
        np.savez_compressed(
            out,
            labels=np.array(self.labels, dtype=np.str_),
            rows=rows,
            weights=self.weights[rows].astype(np.float16),
            bias=self.bias,
            scalars=np.array([self.temperature, self.threshold, BUCKETS], dtype=np.float64),
        )
        return out.getvalue()


def in_company(words: tuple[str, ...], pushes: list[float], place: int) -> str:
    """A word as a reason: a single letter says little, so it is shown with the neighbour that speaks louder (澡: 洗个澡)."""
    if len(words[place]) > 1 or words[place].isascii():
        return words[place]
    near = [other for other in (place - 1, place + 1) if 0 <= other < len(words) and pushes[other] > 0]
    if not near:
        return words[place]
    other = max(near, key=lambda one: pushes[one])
    return "".join(words[min(place, other) : max(place, other) + 1])


class NoSorter(ValueError):
    """These bytes are no sorter, or one of another number of buckets."""


def unpacked(body: bytes) -> Sorter:
    """The sorter in npz bytes; NoSorter when there is none in them. Objects are never unpickled."""
    try:
        with np.load(io.BytesIO(body), allow_pickle=False) as kept:
            labels, rows, few = kept["labels"], kept["rows"], kept["weights"]
            bias, (temperature, threshold, buckets) = kept["bias"], kept["scalars"]
    except (ValueError, KeyError, OSError, EOFError, BadZipFile) as wrong:
        raise NoSorter(str(wrong)) from None
    if int(buckets) != BUCKETS or few.shape != (len(rows), len(labels)) or bias.shape != (len(labels),):
        raise NoSorter("the arrays do not fit each other")
    weights = np.zeros((BUCKETS, len(labels)), dtype=np.float32)
    weights[rows] = few
    return Sorter(tuple(map(str, labels)), weights, bias.astype(np.float32), float(temperature), float(threshold))
