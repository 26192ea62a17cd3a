"""What packs may do with points: draft books from plain values. Nothing more: an assembly has to adopt them."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from huying.kernel import locks
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden, InvalidInput
from huying.kernel.transactions import begin
from huying.places.models import Place
from huying.points import rules
from huying.points.actions.books import Draft, caps_of, draft_edition, make_book, redrawn
from huying.points.actions.items import CAPS, Item, as_rows, read_caps, read_items
from huying.points.models import Book, Edition
from huying.points.queries.books import edition_now, open_edition
from huying.points.states import EditionState

__all__ = ["CAPS", "books_at", "draft_book", "redraft_books"]
PACKED = re.compile(r"[a-z][a-z0-9_]{0,26}")
"""Codes of items that files of packs know as well."""
KNOWN = {"name", "name_en", "about", "items", "source", *CAPS}


def draft_book(actor: Actor, place: Place, data: Mapping[str, Any]) -> Edition:
    """A draft from a plain dict, in the place's book or in a new one; it does nothing until it is adopted.

    ``data``: name, name_en, about, source, caps over all items (cap_day, cap_month, cap_year), and items, each with code,
    name, amount (> 0), source, measure, proof, confirmer, caps and validity_days (>= 90) or validity_months (calendar
    months, >= 3) as ``actions.items.Item`` has them. Raises InvalidInput for names it does not know, ItemsUnclear,
    ItemRefused, Forbidden, StepRefused.
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


def redraft_books(actor: Actor, editions: Collection[str], before: Mapping[str, Any], after: Mapping[str, Any]) -> int:
    """Write those of these drafts (public ids) anew that still say ``before`` word for word; how many.

    What is no draft any more and what was changed by hand stays. All books are locked before all editions, so that many
    places go in one step. ``before`` and ``after`` as in ``draft_book``. Raises ItemsUnclear, ItemRefused, Forbidden.
    """
    old, new = as_rows(read_items(before["items"])), as_rows(read_items(after["items"]))
    caps, caps_after = read_caps(before), read_caps(after)
    if (old, caps) == (new, caps_after):
        return 0
    with begin(actor):
        rows = Edition.objects.filter(public_id__in=editions, state=EditionState.DRAFT)
        books = {
            one.pk: one for one in locks.many(Book.objects.filter(pk__in=list(rows.values_list("book", flat=True))))
        }
        found = [one for one in locks.many(rows) if same(one.items, old) and caps_of(one) == caps]
        for edition in found:
            edition.book = books[edition.book_id]
            if not rules.can_keep(actor, edition.book):
                raise Forbidden
            redrawn(actor, edition, new, caps_after)
        return len(found)


def same(kept: list[dict[str, Any]], rows: list[dict[str, Any]]) -> bool:
    """Both say the same; what was kept before an item had some field of today lacks it."""
    plain = as_rows([Item("", "", 0)])[0]
    return [plain | one for one in kept] == rows


def months_of(row: Mapping[str, Any]) -> int | None:
    """The calendar months that an item says, or those that have as many days."""
    days = row.get("validity_days")
    return row.get("validity_months") or (None if days is None else -(-2 * days // 61))


def books_at(place: Place) -> list[dict[str, Any]]:
    """What the rule book of this place says now, else its draft, as a pack says it; ``code``: public id of the edition
    that it began with. One or none.
    """
    book = Book.objects.filter(place=place, ended_at__isnull=True).first()
    edition = book and (edition_now(book) or open_edition(book))
    first = book and book.editions.order_by("number").first()
    if not book or not edition or not first:
        return []
    own = all(PACKED.fullmatch(row["code"]) for row in edition.items)
    rows = [
        {
            "code": row["code"] if own else f"item{number}",
            "name": {"zh": row["name"], "en": row["name_en"]},
            "proof": {"zh": row["proof"]},
            "valid_months": months_of(row),
            **{name: row[name] for name in ("amount", "source", "measure", "confirmer", *CAPS)},
        }
        for number, row in enumerate(edition.items, start=1)
    ]
    terms = {row["valid_months"] for row in rows}
    usual = None if None in terms else max(terms)
    for row in rows:
        row["valid_months"] = None if row["valid_months"] == usual else row["valid_months"]
    found = {
        "code": str(first.public_id),
        "name": {"zh": book.name, "en": book.name_en},
        "about": {"zh": book.about} if book.about else None,
        "valid_months": usual,
        "items": rows,
        **{name: getattr(edition, name) for name in CAPS},
    }
    return [found]
