"""Whose something is: lists of the desk are searched by the owner's name or the number of his passbook."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import QuerySet

from huying.kernel import search
from huying.people.models import Person
from huying.points.models import Appeal, Book, Claim

R = TypeVar("R", Claim, Appeal)


def of_owner(rows: QuerySet[R], words: str, book: Book | None) -> QuerySet[R]:
    """Rows with a ``passbook`` of this book whose owner has this name, or whose number it is."""
    if book is not None:
        rows = rows.filter(passbook__book=book)
    text = words.strip()
    if text.isdigit() and len(text) == 10:
        return rows.filter(passbook__number=text)
    owners = search.matching(Person.objects.filter(erased_at=None), text) if text else None
    return rows if owners is None else rows.filter(passbook__person__in=owners)
