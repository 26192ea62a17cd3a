"""A round-up as it stands on its page: pieces with the address of what they are, history in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huying.activities import queries as activities
from huying.cockpit.forms.reports import Shown
from huying.cockpit.models import Report
from huying.cockpit.queries import reports as queries
from huying.cockpit.queries.report_filling import Document, case_texts, cases_now, period_of, set_back
from huying.cockpit.rules import report_charts
from huying.cockpit.rules.report_saying import day_words, stretch_told
from huying.cockpit.states import Verb
from huying.cockpit.views.report_paper import cells, code_of, told
from huying.figures.templatetags.figures import address
from huying.kernel import attachments, clock
from huying.kernel.actor import Actor

NUMBERS = (_("序号"), _("数的含义"), _("文中的数"), _("编号"))


def around(report: Report, document: Document) -> dict[str, Any]:
    """What stands around the blocks of a sheet."""
    return {
        "report": report,
        "document": document,
        "addressed_to": f"{document['addressed_to']}：",
        "copied_to": f"抄送：{document.get('copied_to', '')}",
        "signed_day": day_words(clock.local(report.signed_at).date()) if report.signed_at else "",
        "number_heads": NUMBERS,
    }


def page_blocks(
    report: Report, document: Document, actor: Actor, opens: Callable[[dict[str, Any]], bool] = lambda _fact: True
) -> list[dict[str, Any]]:
    """Blocks of a document for the page: numbers with the address of their definition where it ``opens`` for the reader,
    charts drawn, photos with links.
    """
    links = [number_address(report, fact) if opens(fact) else "" for fact in document["numbers"]]
    return [shown(report, block, links, document["numbers"], actor) for block in document["blocks"]]


def number_address(report: Report, fact: dict[str, Any]) -> str:
    """By its code once it has one; before, the page of what is counted now."""
    if code := code_of(fact):
        return reverse("cited", args=[code])
    if "reported" in fact:
        return reverse("figures:reported", args=[fact["reported"]])
    return address(fact["metric"], report.place, period_of(fact["stretches"][stretch_told(fact["field"])]))


def shown(
    report: Report, block: dict[str, Any], links: list[str], facts: list[dict[str, Any]], actor: Actor
) -> dict[str, Any]:
    if block["kind"] == "paragraph":
        pieces = [
            {**one, "href": links[one["n"] - 1], "fact": facts[one["n"] - 1]} if "n" in one else one
            for one in block["pieces"]
        ]
        return {**block, "pieces": pieces}
    if block["kind"] in {"line", "bar"}:
        return {**block, "svg": picture(block), "told": told(block)}
    if block["kind"] == "photos":
        return {**block, "photos": [{**one, "url": url} for one, url in photos(block["photos"], report, actor)]}
    if block["kind"] == "table":
        heads = [{"label": one, "end": n > 0} for n, one in enumerate(block["heads"])]
        rows = [list(zip(row, block["heads"], strict=True)) for row in cells(block)]
        return {**block, "columns": heads, "rows": rows}
    return block


def picture(block: dict[str, Any]) -> SafeString:
    """As wide as the page; every word in it was escaped when it was drawn, and it holds no script and no style."""
    svg = report_charts.drawn(block)
    head, rest = svg.split(">", 1)
    kept = " ".join(part for part in head.split(" ") if not part.startswith(("width=", "height=")))
    return mark_safe(f'{kept} width="100%">{rest}')  # noqa: S308


def photos(rows: list[dict[str, Any]], report: Report, actor: Actor) -> list[tuple[dict[str, Any], str]]:
    """Those that may still be shown, with a short link to each."""
    files = activities.files_still_standing([one["id"] for one in rows], public=report.is_public)
    return [(one, attachments.url(files[one["id"]], actor, small=True)) for one in rows if one["id"] in files]


def before_the_editor(report: Report) -> Shown:
    """The words of the template that are true now, and what became of the editor's."""
    asked = queries.asked(report)
    now = cases_now(asked)
    return Shown(case_texts(asked, now), now, set_back(asked, now))


def history(report: Report) -> list[dict[str, Any]]:
    """What was done, by whom, why, and what was changed, the newest first."""
    rows = list(queries.events(report))
    names = queries.names_of(rows)
    said = {"create": gettext("新建"), "edit": gettext("修改"), **{one.value: str(one.label) for one in Verb}}
    return [
        {
            "at": one.at,
            "who": names.get(one.person_id or 0, "–"),
            "done": said[one.verb],
            "reason": one.reason,
            "changes": [
                {"what": what(key), "before": pair[0], "after": pair[1]} for key, pair in sorted(one.changes.items())
            ],
        }
        for one in rows
    ]


def what(key: str) -> str:
    words = {"title": gettext("标题"), "addressed_to": gettext("主送"), "copied_to": gettext("抄送")}
    return words.get(key) or gettext("句子")
