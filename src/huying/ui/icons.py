"""The icons the product can draw: names listed in frontend/icons.txt, drawn into sprites by the build."""

from __future__ import annotations

import json
from functools import cache

from django.conf import settings
from django.core.exceptions import ValidationError
from django.templatetags.static import static
from django.utils.translation import gettext as _


class FrontEndNotBuilt(Exception):
    """The sprites are missing because the front end has not been built (./huying up builds it)."""


@cache
def _index() -> dict[str, dict[str, str]]:
    path = settings.BUILT / "icons.json"
    try:
        read: dict[str, dict[str, str]] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as missing:
        raise FrontEndNotBuilt(f"{path.name} is missing: build the front end first (npm run build)") from missing
    return read


def names() -> frozenset[str]:
    """Every icon name that may stand in a template or in data (kinds of service, kinds of place)."""
    return frozenset(_index()["icons"])


@cache
def address(name: str) -> str:
    """The URL of one symbol, ``/static/assets/icons-core-….svg#name``. KeyError if there is no such icon."""
    index = _index()
    return f"{static(index['files'][index['icons'][name]])}#{name}"


def validate(name: str) -> None:
    """Model and form validator for icon names kept as data."""
    if name not in names():
        raise ValidationError(_("没有叫“%(name)s”的图标。"), params={"name": name})
