"""How a component is declared: one function with keyword-only arguments and one template.

A component function returns the context of its template ``ui/components/<name>.html``; or its HTML, where it is drawn
hundreds of times on a page (a cell, a row, a chip: half the time of a long list went into their templates). Django's own
tag parser compares every use with the signature, so an unknown or missing argument raises TemplateSyntaxError when the
page is compiled.
"""

from __future__ import annotations

import html
import inspect
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django import template
from django.template import TemplateSyntaxError
from django.template.loader import get_template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

TONES = ("pine", "kaki", "gui", "dai", "mei", "ink")

library = template.Library()
Draw = Callable[..., Any]


@dataclass(frozen=True)
class Component:
    """One entry of the style page: its name, what it is for, its arguments with their defaults."""

    name: str
    block: bool
    about: str
    arguments: tuple[tuple[str, str], ...]


components: dict[str, Component] = {}


def _arguments(function: Callable[..., Any]) -> tuple[tuple[str, str], ...]:
    """Pairs (argument, default as written; "" when the argument is required)."""
    listed = []
    for name, parameter in inspect.signature(function).parameters.items():
        if name in {"context", "content"}:
            continue
        missing = parameter.default is inspect.Parameter.empty
        listed.append((name, "" if missing else repr(parameter.default)))
    return tuple(listed)


def component(*, block: bool = False, context: bool = False) -> Callable[[Draw], Draw]:
    """Register a function as the tag of its own name; ``block`` wraps content, ``context`` reads the page's context."""

    def register(function: Draw) -> Draw:
        name = function.__name__
        path = f"ui/components/{name}.html"

        @wraps(function)
        def tag(*args: Any, **kwargs: Any) -> SafeString:
            drawn = function(*args, **kwargs)
            return drawn if isinstance(drawn, SafeString) else SafeString(get_template(path).render(drawn).strip())

        if block:
            library.simple_block_tag(tag, name=name, takes_context=context or None, end_name=f"end{name}")
        else:
            library.simple_tag(tag, name=name, takes_context=context or None)
        components[name] = Component(name, block, inspect.getdoc(function) or "", _arguments(function))
        return function

    return register


def register_plain(name: str, function: Callable[..., SafeString]) -> None:
    """List a tag that writes its HTML itself (the icon: it is drawn hundreds of times on a page)."""
    components[name] = Component(name, False, inspect.getdoc(function) or "", _arguments(function))


def one_of(argument: str, value: str, allowed: Collection[str]) -> str:
    """The value if it is one of the allowed words; TemplateSyntaxError otherwise, so that a slip is seen at once."""
    if value not in allowed:
        raise TemplateSyntaxError(f"{argument}={value!r} is not one of {', '.join(sorted(allowed))}")
    return value


def tone_class(tone: str, default: str = "ink") -> str:
    """The CSS class of a tone; an empty tone means the default."""
    return f"hy-tone-{one_of('tone', tone or default, TONES)}"


def escaped(words: Any) -> str:
    """What ``conditional_escape`` gives: safe text as it is, all other words escaped. A long page asks it a thousand
    times, so plain words go straight to the function that Django ends in, too.
    """
    return html.escape(words) if type(words) is str else conditional_escape(words)
