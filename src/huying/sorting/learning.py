"""Teaching a sorter, with scikit-learn. It takes 130 MB and seconds, so it is done in a process of its own (teaching.py),
and loaded only when something is taught.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from huying.sorting.sorter import Sorter
from huying.sorting.words import BUCKETS, counted
from huying.sorting.written import Example

if TYPE_CHECKING:
    from scipy.sparse import csr_array

STRENGTH = 20.0
"""C of scikit-learn: the inverse of how hard large weights are held down; chosen on the tuning families."""
ROUNDS, CLOSE_ENOUGH = 400, 1e-4
SHARED_BY = 3
"""A word of real asks that the project's text does not have is learnt when so many persons have used it: what only one
family says (names, places, illnesses) never enters the model. A kind known from corrections alone needs as many persons.
"""
SURE_ENOUGH = 0.95
"""At the threshold and above so many of the tuning asks must be right."""
LOWEST, HIGHEST = 0.5, 0.95
Ints = NDArray[np.int32]


def taught(learning: Sequence[Example], tuning: Sequence[Example], *, strength: float = STRENGTH) -> Sorter:
    """A sorter that has learnt from ``learning``; temperature and threshold are set on ``tuning``. The same examples in
    the same order give the same sorter.
    """
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - see above

    rows = with_company(learning)
    found = [counted(one.text) for one in rows]
    labels, columns = sorted({one.label for one in rows}), learnable(rows, found)
    truth = [labels.index(one.label) for one in rows]
    model = LogisticRegression(C=strength, max_iter=ROUNDS, tol=CLOSE_ENOUGH)
    model.fit(matrix(found, columns), truth, sample_weight=[one.weight for one in rows])
    few, bias = model.coef_.T.astype(np.float16), model.intercept_.astype(np.float32)
    if len(labels) == 2:  # scikit-learn keeps one column for two classes
        few, bias = np.hstack([-few / 2, few / 2]), np.hstack([-bias / 2, bias / 2])
    weights = np.zeros((BUCKETS, len(labels)), dtype=np.float32)
    weights[columns] = few
    raw = Sorter(tuple(labels), weights, bias, 1.0, LOWEST)
    known = [one for one in tuning if one.label in labels]
    even = Sorter(raw.labels, weights, bias, cooled(raw, known), LOWEST)
    return Sorter(raw.labels, weights, bias, even.temperature, threshold(even, known))


def with_company(rows: Sequence[Example]) -> list[Example]:
    """The rows without those of a kind that only corrections know, from fewer than ``SHARED_BY`` persons."""
    people: dict[str, set[int]] = defaultdict(set)
    for one in rows:
        people[one.label].add(one.who)
    return [one for one in rows if 0 in people[one.label] or len(people[one.label]) >= SHARED_BY]


def learnable(rows: Sequence[Example], found: Sequence[Ints]) -> Ints:
    """Buckets that may be learnt, in order: twice in the project's own text, or said by ``SHARED_BY`` persons."""
    written = np.zeros(BUCKETS, dtype=np.int32)
    said: dict[int, set[int]] = defaultdict(set)
    for one, buckets in zip(rows, found, strict=True):
        if one.who == 0:
            written[buckets] += 1
            continue
        for bucket in buckets.tolist():
            said[bucket].add(one.who)
    shared = [bucket for bucket, people in said.items() if len(people) >= SHARED_BY]
    written[shared] += 2
    return np.flatnonzero(written >= 2).astype(np.int32)


def matrix(found: Sequence[Ints], columns: Ints) -> csr_array:
    """[asks, columns]: each bucket of an ask counts 1 over the root of how many the ask has, learnable or not."""
    from scipy.sparse import csr_array  # noqa: PLC0415 - see above

    place = np.full(BUCKETS, -1, dtype=np.int32)
    place[columns] = np.arange(len(columns), dtype=np.int32)
    kept = [place[buckets][place[buckets] >= 0] for buckets in found]
    sizes = np.array([len(one) for one in kept])
    data = np.repeat([1 / np.sqrt(max(1, len(one))) for one in found], sizes)
    starts = np.concatenate([[0], np.cumsum(sizes)])
    return csr_array((data, np.concatenate(kept), starts), shape=(len(found), len(columns)))


def cooled(sorter: Sorter, rows: Sequence[Example]) -> float:
    """The temperature at which the chances of ``rows`` are likeliest (Guo et al., On Calibration of Modern Neural
    Networks, 2017, section 4.2); 1 without rows.
    """
    from scipy.optimize import minimize_scalar  # noqa: PLC0415 - see above

    if not rows:
        return 1.0
    truth = np.array([sorter.labels.index(one.label) for one in rows])
    odds = np.log(np.array([sorter.weighed(counted(one.text)) for one in rows], dtype=np.float64) + 1e-12)

    def surprise(log_temperature: float) -> float:
        even: NDArray[np.float64] = odds / np.exp(log_temperature)
        even = even - even.max(axis=1, keepdims=True)
        return float((np.log(np.exp(even).sum(axis=1)) - even[np.arange(len(truth)), truth]).mean())

    best = minimize_scalar(surprise, bounds=(-2.0, 2.0), method="bounded")
    return round(float(np.exp(best.x)), 4)


def threshold(sorter: Sorter, rows: Sequence[Example]) -> float:
    """The lowest confidence, in hundredths, from which on ``SURE_ENOUGH`` of the rows are right."""
    if not rows:
        return HIGHEST
    chances = np.array([sorter.weighed(counted(one.text)) for one in rows])
    right = np.array(sorter.labels)[chances.argmax(axis=1)] == np.array([one.label for one in rows])
    sure = chances.max(axis=1)
    for step in np.arange(LOWEST, HIGHEST, 0.01):
        above = sure >= step
        if above.any() and right[above].mean() >= SURE_ENOUGH:
            return round(float(step), 2)
    return HIGHEST
