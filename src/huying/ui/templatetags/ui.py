"""``{% load ui %}``: every component of the design system. The style page /ui/ shows them all with their arguments.

Leaves, ``{% button label=… %}``:
  icon button chip badge avatar empty progress moment · field error_summary choices stars file_input search_box filters
  page_head back breadcrumbs tabs pager steps timeline log dl tree summary person · hero act services outbox modes
  kpi ticket confirm shortcuts toast
Blocks, ``{% card %}…{% endcard %}``:
  buttons card section note · form · table row cell map · acts · kpis board column detail part candidate dialog

Arguments are keyword-only (icon and field take their subject first); an unknown one raises TemplateSyntaxError.
Filters for times: day moment_in_words ago left clock; ``named`` for rows with a name in two languages.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.template.context import Context
from django.utils.safestring import SafeString

from huying.ui import error_text, naming, when
from huying.ui.components import basic, forms, home, listing, workbench  # noqa: F401 - they register themselves
from huying.ui.context import Page
from huying.ui.registry import library as register


@register.simple_tag(takes_context=True)
def page_facts(context: Context) -> str:
    """Puts ``ui`` into the context of pages drawn without context processors (error pages)."""
    if not isinstance(context.get("ui"), Page):
        context.dicts[0]["ui"] = Page(context.get("request"), bare=True)
    return ""


@register.simple_tag(takes_context=True)
def rail(context: Context) -> SafeString:
    """The way of staff through the platform: beside the page, and behind the menu of a small screen."""
    page: Page = context["ui"]
    return page.once(context, "ui/_rail.html")


@register.simple_tag(takes_context=True)
def error_facts(context: Context) -> str:
    """Puts ``error`` into the context: the page's own title, body and actions, or those known for its status."""
    request = context.get("request")
    context["error"] = error_text.facts(
        int(context.get("status") or context.get("code") or 500),
        title=context.get("title") or "",
        body=context.get("body") or "",
        actions=context.get("actions"),
        here=request.get_full_path() if request is not None and request.method == "GET" else "",
    )
    return ""


@register.filter
def day(value: datetime | date) -> str:
    """10月23日 周五."""
    return when.day_text(value)


@register.filter
def moment_in_words(value: datetime) -> str:
    """今天 15:00."""
    return when.moment_text(value, when.now())


@register.filter
def ago(value: datetime) -> str:
    """12 分钟前."""
    return when.ago_text(value, when.now())


@register.filter
def left(value: datetime) -> str:
    """剩 6 分钟, or 超时 6 分钟."""
    return when.left_text(value, when.now())


@register.filter
def clock(value: datetime) -> str:
    """15:00."""
    return when.clock_text(value)


@register.filter
def value_of(mapping: dict[str, Any], key: str) -> Any:
    """The value of a key that is not known when the template is written."""
    return mapping.get(key, "")


@register.filter
def named(row: Any, field: str = "name") -> str:
    """The name of a row in the reader's language; ``field`` for other texts with an English twin (summary, example)."""
    return naming.named(row, field)
