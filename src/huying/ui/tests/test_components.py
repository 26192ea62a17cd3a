"""Components: declared arguments, a sample for each, nothing inline that the content policy would refuse."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django import forms
from django.template import Context, Template, TemplateSyntaxError
from django.test import RequestFactory
from django.utils import translation
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from huying.kernel import clock
from huying.ui import gallery
from huying.ui.registry import TONES, components, escaped
from huying.ui.templatetags import ui as _every_component  # noqa: F401 - registers them
from huying.ui.tests.reading import Reader

AT = datetime(2026, 10, 23, 6, 41, tzinfo=UTC)
NAMES = sorted(components)


def drawn(source: str, **facts: object) -> str:
    return Template("{% load ui %}" + source).render(Context(facts))


@pytest.mark.parametrize("name", NAMES)
def test_an_undeclared_argument_is_refused_when_the_page_is_compiled(name: str) -> None:
    subject = {"icon": '"x" ', "field": "x "}.get(name, "")
    end = f"{{% end{name} %}}" if components[name].block else ""

    with pytest.raises(TemplateSyntaxError, match="colour"):
        Template(f"{{% load ui %}}{{% {name} {subject}colour='red' %}}{end}")


@pytest.mark.parametrize("name", [name for name in NAMES if name not in {"icon", "field"}])
def test_arguments_are_named_never_counted(name: str) -> None:
    end = f"{{% end{name} %}}" if components[name].block else ""

    with pytest.raises(TemplateSyntaxError):
        Template(f"{{% load ui %}}{{% {name} 'red' %}}{end}")


def test_a_missing_argument_is_refused_when_the_page_is_compiled() -> None:
    with pytest.raises(TemplateSyntaxError, match="label"):
        Template("{% load ui %}{% button kind='primary' %}")


@pytest.mark.parametrize(
    "source",
    [
        "{% chip label='x' tone='red' %}",
        "{% button label='x' kind='big' %}",
        "{% button label='x' size='xl' %}",
        "{% button label='x' type='link' %}",
        "{% icon 'no-such-icon' %}",
        "{% steps items=steps %}",
        "{% map view_box='0 0 1 1' label='x' source='' %}{% endmap %}",
        "{% toast message='x' level='loud' %}",
    ],
)
def test_a_word_that_is_not_offered_is_refused(source: str) -> None:
    with pytest.raises(TemplateSyntaxError):
        drawn(source, steps=[{"label": "x", "state": "soon"}])


@pytest.mark.parametrize("tone", TONES)
def test_every_tone_is_a_class_of_the_style_sheet(tone: str) -> None:
    assert drawn("{% chip label='x' tone=tone %}", tone=tone) == f'<span class="hy-chip hy-tone-{tone}">x</span>'


def test_the_style_page_shows_every_component() -> None:
    shown = [one.component.name for group in gallery.groups(None) for one in group.drawn]

    assert sorted(shown) == NAMES


def test_the_style_page_lists_every_argument() -> None:
    request = RequestFactory().get("/ui/")
    button = next(one for group in gallery.groups(request) for one in group.drawn if one.component.name == "button")

    assert button.component.arguments[:4] == (("label", ""), ("href", "''"), ("kind", "'plain'"), ("icon", "''"))


@pytest.mark.parametrize("name", NAMES)
def test_a_component_is_whole_html_without_anything_inline(name: str) -> None:
    with clock.frozen(AT):
        request = RequestFactory().get("/ui/")
        one = next(part for group in gallery.groups(request) for part in group.drawn if part.component.name == name)
        reader = Reader()
        reader.feed(one.html)

    assert reader.inline == []
    assert reader.open == []
    assert sorted(reader.ids) == sorted(set(reader.ids))
    assert set(reader.wanted) - set(reader.ids) == set()


def test_a_component_is_drawn_the_same_twice() -> None:
    def page() -> str:
        with clock.frozen(AT):
            request = RequestFactory().get("/ui/")
            html = "".join(one.html for group in gallery.groups(request) for one in group.drawn)
        return re.sub(r'name="(idempotency_key|csrfmiddlewaretoken)" value="[^"]+"', "", html)

    assert page() == page()


def test_text_of_people_is_escaped_everywhere() -> None:
    evil = '"><img src=x onerror=alert(1)>'
    html = drawn(
        "{% button label=t %}{% chip label=t %}{% empty title=t body=t %}{% person name=t role=t meta=t %}"
        "{% summary title=t meta=t status=t %}"
        "{% ticket id='a' href='#' kind=t title=t icon='bell' who=t where=t clock=t %}"
        "{% dl items=pairs %}{% avatar name=t %}{% toast message=t %}{% note %}{{ t }}{% endnote %}",
        t=evil,
        pairs=[(evil, evil)],
    )

    assert "<img" not in html


def test_a_count_above_the_limit_says_so() -> None:
    assert ">99+<" in drawn("{% badge count=100 %}")
    assert drawn("{% badge count=0 %}") == ""


def test_a_clock_bar_never_leaves_its_ends() -> None:
    assert 'value="100"' in drawn("{% progress value=140 label='x' %}")
    assert 'value="0"' in drawn("{% progress value=-3 label='x' %}")


def test_lines_draw_what_rows_and_cells_draw() -> None:
    columns = ["编号", {"label": "件 <数>", "end": True}]
    cells = (SafeString("<a>1</a>"), "< 3")
    each = "{% row %}{% cell head=True %}{{ a }}{% endcell %}{% cell label=label end=True %}{{ b }}{% endcell %}{% endrow %}"

    at_once = drawn("{% lines items=rows labels=columns %}", rows=[{"cells": cells}] * 2, columns=columns)

    assert at_once == drawn(each, a=cells[0], b=cells[1], label="件 <数>") * 2
    assert "<a>1</a>" in at_once and "&lt; 3" in at_once and "件 &lt;数&gt;" in at_once


def test_a_ticket_escapes_what_people_typed() -> None:
    typed = "<script>'\"&"
    ticket = {"id": "t-1", "href": "/?a=1&b=2", "kind": typed, "title": typed, "icon": "clock", "who": typed}
    ticket |= {"where": typed, "at": typed, "person": typed, "clock": typed, "used": 5, "urgent": True}
    html = drawn("{% tickets items=items target='#d' %}", items=[{**ticket, "tags": [{"label": typed}]}])

    assert "<script>" not in html and html.count("&lt;script&gt;") == 10
    assert 'href="/?a=1&amp;b=2" hx-get="/?a=1&amp;b=2" hx-target="#d"' in html


def test_options_say_which_is_chosen_and_which_has_ended() -> None:
    rows = [SimpleNamespace(code="a", name="甲<", active=True), SimpleNamespace(code="b", name="乙", active=False)]

    html = drawn('{% options items=rows key="code" chosen="b" ended="（停）" %}', rows=rows)

    assert html == '<option value="a">甲&lt;</option><option value="b" selected>乙（停）</option>'


@pytest.mark.parametrize("words", ["a", "<b>&\"'", SafeString("<b>"), _("急<事"), 12, None, 1.5, ""])
def test_escaping_is_that_of_django(words: object) -> None:
    assert escaped(words) == conditional_escape(words)


def test_a_button_says_each_of_its_arguments() -> None:
    said = "label='去' kind='soft' size='s' icon='x' icon_end='x' aria_label='去哪' key='k' hx_get='/a' hx_swap='none'"
    link = drawn(f"{{% button {said} href=way disabled=True block=True %}}", way="/x?a=1&b=2")
    plain = drawn(f"{{% button {said} name='n' value=sent form='f' disabled=True icon_only=True %}}", sent="<v>")

    assert link.startswith('<a class="hy-button hy-button--soft hy-button--s hy-button--block" href="/x?a=1&amp;b=2" ')
    assert 'aria-disabled="true" aria-label="去哪" data-key="k" hx-get="/a" hx-swap="none">' in link
    assert plain.startswith('<button class="hy-button hy-button--soft hy-button--s hy-button--icon" type="submit" ')
    assert 'name="n" value="&lt;v&gt;" form="f" disabled aria-label="去哪"' in plain
    assert '<span class="hy-sr">去</span>' in plain and plain.count("<svg") == link.count("<svg") == 2
    assert 'href="#d" data-dialog="d">' in drawn("{% button label='去' dialog='d' %}")


def test_a_field_with_an_error_says_it_and_one_without_is_drawn_alike() -> None:
    class Asking(forms.Form):
        name = forms.CharField(label="姓名<", help_text="照身份证")

    asked, refused = Asking(), Asking({"name": ""})
    plain, wrong = (drawn("{% load ui %}{% field form.name %}", form=one) for one in (asked, refused))

    label = '<label class="hy-field__label" for="id_name">姓名&lt;<span class="hy-field__need">'
    hint = '<p class="hy-field__hint" id="id_name-hint">照身份证</p>'
    assert label in plain and label in wrong and hint in plain and hint in wrong
    assert 'class="hy-field__error"' in wrong and 'class="hy-field__error"' not in plain


def test_the_switches_of_reading_are_those_of_the_reader() -> None:
    def page(**cookies: str) -> str:
        request = RequestFactory().get("/x/")
        request.COOKIES.update(cookies)
        return drawn("{% modes %}", request=request)

    plain = page()
    large = page(huying_print="large")
    with translation.override("en"):
        english = page()

    assert 'value="normal" aria-pressed="true"' in plain and 'value="large" aria-pressed="true"' in large
    assert "长辈版" in plain and "长辈版" not in english and 'lang="en" aria-pressed="true"' in english
    assert page() == plain
