"""``{% load places %}``: the place picker, for forms of any room; what a site is called where it stands."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.forms.boundfield import BoundField

from huying.places import queries
from huying.places.models import Place, PlaceKind
from huying.places.queries import Picture, Spoken
from huying.ui.naming import named

register = template.Library()


@register.simple_tag(takes_context=True)
def site_kind(context: template.Context, place: Place, kind: PlaceKind | None = None) -> str:
    """What a place (or one of this kind there) is: 文明实践站, or as the mechanism that is on there calls it."""
    words = getattr(context.get("ui"), "words", None)
    return words.kind(place, kind) if isinstance(words, Spoken) else named(kind or place.kind)


@register.inclusion_tag("places/_picker.html")
def place_picker(
    *, field: BoundField, name: str, found: Iterable[Place] = (), kinds: str = "", within: str = "", chosen: Any = None
) -> dict[str, Any]:
    """A search field (the form's own text field ``field``) and below it radio buttons called ``name``.

    With script the buttons follow the typing. Without, the form comes back with ``found`` filled by the view, to
    choose from. ``kinds`` (codes, space between) and ``within`` (public id) narrow what is found.
    """
    rows = list(found)
    return {
        "field": field,
        "name": name,
        "found": rows,
        "above": queries.ancestors_of_all(rows),
        "kinds": kinds,
        "within": within,
        "chosen": chosen,
        "asked": field.form.is_bound,
    }


@register.inclusion_tag("places/_picture.html")
def place_map(
    *, picture: Picture, label: Any, names: bool = False, slice: bool = False, coloured: Any = ""
) -> dict[str, Any]:
    """A map made by ``queries.map_of`` or ``queries.mini_map``, with its source and 审图号 under it.

    ``label`` says what it shows; whatever it shows must also stand in words or a table beside it. ``slice`` fills the
    frame, ``names`` writes the names of the areas, ``coloured`` says that areas without a number are to look so.
    """
    return {"picture": picture, "label": label, "names": names, "slice": slice, "coloured": coloured}
