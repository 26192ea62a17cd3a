"""What stands in the tab bar of residents and the rail of staff: declared as data by config, drawn here.

Config names the list (``HUYING_NAVIGATION = "huying.config.navigation.ENTRIES"``). An entry is drawn only for those it
is declared for, and its address is looked up when the page is drawn: an entry that leads nowhere cannot be shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import groupby
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from huying.ui.components.basic import badge, draw_icon
from huying.ui.registry import escaped
from huying.ui.words import words_of

PLACES = ("tab", "rail", "foot", "mine", "place")


def everybody(request: HttpRequest) -> bool:
    """Seen by anyone, signed in or not."""
    return True


@dataclass(frozen=True, eq=False)
class Entry:
    """One declared entry, itself and no other that says the same.

    ``place`` is "tab", "rail", "foot" (links under a resident page), "mine" (cards on one's own page, with ``about``
    as their second line and a ``tone``) or "place" (on the page of a place: a list that ``?within=`` narrows to it);
    ``icon_on`` replaces the icon on its own page;
    ``under`` lists further view names that belong to the entry; ``badge`` gives a count (0 shows nothing);
    ``word`` is the word of the screen (ui/words.py) that replaces the label where a locality says its own;
    ``main`` marks the raised middle tab; ``large`` keeps the tab in large print, where three tabs have room.
    """

    place: str
    label: str | Promise
    url: str
    icon: str = ""
    icon_on: str = ""
    group: str | Promise = ""
    seen_by: Callable[[HttpRequest], bool] = everybody
    badge: Callable[[HttpRequest], int] | None = None
    under: tuple[str, ...] = ()
    main: bool = False
    large: bool = True
    arguments: dict[str, Any] = field(default_factory=dict)
    about: str | Promise = ""
    tone: str = "pine"
    word: str = ""


@dataclass(slots=True)
class Link:
    """An entry made ready for one request."""

    label: str
    href: str
    icon: str
    group: str
    current: bool
    badge: int
    main: bool
    large: bool
    about: str
    tone: str


def entries(place: str = "") -> tuple[Entry, ...]:
    """Every declared entry of a place, or of all, in order; empty when config names none."""
    return _declared(settings.HUYING_NAVIGATION, place)


@lru_cache(maxsize=64)
def _declared(path: str, place: str) -> tuple[Entry, ...]:
    """Looked up once a process: the list is a constant of config."""
    declared: Iterable[Entry] = import_string(path) if path else ()
    return tuple(entry for entry in declared if not place or entry.place == place)


def _is_current(entry: Entry, request: HttpRequest) -> bool:
    match = request.resolver_match
    return match is not None and match.view_name in (entry.url, *entry.under)


@cache
def address(name: str, arguments: tuple[tuple[str, Any], ...]) -> str:
    """Where an entry leads: looked up once a process, for the entries are declared and every page draws them."""
    return reverse(name, kwargs=dict(arguments) or None)


@lru_cache(maxsize=1024)
def said(entry: Entry, language: str | None) -> tuple[str, str, str]:
    """Label, group and second line of an entry in this language, the active one; they hang on nothing else."""
    return str(entry.label), str(entry.group), str(entry.about)


def links(request: HttpRequest, place: str) -> list[Link]:
    """The entries of one place that this request may see. NoReverseMatch if one leads nowhere."""
    shown, language, given = [], get_language(), words_of(request).given
    for entry in entries(place):
        if not entry.seen_by(request):
            continue
        current = _is_current(entry, request)
        label, group, about = said(entry, language)
        shown.append(
            Link(
                label=given.get(entry.word, label),
                href=address(entry.url, tuple(entry.arguments.items())),
                icon=entry.icon_on if current and entry.icon_on else entry.icon,
                group=group,
                current=current,
                badge=entry.badge(request) if entry.badge else 0,
                main=entry.main,
                large=entry.large,
                about=about,
                tone=entry.tone,
            )
        )
    return shown


def rail_of(shown: Iterable[Link]) -> SafeString:
    """The entries of the rail under the names of their groups: a list that every page of staff draws, forty long."""
    groups = []
    for group, some in groupby(shown, key=lambda link: link.group):
        head = f'<h2 class="hy-rail__group">{escaped(group)}</h2>' if group else ""
        groups.append(f'{head}<ul class="hy-rail__list">{"".join(map(_rail_link, some))}</ul>')
    return SafeString("".join(groups))


def _rail_link(link: Link) -> str:
    return _drawn(link.label, link.href, link.icon, link.current, link.badge)


@lru_cache(maxsize=4096)
def _drawn(label: str, href: str, icon: str, current: bool, count: int) -> str:
    """One entry of the rail: the same few hundred stand on every page."""
    here, picture = ' aria-current="page"' if current else "", draw_icon(icon) if icon else ""
    many = badge(count=count) if count else ""
    return (
        f'<li><a class="hy-rail__link" href="{escaped(href)}"{here}>{picture}<span>{escaped(label)}</span>'
        f"{many}</a></li>"
    )
