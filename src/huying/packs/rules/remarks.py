"""What is right in a file and yet may be read wrongly by whoever uses it: told when it is tried, never refused."""

from __future__ import annotations

import re

from django.utils.translation import gettext_lazy as _

from huying.packs.rules.nodes import Path, Problem, Tree, dotted
from huying.packs.rules.shape import Pack

HEADING = re.compile(r"^[ \t]*#+[ \t]*(?P<title>.+)$")
COUNTS = re.compile(r"(?<!\{)\{[a-z]|【(表|折线图|柱状图)】")
"""A line of a template that says a number: a field, a table, a chart (cockpit.rules.report_notation)."""
SORTS = ("themes", "activity_kinds", "service_kinds")
"""What activities and calls are sorted by and figures are not (decision 0044)."""


def remarks_in(pack: Pack, tree: Tree) -> list[Problem]:
    """Sections of templates under the name of a theme, a kind of activity or a service of the file: figures know places
    and days and no themes, so their numbers are of everything at the place.
    """
    names = [one.name.zh for kind in SORTS for one in getattr(pack.things, kind)]
    found = []
    for number, one in enumerate(pack.things.templates):
        path: Path = ("things", "templates", number, "body")
        for name in dict.fromkeys(narrow_names(one.body, names)):
            words = _("报告模板“%(code)s”里，“%(name)s”旁边的数算的是那个地方的全部，不只是“%(name)s”的。") % {
                "code": one.code,
                "name": name,
            }
            found.append(Problem(tree.line(path), words, _("请在正文里写明，免得看错。"), dotted(path)))
    return found


def narrow_names(body: str, names: list[str]) -> list[str]:
    """Which of the names stand in a line with a number, or in the heading above one, in order."""
    under: list[str] = []
    met: list[str] = []
    for line in body.splitlines():
        heading = HEADING.match(line)
        if heading:
            under = [name for name in names if name in heading["title"]]
        elif COUNTS.search(line):
            met += [*under, *(name for name in names if name in line)]
    return met
