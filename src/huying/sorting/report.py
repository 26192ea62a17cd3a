"""The figures of a sorter as a page: what ``./huying train_sorter --report`` writes into docs/classification.md."""

from __future__ import annotations

import resource
import time
from collections.abc import Sequence
from typing import Any

from huying.sorting import teaching, written
from huying.sorting.sorter import Sorter, unpacked
from huying.sorting.words import LONGEST, cut, segmenter
from huying.sorting.written import EXAM, LEARNING, TUNING, Example

ROUNDS = 20
PARTS = {"asked": "written freely", "written": "families kept back"}
FIGURES = {
    "asks": "asks",
    "accuracy": "first proposal right",
    "in_three": "right one among the first three",
    "macro_f1": "macro-F1",
    "coverage": "share at the threshold or above",
    "accuracy_above": "right at the threshold or above",
    "accuracy_below": "right below it",
    "ece": "expected calibration error",
}


def measured(seed: int = written.SEED) -> dict[str, Any]:
    """Teach the shipped course without any correction, examine it, and time it: figures for JSON.

    Milliseconds are of one text, from letters to three proposals with reasons; memory in MB, of this process.
    """
    before, started = memory(), time.perf_counter()
    made = teaching.teach([], seed=seed)
    taught = time.perf_counter() - started
    sorter = unpacked(made.body)
    segmenter().cut("先读词典")
    loaded = memory()
    longest = "".join(one.text for one in written.asked())[:LONGEST]
    return {
        "seed": seed,
        "families": {part: len(rows) for part, rows in written.parts(seed).items()},
        "examples": {part: len(written.examples(part, seed=seed)) for part in (LEARNING, TUNING, EXAM)},
        "phrases": sum(map(len, written.phrases().values())),
        "seconds_to_teach": round(taught, 1),
        "bytes": len(made.body),
        "memory_of_a_reader": round(loaded - before, 1),
        "memory_of_teaching": round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024, 1),
        "ask_ms": timed(sorter, list(written.asked()) * ROUNDS),
        "longest_ms": timed(sorter, [Example(longest, "")] * ROUNDS * 10),
        "scores": made.scores,
    }


def memory() -> float:
    """Highest resident memory of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def timed(sorter: Sorter, rows: Sequence[Example]) -> dict[str, float]:
    """p50 and p99 of one classification with its reasons, in milliseconds."""
    took = []
    for one in rows:
        started = time.perf_counter()
        read = cut(one.text)
        for column in sorter.weighed(read.numbers()).argsort()[::-1][:3]:
            sorter.reasons(read, sorter.labels[int(column)])
        took.append(1000 * (time.perf_counter() - started))
    took.sort()
    return {"p50": round(took[len(took) // 2], 3), "p99": round(took[int(len(took) * 0.99)], 3)}


def page(found: dict[str, Any]) -> str:
    """All figures as Markdown."""
    scores = found["scores"]
    return "\n\n".join(
        [
            facts(found),
            table(
                ["", *PARTS.values()],
                [[words, *(cell(scores[p][key]) for p in PARTS)] for key, words in FIGURES.items()],
            ),
            "### Each kind\n\n" + kinds(scores),
            "### How sure, how right\n\n" + reliability(scores),
            "### What is taken for what\n\n" + confusions(scores),
        ]
    )


def facts(found: dict[str, Any]) -> str:
    """What was taught, and what it costs, as a list."""
    parts, rows = found["families"], found["examples"]
    lines = [
        f"Seed {found['seed']}; families: {parts[LEARNING]} learnt, {parts[TUNING]} tuning, {parts[EXAM]} examination;"
        f" {found['phrases']} phrases, learnt only.",
        f"Examples: {rows[LEARNING]} learnt, {rows[TUNING]} tuning, {rows[EXAM]} examination.",
        f"Temperature {found['scores']['temperature']}, threshold {found['scores']['threshold']:.0%}.",
        f"Teaching: {found['seconds_to_teach']} s and {found['memory_of_teaching']} MB in a process of its own.",
        f"The model: {found['bytes'] / 1000:.0f} kB; a process that reads texts grows by {found['memory_of_a_reader']} MB.",
        f"One ask with reasons: p50 {found['ask_ms']['p50']} ms, p99 {found['ask_ms']['p99']} ms;"
        f" {LONGEST} letters: p99 {found['longest_ms']['p99']} ms.",
    ]
    return "\n".join(f"* {one}" for one in lines)


def kinds(scores: dict[str, Any]) -> str:
    heads = ["kind", *(f"{name}, {words}" for words in PARTS.values() for name in ("precision", "recall", "F1"))]
    rows = [
        [code, *(cell(scores[part]["kinds"][code][key]) for part in PARTS for key in ("precision", "recall", "f1"))]
        for code in scores["asked"]["kinds"]
    ]
    return table(heads, rows)


def reliability(scores: dict[str, Any]) -> str:
    heads = ["confidence", *(f"{name}, {words}" for words in PARTS.values() for name in ("asks", "mean", "right"))]
    by_bin = {part: {row["from"]: row for row in scores[part]["reliability"]} for part in PARTS}
    rows = []
    for start in sorted({start for found in by_bin.values() for start in found}):
        cells = [by_bin[part].get(start) for part in PARTS]
        own = [cell(one[key]) if one else "" for one in cells for key in ("asks", "confidence", "accuracy")]
        rows.append([f"{start:.0%} and more", *own])
    return table(heads, rows)


def confusions(scores: dict[str, Any]) -> str:
    return "\n".join(
        f"* {words}: " + ", ".join(f"{was} as {said} ({n})" for was, said, n in scores[part]["confused"]) + "."
        for part, words in PARTS.items()
    )


def cell(value: float) -> str:
    """Shares as per cent, counts as they are."""
    return str(value) if isinstance(value, int) else f"{100 * value:.1f} %"


def table(heads: list[str], rows: list[list[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(one) + " |" for one in lines)
