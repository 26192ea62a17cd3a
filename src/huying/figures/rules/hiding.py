"""Small numbers in public tables: those below the least number are hidden, and others with them, so that what is shown
tells no more about them (domain section 7, no. 14; decision 0038).

A table is the places below one place, by the months of a year. A cell is *sensitive* when it is small; it may take
company. What everybody can work out about a hidden cell is the range of values it has in any table with the same shown
cells and sums; that range must be as wide as ``wanted`` asks. It is shown by exchanges: what one hidden cell has more,
another of its column has less. ``down`` and ``up`` are how far a hidden cell can go, knowing that it is not zero and not
more than what it is a part of.

Time runs one way: which months are hidden follows from those before them and from themselves, never from later ones, for
what has been shown once is known. A year is settled last: where months are hidden, and the sum of a year would give one of
them away, the year is hidden too (``years``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[Any]
"""Whole numbers."""
Flags = npt.NDArray[Any]
"""True and False."""
FREE = 1 << 40
"""More than anything that is counted: a cell that is a part of nothing can be any number."""
MOST_PAIRS = 32
"""So many rows at most are tried as the other half of an exchange; one is enough."""


@dataclass(frozen=True, slots=True)
class Cells:
    """Rows by months, or one line: the values, which are sensitive, which are hidden for other reasons, the most each can
    be (FREE), and how wide its range must be.
    """

    values: Numbers
    sensitive: Flags
    forced: Flags
    most: Numbers
    wanted: Numbers

    def month(self, n: int) -> Cells:
        return Cells(*(part[:, n] for part in (self.values, self.sensitive, self.forced, self.most, self.wanted)))


@dataclass(frozen=True, slots=True)
class Hidden:
    """What is not shown, and how far each hidden cell can go."""

    cells: Flags
    down: Numbers
    up: Numbers


def small(values: Numbers, least: int) -> Flags:
    """Numbers from one to below ``least``; nothing at all says nothing about anybody."""
    found: Flags = (values != 0) & (np.abs(values) < least)
    return found


def wanted(values: Numbers, least: int, *, whole: bool) -> Numbers:
    """How wide ranges must be: ``least`` less one values, and where the number is not itself a count of people or cases
    (``whole`` False: minutes, points), as many as it has units, so that it cannot even be told roughly.
    """
    floor = np.full_like(values, max(least - 2, 1))
    return floor if whole else np.maximum(floor, np.abs(values) - 1)


def bounds(cells: Cells, *, all_hidden: bool = False) -> tuple[Numbers, Numbers]:
    """How far cells can go down and up. Hidden are numbers, not zeros; only where all are hidden, zeros are too."""
    edge = 0 if all_hidden else 1
    up = np.where(cells.most >= FREE, FREE, cells.most - cells.values - edge)
    return np.maximum(cells.values - edge, 0), np.maximum(up, 0)


def widths(down: Numbers, up: Numbers, axis: int = 0) -> Numbers:
    """The width of the range of each cell of a line, when all of the line may exchange and its sum is known."""
    less, more = down.sum(axis=axis, keepdims=True) - down, up.sum(axis=axis, keepdims=True) - up
    found: Numbers = np.minimum(down, more) + np.minimum(up, less)
    return found


def line(cells: Cells, first: Flags | None = None) -> Hidden:
    """A line whose sum is shown: sensitive cells and the company they need, smallest first, those of ``first`` before
    others. Where all numbers together are not enough, the whole line is hidden with its zeros.
    """
    out, (down, up) = cells.sensitive | cells.forced, bounds(cells)

    def told() -> bool:
        wide = widths(np.where(out, down, 0), np.where(out, up, 0))
        return bool((wide < cells.wanted)[cells.sensitive].any())

    if cells.sensitive.any():
        rest = np.flatnonzero(~out & (cells.values != 0))
        late = np.zeros(len(rest)) if first is None else ~first[rest]
        for one in rest[np.lexsort((rest, cells.values[rest], late))]:
            if not told():
                break
            out[one] = True
        if told():
            out, (down, up) = np.ones_like(out), bounds(cells, all_hidden=True)
    return Hidden(out, np.where(out, down, 0), np.where(out, up, 0))


def months(cells: Cells, above: Flags | None) -> Hidden:
    """A table of flows, month after month. ``above``: months hidden at the place above, which nothing below it may tell;
    None at the top of the tree, where a month stands beside no other place.

    A row whose hidden months could be worked out from its year hides the next number it has.
    """
    out = Hidden(np.zeros_like(cells.sensitive), np.zeros_like(cells.values), np.zeros_like(cells.values))
    for n in range(cells.values.shape[1]):
        alone = (widths(out.down, out.up, 1) < cells.wanted) & cells.sensitive & out.cells
        owing = alone.any(axis=1) & (cells.values[:, n] != 0)
        now = cells.month(n)
        now = Cells(now.values, now.sensitive | owing, now.forced, now.most, now.wanted)
        if above is None:
            free = bounds(now)
            hidden = now.sensitive | now.forced
            found = Hidden(hidden, np.where(hidden, free[0], 0), np.where(hidden, free[1], 0))
        elif above[n]:
            found = Hidden(np.ones_like(owing), *bounds(now, all_hidden=True))
        else:
            found = line(now, first=np.any(out.cells, axis=1))
        out.cells[:, n], out.down[:, n], out.up[:, n] = found.cells, found.down, found.up
    return out


def years(cells: Cells, out: Hidden, small_years: Flags, above: Flags | None) -> Flags:
    """Rows whose year is hidden: small ones, and those whose year would give a hidden month away.

    A hidden month of a row with a shown year is safe when it can exchange with another such row, two months of both, or
    with all rows of hidden years together; one of a row with a hidden year, when it can with others of these in its month.
    """
    if above is None:
        told = (widths(out.down, out.up, 1) < cells.wanted) & cells.sensitive & out.cells
        return small_years | told.any(axis=1)
    judged, shut = merged(cells, out, above)
    open_ = judged.sensitive & ~paired(judged)
    hidden, order = small_years.copy(), np.argsort(cells.values.sum(axis=1), kind="stable")
    while True:
        group = hidden[:, None]
        down, up = np.where(group, judged.down, 0), np.where(group, judged.up, 0)
        with_group = exchange(judged.down, judged.up, down.sum(axis=0), up.sum(axis=0))
        told = open_ & (np.where(group, widths(down, up), with_group) < judged.wanted) & ~(group & shut)
        if not told.any():
            return hidden
        rows = told.any(axis=1)
        months_ = told[hidden].any(axis=0)
        near = (judged.cells[:, months_].any(axis=1) if months_.any() else rows) & ~hidden
        if not near.any():
            near = rows & ~hidden
        if not near.any():
            return hidden | out.cells.any(axis=1)
        hidden[next(one for one in order if near[one])] = True


@dataclass(frozen=True, slots=True)
class Judged:
    """The table as years are judged on it: months that are hidden above are one column, for only their sum is known."""

    cells: Flags
    sensitive: Flags
    down: Numbers
    up: Numbers
    wanted: Numbers


def merged(cells: Cells, out: Hidden, above: Flags) -> tuple[Judged, Flags]:
    """And which of its columns have no sum of their own."""
    kept = ~above
    parts = [out.cells[:, kept], cells.sensitive[:, kept] & out.cells[:, kept], out.down[:, kept], out.up[:, kept]]
    least = cells.wanted[:, kept]
    if above.any():
        total = cells.values[:, above].sum(axis=1)
        floor = cells.wanted.min()  # the least number less two, or one
        tiny = cells.sensitive[:, above].any(axis=1) & (np.abs(total) < floor + 2)
        added = (np.ones_like(tiny), tiny & (total != 0), out.down[:, above].sum(axis=1), out.up[:, above].sum(axis=1))
        parts = [np.column_stack(both) for both in zip(parts, added, strict=True)]
        least = np.column_stack((least, np.full(len(total), floor)))
    shut = np.concatenate([np.zeros(int(kept.sum()), dtype=bool), np.ones(int(above.any()), dtype=bool)])
    return Judged(parts[0], parts[1], parts[2], parts[3], least), shut


def exchange(down: Numbers, up: Numbers, other_down: Numbers, other_up: Numbers) -> Numbers:
    """Widths of the cells of a row that exchanges with another one, month by month, so that both keep their sums."""
    return widths(np.minimum(down, other_up), np.minimum(up, other_down), axis=-1)


def paired(of: Judged) -> Flags:
    """Sensitive cells that some other row can exchange with, whatever years are shown."""
    safe = np.zeros_like(of.cells)
    others = np.argsort(-of.down.sum(axis=1), kind="stable")[:MOST_PAIRS]
    for row in np.flatnonzero(of.sensitive.any(axis=1)):
        beside = others[others != row]
        if len(beside):
            wide = exchange(of.down[row], of.up[row], of.down[beside], of.up[beside]).max(axis=0)
            safe[row] = wide >= of.wanted[row]
    return safe


def stocks(cells: Cells, above: Flags | None, least: int) -> Flags:
    """A table of stocks, from the first month there was any: besides small ones, those are hidden that differ by less than
    ``least`` from what was shown last, for the difference would tell who came; and company in the same month, so that the
    change of all hidden ones together is not small either.
    """
    out, shown = np.zeros_like(cells.sensitive), np.zeros_like(cells.values[:, 0])
    for n in range(cells.values.shape[1]):
        now = cells.month(n)
        change = now.values - shown
        sensitive = now.sensitive | small(change, least)
        if above is not None and above[n]:
            out[:, n] = True
        elif above is None:
            out[:, n] = sensitive | now.forced
        else:
            found = line(Cells(now.values, sensitive, now.forced, now.most, now.wanted)).cells
            out[:, n] = balanced(found, change, least)
        shown = np.where(out[:, n], shown, now.values)
    return out


def balanced(out: Flags, change: Numbers, least: int) -> Flags:
    """With as many more rows as it takes that all hidden ones together changed by ``least`` or not at all."""
    out = out.copy()
    rest = np.flatnonzero(~out & (change != 0))
    for one in rest[np.argsort(np.abs(change[rest]), kind="stable")]:
        if not small(change[out].sum(), least):
            return out
        out[one] = True
    return np.ones_like(out) if small(change[out].sum(), least) else out
