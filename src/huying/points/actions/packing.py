"""What packs may do with points: draft a book from plain values. Nothing more: an assembly has to adopt it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from huying.kernel.actor import Actor
from huying.kernel.errors import InvalidInput
from huying.places.models import Place
from huying.points.actions.books import Draft, draft_edition, make_book
from huying.points.actions.items import CAPS
from huying.points.models import Book, Edition

KNOWN = {"name", "name_en", "about", "items", "source", *CAPS}


def draft_book(actor: Actor, place: Place, data: Mapping[str, Any]) -> Edition:
    """A draft from a plain dict, in the place's book or in a new one; it does nothing until it is adopted.

    ``data``: name, name_en, about, source, caps over all items (cap_day, cap_month, cap_year), and items, each with code,
    name, amount (> 0), source, measure, proof, confirmer, caps and validity_days (>= 90) as ``actions.items.Item`` has
    them. Raises InvalidInput for names it does not know, ItemsUnclear, ItemRefused, Forbidden, StepRefused.
    """
    unknown = sorted(set(data) - KNOWN)
    if unknown or not isinstance(data.get("items"), list) or not all(isinstance(one, Mapping) for one in data["items"]):
        raise InvalidInput(fields={unknown[0] if unknown else "items": InvalidInput.message})
    draft = Draft(
        items=data["items"],
        name=str(data.get("name", "")),
        name_en=str(data.get("name_en", "")),
        about=str(data.get("about", "")),
        caps={name: data.get(name) for name in CAPS},
        source=str(data.get("source", "")),
    )
    book = Book.objects.filter(place=place, ended_at__isnull=True).first()
    return (
        draft_edition(actor=actor, book=book, draft=draft) if book else make_book(actor=actor, place=place, draft=draft)
    )
