"""Sorters made by hand, so that a test need not teach one."""

from __future__ import annotations

import numpy as np

from huying.sorting.sorter import Sorter
from huying.sorting.words import BUCKETS, cut

PUSH = 6.0


def small(threshold: float = 0.6, **signs: str) -> Sorter:
    """A sorter in which the words of each label, divided by blanks, push towards it: ``small(bath="洗澡 擦身")``."""
    labels = tuple(signs)
    weights = np.zeros((BUCKETS, len(labels)), dtype=np.float32)
    for column, label in enumerate(labels):
        for word in signs[label].split():
            weights[list(cut(word).buckets), column] += PUSH
    return Sorter(labels, weights, np.zeros(len(labels), dtype=np.float32), 1.0, threshold)
