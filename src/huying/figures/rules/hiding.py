"""Small numbers in public tables: those below the least number are hidden, and others with them where the sums would
give them away (domain section 7, no. 14).

A table is rows x columns with the sum of every column, and where ``row_sums`` also of every row. A hidden cell can be
worked out from the sums exactly when it is a bridge of the graph whose vertices are the columns and the rows (all rows
are one vertex when their sums are not shown) and whose edges are the hidden cells; so bridges get company.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Cell = tuple[int, int]
Vertex = tuple[str, int]
FREE = -1


def small(value: int, least: int) -> bool:
    """Numbers from one to below ``least``; nothing at all says nothing about anybody."""
    return 0 < value < least


def hidden(table: Sequence[Sequence[int]], least: int, *, row_sums: bool = False) -> frozenset[Cell]:
    """Cells (row, column) that are not shown: the small ones, and as many beside them as the sums make necessary."""
    cells = {(r, c): value for r, row in enumerate(table) for c, value in enumerate(row)}
    out = {cell for cell, value in cells.items() if small(value, least)}
    while found := bridges(out, row_sums):
        beside = next(filter(None, (companions(cells, out, one, row_sums) for one in found)), None)
        if beside is None:
            break  # nothing left to hide any of them behind: the sum itself says as much, see ``lone``
        out.update(beside)
    return frozenset(out)


def companions(cells: Mapping[Cell, int], out: set[Cell], bridge: Cell, row_sums: bool) -> set[Cell]:
    """The smallest shown cell of the bridge's column, and where rows have sums, of its row."""
    row, column = bridge
    lines = [[cell for cell in cells if cell[1] == column]]
    if row_sums:
        lines.append([cell for cell in cells if cell[0] == row])
    shown = ([cell for cell in line if cell not in out] for line in lines)
    return {min(line, key=lambda cell: (cells[cell] == 0, cells[cell], cell)) for line in shown if line}


def lone(out: frozenset[Cell], *, row_sums: bool = False) -> list[Cell]:
    """Hidden cells that the sums would still give away: their columns' sums must be hidden too."""
    return bridges(set(out), row_sums)


def bridges(out: set[Cell], row_sums: bool) -> list[Cell]:
    """Hidden cells whose value follows from the sums, in order: edges without which the graph falls apart."""
    ends = {cell: (("r", cell[0] if row_sums else FREE), ("c", cell[1])) for cell in sorted(out)}
    return [cell for cell in ends if not joined({k: v for k, v in ends.items() if k != cell}, *ends[cell])]


def joined(edges: Mapping[Cell, tuple[Vertex, Vertex]], start: Vertex, goal: Vertex) -> bool:
    """True when a way leads over these edges from one vertex to the other."""
    beside: dict[Vertex, list[Vertex]] = {}
    for one, other in edges.values():
        beside.setdefault(one, []).append(other)
        beside.setdefault(other, []).append(one)
    seen, waiting = {start}, [start]
    while waiting:
        for other in beside.get(waiting.pop(), []):
            if other == goal:
                return True
            if other not in seen:
                seen.add(other)
                waiting.append(other)
    return False
