"""The one context processor: ``ui`` holds modes, brand and navigation. All is looked up only when asked for."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.template.context import Context
from django.template.engine import Engine
from django.utils.functional import cached_property
from django.utils.module_loading import import_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from huying.ui.modes import Modes, modes_of
from huying.ui.navigation import Link, links, rail_of
from huying.ui.words import Usual, Words, words_of


class Page:
    """What the layouts read as ``ui.…``. No attribute touches the database unless an entry of the navigation does."""

    def __init__(self, request: HttpRequest | None, *, bare: bool = False) -> None:
        self._request = request
        self._drawn: dict[str, SafeString] = {}
        self.bare = bare  # a page for when things are broken: nobody is looked up, nothing is led to

    @cached_property
    def modes(self) -> Modes:
        return modes_of(self._request)

    @cached_property
    def brand(self) -> dict[str, str]:
        """Name and line below it: a mechanism of the place may say its own, an installation through settings; the default
        is the product's.
        """
        given = self.words.given
        return {
            "name": given.get("brand") or settings.HUYING_BRAND or _("呼应"),
            "line": given.get("brand_line") or settings.HUYING_BRAND_LINE or _("一呼百应"),
        }

    @cached_property
    def words(self) -> Words:
        """What screens say where this reader lives or works (HUYING_WORDS)."""
        return words_of(self._request) if self._request is not None and not self.bare else Usual()

    @cached_property
    def tabs(self) -> list[Link]:
        return self._links("tab")

    @cached_property
    def rail(self) -> list[Link]:
        return self._links("rail")

    @property
    def rail_drawn(self) -> SafeString:
        return rail_of(self.rail)

    @cached_property
    def foot(self) -> list[Link]:
        return self._links("foot")

    @cached_property
    def mine(self) -> list[Link]:
        return self._links("mine")

    @cached_property
    def place(self) -> list[Link]:
        return self._links("place")

    def once(self, context: Context, name: str) -> SafeString:
        """A part that stands at two places of a page, drawn once; the names it makes stay its own, as in ``include``."""
        if name not in self._drawn:
            template = Engine.get_default().get_template(name)
            with context.push():
                self._drawn[name] = SafeString(template.render(context))
        return self._drawn[name]

    @property
    def live(self) -> SafeString:
        """What scripts say, at the foot of every page."""
        return _live(self.modes.language)

    @cached_property
    def reader(self) -> dict[str, str]:
        """Who reads: name, role and address of the own page, from the function that settings name (HUYING_READER)."""
        path = settings.HUYING_READER
        if not path or self._request is None or self.bare:
            return {}
        read: dict[str, str] = import_string(path)(self._request)
        return read

    @cached_property
    def here(self) -> str:
        """The address to come back to after a change of mode."""
        return self._request.get_full_path() if self._request is not None else "/"

    @property
    def csrf_cookie(self) -> str:
        return settings.CSRF_COOKIE_NAME

    def _links(self, place: str) -> list[Link]:
        return links(self._request, place) if self._request is not None and not self.bare else []


@lru_cache(maxsize=16)
def _live(language: str) -> SafeString:
    """Drawn once a process for each language, the one that is active: it hangs on nothing else."""
    return SafeString(Engine.get_default().get_template("ui/_live.html").render(Context()))


def ui(request: HttpRequest | None) -> dict[str, Any]:
    """Context processor; also called with None by pages that are drawn without a request."""
    return {"ui": Page(request)}
