"""System check: every navigation entry leads somewhere and names a drawn icon (``manage.py check``)."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error, register
from django.urls import NoReverseMatch, reverse

from huying.ui import icons, navigation


@register()
def navigation_leads_somewhere(**facts: Any) -> list[CheckMessage]:
    """Errors ui.E001 (address does not resolve), ui.E002 (no such place), ui.E003 (no such icon)."""
    found: list[CheckMessage] = []
    for entry in navigation.entries():
        try:
            reverse(entry.url, kwargs=entry.arguments or None)
        except NoReverseMatch:
            found.append(
                Error(f"Navigation entry {entry.label} leads to {entry.url!r}, which is no URL name.", id="ui.E001")
            )
        if entry.place not in navigation.PLACES:
            found.append(
                Error(f"Navigation entry {entry.label} stands in {entry.place!r}, which is no place.", id="ui.E002")
            )
        try:
            unknown = {entry.icon, entry.icon_on} - {""} - icons.names()
        except icons.FrontEndNotBuilt:
            unknown = set()
        found += [Error(f"Navigation entry {entry.label}: no icon {name!r}.", id="ui.E003") for name in sorted(unknown)]
    return found
