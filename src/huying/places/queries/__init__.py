"""Everything that is asked of places. What comes back is a queryset to go on with, or a frozen dataclass."""

from huying.places.queries.counts import Counts, Share, counts, shares
from huying.places.queries.coverage import Covered, coverage, gaps
from huying.places.queries.hours import Today, effective_hours, is_open_now, today_at, week_lines
from huying.places.queries.reach import Gap, Reach, reach
from huying.places.queries.site import Detail, contacts_for, detail, history
from huying.places.queries.tree import (
    TreeNode,
    ancestors,
    ancestors_of_all,
    by_code,
    by_public_id,
    children,
    closest_division,
    flags_by_code,
    kinds_by_code,
    listed,
    search,
    subtree,
    tops,
    tree,
)

__all__ = [
    "Counts",
    "Covered",
    "Detail",
    "Gap",
    "Reach",
    "Share",
    "Today",
    "TreeNode",
    "ancestors",
    "ancestors_of_all",
    "by_code",
    "by_public_id",
    "children",
    "closest_division",
    "contacts_for",
    "counts",
    "coverage",
    "detail",
    "effective_hours",
    "flags_by_code",
    "gaps",
    "history",
    "is_open_now",
    "kinds_by_code",
    "listed",
    "reach",
    "search",
    "shares",
    "subtree",
    "today_at",
    "tops",
    "tree",
    "week_lines",
]
