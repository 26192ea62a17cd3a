"""How well chances fit what was right: shares, F1, coverage at the threshold, calibration, confusions. Arrays only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from huying.sorting.sorter import Sorter
from huying.sorting.words import counted
from huying.sorting.written import Example

BINS = 10
PAIRS = 12


def examined(sorter: Sorter, rows: Sequence[Example]) -> dict[str, Any]:
    """Every figure of one examination, ready for JSON. Labels the sorter does not know count as missed."""
    chances = np.array([sorter.weighed(counted(one.text)) for one in rows])
    truth = np.array([one.label for one in rows])
    said = np.array(sorter.labels)[chances.argmax(axis=1)]
    sure = chances.max(axis=1)
    kinds = per_kind(truth, said)
    above = sure >= sorter.threshold
    third = np.sort(chances, axis=1)[:, -3] if chances.shape[1] >= 3 else np.zeros(len(rows))
    columns = {label: place for place, label in enumerate(sorter.labels)}
    own = np.array([chances[row, columns[one.label]] if one.label in columns else -1 for row, one in enumerate(rows)])
    return {
        "asks": len(rows),
        "accuracy": share(said == truth),
        "macro_f1": round(float(np.mean([one["f1"] for one in kinds.values()])), 4),
        "in_three": share(own >= third),
        "coverage": share(above),
        "accuracy_above": share(said[above] == truth[above]),
        "accuracy_below": share(said[~above] == truth[~above]),
        "ece": calibration_error(sure, said == truth),
        "reliability": reliability(sure, said == truth),
        "kinds": kinds,
        "confused": confused(truth, said),
    }


def share(right: NDArray[np.bool_]) -> float:
    """Part of these that are true; 0 when there are none."""
    return round(float(right.mean()), 4) if right.size else 0.0


def per_kind(truth: NDArray[np.str_], said: NDArray[np.str_]) -> dict[str, dict[str, float]]:
    """Precision, recall, F1 and the number of asks for each kind that was asked."""
    found = {}
    for label in sorted(set(truth.tolist())):
        hits = int(((truth == label) & (said == label)).sum())
        named, asked = int((said == label).sum()), int((truth == label).sum())
        found[label] = {
            "asks": asked,
            "precision": round(hits / named, 4) if named else 0.0,
            "recall": round(hits / asked, 4),
            "f1": round(2 * hits / (named + asked), 4),
        }
    return found


def reliability(sure: NDArray[np.float32], right: NDArray[np.bool_]) -> list[dict[str, float]]:
    """In each tenth of confidence: how many, how sure on the mean, how many right."""
    bins = np.minimum((sure * BINS).astype(int), BINS - 1)
    return [
        {
            "from": place / BINS,
            "asks": int((bins == place).sum()),
            "confidence": round(float(sure[bins == place].mean()), 4),
            "accuracy": share(right[bins == place]),
        }
        for place in range(BINS)
        if (bins == place).any()
    ]


def calibration_error(sure: NDArray[np.float32], right: NDArray[np.bool_]) -> float:
    """Expected calibration error: mean distance of confidence and accuracy over the tenths, weighed by their asks."""
    rows = reliability(sure, right)
    return round(sum(row["asks"] * abs(row["confidence"] - row["accuracy"]) for row in rows) / max(1, len(sure)), 4)


def confused(truth: NDArray[np.str_], said: NDArray[np.str_]) -> list[tuple[str, str, int]]:
    """(what it was, what was said, how often), most often first."""
    wrong = Counter((a, b) for a, b in zip(truth.tolist(), said.tolist(), strict=True) if a != b)
    return [(a, b, n) for (a, b), n in sorted(wrong.items(), key=lambda one: (-one[1], one[0]))[:PAIRS]]
