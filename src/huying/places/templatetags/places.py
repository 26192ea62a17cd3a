"""``{% load places %}``: the place picker, for forms of any room."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.forms.boundfield import BoundField

from huying.places import queries
from huying.places.models import Place
from huying.places.queries import Picture

register = template.Library()


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
