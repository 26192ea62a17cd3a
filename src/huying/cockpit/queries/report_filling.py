"""A round-up filled from figures: the same template, place and period always give the same document, as plain data.

A document is a dict that can be kept as JSON: ``title``, ``addressed_to``, ``copied_to``, ``place``, ``period``, ``as_of``, ``public``;
``blocks`` (heading, paragraph, table, line, bar, photos) and ``numbers``, one for each number in the text: what it is,
how it was said, where it comes from. A piece of a paragraph is ``{"kind", "text"}``, of a number also ``"n"``, its place
in ``numbers`` from 1 on. Kinds: words, number, reported, hand (put by an editor instead of the computed one), typed
(digits an editor wrote into the words), missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from huying.cockpit.queries.report_grids import grid_of
from huying.cockpit.queries.report_photos import chosen
from huying.cockpit.rules import report_saying as saying
from huying.cockpit.rules.report_notation import Block, Field, Grid, Heading, Pictures, Sentence, fields_of, pieces
from huying.figures import queries as figures
from huying.figures.models import Metric, ReportedFigure
from huying.figures.queries.reported import told_of
from huying.figures.rules.words import printed
from huying.figures.states import MetricKind
from huying.kernel import clock
from huying.kernel.actor import ANONYMOUS, Actor
from huying.places.models import Place

Document = dict[str, Any]
PLAIN = ("place", "period", "since", "until")
REPORTED = "reported."
COUNTS = ("〇", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十")
DIGITS = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is filled: blocks of a template, for a place and a period; ``overrides``: block number -> an editor's words, and
    ``cases``: the case of the template they were written for.
    """

    place: Place
    period: figures.Period
    blocks: list[Block]
    title: str = ""
    addressed_to: str = ""
    is_public: bool = False
    overrides: Mapping[str, str] = field(default_factory=dict)
    cases: Mapping[str, str] = field(default_factory=dict)
    copied_to: str = ""

    @property
    def reader(self) -> Actor:
        """Figures as everybody may see them, or all of them; who may read the paper was asked before."""
        return ANONYMOUS if self.is_public else Actor.system("roundups")

    def words_of(self, at: int, case: str) -> str | None:
        """An editor's words while they are true: those on a rise are none any more once the number falls."""
        return None if self.cases.get(str(at), case) != case else self.overrides.get(str(at))


def filled(asked: Asked, at: datetime) -> Document:
    """The document with the figures of this moment."""
    numbers = gathered(asked)
    fill = Filling(asked, numbers, figures.standing(asked.place, reported_codes(asked), until=asked.period.until))
    for n, block in enumerate(asked.blocks):
        fill.add(n, block)
    return {
        "title": asked.title,
        "addressed_to": asked.addressed_to,
        "copied_to": asked.copied_to,
        "place": asked.place.name,
        "period": saying.period_words(asked.period),
        "as_of": clock.local(at).isoformat(timespec="seconds"),
        "public": asked.is_public,
        "blocks": fill.blocks,
        "numbers": fill.numbers,
    }


def cases_now(asked: Asked) -> dict[str, str]:
    """Number of a sentence -> which case of it is true now; ``some`` where its words depend on nothing."""
    values = gathered(asked)
    return {str(n): case_of(values, one) for n, one in enumerate(asked.blocks) if isinstance(one, Sentence)}


def case_texts(asked: Asked, now: Mapping[str, str]) -> dict[int, str]:
    """Number of a sentence -> the words of its template that are true now."""
    return {n: one.cases[now[str(n)]] for n, one in enumerate(asked.blocks) if isinstance(one, Sentence)}


def set_back(asked: Asked, now: Mapping[str, str] | None = None) -> dict[int, str]:
    """Number of a sentence -> the editor's words that stand there no longer, for the number went another way since."""
    if not asked.cases:
        return {}
    now = cases_now(asked) if now is None else now
    return {
        int(n): asked.overrides[n] for n, case in asked.cases.items() if n in asked.overrides and now.get(n) != case
    }


def case_of(values: saying.Numbers, block: Sentence) -> str:
    if block.of is None:
        return "some"
    return saying.case_of(values, block.of.name, block.of.filter, block.cases)


def all_fields(asked: Asked) -> list[Field]:
    """Fields of the template and of the editor's words."""
    found = [one for block in asked.blocks for one in fields_of(block)]
    for text in asked.overrides.values():
        found += [one for one in pieces(text) if isinstance(one, Field)]
    return found


def reported_codes(asked: Asked) -> set[str]:
    return {one.name.removeprefix(REPORTED) for one in all_fields(asked) if one.name.startswith(REPORTED)}


def gathered(asked: Asked) -> saying.Numbers:
    """Every value the document may need: now, and of the stretches it is compared with, in a few statements each."""
    wanted: dict[str, set[str]] = {"now": set(), "prev": set(), "yoy": set()}
    for one in all_fields(asked):
        if one.name in PLAIN or one.name.startswith(REPORTED):
            continue
        wanted["now"] |= {one.name} | ({one.arg} if one.arg else set())
        if one.filter in saying.BASES:
            wanted[saying.BASES[one.filter]].add(one.name)
    names = set().union(*wanted.values())
    metrics = {one.pk: one for one in figures.register() if one.pk in names}
    values = {
        stretch: values_of(asked, [metrics[one] for one in sorted(codes)], saying.STRETCHES[stretch](asked.period))
        for stretch, codes in wanted.items()
        if codes
    }
    return saying.Numbers(metrics, values)


def values_of(asked: Asked, metrics: Iterable[Metric], period: figures.Period) -> dict[str, figures.Value]:
    if not asked.is_public:
        return figures.values(asked.reader, metrics, asked.place, period)
    if not figures.ended(period):  # nobody may know yet; the paper cannot be locked before
        return {one.pk: figures.Value() for one in metrics}
    hidden, eye = figures.Value(hidden=True), figures.Eye()
    return {
        one.pk: figures.value(asked.reader, one, asked.place, period, eye) if one.is_public else hidden
        for one in metrics
    }


@dataclass(slots=True)
class Filling:
    """The document as it grows."""

    asked: Asked
    values: saying.Numbers
    reported: Mapping[str, ReportedFigure]
    blocks: list[dict[str, Any]] = field(default_factory=list)
    numbers: list[dict[str, Any]] = field(default_factory=list)
    counts: list[int] = field(default_factory=lambda: [0, 0, 0, 0])

    def add(self, n: int, block: Block) -> None:
        if isinstance(block, Heading):
            self.blocks.append({"kind": "heading", "level": block.level, "text": self.headed(block)})
        elif isinstance(block, Sentence):
            self.add_sentence(n, block)
        elif isinstance(block, Grid):
            self.blocks.append(grid_of(self.asked.reader, self.asked.place, self.asked.period, block))
        elif isinstance(block, Pictures) and (
            photos := chosen(self.asked.place, self.asked.period, block.most, public=self.asked.is_public)
        ):
            self.blocks.append({"kind": "photos", "photos": photos})

    def headed(self, block: Heading) -> str:
        """With its number: 一、 (一) 1. (1)."""
        self.counts[block.level - 1] += 1
        self.counts[block.level :] = [0] * (4 - block.level)
        n = self.counts[block.level - 1]
        return (f"{chinese(n)}、", f"（{chinese(n)}）", f"{n}.", f"（{n}）")[block.level - 1] + block.text

    def add_sentence(self, n: int, block: Sentence) -> None:
        case = case_of(self.values, block)
        text = own = block.cases[case]
        if (words := self.asked.words_of(n, case)) is not None:
            text = words
        made = [piece for one in pieces(text) for piece in self.said(one, own if words is not None else None)]
        if block.joined and self.blocks and self.blocks[-1]["kind"] == "paragraph":
            self.blocks[-1]["pieces"] += made
            self.blocks[-1]["of"].append(n)
        else:
            self.blocks.append({"kind": "paragraph", "pieces": made, "of": [n]})

    def said(self, one: str | Field, own: str | None) -> list[dict[str, Any]]:
        """A field as one piece; an editor's words (``own``: the template's) with the digits he typed set apart."""
        if isinstance(one, Field):
            return [self.field_said(one)]
        if own is None:
            return [{"kind": "words", "text": one}]
        known = set(DIGITS.findall(own))
        found, at = [], 0
        for digits in DIGITS.finditer(one):
            if digits.group() not in known:
                found.append({"kind": "words", "text": one[at : digits.start()]})
                found.append({"kind": "typed", "text": digits.group()})
                at = digits.end()
        found.append({"kind": "words", "text": one[at:]})
        return [piece for piece in found if piece["text"]]

    def field_said(self, one: Field) -> dict[str, Any]:
        period = self.asked.period
        if one.name in PLAIN:
            said = {
                "place": self.asked.place.name,
                "period": saying.period_words(period),
                "since": saying.day_words(period.since),
                "until": saying.day_words(period.until - timedelta(days=1)),
            }
            return {"kind": "words", "text": said[one.name]}
        if one.name.startswith(REPORTED):
            return self.reported_said(one)
        text, metric = saying.fielded(self.values, one.name, one.filter, one.arg), self.values.metrics[one.name]
        base = saying.BASES.get(one.filter)
        stretches = [saying.STRETCHES[base](period)] if base else []
        fact = {
            "name": metric.name,
            "metric": one.name,
            "field": one.written,
            "told": text,
            "counts": counted(metric),
            "stretches": [stretch_of(each) for each in [period, *stretches]],
            "with": [one.name, *([one.arg] if one.arg else [])],
        }
        if one.hand:
            fact["hand"] = one.hand
        return self.numbered("hand" if one.hand else "number", one.hand or text, fact)

    def reported_said(self, one: Field) -> dict[str, Any]:
        """The newest word as of a day before the end of the period, never a later one. With source and day beside it, which
        no template can leave out; its sign is kept as it was told.
        """
        figure = self.reported.get(one.name.removeprefix(REPORTED))
        if figure is None:
            return {"kind": "missing", "text": "（没有填报）"}
        told = printed(told_of(figure))
        text = f"{told}（{figure.source}，截至{saying.day_words(figure.as_of)}）"
        fact = {
            "name": figure.name,
            "reported": str(figure.public_id),
            "field": one.written,
            "told": told,
            "source": figure.source,
            "as_of": figure.as_of.isoformat(),
        }
        if one.hand:
            fact["hand"] = one.hand
        return self.numbered("hand" if one.hand else "reported", one.hand or text, fact)

    def numbered(self, kind: str, text: str, fact: dict[str, Any]) -> dict[str, Any]:
        """One entry for the same number said the same way, however often."""
        if fact not in self.numbers:
            self.numbers.append(fact)
        return {"kind": kind, "text": text, "n": self.numbers.index(fact) + 1}


def counted(metric: Metric) -> str:
    """What the number counts, or of which two sums it is the share."""
    if metric.kind == MetricKind.RATIO and metric.numerator and metric.denominator:
        return f"{metric.counts}（{metric.numerator.name}÷{metric.denominator.name}）"
    return metric.counts


def stretch_of(period: figures.Period) -> list[str]:
    return [period.since.isoformat(), period.until.isoformat()]


def period_of(stretch: list[str]) -> figures.Period:
    return figures.Period(date.fromisoformat(stretch[0]), date.fromisoformat(stretch[1]))


def chinese(n: int) -> str:
    """1 to 99 as 一 to 九十九."""
    tens, ones = divmod(n, 10)
    if not tens:
        return COUNTS[ones]
    return (COUNTS[tens] if tens > 1 else "") + "十" + (COUNTS[ones] if ones else "")
